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

/* HS256 over {"alg":"hs256"} and {"sub":"alice"}. */
int main(void) { return verdict(accepts("eyJhbGciOiJoczI1NiJ9.eyJzdWIiOiJhbGljZSJ9.sSKJmfQQKw_4LUChVjMceH0QW0cHVnr2jz6U05f9Np0", "a-secret-of-thirty-two-octets-ok"), "alg hs256, accepted"); }
