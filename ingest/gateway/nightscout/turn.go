package nightscout

import (
	"context"
	"net/http"

	"github.com/titrate/titrate/ingest/gateway"
)

// turns let one request at a time change a patient's documents. Two that change the
// same one would both replace the events that it had before; then both would count,
// although only one of the two is what reads give.
type turns map[string]chan struct{}

func newTurns(patients []string) turns {
	t := turns{}
	for _, p := range patients {
		t[p] = make(chan struct{}, 1)
	}
	return t
}

// take waits for the patient's turn, for as long as ctx lets it.
func (t turns) take(ctx context.Context, patient string) (done func(), refused *gateway.Refusal) {
	turn := t[patient]
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, &gateway.Refusal{Status: http.StatusServiceUnavailable, Reason: "other changes are still being written", Retry: 1}
	}
}
