// Package device turns what devices, apps and studies export into wire events.
//
// Every data line of every file becomes one event; a line that says two things (a
// meal and the dose for it) becomes two, and one that is about no moment (the
// owner's name, an alarm's setting) becomes none and is counted by what it is. A
// line that can't be understood becomes an event too, with Wire.Defect saying what
// is wrong and where, and its raw text; cleansing quarantines it with that reason.
// Nothing is repaired by guessing and nothing is dropped in silence: Summary
// accounts for every line. Of a JSON file, a line is an item of its list.
//
// Events are history (Wire.Backfill) and carry no id: most sources have none, and
// an id made from the line's number would hide that two equal lines say the same
// thing. Cleansing recognises exact repeats by their content. An id that the source
// has is kept as source_id.
//
// No name of a person leaves this package: the patient is what Options says, or
// the opaque id of the source.
package device

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/titrate/titrate/ingest"
)

// Format is one kind of export that Read understands.
type Format struct {
	Name  string // what the user types: t1d-uom
	About string // one line: what it is and which files it looks for

	zone  string // IANA name of the local times in the files; empty: as local says
	local bool   // its times have no offset and no zone of their own: Options must say
	alone bool   // a file is about one person and names nobody: Options must say

	// file tells the format's files by their names; nil: by what they hold.
	file func(name string) bool
	// evidence is what in the beginning of a file speaks for the format; empty if
	// it isn't of it.
	evidence func(name string, head []line) string
	read     func(files []source, with setting, out *output) error
}

// Formats lists what Read understands, sorted by name.
func Formats() []Format {
	return []Format{clarity(), csvByMapping(), fhir(), foodLog(), libreview(), nightscout(), t1dUoM(), tidepool(), uci()}
}

// Options adapt a reader to where the data comes from.
type Options struct {
	// Zone is where local times without an offset were taken; nil is the format's
	// own. A device's export has none of its own, and is refused without: a wrong
	// zone silently shifts insulin by hours.
	Zone *time.Location
	// Patient is whose exports these are, for formats that name nobody in a form
	// that may be passed on. "{file}" in it stands for the file's name without its
	// ending and "{number}" for the digits at the end of that name, so that a
	// directory of exports, one for each person, is read at once.
	Patient string
	// Dates is the order of day, month and year where a file leaves it open: DMY,
	// MDY or YMD. Empty: what the file shows.
	Dates string
	// Mapping is the file that describes a CSV, for format csv alone.
	Mapping string
}

// setting is what a reader is told: Options, resolved.
type setting struct {
	zone    *time.Location // nil only where every time has an offset
	patient string
	dates   string
	mapping string
}

// Row is one event and where it came from.
type Row struct {
	Wire ingest.Wire
	JSON []byte // the event as one JSON object: Wire and the source's further fields
	Key  string // the message key: the patient
	File string // the source file, relative to the path that was given
	Line int    // its line or item, counted from 1; 0 for an event derived from the whole
	Part int    // 0; 1, 2, … for the further events of a line that says several things
}

// Summary accounts for every line that was read: Lines + Split + Derived = Events
// plus those that are Ignored, and Defects of the events can't be understood.
type Summary struct {
	Files   int            `json:"files"`
	Skipped []string       `json:"skipped,omitempty"` // files beside the data that aren't of the format
	Headers int            `json:"headers"`           // header lines
	Blank   int            `json:"blank"`             // lines without any text
	Lines   int            `json:"lines"`             // all other lines: data
	Joined  int            `json:"joined,omitempty"`  // lines that continue a quoted cell of the one before
	Split   int            `json:"split,omitempty"`   // second and further events of lines that say several things
	Derived int            `json:"derived"`           // events made from many lines, such as profiles
	Events  int            `json:"events"`
	Defects int            `json:"defects"`
	Kinds   map[string]int `json:"kinds"`             // events by wire type
	Ignored map[string]int `json:"ignored,omitempty"` // lines about no moment, by what they are
}

// OptionError says that Read was asked wrongly: of an unknown format, or with an option
// that is missing, can't be, or doesn't fit the files.
type OptionError struct{ err error }

func (e OptionError) Error() string { return e.err.Error() }
func (e OptionError) Unwrap() error { return e.err }

func optionf(format string, args ...any) error {
	return OptionError{fmt.Errorf(format, args...)}
}

// Check makes sure that there is such a format and that it has the options that it needs,
// as far as can be told without the files. Its error is an OptionError.
func Check(format string, opts Options) error {
	f, err := lookup(format)
	if err == nil {
		_, err = resolve(f, opts)
	}
	return err
}

// Read reads the files or directories at paths in the named format and calls
// emit with each event: people in the order of their ids, each person's events in
// time order; one whose time can't be read stands where its line stood.
//
// An error means that the input isn't what was announced, can't be read, or that
// emit refused; what the lines hold is never an error. It is an OptionError if other
// options would help.
func Read(format string, paths []string, opts Options, emit func(Row) error) (Summary, error) {
	out := output{emit: emit, summary: Summary{Kinds: map[string]int{}}}
	f, err := lookup(format)
	if err != nil {
		return out.summary, err
	}
	with, err := resolve(f, opts)
	if err != nil {
		return out.summary, err
	}
	files, skipped, err := find(f, paths)
	if err != nil {
		return out.summary, err
	}
	out.summary.Files, out.summary.Skipped = len(files), skipped
	return out.summary, f.read(files, with, &out)
}

// resolve completes the options by what the format knows itself.
func resolve(f Format, o Options) (setting, error) {
	with := setting{o.Zone, o.Patient, strings.ToUpper(o.Dates), o.Mapping}
	var err error
	switch {
	case with.zone == nil && f.zone != "":
		if with.zone, err = time.LoadLocation(f.zone); err != nil {
			return with, fmt.Errorf("load zone of %s: %w", f.Name, err)
		}
	case with.zone == nil && f.local:
		return with, optionf("%s holds local times without an offset: give the zone they were taken in (--zone Europe/Berlin); a wrong one shifts meals and insulin by hours", f.Name)
	}
	switch {
	case f.alone && o.Patient == "":
		return with, optionf("%s is about one person and doesn't say who in a form that may be passed on: give the id (--patient p-0007; --patient 'p-{file}' takes each file's name)", f.Name)
	case with.dates != "" && dateOrders[with.dates] == nil:
		return with, optionf("order of dates %q is none of DMY, MDY, YMD (--dates)", o.Dates)
	}
	return with, nil
}

// person is the patient of one file.
func (w setting) person(s source) string {
	number := digits.FindString(s.stem())
	return strings.NewReplacer("{file}", s.stem(), "{number}", number).Replace(w.patient)
}

// digits are the last number in a file's name.
var digits = regexp.MustCompile(`\d+$`)

func lookup(name string) (Format, error) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, optionf("unknown format %q: this build reads %s", name, names())
}

func names() string {
	var all []string
	for _, f := range Formats() {
		all = append(all, f.Name)
	}
	return strings.Join(all, ", ")
}

var errNoPaths = errors.New("no files given: name a directory or files to read")
