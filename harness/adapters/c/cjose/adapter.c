/* cjose behind the adapter protocol.
 *
 * `cjose_jws_import`, `cjose_jws_verify` with one `cjose_jwk_t`, `cjose_jws_get_plaintext`. The library reads one JWK at
 * a time; the array of a set is taken apart by jansson (`json`) and a key chosen by its `kid` (`key_selection`). The
 * caller compares `alg` (`allow_list`). It knows no claims: issuer, audience, time and required ones are ours.
 */
#include "protocol.h"
#include <cjose/cjose.h>

static json_t *hello(void) {
  return json_pack("{s:i, s:{s:s, s:s, s:s}, s:[s,s,s,s,s,s,s,s], s:[s,s,s,s,s,s,s,s,s,s,s,s], s:[s,s,s], s:[s,s,s,s,s,s,s,s]}",
    "protocol", 1,
    "implementation", "name", "cjose", "version", cjose_version(), "language", "C",
    "features", "jwt", "jws", "jwks", "jwk", "secret", "multi_issuer", "several", "clock",
    "algorithms", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    "curves", "P-256", "P-384", "P-521",
    "adapter_does", "json", "key_selection", "issuer_routing", "allow_list", "issuer", "audience", "time", "required_claims");
}

struct keys {
  size_t count;
  cjose_jwk_t **at;
};

static void add(struct keys *keys, cjose_jwk_t *key) {
  if (!key) return;
  keys->at = realloc(keys->at, (keys->count + 1) * sizeof *keys->at);
  keys->at[keys->count++] = key;
}

/* Members of a set that the library refuses are left out, as RFC 7517 section 5 suggests. */
static void add_set(struct keys *keys, json_t *list) {
  for (size_t i = 0; i < json_array_size(list); i++) {
    char *text = json_dumps(json_array_get(list, i), JSON_COMPACT | JSON_ENCODE_ANY);
    add(keys, cjose_jwk_import(text, strlen(text), NULL));
    free(text);
  }
}

static void *load(const char *kind, struct bytes text, json_t *algorithms, json_t **why) {
  struct keys *keys = calloc(1, sizeof *keys);
  cjose_err err = {0};
  (void)algorithms;
  if (!strcmp(kind, "jwk")) add(keys, cjose_jwk_import((char *)text.at, text.length, &err));
  else if (!strcmp(kind, "secret_b64")) add(keys, cjose_jwk_create_oct_spec(text.at, text.length, &err));
  else if (!strncmp(kind, "jwks", 4) && strcmp(kind, "jwks_uri")) {
    json_t *set = json_loadb((char *)text.at, text.length, 0, NULL);
    if (!json_is_array(json_object_get(set, "keys"))) *why = json_pack("{s:s}", "error", "no key set");
    add_set(keys, json_object_get(set, "keys"));
    json_decref(set);
    return keys;
  } else *why = unsupported(kind);
  if (!keys->count && !*why) *why = json_pack("{s:s}", "error", err.message ? err.message : "no key");
  return keys;
}

static void discard(void *loaded) {
  struct keys *keys = loaded;
  for (size_t i = 0; keys && i < keys->count; i++) cjose_jwk_release(keys->at[i]);
  if (keys) free(keys->at);
  free(keys);
}

static cjose_jwk_t *choose(struct keys *keys, const char *kid) {
  for (size_t i = 0; i < keys->count; i++) {
    const char *own_kid = cjose_jwk_get_kid(keys->at[i], NULL);
    if (kid && own_kid && !strcmp(kid, own_kid)) return keys->at[i];
  }
  return keys->count == 1 && (!kid || !cjose_jwk_get_kid(keys->at[0], NULL)) ? keys->at[0] : NULL;
}

static json_t *verify(void *loaded, json_t *entry, json_t *policy, json_t *request, struct bytes token) {
  const char *mode = json_string_value(json_object_get(request, "mode"));
  int jwt = !strcmp(mode, "jwt");
  cjose_err err = {0};
  if (!jwt && strcmp(mode, "jws")) return unsupported("mode");
  if (json_object_get(policy, "token_type")) return unsupported("token_type");
  if (json_object_get(request, "detached_payload_b64")) return unsupported("detached_payload_b64");
  cjose_jws_t *jws = cjose_jws_import((char *)token.at, token.length, &err);
  if (!jws) return reject(err.message);

  cjose_header_t *header = cjose_jws_get_protected(jws);
  cjose_jwk_t *key = choose(loaded, cjose_header_get(header, CJOSE_HDR_KID, NULL));
  uint8_t *payload = NULL;
  size_t length = 0;
  json_t *reply, *claims = NULL;
  const char *why = NULL;
  if (!allowed(entry, policy, cjose_header_get(header, CJOSE_HDR_ALG, NULL))) reply = reject("algorithm");
  else if (!key) reply = reject("no key of this kid");
  else if (!cjose_jws_verify(jws, key, &err) || !cjose_jws_get_plaintext(jws, &payload, &length, &err)) reply = reject(err.message);
  else if (!jwt) reply = accept_payload(payload, length);
  else {
    claims = json_loadb((char *)payload, length, JSON_ALLOW_NUL, NULL);
    why = judge(claims, entry, policy, json_integer_value(json_object_get(request, "now")));
    reply = why ? reject(why) : accept_claims(claims);
  }
  json_decref(claims);
  cjose_jws_release(jws);
  return reply;
}

static json_t *claimed_issuer(struct bytes token) {
  cjose_jws_t *jws = cjose_jws_import((char *)token.at, token.length, NULL);
  uint8_t *payload = NULL;
  size_t length = 0;
  if (!jws) return NULL;
  cjose_jws_get_plaintext(jws, &payload, &length, NULL);
  json_t *claims = payload ? json_loadb((char *)payload, length, JSON_ALLOW_NUL, NULL) : NULL;
  json_t *iss = json_incref(json_object_get(claims, "iss"));
  json_decref(claims);
  cjose_jws_release(jws);
  return iss;
}

int main(void) { return serve(); }
