// jose2go behind the adapter protocol.
//
// `Decode` with a callback, the "two-phase validation" of its README: the callback sees header and payload, compares
// `alg` with the allowed ones (`allow_list`) and answers with the key. The library reads PEM; a JWK is read by go-jose
// (`json`) and chosen by its `kid` (`key_selection`). Of claims it knows nothing: required ones, issuer,
// audience and time are ours.
package main

import (
	"encoding/json"
	"errors"

	jose2go "github.com/dvsekhvalnov/jose2go"
	"github.com/dvsekhvalnov/jose2go/keys/ecc"
	Rsa "github.com/dvsekhvalnov/jose2go/keys/rsa"
	jose "gopkg.in/square/go-jose.v2"
)

type verifier struct {
	issuer
	policy
	key       interface{}
	set       *jose.JSONWebKeySet
	allowed   []string
	audiences []string
}

func load(entry issuer, all policy) (issuerVerifier, object, error) {
	if all.TokenType != "" {
		return nil, nil, unsupported("token_type")
	}
	v := &verifier{issuer: entry, policy: all, allowed: entry.algorithms(all), audiences: entry.audiences(all)}
	var err error
	switch keys := entry.Keys; {
	case keys.JWKS != nil:
		err = json.Unmarshal([]byte(*keys.JWKS), &v.set)
	case keys.JWKSB64 != nil:
		err = json.Unmarshal(unbase64(*keys.JWKSB64), &v.set)
	case keys.PEM != nil && keyFamily(v.allowed) == "RSA":
		v.key, err = Rsa.ReadPublic([]byte(*keys.PEM))
	case keys.PEM != nil && keyFamily(v.allowed) == "EC":
		v.key, err = ecc.ReadPublic([]byte(*keys.PEM))
	case keys.Secret != nil:
		v.key = unbase64(*keys.Secret)
	default:
		return nil, nil, unsupported("keys")
	}
	return v, nil, err
}

// The callback: a key, or an error that refuses the token.
func (v *verifier) find(headers map[string]interface{}, _ string) interface{} {
	algorithm, _ := headers["alg"].(string)
	if v.allowed != nil && !contains(v.allowed, algorithm) {
		return errors.New("algorithm " + algorithm)
	}
	if v.set == nil {
		return v.key
	}
	kid, named := headers["kid"].(string)
	for _, key := range v.set.Keys {
		if key.KeyID == kid || (!named && len(v.set.Keys) == 1) {
			return key.Key
		}
	}
	return errors.New("no key of this kid")
}

func (v *verifier) verify(mode, token string, detached []byte, now int64) ([]byte, error) {
	if detached != nil {
		return nil, unsupported("detached_payload_b64")
	}
	payload, _, err := jose2go.Decode(token, v.find)
	if err != nil || mode == "jws" {
		return []byte(payload), err
	}
	var claims map[string]interface{}
	if err := json.Unmarshal([]byte(payload), &claims); err != nil {
		return nil, err
	}
	if claims == nil {
		return nil, errors.New("no object of claims")
	}
	return []byte(payload), v.judge(claims, float64(now))
}

func (v *verifier) judge(claims map[string]interface{}, now float64) error {
	var leeway float64
	if v.LeewayS != nil {
		leeway = float64(*v.LeewayS)
	}
	for _, name := range v.RequiredClaims {
		if claims[name] == nil {
			return errors.New("no " + name)
		}
	}
	exp, isNumber := claims["exp"].(float64)
	if _, present := claims["exp"]; present && (!isNumber || exp <= now-leeway) {
		return errors.New("expired")
	}
	nbf, isNumber := claims["nbf"].(float64)
	if _, present := claims["nbf"]; present && (!isNumber || nbf > now+leeway) {
		return errors.New("not valid yet")
	}
	if v.Issuer != "" && claims["iss"] != v.Issuer {
		return errors.New("issuer")
	}
	if v.audiences != nil && !meets(claims["aud"], v.audiences) {
		return errors.New("audience")
	}
	return nil
}

func meets(claimed interface{}, audiences []string) bool {
	list, ok := claimed.([]interface{})
	if !ok {
		list = []interface{}{claimed}
	}
	for _, item := range list {
		if name, ok := item.(string); ok && contains(audiences, name) {
			return true
		}
	}
	return false
}

// The callback sees the payload before any signature is checked.
func issuerOf(token string) (string, error) {
	var claims struct {
		Iss string `json:"iss"`
	}
	seen := errors.New("seen")
	_, _, err := jose2go.Decode(token, func(_ map[string]interface{}, payload string) interface{} {
		if err := json.Unmarshal([]byte(payload), &claims); err != nil {
			return err
		}
		return seen
	})
	if err != seen {
		return "", err
	}
	return claims.Iss, nil
}

func main() {
	serve(object{
		"protocol":       1,
		"implementation": object{"name": "jose2go", "version": "1.5", "language": language()},
		"features":       []string{"jwt", "jws", "jwks", "pem", "secret", "multi_issuer", "several", "clock"},
		"algorithms":     []string{"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"},
		"adapter_does":   []string{"json", "key_selection", "issuer_routing", "allow_list", "issuer", "audience", "time", "required_claims"},
	}, load, issuerOf)
}
