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
	keys := oidc.NewRemoteKeySet(context.Background(), server.URL)
	verifier := oidc.NewVerifier("https://issuer.test", keys, &oidc.Config{ClientID: "api", SupportedSigningAlgs: []string{"ES256"}})
	verify := func(kid string) error {
		_, err := verifier.Verify(context.Background(), mint("https://issuer.test", kid))
		return err
	}
	answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "max-age=1")
		w.Write(set)
	}
	first := verify("a")
	answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"keys":[]}`))
	}
	time.Sleep(3 * time.Second)
	err := verify("a")
	verdict(first == nil && err == nil && asked == 1, "2 s after the end of the set's max-age, its key taken out:", err, "after", asked, "fetch")
}
