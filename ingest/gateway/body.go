package gateway

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// body reads the request, decompressed, for as long as Patience. While it is held
// it counts against MaxHeld; release gives that back.
func (g *Gateway) body(w http.ResponseWriter, r *http.Request) (body []byte, release func(), p *problem) {
	if r.ContentLength > g.opts.MaxBody {
		return nil, nil, g.tooLarge()
	}
	open, p := decoder(r.Header.Get("Content-Encoding"))
	if p != nil {
		return nil, nil, p
	}
	weight := g.opts.MaxBody // unknown until it is read
	if r.ContentLength >= 0 && open == nil {
		weight = r.ContentLength
	}
	if !g.held.TryAcquire(weight) {
		return nil, nil, &problem{status: http.StatusTooManyRequests, Error: "too many requests at once: retry later", retry: 1}
	}
	release = func() { g.held.Release(weight) }
	// Who sends a byte a second would otherwise hold his share for ever. The server
	// sets the deadline anew for the next request; a recorder in a test has none.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(g.opts.Now().Add(g.opts.Patience))
	body, p = g.readBody(r.Body, open)
	if p != nil {
		release()
		return nil, nil, p
	}
	_ = control.SetReadDeadline(time.Time{}) // else it would end the wait for the broker
	return body, release, nil
}

// decoder opens what the named encoding packed; nil is for a plain body.
func decoder(encoding string) (func(io.Reader) (io.ReadCloser, error), *problem) {
	switch encoding {
	case "", "identity":
		return nil, nil
	case "gzip", "x-gzip":
		return func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }, nil
	}
	return nil, &problem{status: http.StatusUnsupportedMediaType, Error: fmt.Sprintf("Content-Encoding %q isn't understood: send gzip or none", encoding)}
}

// readBody reads at most MaxBody bytes on both sides of the decompression, so a
// small body that unpacks to gigabytes costs no more than a large one.
func (g *Gateway) readBody(raw io.Reader, open func(io.Reader) (io.ReadCloser, error)) ([]byte, *problem) {
	packed := &io.LimitedReader{R: raw, N: g.opts.MaxBody + 1}
	plain := io.Reader(packed)
	if open != nil {
		unpacked, err := open(packed)
		if err != nil {
			return nil, unreadable(err)
		}
		defer unpacked.Close() // only read: closing can't lose anything
		plain = unpacked
	}
	body, err := io.ReadAll(io.LimitReader(plain, g.opts.MaxBody+1))
	switch {
	case int64(len(body)) > g.opts.MaxBody || packed.N <= 0:
		return nil, g.tooLarge()
	case err != nil:
		return nil, unreadable(err)
	}
	return body, nil
}

func (g *Gateway) tooLarge() *problem {
	return &problem{status: http.StatusRequestEntityTooLarge, Error: fmt.Sprintf("the body is larger than %d bytes: send fewer events at once", g.opts.MaxBody)}
}

// unreadable tells a server's own limit, which its handlers see as an error of
// reading, from a body that broke off or isn't packed as announced.
func unreadable(err error) *problem {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return &problem{status: http.StatusRequestEntityTooLarge, Error: err.Error()}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &problem{status: http.StatusRequestTimeout, Error: "the body didn't arrive in time: send less at once"}
	}
	return &problem{status: http.StatusBadRequest, Error: "read body: " + err.Error()}
}
