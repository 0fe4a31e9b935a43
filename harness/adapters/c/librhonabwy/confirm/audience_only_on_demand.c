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

int main(void) { return verdict(verified("eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL290aGVyLnRlc3QifQ.NphI4k_a94QGJDeb8TNt5njYKuCM1IBAmAtyNTqQ9Rs", 103, JWK) != NULL, "aud of another, accepted"); }
