package cleanse

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a name must mean the same zone on a host without the database
)

// zones remembers the locations that were loaded: each is read from files or
// unpacked, and profiles name the same few again and again. It holds no more than
// the database does, for only names that load are kept, and location admits one
// spelling of each.
var zones sync.Map // string → *time.Location

// location loads the zone with an IANA name. Local is none: it would mean another
// zone on each host.
func location(name string) (*time.Location, bool) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), true
	}
	if name == "Local" || !isZoneName(name) {
		return nil, false
	}
	name = strings.Clone(name) // it may lie in a record
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	kept, _ := zones.LoadOrStore(name, zone)
	return kept.(*time.Location), true
}

// isZoneName reports whether name is made as zone names are. The loader would
// also take other paths to the same file, such as Europe//Berlin.
func isZoneName(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.Trim(part, zoneLetters) != "" {
			return false
		}
	}
	return true
}

const zoneLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-"
