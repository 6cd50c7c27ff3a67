package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/titrate/titrate/ingest"
)

// send writes the usable items to the log, in their order, and answers all.
func (g *Gateway) send(ctx context.Context, items []item) (Answer, *problem) {
	messages := g.messages(items)
	if p := g.deliver(ctx, messages); p != nil {
		return Answer{}, p
	}
	return answerTo(items, len(messages)), nil
}

// deliver returns nil when the broker has all messages. It waits for that also when
// the client has gone or the server stops: the messages are on their way.
func (g *Gateway) deliver(ctx context.Context, messages []Message) *problem {
	if len(messages) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.opts.Timeout)
	defer cancel()
	if err := g.opts.Log.Send(ctx, messages); err != nil {
		g.opts.Failed(err)
		return notTaken(err)
	}
	return nil
}

// messages are the usable items; they share their headers.
func (g *Gateway) messages(items []item) []Message {
	headers := g.headers()
	messages := make([]Message, 0, len(items))
	for _, it := range items {
		if it.status == http.StatusAccepted {
			messages = append(messages, Message{Key: []byte(it.patient), Value: it.value, Headers: headers})
		}
	}
	return messages
}

func (g *Gateway) headers() []ingest.Header {
	now := strconv.AppendInt(nil, g.opts.Now().UnixNano(), 10)
	return []ingest.Header{{Key: Produced, Value: now}}
}

// notTaken doesn't pass the log's error on: it names brokers, and the client can
// do nothing but repeat.
func notTaken(err error) *problem {
	if errors.Is(err, ErrBusy) {
		return &problem{status: http.StatusTooManyRequests, Error: "the log takes no more at the moment: retry later", retry: 1}
	}
	return &problem{status: http.StatusServiceUnavailable, Error: "the log didn't confirm the events: send them all again", retry: 5}
}
