package main

import (
	"fmt"
	"os"

	"gopkg.in/square/go-jose.v2/jwt"
)

func verdict(shows bool, seen ...interface{}) {
	fmt.Println(seen...)
	if !shows {
		os.Exit(1)
	}
}

func main() {
	err := jwt.Claims{Audience: jwt.Audience{"https://other.test"}}.Validate(jwt.Expected{})
	verdict(err == nil, "aud of another:", err)
}
