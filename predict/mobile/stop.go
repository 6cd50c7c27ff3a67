package mobile

// stop is the message that tells a stream that all advice is stopped, or, without
// a reason, that it goes on.
type stop struct {
	Reason string `json:"reason"`
}

// Stop ends all advice until it is called with no reason: what holds is withdrawn,
// questions are refused, and every open page says why. The kill switch is the
// control topic; this is what the screen makes of it.
func (s *Server) Stop(reason string) {
	s.mu.Lock()
	s.stopped = reason
	s.mu.Unlock()
	for _, c := range s.everybody() {
		c.mu.Lock()
		c.stop(reason)
		c.feed.publish("stop", stop{reason})
		c.mu.Unlock()
	}
}

// stop withdraws what asks for insulin or carbs; a refusal may stand.
func (c *chart) stop(reason string) {
	c.stopped = reason
	c.person.Stop(reason)
	if reason == "" {
		return
	}
	for i := range c.advices {
		a := &c.advices[i]
		if (a.Units > 0 || a.CarbsG > 0) && c.now().Before(a.Expires) {
			a.withdrawn = true
		}
	}
}
