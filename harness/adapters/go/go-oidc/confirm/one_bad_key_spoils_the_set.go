package main

import (
	"encoding/json"
	"fmt"
	"os"

	jose "gopkg.in/square/go-jose.v2"
)

func verdict(shows bool, seen ...interface{}) {
	fmt.Println(seen...)
	if !shows {
		os.Exit(1)
	}
}

func main() {
	var set jose.JSONWebKeySet
	err := json.Unmarshal([]byte(`{"keys":[{"kty":"XYZ"},{"kty":"oct","kid":"a","k":"c2VjcmV0"}]}`), &set)
	verdict(err != nil, "a key of an unknown type beside a good one:", err)
}
