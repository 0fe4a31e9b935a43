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

int main(void) { return verdict(accepts("eyJhbGciOiJFUzUxMiJ9.eyJzdWIiOiJhbGljZSJ9.TqzxQEWMl0nEbebXgc-UXzfBvnW3RZ7S74wZC2eEMEjW5FdezgXH4LxYXj01sRRk6G5ogGx5ytHaKBjuBCCeWQ", "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEL7upvAe+vl+wsrV1TaFg2XKRkll9\n+yls78SqD1hQSzSfXSEJgh5wafVOfgs038FAsxIjwfwk0LEJWotFP5PFeQ==\n-----END PUBLIC KEY-----\n"), "ES512 by a key on P-256, accepted"); }
