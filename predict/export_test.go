package predict

// Lighten drops what a scorer remembers of the log rather than of people, for who
// weighs people.
func (s *Scorer) Lighten() { s.cleaner = nil }
