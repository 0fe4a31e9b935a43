#include <cjose/cjose.h>
#include <stdio.h>
#include <string.h>

static int accepts(const char *token, const char *jwk) {
  cjose_jwk_t *key = cjose_jwk_import(jwk, strlen(jwk), NULL);
  cjose_jws_t *jws = cjose_jws_import(token, strlen(token), NULL);
  int accepted = key && jws && cjose_jws_verify(jws, key, NULL);
  if (jws) cjose_jws_release(jws);
  if (key) cjose_jwk_release(key);
  return accepted;
}

static int verdict(int shows, const char *seen) {
  printf("%s: %s\n", seen, shows ? "yes" : "no");
  return shows ? 0 : 1;
}

int main(void) { return verdict(accepts("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.AAAAAAAAAAAid0vJdnwiF7HK0otxMNJCoeWkoLBbTBONaO1xBmEJ2gAAAAAAAAAANg3-s7r7bE1VsI6Co8sbmf9mxCA_b0M7tcwtsCr-dKI", "{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"L7upvAe-vl-wsrV1TaFg2XKRkll9-yls78SqD1hQSzQ\", \"y\": \"n10hCYIecGn1Tn4LNN_BQLMSI8H8JNCxCVqLRT-TxXk\"}"), "ES256 in 80 octets, accepted"); }
