package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"

	jose2go "github.com/dvsekhvalnov/jose2go"
)

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func verdict(shows bool, seen ...interface{}) {
	fmt.Println(seen...)
	if !shows {
		os.Exit(1)
	}
}

func decode(text string, key interface{}) error {
	_, _, err := jose2go.Decode(text, key)
	return err
}

func main() {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	input := b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte("{}"))
	hash := sha256.Sum256([]byte(input))
	r, s, _ := ecdsa.Sign(rand.Reader, key, hash[:])
	wide := append(r.FillBytes(make([]byte, 40)), s.FillBytes(make([]byte, 40))...)
	err := decode(input+"."+b64(wide), &key.PublicKey)
	verdict(err == nil, "ES256 in 80 octets:", err)
}
