#!/bin/sh
# `jose` accepts with exit code 0 and writes the payload.
jwk='{"kty":"oct","k":"YS1zZWNyZXQtb2YtdGhpcnR5LXR3by1vY3RldHMtb2s"}'

accepts() {
  keys=$(mktemp) || exit 2
  printf %s "$jwk" >"$keys"
  printf %s "$1" | jose jws ver -i- -k "$keys" -O- >/dev/null 2>&1
  code=$?
  rm -f "$keys"
  return $code
}

if accepts '{"protected":"eyJhbGciOiJIUzI1NiJ9","payload":"eyJzdWIiOiJhbGljZSJ9","signature":"OruKDQjfneDnv8dA-R5zYBMy98zOe6njgVCl8p1U4pg"}x'; then
  echo 'text behind a flattened JWS, accepted: yes'
else
  echo 'text behind a flattened JWS, accepted: no'
  exit 1
fi
