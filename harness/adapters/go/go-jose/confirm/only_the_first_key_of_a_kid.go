package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"

	jose "gopkg.in/square/go-jose.v2"
	"gopkg.in/square/go-jose.v2/jwt"
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

func verdict(shows bool, seen ...interface{}) {
	fmt.Println(seen...)
	if !shows {
		os.Exit(1)
	}
}

func parse(text string, key interface{}) error {
	signed, err := jwt.ParseSigned(text)
	if err != nil {
		return err
	}
	return signed.Claims(key, &jwt.Claims{})
}

func main() {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: []byte("another secret"), KeyID: "a"}, {Key: secret, KeyID: "a"}}}
	err := parse(token(`{"alg":"HS256","kid":"a"}`, `{}`), set)
	verdict(err != nil, "the second key of this kid:", err)
}
