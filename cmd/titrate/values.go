package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/pflag"
	"github.com/titrate/titrate/infra/ops"
)

// atLeast refuses a value of a flag that is too small to mean anything.
func atLeast[T cmp.Ordered](flag string, value, least T) error {
	if value < least {
		return usagef("%s %v: want %v or more", flag, value, least)
	}
	return nil
}

// listenOn takes an address. One that can't be an address is a mistake in the usage; one
// that is taken is none.
func listenOn(flag, addr string) (net.Listener, error) {
	if _, err := net.ResolveTCPAddr("tcp", addr); err != nil {
		return nil, usagef("%s %q: want host:port, such as 127.0.0.1:8080: %w", flag, addr, err)
	}
	return ops.Listen(flag, addr)
}

// days reads the first day and the day after the last; an empty one is no bound.
func days(since, until string) (from, to time.Time, err error) {
	if from, err = day("--since", since); err != nil {
		return from, to, err
	}
	if to, err = day("--until", until); err != nil {
		return from, to, err
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return from, to, usagef("--since %s --until %s: no day lies between; --until is the day after the last", since, until)
	}
	return from, to, nil
}

func day(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return at, usagef("%s %q: want a day that exists, as YYYY-MM-DD", flag, text)
	}
	return at, nil
}

// flagMistake says what is wrong with a flag, without the names of functions that read it.
func flagMistake(err error) error {
	var wrong *pflag.InvalidValueError
	if !errors.As(err, &wrong) {
		return err
	}
	want, known := wanted[wrong.GetFlag().Value.Type()]
	if !known {
		return err
	}
	return fmt.Errorf("--%s %q: want %s", wrong.GetFlag().Name, wrong.GetValue(), want)
}

// wanted is what the types of flags take, in words.
var wanted = map[string]string{
	"bool":           "true or false",
	"int":            "a whole number",
	"int64":          "a whole number",
	"uint64":         "a whole number, 0 or more",
	"float64":        "a number",
	"float64Slice":   "numbers with commas between",
	"duration":       "a duration such as 90s, 10m or 1h",
	"stringToString": "NAME=VALUE, with commas between several",
}
