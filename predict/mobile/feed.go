package mobile

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

const (
	// queued is how far a client may fall behind before it is dropped. It then
	// comes back with the last id it saw, and misses nothing that is replayed.
	queued = 64
	// replayed is how many messages are kept for a client that comes back.
	replayed = 128
)

// feed sends one person's news to the streams that are open. Its owner's lock
// guards it.
type feed struct {
	epoch   string
	next    uint64
	ring    []message // the newest, oldest first
	clients map[*client]struct{}
}

// message is one server-sent event, encoded.
type message struct {
	id    uint64
	event string
	data  []byte
}

// client is one open stream. Its queue is closed when it was too slow.
type client struct{ queue chan message }

func newFeed(epoch string) feed {
	return feed{epoch: epoch, next: 1, clients: map[*client]struct{}{}}
}

// epoch names a run of the server, so that an id of an earlier run is not taken
// for one of this run's.
func epoch(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 36) }

// publish never waits: a client whose queue is full is dropped, because one
// sleeping phone must not hold up the reader of the log, and with it everybody.
func (f *feed) publish(event string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		return // only a NaN can't be encoded, and that is not news to show
	}
	m := message{id: f.next, event: event, data: data}
	f.next++
	f.ring = append(f.ring, m)
	if over := len(f.ring) - replayed; over > 0 {
		f.ring = f.ring[over:]
	}
	for c := range f.clients {
		select {
		case c.queue <- m:
		default:
			f.leave(c)
			close(c.queue)
		}
	}
}

// join opens a stream. last is the id that the client saw last, or empty; missed
// are the messages since then, and resumed is false where they can't be told.
func (f *feed) join(last string) (c *client, missed []message, resumed bool) {
	c = &client{queue: make(chan message, queued)}
	f.clients[c] = struct{}{}
	seen, ok := f.number(last)
	if !ok || seen >= f.next {
		return c, nil, false
	}
	if len(f.ring) == 0 {
		return c, nil, seen == f.next-1
	}
	if seen+1 < f.ring[0].id {
		return c, nil, false
	}
	return c, append(missed, f.ring[seen+1-f.ring[0].id:]...), true
}

func (f *feed) leave(c *client) { delete(f.clients, c) }

// id is how the message n is named to clients.
func (f *feed) id(n uint64) string { return f.epoch + "-" + strconv.FormatUint(n, 10) }

func (f *feed) number(id string) (uint64, bool) {
	text, ok := strings.CutPrefix(id, f.epoch+"-")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil
}
