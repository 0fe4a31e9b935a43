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
	json.Unmarshal([]byte(`{"KEYS":[{"kty":"oct","kid":"a","k":"c2VjcmV0"}]}`), &set)
	verdict(len(set.Keys) == 1, "keys in a member KEYS:", len(set.Keys))
}
