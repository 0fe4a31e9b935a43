#include <jwt.h>
#include <stdio.h>
#include <string.h>

static int accepts(const char *token, const char *key) {
  jwt_t *jwt = NULL;
  int refused = jwt_decode(&jwt, token, (const unsigned char *)key, (int)strlen(key));
  if (!refused) jwt_free(jwt);
  return !refused;
}

static int verdict(int shows, const char *seen) {
  printf("%s: %s\n", seen, shows ? "yes" : "no");
  return shows ? 0 : 1;
}

#define jwt_t rhonabwy_jwt_t
#include <rhonabwy.h>
#undef jwt_t

int main(void) {
  jwks_t *set = NULL;
  r_global_init();
  r_jwks_init(&set);
  return verdict(r_jwks_import_from_json_str(set, "{\"keys\":[{\"kty\":\"XYZ\"},{\"kty\":\"oct\",\"k\":\"YS1zZWNyZXQtb2YtdGhpcnR5LXR3by1vY3RldHMtb2s\"}]}") != RHN_OK, "a good key beside one of an unknown type, refused");
}
