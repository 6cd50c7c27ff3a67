// Package device turns what devices, apps and studies export into wire events.
//
// Every data line of every file becomes exactly one event. A line that can't be
// understood becomes an event too, with Wire.Defect saying what is wrong and
// where, and its raw text; cleansing quarantines it with that reason. Nothing is
// repaired by guessing and nothing is dropped in silence: Summary accounts for
// every line.
//
// Events are history (Wire.Backfill) and carry no id: the source has none, and
// an id made from the line's number would hide that two equal lines say the same
// thing. Cleansing recognises exact repeats by their content.
package device

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/titrate/titrate/ingest"
)

// Format is one kind of export that Read understands.
type Format struct {
	Name  string // what the user types: t1d-uom
	About string // one line: what it is and which files it looks for

	zone string // IANA name of the local times in the files
	file func(name string) bool
	read func(files []source, zone *time.Location, out *output) error
}

// Formats lists what Read understands, sorted by name.
func Formats() []Format {
	return []Format{t1dUoM(), uci()}
}

// Options adapt a reader to where the data comes from.
type Options struct {
	// Zone is where local times without an offset were taken; nil is the
	// format's own default.
	Zone *time.Location
}

// Row is one event and where it came from.
type Row struct {
	Wire ingest.Wire
	JSON []byte // the event as one JSON object: Wire and the source's further fields
	Key  string // the message key: the patient
	File string // the source file, relative to the path that was given
	Line int    // its line, counted from 1; 0 for an event derived from the whole
}

// Summary accounts for every line that was read:
// Lines + Derived = Events, and Defects of them can't be understood.
type Summary struct {
	Files   int            `json:"files"`
	Skipped []string       `json:"skipped,omitempty"` // files beside the data that aren't of the format
	Headers int            `json:"headers"`           // header lines
	Blank   int            `json:"blank"`             // lines without any text
	Lines   int            `json:"lines"`             // all other lines: data
	Derived int            `json:"derived"`           // events made from many lines, such as profiles
	Events  int            `json:"events"`
	Defects int            `json:"defects"`
	Kinds   map[string]int `json:"kinds"` // events by wire type
}

// Read reads the files or directories at paths in the named format and calls
// emit with each event: people in the order of their ids, each person's events in
// time order; one whose time can't be read stands where its line stood.
//
// An error means that the input isn't what was announced, can't be read, or that
// emit refused; what the lines hold is never an error.
func Read(format string, paths []string, opts Options, emit func(Row) error) (Summary, error) {
	out := output{emit: emit, summary: Summary{Kinds: map[string]int{}}}
	f, err := lookup(format)
	if err != nil {
		return out.summary, err
	}
	zone := opts.Zone
	if zone == nil {
		if zone, err = time.LoadLocation(f.zone); err != nil {
			return out.summary, fmt.Errorf("load zone of %s: %w", f.Name, err)
		}
	}
	files, skipped, err := find(f, paths)
	if err != nil {
		return out.summary, err
	}
	out.summary.Files, out.summary.Skipped = len(files), skipped
	return out.summary, f.read(files, zone, &out)
}

func lookup(name string) (Format, error) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("unknown format %q: this build reads %s", name, names())
}

func names() string {
	var all []string
	for _, f := range Formats() {
		all = append(all, f.Name)
	}
	return strings.Join(all, ", ")
}

var errNoPaths = errors.New("no files given: name a directory or files to read")
