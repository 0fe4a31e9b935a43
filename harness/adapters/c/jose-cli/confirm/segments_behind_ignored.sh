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

if accepts 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.OruKDQjfneDnv8dA-R5zYBMy98zOe6njgVCl8p1U4pg.a.b'; then
  echo 'five segments, accepted: yes'
else
  echo 'five segments, accepted: no'
  exit 1
fi
