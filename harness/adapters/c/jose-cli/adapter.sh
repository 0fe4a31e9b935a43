#!/bin/sh
# The `jose` command line tool (latchset/jose) behind the adapter protocol: POSIX shell, with jq for the JSON lines.
#
#     requests → jq, makes jobs of them → the shell, runs `jose` for every job → jq, judges what came of it → replies
#
# Both jq live as long as the adapter, since one takes 30 ms to start; the first also remembers the policies. Tokens and keys
# go into files: a shell's `read` takes a pipe octet by octet, a variable holds no NUL, an argument is limited to 128 KiB.
#
# `jose jws ver` tries each key of a JWK or set, whatever its `kid`, and hands the payload back. The tool has no list of
# algorithms, so `alg` is looked at afterwards (`allow_list`), and knows no claims: issuer, audience and time are ours.

version=$(dpkg-query -W -f '${Version}' jose 2>/dev/null) # `jose` itself does not tell

hello='{
  "protocol": 1,
  "implementation": {"name": "jose (command line)", "version": "'${version%%-*}'", "language": "C"},
  "features": ["jwt", "jws", "jws_json", "jwks", "jwk", "multi_issuer", "several", "clock"],
  "algorithms": ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
  "curves": ["P-256", "P-384", "P-521"],
  "adapter_does": ["issuer_routing", "allow_list", "issuer", "audience", "time", "required_claims"]
}'

# Reads a part of a JWS; the change of alphabet is done without `gsub`, which is slow on megabytes.
base64url='def base64url_json: split("-") | join("+") | split("_") | join("/") | @base64d | fromjson;'

# Makes jobs of requests. A job is a line WHAT FILE FORM LENGTH JSON; LENGTH octets follow, in base64 if that is the FORM.
# The state has the issuers of every verifier: {"main": [{"name": …, "audiences": …, "file": "main-0"}]}.
jobs=$base64url'
def say(reply): "say - - 0 \({id} + reply | tojson)\n";
def with_octets(what; file; text; base64; job): (if base64 then ["base64", base64] else ["text", text] end) as [$form, $octets]
  | "\(what) \(file) \($form) \($octets | utf8bytelength) \(job | tojson)\n\($octets)";

def issuers: (.verifier // "main" | @uri) as $file | .policy as $policy
| $policy.issuers | to_entries | map(.key as $n | .value | {
  file: "\($file)-\($n)", name: .issuer, required: ($policy.required_claims // []), leeway: ($policy.leeway_s // 0),
  algorithms: (.algorithms // $policy.algorithms), audiences: (.audiences // $policy.audiences), keys
});
def unsupported: first((.policy | select(has("token_type")) | "token_type"),
  (.policy.issuers[].keys | keys[] | select(IN("jwks", "jwks_b64", "jwk") | not)), null);

# The issuer that the token claims to be of, where there are several; it is held to that once it is verified.
def route($issuers): if ($issuers | length) == 1 then $issuers[0] else
  (try (.token // (.token_b64 | @base64d) | split(".")[1] | base64url_json | .iss) catch null) as $claimed
  | first(($issuers[] | select(.name == $claimed)), null) end;

def verify($issuers):
  if .mode != "jwt" and .mode != "jws" then say({unsupported: "mode"})
  elif has("detached_payload_b64") then say({unsupported: "detached_payload_b64"})
  elif $issuers == null then say({error: "verify before configure"})
  else route($issuers) as $issuer
    | if $issuer == null then say({verdict: "reject", error: "no such issuer"})
      else with_octets("verify"; $issuer.file; .token; .token_b64; {id, mode, now, issuer: ($issuer | del(.keys))}) end
  end;

foreach inputs as $request ({};
  if $request.op != "configure" then . else
    .[$request.verifier // "main"] = ($request | if unsupported then null else issuers end) end;
  .[$request.verifier // "main"] as $issuers | $request
  | if .op == "hello" then say($hello)
    elif .op == "configure" and unsupported then say({ok: false, unsupported: unsupported})
    elif .op == "configure" then
      ($issuers[] | with_octets("keys"; .file; .keys | .jwks // .jwk; .keys.jwks_b64; null)), say({ok: true})
    elif .op == "verify" then verify($issuers)
    else say({unsupported: "op"}) end)'

# Judges what `jose` made of a job. A refusal is an error with a text.
judge=$base64url'
def demand(condition; why): if condition then . else error(why) end;

def judged:
  .job.issuer as $issuer | .job.now as $now
  | demand(.status == 0; "exit code \(.status): \(.stderr | @base64d)")
  | [.jws | @base64d | fromjson | (.signatures // [.])[] | .header + (.protected // "e30" | base64url_json) | .alg] as $used
  | demand($issuer.algorithms == null or $used - $issuer.algorithms == []; "algorithm")
  | if .job.mode == "jws" then {verdict: "accept", payload_b64: .payload} else
      demand(.object; "the payload is no JSON object") | .payload | @base64d | fromjson
      | reduce $issuer.required[] as $name (.; demand(.[$name] != null; "no " + $name))
      | demand($issuer.name == null or .iss == $issuer.name; "issuer")
      | demand($issuer.audiences == null or any(.aud | arrays[], strings; IN($issuer.audiences[])); "audience")
      | demand((has("exp") | not) or (.exp | type == "number" and . > $now - $issuer.leeway); "expired")
      | demand((has("nbf") | not) or (.nbf | type == "number" and . <= $now + $issuer.leeway); "not valid yet")
      | {verdict: "accept", claims: {sub, iss, aud} | with_entries(select(.value | type == "string"))} # jq 1.6 rounds numbers
    end;

if has("job") | not then .
elif .status == 127 then {id: .job.id, error: "there is no jose"}
elif .status > 128 then {id: .job.id, crash: "jose ended by signal \(.status - 128)"}
else {id: .job.id} + try judged catch {verdict: "reject", error: .[:500]} end'

# The octets behind a job's line; `head -c` reads them in blocks, and not one too many.
octets() {
  if [ "$form" = base64 ]; then head -c "$length" | base64 -d; else head -c "$length"; fi
}

# Writes a file as a member of the JSON object that goes to the judge.
member() {
  printf ',"%s":"' "$1" && base64 -w0 "$1" && printf '"'
}

# Runs `jose` for every job.
work() {
  while read -r what file form length job; do
    case $what in
    say) printf '%s\n' "$job" ;;
    keys) octets >"$file" ;;
    verify)
      octets >token
      jose jws ver -i- -k "$file" -O payload <token 2>stderr
      status=$?
      printf '{"job":%s,"status":%d' "$job" "$status"
      if [ "$status" -eq 0 ]; then
        member payload
        jose jws fmt -i- -o jws <token && member jws
        # jq takes `01` and `NaN`, `jose` text behind the object: only what both read is JSON.
        jose fmt -j- -O <payload 2>/dev/null && printf ',"object":true'
      else
        member stderr
      fi
      printf '}\n'
      ;;
    esac
  done
}

folder=$(mktemp -d) && cd "$folder" || exit

# The last in the row reads nothing but the end of all others, and removes the folder then: a `trap` would not survive the
# SIGKILL to the process group by which the harness ends an adapter.
exec 3>&1
{ jq -nj --unbuffered --argjson hello "$hello" "$jobs" | work | jq -c --unbuffered "$judge" >&3; } |
  setsid sh -c 'cat; rm -rf "$0"' "$folder" >/dev/null 3>&-
