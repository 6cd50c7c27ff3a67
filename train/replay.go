package train

import (
	"context"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
)

// FromLake replays the people of a lake.
func FromLake(ctx context.Context, bucket lake.Bucket, o lake.EventOptions) Replay {
	return func(fn func(patient string, events []cleanse.Event) error) error {
		return lake.Events(ctx, bucket, o, fn)
	}
}
