package main

import (
	"os"
	"runtime/debug"
)

// How much, in percent of what is in use, may lie about between two collections.
const (
	// Of a scorer, people who are remembered are most of what is in use, and stay.
	garbage = 40
	// Of a server little is in use, each request leaves much, and a collection makes
	// those who wait for an answer wait.
	litter = 300
)

// collectAt has garbage collected at a percentage, unless GOGC says another.
func collectAt(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}
