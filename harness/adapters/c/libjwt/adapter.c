/* libjwt 1 behind the adapter protocol.
 *
 * `jwt_decode` takes the token and one PEM or secret; a set is read, a key chosen by its `kid` and turned into PEM by
 * librhonabwy (`json`, `key_selection`). A NULL key would skip the check of the signature, so it is never handed over.
 * The caller compares `jwt_get_alg` with what it allows (`allow_list`); issuer, audience, time and required claims are ours
 * too, as this release has no `jwt_valid`. Tokens are C strings here: what follows a NUL is not seen.
 */
#include "protocol.h"
#include <jwt.h>
#define jwt_t rhonabwy_jwt_t /* both libraries have a type of this name */
#include <rhonabwy.h>
#undef jwt_t

static json_t *hello(void) {
  return json_pack("{s:i, s:{s:s, s:s, s:s}, s:[s,s,s,s,s,s,s], s:[s,s,s,s,s,s,s,s,s], s:[s,s,s], s:[s,s,s,s,s,s,s,s]}",
    "protocol", 1,
    "implementation", "name", "libjwt", "version", "1.10.2", "language", "C",
    "features", "jwt", "jwks", "pem", "secret", "multi_issuer", "several", "clock",
    "algorithms", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512",
    "curves", "P-256", "P-384", "P-521",
    "adapter_does", "json", "key_selection", "issuer_routing", "allow_list", "issuer", "audience", "time", "required_claims");
}

struct key {
  struct bytes text; /* PEM with its NUL, or the secret */
  char *kid;
};

struct keys {
  size_t count;
  struct key *at;
};

static void add(struct keys *keys, const void *text, size_t length, const char *kid) {
  keys->at = realloc(keys->at, (keys->count + 1) * sizeof *keys->at);
  struct key *key = &keys->at[keys->count++];
  key->text = (struct bytes){malloc(length + 1), length};
  memcpy(key->text.at, text, length);
  key->text.at[length] = 0;
  key->kid = kid ? strdup(kid) : NULL;
}

static void add_jwk(struct keys *keys, jwk_t *jwk) {
  unsigned char out[16384];
  size_t length = sizeof out;
  int type = r_jwk_key_type(jwk, NULL, 0);
  int result = type & R_KEY_TYPE_SYMMETRIC ? r_jwk_export_to_symmetric_key(jwk, out, &length) : r_jwk_export_to_pem_der(jwk, R_FORMAT_PEM, out, &length, 0);
  if (result == RHN_OK) add(keys, out, length, r_jwk_get_property_str(jwk, "kid"));
}

static void *load(const char *kind, struct bytes text, json_t *algorithms, json_t **why) {
  struct keys *keys = calloc(1, sizeof *keys);
  (void)algorithms;
  if (!strcmp(kind, "pem") || !strcmp(kind, "secret_b64")) add(keys, text.at, text.length, NULL);
  else if (!strncmp(kind, "jwks", 4) && strcmp(kind, "jwks_uri")) {
    jwks_t *set = NULL;
    r_jwks_init(&set);
    if (r_jwks_import_from_json_str(set, (char *)text.at) != RHN_OK) *why = json_pack("{s:s}", "error", "no key set");
    for (size_t i = 0; !*why && i < r_jwks_size(set); i++) {
      jwk_t *jwk = r_jwks_get_at(set, i);
      add_jwk(keys, jwk);
      r_jwk_free(jwk);
    }
    r_jwks_free(set);
  } else *why = unsupported(kind);
  return keys;
}

static void discard(void *loaded) {
  struct keys *keys = loaded;
  for (size_t i = 0; keys && i < keys->count; i++) {
    free(keys->at[i].text.at);
    free(keys->at[i].kid);
  }
  if (keys) free(keys->at);
  free(keys);
}

static struct key *choose(struct keys *keys, const char *kid) {
  for (size_t i = 0; i < keys->count; i++)
    if (kid && keys->at[i].kid && !strcmp(kid, keys->at[i].kid)) return &keys->at[i];
  return keys->count == 1 && (!kid || !keys->at[0].kid) ? &keys->at[0] : NULL;
}

static json_t *claims_of(jwt_t *jwt) {
  char *text = jwt_get_grants_json(jwt, NULL);
  json_t *claims = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
  free(text);
  return claims;
}

static json_t *verify(void *loaded, json_t *entry, json_t *policy, json_t *request, struct bytes token) {
  jwt_t *jwt = NULL;
  if (strcmp(json_string_value(json_object_get(request, "mode")), "jwt")) return unsupported("mode");
  if (json_object_get(policy, "token_type")) return unsupported("token_type");
  if (jwt_decode(&jwt, (char *)token.at, NULL, 0)) return reject("jwt_decode of the header"); /* only to see `kid` */
  const char *kid = jwt_get_header(jwt, "kid");
  struct key *key = choose(loaded, kid);
  jwt_free(jwt);
  if (!key) return reject("no key of this kid");
  if (jwt_decode(&jwt, (char *)token.at, key->text.at, (int)key->text.length)) return reject("jwt_decode");
  const char *why = allowed(entry, policy, jwt_alg_str(jwt_get_alg(jwt))) ? NULL : "algorithm";
  json_t *claims = claims_of(jwt);
  if (!why) why = judge(claims, entry, policy, json_integer_value(json_object_get(request, "now")));
  json_t *reply = why ? reject(why) : accept_claims(claims);
  json_decref(claims);
  jwt_free(jwt);
  return reply;
}

static json_t *claimed_issuer(struct bytes token) {
  jwt_t *jwt = NULL;
  if (jwt_decode(&jwt, (char *)token.at, NULL, 0)) return NULL;
  json_t *claims = claims_of(jwt), *iss = json_incref(json_object_get(claims, "iss"));
  json_decref(claims);
  jwt_free(jwt);
  return iss;
}

int main(void) {
  r_global_init();
  return serve();
}
