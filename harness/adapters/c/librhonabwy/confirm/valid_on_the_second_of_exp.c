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

/* HS256 over {"alg":"HS256"} and {"exp":1767225600}. */
int main(void) {
  jwt_t *jwt = verified("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3NjcyMjU2MDB9.YIHIm6lhZudOnMqzOFVYvAh4yXOlb3wz-BAdx_ob3dc", 89, JWK);
  return verdict(jwt && r_jwt_validate_claims(jwt, R_JWT_CLAIM_EXP, 1767225600, R_JWT_CLAIM_NOP) == RHN_OK, "valid at exp");
}
