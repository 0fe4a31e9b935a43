package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"strings"

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

func verdict(shows bool, seen ...interface{}) {
	fmt.Println(seen...)
	if !shows {
		os.Exit(1)
	}
}

func main() {
	parts := strings.Split(token(`{"alg":"HS256"}`, `{}`), ".")
	signed, err := jose.ParseSigned(fmt.Sprintf(`{"protected":%q,"header":{"alg":"HS256"},"payload":%q,"signature":%q}`, parts[0], parts[1], parts[2]))
	if err == nil {
		_, err = signed.Verify(secret)
	}
	verdict(err == nil, "alg in both headers:", err)
}
