/* librhonabwy behind the adapter protocol.
 *
 * Tokens are parsed with R_PARSE_NONE: the plain parse functions take keys from the token's own header. The set is added
 * after that, and the library chooses by `kid`. It has no list of algorithms, so the caller compares what was parsed
 * (`allow_list`); its check of `aud` knows strings only, so arrays are ours (`audience`). `r_jwt_validate_claims`
 * refuses where a claim is absent, so it is asked about `exp` and `nbf` only where they are present; the time handed to
 * it is an `int`, which makes a clock until 2038. Key sets are read as C strings: what follows a NUL is not seen.
 */
#include "protocol.h"
#include <rhonabwy.h>

static json_t *hello(void) {
  json_t *info = r_library_info_json_t();
  json_t *reply = json_pack("{s:i, s:{s:s, s:s, s:s}, s:[s,s,s,s,s,s,s,s,s,s,s,s], s:[s,s,s,s,s,s,s,s,s,s,s,s,s], s:[s,s,s,s], s:[s,s,s]}",
    "protocol", 1,
    "implementation", "name", "librhonabwy", "version", json_string_value(json_object_get(info, "version")), "language", "C",
    "features", "jwt", "jws", "jws_json", "jwks", "jwk", "pem", "der", "secret", "multi_issuer", "token_type", "several", "clock",
    "algorithms", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "curves", "P-256", "P-384", "P-521", "Ed25519",
    "adapter_does", "issuer_routing", "allow_list", "audience");
  json_decref(info);
  return reply;
}

/* A set, from which the library chooses, or one key. */
struct keys {
  jwks_t *set;
  jwk_t *one;
};

static void discard(void *loaded) {
  struct keys *keys = loaded;
  if (keys) r_jwks_free(keys->set);
  if (keys) r_jwk_free(keys->one);
  free(keys);
}

static void *load(const char *kind, struct bytes text, json_t *algorithms, json_t **why) {
  struct keys *keys = calloc(1, sizeof *keys);
  int result = RHN_ERROR_UNSUPPORTED;
  (void)algorithms;
  if (!strcmp(kind, "jwks") || !strcmp(kind, "jwks_b64")) {
    r_jwks_init(&keys->set);
    result = r_jwks_import_from_json_str(keys->set, (char *)text.at);
  } else {
    r_jwk_init(&keys->one);
    if (!strcmp(kind, "jwk")) result = r_jwk_import_from_json_str(keys->one, (char *)text.at);
    else if (!strcmp(kind, "pem")) result = r_jwk_import_from_pem_der(keys->one, R_X509_TYPE_PUBKEY, R_FORMAT_PEM, text.at, text.length);
    else if (!strcmp(kind, "der_b64")) result = r_jwk_import_from_pem_der(keys->one, R_X509_TYPE_PUBKEY, R_FORMAT_DER, text.at, text.length);
    else if (!strcmp(kind, "secret_b64")) result = r_jwk_import_from_symmetric_key(keys->one, text.at, text.length);
    else *why = unsupported(kind);
  }
  if (result == RHN_OK) return keys;
  if (!*why) *why = json_pack("{s:s}", "error", "the library refuses the key");
  discard(keys);
  return NULL;
}

static json_t *verify_jws(struct keys *keys, json_t *entry, json_t *policy, struct bytes token) {
  jws_t *jws = NULL;
  json_t *reply;
  size_t length = 0;
  r_jws_init(&jws);
  if (r_jws_advanced_parsen(jws, (char *)token.at, token.length, R_PARSE_NONE, 0) != RHN_OK) reply = reject("r_jws_advanced_parsen");
  else if ((keys->set && r_jws_add_jwks(jws, NULL, keys->set) != RHN_OK) || r_jws_verify_signature(jws, keys->one, 0) != RHN_OK) reply = reject("r_jws_verify_signature");
  else if (!allowed(entry, policy, r_jwa_alg_to_str(r_jws_get_alg(jws)))) reply = reject("algorithm"); /* with several signatures known only now */
  else {
    const unsigned char *payload = r_jws_get_payload(jws, &length);
    reply = accept_payload(payload, length);
  }
  r_jws_free(jws);
  return reply;
}

static const char *invalid_claim(jwt_t *jwt, json_t *claims, json_t *entry, json_t *policy, int now) {
  int leeway = (int)json_integer_value(json_object_get(policy, "leeway_s"));
  const char *issuer = json_string_value(json_object_get(entry, "issuer")), *type = json_string_value(json_object_get(policy, "token_type"));
  json_t *required = json_object_get(policy, "required_claims");
  for (size_t i = 0; i < json_array_size(required); i++)
    if (r_jwt_validate_claims(jwt, R_JWT_CLAIM_JSN, json_string_value(json_array_get(required, i)), NULL, R_JWT_CLAIM_NOP) != RHN_OK) return "a required claim is missing";
  if (issuer && r_jwt_validate_claims(jwt, R_JWT_CLAIM_ISS, issuer, R_JWT_CLAIM_NOP) != RHN_OK) return "iss";
  if (type && r_jwt_validate_claims(jwt, R_JWT_CLAIM_TYP, type, R_JWT_CLAIM_NOP) != RHN_OK) return "typ";
  if (json_object_get(claims, "exp") && r_jwt_validate_claims(jwt, R_JWT_CLAIM_EXP, now - leeway, R_JWT_CLAIM_NOP) != RHN_OK) return "exp";
  if (json_object_get(claims, "nbf") && r_jwt_validate_claims(jwt, R_JWT_CLAIM_NBF, now + leeway, R_JWT_CLAIM_NOP) != RHN_OK) return "nbf";
  return meets_audience(claims, entry, policy) ? NULL : "aud";
}

static json_t *verify(void *loaded, json_t *entry, json_t *policy, json_t *request, struct bytes token) {
  struct keys *keys = loaded;
  const char *mode = json_string_value(json_object_get(request, "mode"));
  if (json_object_get(request, "detached_payload_b64")) return unsupported("detached_payload_b64");
  if (!strcmp(mode, "jws")) return verify_jws(keys, entry, policy, token);
  if (strcmp(mode, "jwt")) return unsupported("mode");
  jwt_t *jwt = NULL;
  json_t *reply;
  r_jwt_init(&jwt);
  if (r_jwt_advanced_parsen(jwt, (char *)token.at, token.length, R_PARSE_NONE, 0) != RHN_OK) reply = reject("r_jwt_advanced_parsen");
  else if (r_jwt_get_type(jwt) != R_JWT_TYPE_SIGN) reply = reject("not a signed JWT");
  else if (!allowed(entry, policy, r_jwa_alg_to_str(r_jwt_get_sign_alg(jwt)))) reply = reject("algorithm");
  else if ((keys->set && r_jwt_add_sign_jwks(jwt, NULL, keys->set) != RHN_OK) || r_jwt_verify_signature(jwt, keys->one, 0) != RHN_OK) reply = reject("r_jwt_verify_signature");
  else {
    json_t *claims = r_jwt_get_full_claims_json_t(jwt);
    const char *why = invalid_claim(jwt, claims, entry, policy, (int)json_integer_value(json_object_get(request, "now")));
    reply = why ? reject(why) : accept_claims(claims);
    json_decref(claims);
  }
  r_jwt_free(jwt);
  return reply;
}

static json_t *claimed_issuer(struct bytes token) {
  jwt_t *jwt = NULL;
  r_jwt_init(&jwt);
  json_t *iss = r_jwt_advanced_parsen(jwt, (char *)token.at, token.length, R_PARSE_NONE, 0) == RHN_OK ? r_jwt_get_claim_json_t_value(jwt, "iss") : NULL;
  r_jwt_free(jwt);
  return iss;
}

int main(void) {
  r_global_init();
  int status = serve();
  r_global_close();
  return status;
}
