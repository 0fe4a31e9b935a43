// The adapter protocol for the Go adapters: lines, base64, and verifiers by name. Each adapter has a `hello` of its own
// and a `load` that turns one issuer and the policy into an `issuerVerifier`.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
)

type object = map[string]interface{}

type keyTexts struct {
	JWKS      *string `json:"jwks"`
	JWKSB64   *string `json:"jwks_b64"`
	JWKSURI   *string `json:"jwks_uri"`
	Discovery *string `json:"discovery"`
	JWK       *string `json:"jwk"`
	PEM       *string `json:"pem"`
	DER       *string `json:"der_b64"`
	Secret    *string `json:"secret_b64"`
}

type issuer struct {
	Issuer     string   `json:"issuer"`
	Keys       keyTexts `json:"keys"`
	Algorithms []string `json:"algorithms"`
	Audiences  []string `json:"audiences"`
}

type policy struct {
	Issuers        []issuer        `json:"issuers"`
	Audiences      []string        `json:"audiences"`
	Algorithms     []string        `json:"algorithms"`
	RequiredClaims []string        `json:"required_claims"`
	TokenType      string          `json:"token_type"`
	LeewayS        *int64          `json:"leeway_s"`
	Fetch          json.RawMessage `json:"fetch"`
}

type request struct {
	ID       int64    `json:"id"`
	Op       string   `json:"op"`
	Verifier string   `json:"verifier"`
	Mode     string   `json:"mode"`
	Token    string   `json:"token"`
	TokenB64 *string  `json:"token_b64"`
	Tokens   []string `json:"tokens"`
	Detached *string  `json:"detached_payload_b64"`
	Now      int64    `json:"now"`
	Policy   policy   `json:"policy"`
}

// What the library said to one token: the payload as it was signed, or an error.
type issuerVerifier interface {
	verify(mode, token string, detached []byte, now int64) ([]byte, error)
}

// A policy member or mode that the library cannot express.
type unsupported string

func (member unsupported) Error() string { return string(member) }

// No decision, for want of a key set.
type unavailable struct{ error }

type configured struct {
	name     string
	verifier issuerVerifier
}

func serve(hello object, load func(issuer, policy) (issuerVerifier, object, error), issuerOf func(token string) (string, error)) {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	verifiers := map[string][]configured{}
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var ask request
		reply := object{"error": "not a request"}
		if err := json.Unmarshal(line, &ask); err == nil {
			reply = answer(ask, verifiers, hello, load, issuerOf)
		}
		reply["id"] = ask.ID
		text, err := json.Marshal(reply)
		if err != nil { // evidence that is no strict JSON must not lose the verdict
			delete(reply, "claims")
			text, _ = json.Marshal(reply)
		}
		out.Write(append(text, '\n'))
		out.Flush()
	}
}

func answer(ask request, verifiers map[string][]configured, hello object, load func(issuer, policy) (issuerVerifier, object, error), issuerOf func(string) (string, error)) (reply object) {
	defer func() {
		if panicked := recover(); panicked != nil { // what would have reached the library's user
			reply = object{"crash": fmt.Sprintf("panic: %v", panicked)}
			if ask.Op == "configure" {
				reply["ok"] = false
			}
		}
	}()
	name := ask.Verifier
	if name == "" {
		name = "main"
	}
	switch ask.Op {
	case "hello":
		reply = object{}
		for member, value := range hello {
			reply[member] = value
		}
		return reply
	case "configure":
		delete(verifiers, name)
		reply = object{"ok": true}
		for _, entry := range ask.Policy.Issuers {
			verifier, effective, err := load(entry, ask.Policy)
			if member, ok := err.(unsupported); ok {
				return object{"ok": false, "unsupported": member.Error()}
			} else if err != nil {
				return object{"ok": false, "error": text(err)}
			}
			if effective != nil {
				reply["effective"] = effective
			}
			verifiers[name] = append(verifiers[name], configured{entry.Issuer, verifier})
		}
		return reply
	case "verify", "verify_all":
		if ask.Mode != "jwt" && ask.Mode != "jws" {
			return object{"unsupported": "mode"}
		}
		if verifiers[name] == nil {
			return object{"error": "verify before configure"}
		}
		if ask.Op == "verify_all" {
			return object{"results": judgeAll(verifiers[name], ask, issuerOf)}
		}
		return judge(verifiers[name], ask, issuerOf)
	}
	return object{"unsupported": "op"}
}

// All tokens at once, each in a goroutine, as a server has one for each request.
func judgeAll(issuers []configured, ask request, issuerOf func(string) (string, error)) []object {
	results := make([]object, len(ask.Tokens))
	var all sync.WaitGroup
	for at, token := range ask.Tokens {
		one := ask
		one.Token = token
		all.Add(1)
		go func(at int) {
			defer all.Done()
			defer func() {
				if panicked := recover(); panicked != nil {
					results[at] = object{"crash": fmt.Sprintf("panic: %v", panicked)}
				}
			}()
			results[at] = judge(issuers, one, issuerOf)
		}(at)
	}
	all.Wait()
	return results
}

func judge(issuers []configured, ask request, issuerOf func(string) (string, error)) object {
	token := ask.Token
	if ask.TokenB64 != nil {
		token = string(unbase64(*ask.TokenB64))
	}
	var detached []byte
	if ask.Detached != nil {
		detached = append([]byte{}, unbase64(*ask.Detached)...)
	}
	chosen, err := route(issuers, token, issuerOf)
	if err != nil {
		return object{"verdict": "reject", "error": text(err)}
	}
	payload, err := chosen.verify(ask.Mode, token, detached, ask.Now)
	switch refused := err.(type) {
	case nil:
	case unsupported:
		return object{"unsupported": refused.Error()}
	case unavailable:
		return object{"verdict": "unavailable", "error": text(err)}
	default:
		return object{"verdict": "reject", "error": text(err)}
	}
	if ask.Mode == "jws" {
		return object{"verdict": "accept", "payload_b64": base64.StdEncoding.EncodeToString(payload)}
	}
	return object{"verdict": "accept", "claims": evidence(payload)}
}

// The library knows one issuer: several are told apart by the unverified `iss` (issuer_routing).
func route(issuers []configured, token string, issuerOf func(string) (string, error)) (issuerVerifier, error) {
	if len(issuers) == 1 {
		return issuers[0].verifier, nil
	}
	claimed, err := issuerOf(token)
	if err != nil {
		return nil, err
	}
	for _, candidate := range issuers {
		if candidate.name == claimed {
			return candidate.verifier, nil
		}
	}
	return nil, fmt.Errorf("no issuer %q", claimed)
}

func evidence(payload []byte) object {
	var claims map[string]json.RawMessage
	shown := object{}
	if json.Unmarshal(payload, &claims) == nil {
		for _, name := range []string{"sub", "iss", "aud"} {
			if value, ok := claims[name]; ok {
				shown[name] = value
			}
		}
	}
	return shown
}

func (entry issuer) algorithms(all policy) []string {
	if entry.Algorithms != nil {
		return entry.Algorithms
	}
	return all.Algorithms
}

func (entry issuer) audiences(all policy) []string {
	if entry.Audiences != nil {
		return entry.Audiences
	}
	return all.Audiences
}

// What a PEM or DER is to be where the library wants to be told: that of the first asymmetric name, else of the first.
func keyFamily(algorithms []string) string {
	for _, name := range algorithms {
		if !strings.HasPrefix(name, "HS") {
			return family(name)
		}
	}
	if len(algorithms) > 0 {
		return family(algorithms[0])
	}
	return ""
}

func family(algorithm string) string {
	switch {
	case strings.HasPrefix(algorithm, "RS"), strings.HasPrefix(algorithm, "PS"):
		return "RSA"
	case strings.HasPrefix(algorithm, "ES"):
		return "EC"
	case strings.HasPrefix(algorithm, "Ed"):
		return "OKP"
	}
	return "oct"
}

func unbase64(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return data
}

func text(err error) string {
	said := fmt.Sprintf("%T: %v", err, err)
	if len(said) > 500 {
		said = said[:500]
	}
	return strings.ToValidUTF8(said, "\uFFFD")
}

func contains(list []string, wanted string) bool {
	for _, item := range list {
		if item == wanted {
			return true
		}
	}
	return false
}

func language() string { return "Go " + strings.TrimPrefix(runtime.Version(), "go") }
