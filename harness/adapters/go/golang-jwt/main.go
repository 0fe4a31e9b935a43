// golang-jwt v4 behind the adapter protocol.
//
// The library takes PEM, secrets and Go keys; it knows no JWK, so a set is read by go-jose v2 (`json`) and the key
// chosen by `kid` in the Keyfunc (`key_selection`), as its documentation leaves to the caller. Issuer and audience are
// its own `VerifyIssuer` and `VerifyAudience`, required ones of course; there is no leeway, and other
// required claims are looked up in the claims that it hands back (`required_claims`). `TimeFunc` is the clock.
package main

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/golang-jwt/jwt"
	jose "gopkg.in/square/go-jose.v2"
)

type verifier struct {
	issuer
	policy
	key     interface{}
	set     *jose.JSONWebKeySet
	parser  *jwt.Parser
	allowed []string
}

func load(entry issuer, all policy) (issuerVerifier, object, error) {
	if all.LeewayS != nil && *all.LeewayS != 0 {
		return nil, nil, unsupported("leeway_s")
	}
	if all.TokenType != "" {
		return nil, nil, unsupported("token_type")
	}
	v := &verifier{issuer: entry, policy: all, allowed: entry.algorithms(all)}
	var options []jwt.ParserOption
	if v.allowed != nil {
		options = append(options, jwt.WithValidMethods(v.allowed))
	}
	v.parser = jwt.NewParser(options...)
	var err error
	switch keys := entry.Keys; {
	case keys.JWKS != nil:
		err = json.Unmarshal([]byte(*keys.JWKS), &v.set)
	case keys.JWKSB64 != nil:
		err = json.Unmarshal(unbase64(*keys.JWKSB64), &v.set)
	case keys.PEM != nil:
		v.key, err = parsePEM([]byte(*keys.PEM), keyFamily(v.allowed))
	case keys.Secret != nil:
		v.key = unbase64(*keys.Secret)
	default:
		return nil, nil, unsupported("keys")
	}
	return v, nil, err
}

func parsePEM(text []byte, family string) (interface{}, error) {
	switch family {
	case "RSA":
		return jwt.ParseRSAPublicKeyFromPEM(text)
	case "EC":
		return jwt.ParseECPublicKeyFromPEM(text)
	case "OKP":
		return jwt.ParseEdPublicKeyFromPEM(text)
	}
	return nil, unsupported("pem without an asymmetric algorithm")
}

func (v *verifier) find(token *jwt.Token) (interface{}, error) {
	if v.set == nil {
		return v.key, nil
	}
	kid, named := token.Header["kid"].(string)
	for _, key := range v.set.Keys {
		if key.KeyID == kid || (!named && len(v.set.Keys) == 1) {
			return key.Key, nil
		}
	}
	return nil, errors.New("no key of this kid")
}

func (v *verifier) verify(mode, token string, _ []byte, now int64) ([]byte, error) {
	if mode != "jwt" {
		return nil, unsupported("mode")
	}
	jwt.TimeFunc = func() time.Time { return time.Unix(now, 0) }
	claims := jwt.MapClaims{}
	if _, err := v.parser.ParseWithClaims(token, claims, v.find); err != nil {
		return nil, err
	}
	if v.Issuer != "" && !claims.VerifyIssuer(v.Issuer, true) {
		return nil, jwt.ErrTokenInvalidIssuer
	}
	if audiences := v.issuer.audiences(v.policy); audiences != nil && !verifyAny(claims, audiences) {
		return nil, jwt.ErrTokenInvalidAudience
	}
	for _, name := range v.RequiredClaims {
		if claims[name] == nil {
			return nil, errors.New("no " + name)
		}
	}
	shown, _ := json.Marshal(claims)
	return shown, nil
}

func verifyAny(claims jwt.MapClaims, audiences []string) bool {
	for _, audience := range audiences {
		if claims.VerifyAudience(audience, true) {
			return true
		}
	}
	return false
}

func issuerOf(token string) (string, error) {
	claims := jwt.MapClaims{}
	_, _, err := jwt.NewParser().ParseUnverified(token, claims)
	iss, _ := claims["iss"].(string)
	return iss, err
}

func main() {
	serve(object{
		"protocol":       1,
		"implementation": object{"name": "golang-jwt", "version": "4.4.3", "language": language()},
		"features":       []string{"jwt", "jwks", "pem", "secret", "multi_issuer", "several", "clock"},
		"algorithms":     []string{"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"},
		"curves":         []string{"P-256", "P-384", "P-521", "Ed25519"},
		"adapter_does":   []string{"json", "key_selection", "issuer_routing", "required_claims"},
	}, load, issuerOf)
}
