package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	oidc "github.com/coreos/go-oidc"
	jose "gopkg.in/square/go-jose.v2"
)

func verdict(shows bool, seen ...interface{}) {
	fmt.Println(seen...)
	if !shows {
		os.Exit(1)
	}
}

var (
	key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	set, _ = json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "a", Use: "sig", Algorithm: "ES256"}}})
	asked  int
	answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(set)
	}
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked++; answer(w, r) }))
)

func mint(issuer, kid string) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign([]byte(fmt.Sprintf(`{"iss":%q,"sub":"alice","aud":"api","exp":%d}`, issuer, time.Now().Unix()+600)))
	if err != nil {
		panic(err)
	}
	token, _ := signed.CompactSerialize()
	return token
}

func main() {
	keys := "/old.json"
	answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case keys:
			w.Write(set)
		case "/.well-known/openid-configuration":
			fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, server.URL, server.URL+keys)
		default:
			w.WriteHeader(404)
		}
	}
	provider, err := oidc.NewProvider(context.Background(), server.URL)
	if err != nil {
		panic(err)
	}
	keys = "/new.json"
	_, err = provider.Verifier(&oidc.Config{ClientID: "api", SupportedSigningAlgs: []string{"ES256"}}).Verify(context.Background(), mint(server.URL, "a"))
	verdict(err != nil, "after the issuer moved its key set:", err)
}
