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

if accepts 'eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL290aGVyLnRlc3QifQ.NphI4k_a94QGJDeb8TNt5njYKuCM1IBAmAtyNTqQ9Rs'; then
  echo 'aud of another, accepted: yes'
else
  echo 'aud of another, accepted: no'
  exit 1
fi
