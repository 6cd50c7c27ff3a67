package mobile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	// shown is how much of the past a stream's hello brings.
	shown = 6 * time.Hour
	// beat keeps proxies from closing a quiet stream, and tells the page that
	// silence is not an outage.
	beat = 10 * time.Second
	// patience is how long a write may take before the client is given up.
	patience = 15 * time.Second
)

// hello is the first message of a stream that can't be resumed: all that the page
// needs to draw itself.
type hello struct {
	Summary
	History
	Forecast        Ahead    `json:"forecast"`
	Recommendations []Advice `json:"recommendations"`
	Latency         Latency  `json:"latency"`
}

func (c *chart) hello(l Latency) hello {
	from := c.now().Add(-shown)
	return hello{Summary: c.summary(), History: c.past(from),
		Forecast: c.forecast(), Recommendations: c.history(time.Time{}), Latency: l}
}

// stream sends what happens to one person as server-sent events, beginning with a
// snapshot or, if the client names the last id it saw, with what it missed.
func (s *Server) stream(v visit) {
	c, ok := s.patient(v)
	if !ok {
		return
	}
	mine, first := c.join(v.r.Header.Get("Last-Event-ID"), s.latency.summary())
	defer c.part(mine)

	w := v.w
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	out := &sender{w: w, control: http.NewResponseController(w), wall: s.options.Wall, feed: &c.feed}
	for _, m := range first {
		if out.send(m) != nil {
			return
		}
	}
	s.pump(v.r, c, mine, out)
}

// join subscribes and takes the first messages in one step, so that nothing falls
// between the snapshot and the news.
func (c *chart) join(last string, l Latency) (*client, []message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	mine, missed, resumed := c.feed.join(last)
	if resumed {
		return mine, append(missed, c.message("forecast", c.forecast()))
	}
	return mine, []message{c.message("hello", c.hello(l))}
}

// message is v for one client; its id is that of the last message to all.
func (c *chart) message(event string, v any) message {
	data, err := json.Marshal(v)
	if err != nil {
		data = []byte(`{"error":"the answer can't be written as JSON; please report this"}`)
		event = "error"
	}
	return message{id: c.feed.next - 1, event: event, data: data}
}

func (c *chart) part(mine *client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.feed.leave(mine)
}

// pump sends until the client leaves, falls behind, or the server closes.
func (s *Server) pump(r *http.Request, c *chart, mine *client, out *sender) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case m, open := <-mine.queue:
			if !open || out.send(m) != nil {
				return
			}
		case <-ticker.C:
			if out.beat(c.now(), s.latency.summary()) != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-s.closed:
			return
		}
	}
}

// sender writes messages to one client.
type sender struct {
	w       http.ResponseWriter
	control *http.ResponseController
	wall    func() time.Time
	feed    *feed // for naming ids, which needs no lock
}

func (o *sender) send(m message) error {
	return o.write("id: %s\nevent: %s\ndata: %s\n\n", o.feed.id(m.id), m.event, m.data)
}

// beat has no id: it is not something to resume from.
func (o *sender) beat(now time.Time, l Latency) error {
	data, err := json.Marshal(struct {
		Now     time.Time `json:"now"`
		Latency Latency   `json:"latency"`
	}{now, l})
	if err != nil {
		return fmt.Errorf("encode beat: %w", err)
	}
	return o.write("event: beat\ndata: %s\n\n", data)
}

// write gives up on a client that takes nothing: its connection is full, and
// waiting for it would keep the goroutine for ever.
func (o *sender) write(format string, args ...any) error {
	// A recorder in a test has no deadline; a real connection always has.
	_ = o.control.SetWriteDeadline(o.wall().Add(patience))
	if _, err := fmt.Fprintf(o.w, format, args...); err != nil {
		return fmt.Errorf("write to stream: %w", err)
	}
	return o.control.Flush()
}
