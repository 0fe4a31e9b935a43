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

/* HS256 over {"alg":"HS256","crit":["x"],"x":1} and {"sub":"alice"}. */
int main(void) { return verdict(accepts("eyJhbGciOiJIUzI1NiIsImNyaXQiOlsieCJdLCJ4IjoxfQ.eyJzdWIiOiJhbGljZSJ9.hiVYb2FINDbcmkU4ZpxgVoBqnQiOT4pfko96EZxgT5I", "a-secret-of-thirty-two-octets-ok"), "a critical extension that nobody knows, accepted"); }
