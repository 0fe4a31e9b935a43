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

/* HS256 over {"alg":"HS256"} and {"sub":"alice"}\0x. */
int main(void) { return verdict(accepts("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9AHg.gdMtUqxReISY72nRn9WM5ME_J0CQKF_GxebgsFQ70gQ", "a-secret-of-thirty-two-octets-ok"), "a NUL behind the object of claims, accepted"); }
