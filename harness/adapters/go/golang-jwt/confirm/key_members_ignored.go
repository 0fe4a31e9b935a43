package main

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"github.com/golang-jwt/jwt"
	jose "gopkg.in/square/go-jose.v2"
)

var secret = []byte("a-secret-of-thirty-two-octets-ok")

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// An HS256 token over these very texts.
func token(header, payload string) string {
	input := b64([]byte(header)) + "." + b64([]byte(payload))
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	return input + "." + b64(mac.Sum(nil))
}

// An RSA token over these very texts: PKCS #1 v1.5, or PSS with a salt of this many octets.
func rsaToken(key *rsa.PrivateKey, header string, salt int) (string, []byte) {
	input := b64([]byte(header)) + "." + b64([]byte("{}"))
	hash := sha256.Sum256([]byte(input))
	var signature []byte
	if salt < 0 {
		signature, _ = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, hash[:])
	} else {
		signature, _ = rsa.SignPSS(rand.Reader, key, crypto.SHA256, hash[:], &rsa.PSSOptions{SaltLength: salt})
	}
	return input, signature
}

func verdict(shows bool, seen ...interface{}) {
	fmt.Println(seen...)
	if !shows {
		os.Exit(1)
	}
}

func parse(text string, key interface{}, options ...jwt.ParserOption) error {
	_, err := jwt.NewParser(options...).Parse(text, func(*jwt.Token) (interface{}, error) { return key, nil })
	return err
}

func main() {
	key, _ := rsa.GenerateKey(rand.Reader, 2048)
	text, _ := json.Marshal(jose.JSONWebKey{Key: &key.PublicKey, KeyID: "a", Use: "enc", Algorithm: "RSA-OAEP"})
	var read jose.JSONWebKey
	json.Unmarshal(text, &read)
	input, signature := rsaToken(key, `{"alg":"RS256","kid":"a"}`, -1)
	err := parse(input+"."+b64(signature), read.Key)
	verdict(err == nil, "RS256 under a key for RSA-OAEP and encryption:", err)
}
