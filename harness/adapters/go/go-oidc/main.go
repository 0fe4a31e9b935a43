// coreos/go-oidc v2 behind the adapter protocol.
//
// An IDTokenVerifier over the library's RemoteKeySet, also where the set is given as text: then its HTTP client (the
// documented ClientContext) answers with that text, so that parsing and selection of keys stay the library's.
// The verifier knows one client id, demands `exp`, and allows a minute on `nbf` alone, which no option changes.
// Config.Now is the clock of the claims; the key set's freshness goes by the real time. Keys once fetched
// serve until a token needs another, however old they are, so no `max_age_s` is told; errors while fetching are refusals
// like any other.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/ioutil"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	oidc "github.com/coreos/go-oidc"
)

const wellKnown = "/.well-known/openid-configuration"

type fetch struct {
	TimeoutMS *int64  `json:"timeout_ms"`
	CAFile    *string `json:"ca_file"`
}

type verifier struct {
	*oidc.IDTokenVerifier
	now int64
}

// A key set out of band, as the answer to every fetch.
type fixed []byte

func (set fixed) RoundTrip(asked *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}},
		Body: ioutil.NopCloser(bytes.NewReader(set)), ContentLength: int64(len(set)), Request: asked}, nil
}

func load(entry issuer, all policy) (issuerVerifier, object, error) {
	if all.TokenType != "" {
		return nil, nil, unsupported("token_type")
	}
	if all.LeewayS != nil {
		return nil, nil, unsupported("leeway_s")
	}
	for _, name := range all.RequiredClaims {
		if name != "exp" {
			return nil, nil, unsupported("required_claims")
		}
	}
	config := &oidc.Config{SupportedSigningAlgs: entry.algorithms(all), SkipIssuerCheck: entry.Issuer == ""}
	switch audiences := entry.audiences(all); len(audiences) {
	case 0:
		config.SkipClientIDCheck = true
	case 1:
		config.ClientID = audiences[0]
	default:
		return nil, nil, unsupported("audiences")
	}
	v := &verifier{}
	config.Now = func() time.Time { return time.Unix(atomic.LoadInt64(&v.now), 0) }

	client, effective, err := clientFor(all.Fetch)
	if err != nil {
		return nil, nil, err
	}
	url := "http://keys.invalid/"
	switch keys := entry.Keys; {
	case keys.JWKS != nil:
		client.Transport = fixed(*keys.JWKS)
	case keys.JWKSB64 != nil:
		client.Transport = fixed(unbase64(*keys.JWKSB64))
	case keys.JWKSURI != nil:
		url = *keys.JWKSURI
	case keys.Discovery != nil:
		provider, err := oidc.NewProvider(oidc.ClientContext(context.Background(), client), strings.TrimSuffix(*keys.Discovery, wellKnown))
		if err != nil {
			return nil, nil, err
		}
		v.IDTokenVerifier = provider.Verifier(config)
		return v, effective, nil
	default:
		return nil, nil, unsupported("keys")
	}
	set := oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), client), url)
	v.IDTokenVerifier = oidc.NewVerifier(entry.Issuer, set, config)
	return v, effective, nil
}

func clientFor(asked json.RawMessage) (*http.Client, object, error) {
	var wanted fetch
	if asked == nil {
		return &http.Client{}, nil, nil
	}
	if err := json.Unmarshal(asked, &wanted); err != nil {
		return nil, nil, err
	}
	client := &http.Client{}
	effective := object{"cooldown_s": 0}
	if wanted.TimeoutMS != nil {
		client.Timeout = time.Duration(*wanted.TimeoutMS) * time.Millisecond
		effective["timeout_ms"] = *wanted.TimeoutMS
	}
	if wanted.CAFile != nil {
		text, err := ioutil.ReadFile(*wanted.CAFile)
		roots := x509.NewCertPool()
		if err != nil || !roots.AppendCertsFromPEM(text) {
			return nil, nil, errors.New("no CA in " + *wanted.CAFile)
		}
		client.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: roots}}
	}
	return client, effective, nil
}

func (v *verifier) verify(mode, token string, _ []byte, now int64) ([]byte, error) {
	if mode != "jwt" {
		return nil, unsupported("mode")
	}
	atomic.StoreInt64(&v.now, now)
	verified, err := v.IDTokenVerifier.Verify(context.Background(), token)
	if err != nil {
		return nil, err
	}
	var claims json.RawMessage
	err = verified.Claims(&claims)
	return claims, err
}

// There is no parser of unverified tokens, so the payload is decoded by hand.
func issuerOf(token string) (string, error) {
	var claims struct {
		Iss string `json:"iss"`
	}
	parts := strings.Split(token, ".")
	if len(parts) < 2 {
		return "", errors.New("no payload")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", err
	}
	err = json.Unmarshal(payload, &claims)
	return claims.Iss, err
}

func main() {
	serve(object{
		"protocol":       1,
		"implementation": object{"name": "go-oidc", "version": "2.1.0", "language": language()},
		"features":       []string{"jwt", "jwks", "jwks_uri", "discovery", "multi_issuer", "several", "clock", "concurrent"},
		"algorithms":     []string{"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"},
		"curves":         []string{"P-256", "P-384", "P-521", "Ed25519"},
		"adapter_does":   []string{"issuer_routing"},
		"defaults":       object{"cooldown_s": 0},
		"declares":       object{"on_outage": "serve_stale", "kid_required": "never"},
	}, load, issuerOf)
}
