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

jwk='{"kty": "EC", "crv": "P-256", "x": "L7upvAe-vl-wsrV1TaFg2XKRkll9-yls78SqD1hQSzQ", "y": "n10hCYIecGn1Tn4LNN_BQLMSI8H8JNCxCVqLRT-TxXk"}'

if accepts 'eyJhbGciOiJFUzUxMiJ9.eyJzdWIiOiJhbGljZSJ9.TqzxQEWMl0nEbebXgc-UXzfBvnW3RZ7S74wZC2eEMEjW5FdezgXH4LxYXj01sRRk6G5ogGx5ytHaKBjuBCCeWQ'; then
  echo 'ES512 by a key on P-256, accepted: yes'
else
  echo 'ES512 by a key on P-256, accepted: no'
  exit 1
fi
