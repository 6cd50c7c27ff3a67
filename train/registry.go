package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/titrate/titrate/cleanse/lake"
)

// Names in a registry. A version's weights are put last: a version without them
// is one whose writer died, and no one loads it. The champion is the last entry
// of a log, since objects are never overwritten; so is the challenger.
const (
	weightsName = "weights.json"
	claimName   = "claim.json"
	reportName  = "report.json"
)

// Load reads the model in a directory: a model's own, or a registry's champion.
func Load(dir string) (*Model, error) {
	bucket, err := lake.Dir(dir)
	if err != nil {
		return nil, fmt.Errorf("load model: %w", err)
	}
	ctx := context.Background()
	m, err := loadFrom(ctx, bucket, "")
	if errors.Is(err, fs.ErrNotExist) {
		m, err = Champion(ctx, bucket)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no model at %s: run `titrate train` first or give --model", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("load model at %s: %w", dir, err)
	}
	return m, nil
}

// Save writes the model to a directory of its own, whole or not at all. A model
// that lies there already is left as it is, and that is an error.
func (m *Model) Save(dir string) error {
	bucket, err := lake.Dir(dir)
	if err != nil {
		return fmt.Errorf("save model: %w", err)
	}
	data, err := m.Encode()
	if err != nil {
		return err
	}
	err = bucket.Put(context.Background(), weightsName, lake.Bytes(data))
	if errors.Is(err, lake.ErrExists) {
		return fmt.Errorf("save model: %s holds a model already; name another directory", dir)
	}
	if err != nil {
		return fmt.Errorf("save model: %w", err)
	}
	return nil
}

// Publish stores a result under the next free version of the day, YYYY-MM-DD.N:
// weights, report, card, statistics and what was learned of people. It returns the model under that name, and
// puts the name on the result's report.
func Publish(ctx context.Context, registry lake.Bucket, result *Result, now time.Time) (*Model, error) {
	m := *result.Model
	for n := 1; ; n++ {
		m.Version = fmt.Sprintf("%s.%d", now.UTC().Format(time.DateOnly), n)
		claim, err := json.Marshal(Promotion{Version: m.Version, Time: now.UTC()})
		if err != nil {
			return nil, err
		}
		err = registry.Put(ctx, m.Version+"/"+claimName, lake.Bytes(claim))
		if errors.Is(err, lake.ErrExists) {
			continue
		}
		if err == nil {
			result.Report.Model = m.Version
			err = publish(ctx, registry, &m, result)
		}
		if err != nil {
			return nil, fmt.Errorf("publish model %s: %w", m.Version, err)
		}
		return &m, nil
	}
}

func publish(ctx context.Context, registry lake.Bucket, m *Model, result *Result) error {
	files, err := result.Files()
	if err != nil {
		return err
	}
	for name, data := range files {
		if err := registry.Put(ctx, m.Version+"/"+name, lake.Bytes(data)); err != nil {
			return err
		}
	}
	if result.Adaptation != nil {
		if m.Adaptation, _, err = Adapt(ctx, registry, m, result.Adaptation); err != nil {
			return err
		}
	}
	data, err := m.Encode()
	if err != nil {
		return err
	}
	return registry.Put(ctx, m.Version+"/"+weightsName, lake.Bytes(data))
}

func loadFrom(ctx context.Context, b lake.Bucket, version string) (*Model, error) {
	data, err := read(ctx, b, path.Join(version, weightsName))
	if err != nil {
		return nil, err
	}
	return Decode(data)
}

func read(ctx context.Context, b lake.Bucket, name string) ([]byte, error) {
	f, err := b.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
}

// lastName is the greatest name below a prefix, empty if there is none.
func lastName(ctx context.Context, b lake.Bucket, prefix string) (last string, err error) {
	err = b.List(ctx, prefix, "", func(o lake.Object) error {
		if strings.HasSuffix(o.Name, ".json") {
			last = o.Name
		}
		return nil
	})
	return last, err
}
