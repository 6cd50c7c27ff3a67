package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
)

// taught takes in what the rows of each person have taught of them, and returns the
// newest moment, in microseconds since 1970.
func (w *Weights) taught(x *Examples, people [][]int, all *ways) (newest int64) {
	for _, rows := range people {
		var last taught
		w.follow(x, rows, func(m *instant) { last = *m.taught })
		all.add(x.People[x.Person[rows[0]]], &last)
		newest = max(newest, last.at)
	}
	return newest
}

// adaptation is what examples teach about each of their people.
func (w *Weights) adaptation(x *Examples) (*Adaptation, error) {
	var all ways
	newest := w.taught(x, x.byPerson(x.Rows(x.People)), &all)
	return all.adaptation(time.UnixMicro(newest).UTC())
}

// Learn reads a log and returns what it has taught the model about each of its people.
// It holds one person's examples at a time, and what was learned: some 330 bytes a
// person. The same log makes the same bytes.
func (m *Model) Learn(replay Replay) (*Adaptation, error) {
	var all ways
	newest := int64(0)
	err := replay(func(patient string, events []cleanse.Event) error {
		x := new(Examples)
		x.add(patient, events)
		newest = max(newest, m.Weights.taught(x, x.byPerson(x.Rows(x.People)), &all))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("learn of people: %w", err)
	}
	return all.adaptation(time.UnixMicro(newest).UTC())
}

// Adapt publishes what was learned of people as the newest adaptation of a version, as
// far as the newest before it lets corrections move (personalPace). If that one knows
// as much of the log, nothing is published, and it is returned.
func Adapt(ctx context.Context, registry lake.Bucket, m *Model, learned *Adaptation) (a *Adaptation, published bool, err error) {
	for {
		before, last, err := newestOf(ctx, registry, m)
		if err != nil {
			return nil, false, fmt.Errorf("adapt %s: %w", m.Version, err)
		}
		if before != nil && before.Number == last && !learned.Until.After(before.Until) {
			return before, false, nil
		}
		if a, err = learned.after(before); err != nil {
			return nil, false, fmt.Errorf("adapt %s: %w", m.Version, err)
		}
		data, err := a.encode(m)
		if err != nil {
			return nil, false, err
		}
		a.Number = last + 1
		err = registry.Put(ctx, adaptationName(m.Version, a.Number), lake.Bytes(data))
		if errors.Is(err, lake.ErrExists) {
			continue // somebody else has published it: the pace counts from theirs
		}
		if err != nil {
			return nil, false, fmt.Errorf("adapt %s: %w", m.Version, err)
		}
		return a, true, nil
	}
}

// newestOf is the newest adaptation of a model that can be read, nil if there is none,
// and the number of the newest of all.
func newestOf(ctx context.Context, registry lake.Bucket, m *Model) (a *Adaptation, last int, err error) {
	numbers, err := adaptations(ctx, registry, m.Version)
	if err != nil || len(numbers) == 0 {
		return nil, 0, err
	}
	last = numbers[len(numbers)-1]
	for i := len(numbers) - 1; i >= 0; i-- {
		// One that is damaged is passed over, not mended: what comes after it counts.
		if a, err := adaptationOf(ctx, registry, m, numbers[i]); err == nil {
			return a, last, nil
		}
	}
	return nil, last, nil
}

const adaptationPrefix = "people-"

func adaptationName(version string, number int) string {
	return fmt.Sprintf("%s/%s%08d.bin", version, adaptationPrefix, number)
}

// adaptations are the numbers of a version's, in order.
func adaptations(ctx context.Context, registry lake.Bucket, version string) (numbers []int, err error) {
	prefix := version + "/" + adaptationPrefix
	err = registry.List(ctx, prefix, "", func(o lake.Object) error {
		if n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(o.Name, prefix), ".bin")); err == nil {
			numbers = append(numbers, n)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list adaptations of %s: %w", version, err)
	}
	return numbers, nil
}

func adaptationOf(ctx context.Context, registry lake.Bucket, m *Model, number int) (*Adaptation, error) {
	data, err := read(ctx, registry, adaptationName(m.Version, number))
	if err != nil {
		return nil, fmt.Errorf("adaptation %d of %s: %w", number, m.Version, err)
	}
	a, err := decodeAdaptation(data, m)
	if err != nil {
		return nil, fmt.Errorf("adaptation %d of %s: %w", number, m.Version, err)
	}
	a.Number = number
	return a, nil
}

// Current is the name of an alias' model with its newest adaptation, as Named takes it:
// VERSION+NUMBER, or VERSION where there is none. An error wraps fs.ErrNotExist if nobody
// has the alias.
func Current(ctx context.Context, registry lake.Bucket, alias string) (string, error) {
	version, err := bearer(ctx, registry, alias)
	if err != nil {
		return "", err
	}
	numbers, err := adaptations(ctx, registry, version)
	if err != nil || len(numbers) == 0 {
		return version, err
	}
	return nameOf(version, numbers[len(numbers)-1]), nil
}

// Adapted is a version's newest adaptation, nil if there is none, and how many it has.
func Adapted(ctx context.Context, registry lake.Bucket, version string) (*Adaptation, int, error) {
	numbers, err := adaptations(ctx, registry, version)
	if err != nil || len(numbers) == 0 {
		return nil, 0, err
	}
	m, err := Named(ctx, registry, nameOf(version, numbers[len(numbers)-1]))
	if err != nil {
		return nil, len(numbers), err
	}
	return m.Adaptation, len(numbers), nil
}

func nameOf(version string, number int) string {
	if number == 0 {
		return version
	}
	return version + "+" + strconv.Itoa(number)
}

// Named loads a version: VERSION as it was trained, VERSION+NUMBER with what that
// adaptation has learned of people. An error wraps fs.ErrNotExist if there is none of
// that name.
func Named(ctx context.Context, registry lake.Bucket, name string) (*Model, error) {
	version, number, adapted := strings.Cut(name, "+")
	m, err := loadFrom(ctx, registry, version)
	if err != nil || !adapted {
		return m, err
	}
	n, err := strconv.Atoi(number)
	if err != nil || nameOf(version, n) != name {
		return nil, fmt.Errorf("model %s: %w", name, fs.ErrNotExist)
	}
	m.Adaptation, err = adaptationOf(ctx, registry, m, n)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Name is the model's version and, after a plus, its adaptation: what a recommendation
// is made again with.
func (m *Model) Name() string {
	if m.Adaptation == nil {
		return m.Version
	}
	return nameOf(m.Version, m.Adaptation.Number)
}

// Unadapted is the model as it was trained; nil of nil.
func (m *Model) Unadapted() *Model {
	if m == nil || m.Adaptation == nil {
		return m
	}
	alone := *m
	alone.Adaptation = nil
	return &alone
}
