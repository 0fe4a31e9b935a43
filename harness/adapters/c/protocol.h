/* The adapter protocol for the C adapters: lines, base64, verifiers by name, and the checks of claims for libraries that
 * have none. Strings keep their length: a NUL inside one is the library's business wherever it takes a length.
 * An adapter defines `hello`, `load`, `discard`, `verify` and `claimed_issuer`, includes this file, and calls `serve`. */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
  unsigned char *at; /* always followed by a NUL that is not counted */
  size_t length;
};

static json_t *hello(void);
/* One issuer's keys, or NULL with `*why` a reply such as {"unsupported":"der_b64"} or {"error":"…"}. */
static void *load(const char *kind, struct bytes text, json_t *algorithms, json_t **why);
static void discard(void *keys);
/* The verdict on one token. `entry` is the issuer, `policy` the whole. */
static json_t *verify(void *keys, json_t *entry, json_t *policy, json_t *request, struct bytes token);
/* The unverified `iss`, or NULL; json_t because it may hold a NUL. */
static json_t *claimed_issuer(struct bytes token);

static struct bytes unbase64(const char *text) {
  struct bytes out = {malloc(strlen(text) + 4), 0};
  uint32_t bits = 0;
  int held = 0;
  for (; *text && *text != '='; text++) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bits = bits << 6 | (uint32_t)(strchr(alphabet, *text) - alphabet);
    if ((held += 6) >= 8) out.at[out.length++] = (unsigned char)(bits >> (held -= 8));
  }
  out.at[out.length] = 0;
  return out;
}

static json_t *base64(const unsigned char *data, size_t length) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char *text = malloc(length / 3 * 4 + 5), *to = text;
  for (size_t i = 0; i < length; i += 3) {
    uint32_t bits = (uint32_t)data[i] << 16 | (i + 1 < length ? data[i + 1] << 8 : 0) | (i + 2 < length ? data[i + 2] : 0);
    *to++ = alphabet[bits >> 18 & 63];
    *to++ = alphabet[bits >> 12 & 63];
    *to++ = i + 1 < length ? alphabet[bits >> 6 & 63] : '=';
    *to++ = i + 2 < length ? alphabet[bits & 63] : '=';
  }
  json_t *value = json_stringn(text, (size_t)(to - text));
  free(text);
  return value;
}

static struct bytes text_of(json_t *string) {
  struct bytes out = {malloc(json_string_length(string) + 1), json_string_length(string)};
  memcpy(out.at, json_string_value(string), out.length + 1);
  return out;
}

static struct bytes member(json_t *object, const char *name, const char *name_b64) {
  json_t *encoded = json_object_get(object, name_b64);
  return encoded ? unbase64(json_string_value(encoded)) : text_of(json_object_get(object, name));
}

static json_t *reject(const char *why) { return json_pack("{s:s, s:s}", "verdict", "reject", "error", why); }

static json_t *unsupported(const char *what) { return json_pack("{s:s}", "unsupported", what); }

/* `sub`, `iss` and `aud` are evidence enough. */
static json_t *accept_claims(json_t *claims) {
  json_t *shown = json_object();
  static const char *const names[] = {"sub", "iss", "aud"};
  for (size_t i = 0; i < 3; i++)
    if (json_object_get(claims, names[i])) json_object_set(shown, names[i], json_object_get(claims, names[i]));
  return json_pack("{s:s, s:o}", "verdict", "accept", "claims", shown);
}

__attribute__((unused)) static json_t *accept_payload(const unsigned char *payload, size_t length) {
  return json_pack("{s:s, s:o}", "verdict", "accept", "payload_b64", base64(payload, length));
}

/* An issuer's own lists go before the policy's. */
static json_t *own(json_t *entry, json_t *policy, const char *name) {
  json_t *list = json_object_get(entry, name);
  return list ? list : json_object_get(policy, name);
}

static int listed(json_t *list, json_t *wanted) {
  for (size_t i = 0; i < json_array_size(list); i++)
    if (json_is_string(wanted) && json_equal(json_array_get(list, i), wanted)) return 1;
  return 0;
}

/* allow_list: an absent list leaves the library alone. */
__attribute__((unused)) static int allowed(json_t *entry, json_t *policy, const char *algorithm) {
  json_t *list = own(entry, policy, "algorithms"), *name = algorithm ? json_string(algorithm) : json_null();
  int yes = !list || listed(list, name);
  json_decref(name);
  return yes;
}

/* audience: one of several suffices, in a string or an array. */
static int meets_audience(json_t *claims, json_t *entry, json_t *policy) {
  json_t *wanted = own(entry, policy, "audiences"), *aud = json_object_get(claims, "aud");
  if (!wanted || listed(wanted, aud)) return 1;
  for (size_t i = 0; i < json_array_size(aud); i++)
    if (listed(wanted, json_array_get(aud, i))) return 1;
  return 0;
}

static const char *missing_claim(json_t *claims, json_t *policy) {
  json_t *required = json_object_get(policy, "required_claims");
  for (size_t i = 0; i < json_array_size(required); i++) {
    json_t *claim = json_object_get(claims, json_string_value(json_array_get(required, i)));
    if (!claim || json_is_null(claim)) return "a required claim is missing";
  }
  return NULL;
}

/* required_claims, issuer, audience and time for a library without them; NULL where all is well. */
__attribute__((unused)) static const char *judge(json_t *claims, json_t *entry, json_t *policy, json_int_t now) {
  json_t *issuer = json_object_get(entry, "issuer"), *exp = json_object_get(claims, "exp"), *nbf = json_object_get(claims, "nbf");
  double leeway = (double)json_integer_value(json_object_get(policy, "leeway_s"));
  if (!json_is_object(claims)) return "the payload is no object";
  if (missing_claim(claims, policy)) return missing_claim(claims, policy);
  if (issuer && !json_equal(issuer, json_object_get(claims, "iss"))) return "issuer";
  if (!meets_audience(claims, entry, policy)) return "audience";
  if (exp && (!json_is_number(exp) || json_number_value(exp) <= (double)now - leeway)) return "expired";
  if (nbf && (!json_is_number(nbf) || json_number_value(nbf) > (double)now + leeway)) return "not valid yet";
  return NULL;
}

struct verifier {
  json_t *policy;
  size_t count;
  void **keys;
};

static json_t *verifiers; /* name -> the verifier's address */

static void forget(const char *name) {
  struct verifier *old = (struct verifier *)(intptr_t)json_integer_value(json_object_get(verifiers, name));
  if (!old) return;
  for (size_t i = 0; i < old->count; i++) discard(old->keys[i]);
  json_decref(old->policy);
  free(old->keys);
  free(old);
  json_object_del(verifiers, name);
}

static json_t *configure(const char *name, json_t *policy) {
  json_t *entries = json_object_get(policy, "issuers"), *why = NULL;
  struct verifier *made = calloc(1, sizeof *made);
  made->policy = json_incref(policy);
  made->keys = calloc(json_array_size(entries), sizeof *made->keys);
  forget(name);
  json_object_set_new(verifiers, name, json_integer((intptr_t)made));
  for (size_t i = 0; i < json_array_size(entries) && !why; i++) {
    json_t *entry = json_array_get(entries, i), *keys = json_object_get(entry, "keys");
    const char *kind = json_object_iter_key(json_object_iter(keys));
    size_t tail = strlen(kind) > 4 ? strlen(kind) - 4 : 0;
    struct bytes text = strcmp(kind + tail, "_b64") ? member(keys, kind, "") : member(keys, "", kind);
    made->keys[i] = load(kind, text, own(entry, policy, "algorithms"), &why);
    made->count = i + 1;
    free(text.at);
  }
  if (!why) return json_pack("{s:b}", "ok", 1);
  forget(name);
  json_object_set_new(why, "ok", json_false());
  return why;
}

static json_t *judge_token(struct verifier *made, json_t *request) {
  json_t *entries = json_object_get(made->policy, "issuers"), *reply = NULL;
  struct bytes token = member(request, "token", "token_b64");
  json_t *iss = made->count > 1 ? claimed_issuer(token) : NULL; /* issuer_routing */
  for (size_t i = 0; i < made->count && !reply; i++) {
    json_t *entry = json_array_get(entries, i);
    if (made->count == 1 || (iss && json_equal(iss, json_object_get(entry, "issuer"))))
      reply = verify(made->keys[i], entry, made->policy, request, token);
  }
  json_decref(iss);
  free(token.at);
  return reply ? reply : reject("no such issuer");
}

static json_t *answer(json_t *request) {
  const char *op = json_string_value(json_object_get(request, "op"));
  const char *name = json_string_value(json_object_get(request, "verifier"));
  if (!name) name = "main";
  if (!strcmp(op, "hello")) return hello();
  if (!strcmp(op, "configure")) return configure(name, json_object_get(request, "policy"));
  if (strcmp(op, "verify")) return unsupported("op");
  struct verifier *made = (struct verifier *)(intptr_t)json_integer_value(json_object_get(verifiers, name));
  return made ? judge_token(made, request) : json_pack("{s:s}", "error", "verify before configure");
}

static int serve(void) {
  char *line = NULL;
  size_t room = 0;
  ssize_t length;
  verifiers = json_object();
  while ((length = getline(&line, &room, stdin)) > 0) {
    json_t *request = json_loadb(line, (size_t)length, JSON_ALLOW_NUL, NULL);
    json_t *reply = request ? answer(request) : json_pack("{s:s}", "error", "not a request");
    json_object_set(reply, "id", json_object_get(request, "id"));
    json_dumpf(reply, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(reply);
    json_decref(request);
  }
  free(line);
  return 0;
}
