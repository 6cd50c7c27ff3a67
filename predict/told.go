package predict

import (
	"encoding/json"
	"time"
)

// said is when a topic was told, how bad it was, and how often it has been told of
// the same episode.
type said struct {
	At    time.Time `json:",omitzero"`
	Level float64   `json:",omitempty"`
	Times int       `json:",omitempty"`
}

// told is what was said last of each topic that anything was said of: most people hear
// of a few. As JSON it is an array with a place for each topic.
type told []lastTold

// lastTold is said in 24 bytes.
type lastTold struct {
	at    int64 // in nanoseconds since 1970
	level float64
	times int32
	about topic
}

// of is what was said last of a topic; zero if nothing was.
func (t told) of(about topic) said {
	for i := range t {
		if x := &t[i]; x.about == about {
			return said{time.Unix(0, x.at).UTC(), x.level, int(x.times)}
		}
	}
	return said{}
}

// at is when a topic was told last; zero if it never was.
func (t told) at(about topic) time.Time { return t.of(about).At }

func (t *told) set(about topic, s said) {
	x := lastTold{s.At.UnixNano(), s.Level, int32(s.Times), about}
	for i := range *t {
		if (*t)[i].about == about {
			(*t)[i] = x
			return
		}
	}
	*t = append(*t, x)
}

// MarshalJSON implements json.Marshaler.
func (t told) MarshalJSON() ([]byte, error) {
	var all [topics]said
	for _, x := range t {
		all[x.about] = t.of(x.about)
	}
	return json.Marshal(all)
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *told) UnmarshalJSON(text []byte) error {
	var all [topics]said
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	*t = nil
	for about, s := range all {
		if !s.At.IsZero() {
			t.set(topic(about), s)
		}
	}
	return nil
}
