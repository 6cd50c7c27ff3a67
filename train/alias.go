package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/titrate/titrate/cleanse/lake"
)

// The aliases of a registry: the model in charge, and the one that answers beside it
// without being heard.
const (
	ChampionAlias   = "champion"
	ChallengerAlias = "challenger"
)

// Promotion is an entry of an alias' log.
type Promotion struct {
	Version string    `json:"version"` // empty: nobody from now on
	Time    time.Time `json:"time"`
	// Forced says that gates failed, and Reason why the model was put in charge
	// all the same.
	Forced bool   `json:"forced,omitempty"`
	Reason string `json:"reason,omitempty"`
	Failed []Gate `json:"failed,omitempty"`
}

// GateError says which gates a model failed.
type GateError struct {
	Version string
	Failed  []Gate
}

func (e *GateError) Error() string {
	notes := make([]string, len(e.Failed))
	for i, g := range e.Failed {
		notes[i] = g.Name + " (" + g.Note + ")"
	}
	return fmt.Sprintf("model %s may not be in charge: it fails %s", e.Version, strings.Join(notes, "; "))
}

// Champion loads the registry's model in charge. An error wraps fs.ErrNotExist if
// there is none yet.
func Champion(ctx context.Context, registry lake.Bucket) (*Model, error) {
	return Aliased(ctx, registry, ChampionAlias)
}

// Aliased loads the model of an alias, as it was trained; see Current for what has been
// learned of people since. An error wraps fs.ErrNotExist if it has none.
func Aliased(ctx context.Context, registry lake.Bucket, alias string) (*Model, error) {
	version, err := bearer(ctx, registry, alias)
	if err != nil {
		return nil, err
	}
	return loadFrom(ctx, registry, version)
}

// bearer is the version that has an alias now.
func bearer(ctx context.Context, registry lake.Bucket, alias string) (string, error) {
	log, err := History(ctx, registry, alias)
	if err != nil {
		return "", err
	}
	if len(log) == 0 || log[len(log)-1].Version == "" {
		return "", fmt.Errorf("%s: %w", alias, fs.ErrNotExist)
	}
	return log[len(log)-1].Version, nil
}

// History is an alias' log, oldest first.
func History(ctx context.Context, registry lake.Bucket, alias string) (log []Promotion, err error) {
	var names []string
	err = registry.List(ctx, logOf(alias), "", func(o lake.Object) error {
		if strings.HasSuffix(o.Name, ".json") {
			names = append(names, o.Name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", alias, err)
	}
	for _, name := range names {
		data, err := read(ctx, registry, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", alias, err)
		}
		var entry Promotion
		if err := json.Unmarshal(data, &entry); err != nil {
			return nil, fmt.Errorf("%s: read %s: %w", alias, name, err)
		}
		log = append(log, entry)
	}
	return log, nil
}

func logOf(alias string) string { return "_" + alias + "/" }

// Promote puts a version in charge from now on. A model that fails its gates, that
// can't be loaded or has no report is refused: a GateError, unless reason says why it
// is forced. A damaged model can't be forced.
func Promote(ctx context.Context, registry lake.Bucket, version, reason string, now time.Time) error {
	entry := Promotion{Version: version, Time: now.UTC()}
	failed, err := examine(ctx, registry, version)
	switch {
	case err != nil:
		return fmt.Errorf("promote %s: %w", version, err)
	case len(failed) > 0 && reason == "":
		return &GateError{version, failed}
	case len(failed) > 0:
		entry.Forced, entry.Reason, entry.Failed = true, reason, failed
	}
	return appendTo(ctx, registry, ChampionAlias, entry)
}

// examine are the gates that a stored model fails, by its own report.
func examine(ctx context.Context, registry lake.Bucket, version string) ([]Gate, error) {
	if _, err := loadFrom(ctx, registry, version); err != nil {
		return nil, err
	}
	report, err := Published(ctx, registry, version)
	if errors.Is(err, fs.ErrNotExist) {
		return []Gate{{Name: "report", Note: "there is none, nobody judged it"}}, nil
	}
	if err != nil {
		return nil, err
	}
	return report.Failed(), nil
}

// Shadow makes a version the challenger: it answers beside the champion and isn't
// heard. An empty version ends that.
func Shadow(ctx context.Context, registry lake.Bucket, version string, now time.Time) error {
	if version != "" {
		if _, err := loadFrom(ctx, registry, version); err != nil {
			return fmt.Errorf("shadow %s: %w", version, err)
		}
	}
	return appendTo(ctx, registry, ChallengerAlias, Promotion{Version: version, Time: now.UTC()})
}

// Rollback puts the version in charge again that was before the present one, without
// asking its gates: it has been in charge. It returns that version.
func Rollback(ctx context.Context, registry lake.Bucket, reason string, now time.Time) (string, error) {
	log, err := History(ctx, registry, ChampionAlias)
	if err != nil {
		return "", fmt.Errorf("roll back: %w", err)
	}
	for i := len(log) - 2; i >= 0; i-- {
		before := log[i].Version
		if before == "" || before == log[len(log)-1].Version {
			continue
		}
		if _, err := loadFrom(ctx, registry, before); err != nil {
			return "", fmt.Errorf("roll back to %s: %w", before, err)
		}
		return before, appendTo(ctx, registry, ChampionAlias, Promotion{Version: before, Time: now.UTC(), Reason: reason})
	}
	return "", errors.New("roll back: no other model has been in charge")
}

// appendTo adds an entry to an alias' log.
func appendTo(ctx context.Context, registry lake.Bucket, alias string, entry Promotion) error {
	data, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	for {
		last, err := lastName(ctx, registry, logOf(alias))
		if err != nil {
			return err
		}
		var n int
		if last != "" {
			if _, err := fmt.Sscanf(path.Base(last), "%d.json", &n); err != nil {
				return fmt.Errorf("make %s the %s: %s in the registry: %w", entry.Version, alias, last, err)
			}
		}
		// Somebody else may promote at the same moment and take the number; then
		// the later of the two wins.
		err = registry.Put(ctx, fmt.Sprintf("%s%08d.json", logOf(alias), n+1), lake.Bytes(data))
		if !errors.Is(err, lake.ErrExists) {
			return err
		}
	}
}
