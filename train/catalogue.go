package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/titrate/titrate/cleanse/lake"
)

// Published is the report of a stored version. An error wraps fs.ErrNotExist if there is
// none of that name.
func Published(ctx context.Context, registry lake.Bucket, version string) (*Report, error) {
	data, err := read(ctx, registry, path.Join(version, reportName))
	if err != nil {
		return nil, fmt.Errorf("report of %s: %w", version, err)
	}
	r := new(Report)
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("report of %s is damaged: %w", version, err)
	}
	return r, nil
}

// Entry is a version in a registry.
type Entry struct {
	Version string
	Aliases []string // that it has now
	Report  *Report  // nil where there is none
	Problem string   // why it can't be loaded; empty if it can
}

// Versions lists a registry, oldest first. A version that can't be loaded is listed
// with its problem, so that nobody wonders where it went; one whose writer died before
// the weights were put has the problem that they are missing.
func Versions(ctx context.Context, registry lake.Bucket) ([]Entry, error) {
	var versions []string
	err := registry.List(ctx, "", "", func(o lake.Object) error {
		version, _, deeper := strings.Cut(o.Name, "/")
		if deeper && !strings.HasPrefix(version, "_") && !slices.Contains(versions, version) {
			versions = append(versions, version)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list models: %w", err)
	}
	now := map[string][]string{}
	for _, alias := range []string{ChampionAlias, ChallengerAlias} {
		log, err := History(ctx, registry, alias)
		if err != nil {
			return nil, fmt.Errorf("list models: %w", err)
		}
		if n := len(log); n > 0 {
			now[log[n-1].Version] = append(now[log[n-1].Version], alias)
		}
	}
	entries := make([]Entry, len(versions))
	for i, version := range versions {
		entries[i] = describe(ctx, registry, version)
		entries[i].Aliases = now[version]
	}
	return entries, nil
}

func describe(ctx context.Context, registry lake.Bucket, version string) Entry {
	e := Entry{Version: version}
	if _, err := loadFrom(ctx, registry, version); errors.Is(err, fs.ErrNotExist) {
		e.Problem = "its weights are missing: training was interrupted"
	} else if err != nil {
		e.Problem = err.Error()
	}
	if r, err := Published(ctx, registry, version); err == nil {
		e.Report = r
	}
	return e
}

// Card is the model card of a version, Markdown.
func Card(ctx context.Context, registry lake.Bucket, version string) ([]byte, error) {
	return read(ctx, registry, path.Join(version, "card.md"))
}
