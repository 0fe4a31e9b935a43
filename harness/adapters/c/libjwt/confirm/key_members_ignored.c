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

int main(void) { return verdict(accepts("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.iYV7bzjZ73I6scRlKHbgU75p8WGzcz8VAi_goJWDuaBW9x17_CNKyD7UQcRpWFj5nfFSMVOALrs0VxgKfqC6GA", "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEL7upvAe+vl+wsrV1TaFg2XKRkll9\n+yls78SqD1hQSzSfXSEJgh5wafVOfgs038FAsxIjwfwk0LEJWotFP5PFeQ==\n-----END PUBLIC KEY-----\n"), "ES256 under a PEM that says nothing of its use, accepted"); }
