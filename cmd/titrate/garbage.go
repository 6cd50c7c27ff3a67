package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How much, in percent of what is in use, may lie about between two collections.
const (
	// Of a scorer, people who are remembered are most of what is in use, and stay.
	garbage = 20
	// garbageSpared is what may lie about beside that, in bytes: with few people, and while
	// a backlog is read, collections would follow one another for little.
	garbageSpared = 45 << 20
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

// collectBeyond has garbage collected when so many bytes lie about beside a percentage of
// what is in use, unless GOGC says another. It is worked out anew after each collection.
func collectBeyond(spared uint64, percent int) {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	type sentinel [16]byte // smaller ones share memory with others, and last as long as they do
	var adjust func(*sentinel)
	adjust = func(s *sentinel) {
		metrics.Read(live)
		debug.SetGCPercent(percentBeyond(live[0].Value.Uint64(), spared, percent))
		runtime.SetFinalizer(s, adjust) // it is unreachable again: the next collection finds it
	}
	adjust(&sentinel{})
}

// percentBeyond is what spared and percent amount to, in percent of live bytes.
func percentBeyond(live, spared uint64, percent int) int {
	const least = 4 << 20 // below which Go's runtime doesn't collect at 100 %
	return percent + int(100*spared/max(live, least))
}
