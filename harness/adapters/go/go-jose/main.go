// go-jose v2 behind the adapter protocol.
//
// `jwt.ParseSigned`, `Claims` and `ValidateWithLeeway` check a JWT; `jose.ParseSigned` and `VerifyMulti` a JWS, the key
// taken from the set by its `kid` (`key_selection` there; in a JWT the library does it). Version 2 has no list of
// algorithms, so the caller compares `alg` (`allow_list`), and no list of required claims (`required_claims`).
// Expected.Audience means all of them, so each configured one is tried alone. Without `leeway_s`, `Validate` allows its
// minute.
package main

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"time"

	jose "gopkg.in/square/go-jose.v2"
	"gopkg.in/square/go-jose.v2/jwt"
)

type verifier struct {
	issuer
	policy
	key       interface{}
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
		v.key, err = readSet([]byte(*keys.JWKS))
	case keys.JWKSB64 != nil:
		v.key, err = readSet(unbase64(*keys.JWKSB64))
	case keys.JWK != nil:
		key := &jose.JSONWebKey{}
		err = key.UnmarshalJSON([]byte(*keys.JWK))
		v.key = key
	case keys.PEM != nil:
		block, _ := pem.Decode([]byte(*keys.PEM))
		if block == nil {
			return nil, nil, errors.New("no PEM")
		}
		v.key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case keys.DER != nil:
		v.key, err = x509.ParsePKIXPublicKey(unbase64(*keys.DER))
	case keys.Secret != nil:
		v.key = unbase64(*keys.Secret)
	default:
		return nil, nil, unsupported("keys")
	}
	return v, nil, err
}

func readSet(text []byte) (interface{}, error) {
	set := &jose.JSONWebKeySet{}
	return set, json.Unmarshal(text, set)
}

func (v *verifier) verify(mode, token string, detached []byte, now int64) ([]byte, error) {
	if mode == "jws" {
		return v.verifyJWS(token, detached)
	}
	signed, err := jwt.ParseSigned(token)
	if err != nil {
		return nil, err
	}
	for _, header := range signed.Headers {
		if v.allowed != nil && !contains(v.allowed, header.Algorithm) {
			return nil, errors.New("algorithm " + header.Algorithm)
		}
	}
	var claims jwt.Claims
	var all map[string]interface{}
	if err := signed.Claims(v.key, &claims, &all); err != nil {
		return nil, err
	}
	for _, name := range v.RequiredClaims {
		if all[name] == nil {
			return nil, errors.New("no " + name)
		}
	}
	if err := v.validate(claims, time.Unix(now, 0)); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

func (v *verifier) validate(claims jwt.Claims, now time.Time) (err error) {
	audiences := []jwt.Audience{nil}
	if v.audiences != nil {
		audiences = nil
		for _, audience := range v.audiences {
			audiences = append(audiences, jwt.Audience{audience})
		}
	}
	for _, audience := range audiences {
		expected := jwt.Expected{Issuer: v.Issuer, Audience: audience, Time: now}
		if v.LeewayS == nil {
			err = claims.Validate(expected)
		} else {
			err = claims.ValidateWithLeeway(expected, time.Duration(*v.LeewayS)*time.Second)
		}
		if err == nil {
			return nil
		}
	}
	return err
}

func (v *verifier) verifyJWS(token string, detached []byte) (payload []byte, err error) {
	var signed *jose.JSONWebSignature
	if detached != nil {
		signed, err = jose.ParseDetached(token, detached)
	} else {
		signed, err = jose.ParseSigned(token)
	}
	if err != nil {
		return nil, err
	}
	err = errors.New("no key for any signature")
	for _, key := range v.candidates(signed) {
		var signature jose.Signature
		if _, signature, payload, err = signed.VerifyMulti(key); err == nil {
			if v.allowed != nil && !contains(v.allowed, signature.Header.Algorithm) {
				return nil, errors.New("algorithm " + signature.Header.Algorithm)
			}
			return payload, nil
		}
	}
	return nil, err
}

func (v *verifier) candidates(signed *jose.JSONWebSignature) (keys []interface{}) {
	set, ok := v.key.(*jose.JSONWebKeySet)
	if !ok {
		return []interface{}{v.key}
	}
	for _, signature := range signed.Signatures {
		found := set.Key(signature.Header.KeyID)
		if len(found) == 0 { // keys that have no `kid` may be the one
			found = set.Key("")
		}
		if signature.Header.KeyID == "" && len(set.Keys) == 1 {
			found = set.Keys
		}
		for i := range found {
			keys = append(keys, &found[i])
		}
	}
	return keys
}

func issuerOf(token string) (string, error) {
	signed, err := jwt.ParseSigned(token)
	if err != nil {
		return "", err
	}
	var claims jwt.Claims
	err = signed.UnsafeClaimsWithoutVerification(&claims)
	return claims.Issuer, err
}

func main() {
	serve(object{
		"protocol":       1,
		"implementation": object{"name": "go-jose", "version": "2.6.0", "language": language()},
		"features":       []string{"jwt", "jws", "jws_json", "b64_false", "jwks", "jwk", "pem", "der", "secret", "multi_issuer", "several", "clock"},
		"algorithms":     []string{"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"},
		"curves":         []string{"P-256", "P-384", "P-521", "Ed25519"},
		"adapter_does":   []string{"key_selection", "issuer_routing", "allow_list", "required_claims"},
		"defaults":       object{"leeway_s": 60},
	}, load, issuerOf)
}
