package main

import (
	"fmt"
	"os"
	"time"

	"gopkg.in/square/go-jose.v2/jwt"
)

func verdict(shows bool, seen ...interface{}) {
	fmt.Println(seen...)
	if !shows {
		os.Exit(1)
	}
}

func main() {
	now := time.Unix(1767225600, 0)
	err := jwt.Claims{Expiry: jwt.NewNumericDate(now)}.ValidateWithLeeway(jwt.Expected{Time: now}, 0)
	verdict(err == nil, "at exp:", err)
}
