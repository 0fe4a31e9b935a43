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

int main(void) { return verdict(accepts("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.", ""), "alg none under an empty secret, accepted"); }
