#include <rhonabwy.h>
#include <stdio.h>
#include <string.h>

static const char JWK[] = "{\"keys\":[{\"kty\":\"oct\",\"k\":\"YS1zZWNyZXQtb2YtdGhpcnR5LXR3by1vY3RldHMtb2s\"}]}";

/* A parsed and verified JWT, or NULL. */
static jwt_t *verified(const char *token, size_t length, const char *set) {
  jwt_t *jwt = NULL;
  jwks_t *keys = NULL;
  r_global_init();
  r_jwt_init(&jwt);
  r_jwks_init(&keys);
  int ok = r_jwks_import_from_json_str(keys, set) == RHN_OK && r_jwt_advanced_parsen(jwt, token, length, R_PARSE_NONE, 0) == RHN_OK &&
           r_jwt_add_sign_jwks(jwt, NULL, keys) == RHN_OK && r_jwt_verify_signature(jwt, NULL, 0) == RHN_OK;
  r_jwks_free(keys);
  return ok ? jwt : NULL;
}

static int verdict(int shows, const char *seen) {
  printf("%s: %s\n", seen, shows ? "yes" : "no");
  return shows ? 0 : 1;
}

/* HS256 over {"alg":"HS256"} and {"sub":null}. */
int main(void) {
  jwt_t *jwt = verified("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOm51bGx9.pDvPXPyMacXZ9xc59iLVxqgipNkLsvRNGksbT3shXLk", 81, JWK);
  return verdict(jwt && r_jwt_validate_claims(jwt, R_JWT_CLAIM_JSN, "sub", NULL, R_JWT_CLAIM_NOP) == RHN_OK, "sub null where sub is required, accepted");
}
