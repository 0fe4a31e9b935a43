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

int main(void) { return verdict(accepts("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.q4KQksENDh7EMudQ1IiPBf1DVZtkABnMhI0bo16NU8s", "{\"kty\":\"oct\",\"k\":\"eA\"}"), "HS256 under one octet, accepted"); }
