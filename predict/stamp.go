package predict

import "time"

// stamp is a moment in eight bytes without a pointer, for what is kept of everybody: in
// nanoseconds since 1970; zero is none. As JSON it is what a time.Time is.
type stamp int64

func stampOf(t time.Time) stamp {
	if t.IsZero() {
		return 0
	}
	return stamp(t.UnixNano())
}

func (s stamp) time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(s)).UTC()
}

// raise puts t in the place of an earlier moment.
func (s *stamp) raise(t time.Time) { *s = max(*s, stampOf(t)) }

// MarshalJSON implements json.Marshaler.
func (s stamp) MarshalJSON() ([]byte, error) { return s.time().MarshalJSON() }

// UnmarshalJSON implements json.Unmarshaler.
func (s *stamp) UnmarshalJSON(text []byte) error {
	var t time.Time
	err := t.UnmarshalJSON(text)
	*s = stampOf(t)
	return err
}
