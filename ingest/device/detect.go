package device

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"sort"
	"strings"
)

// Detect says which format the file at path is of, and what in it shows that. Of a
// directory it says what all of its files that are of any format have in common.
//
// An error means that it can't be read, is of no format, or that a directory mixes
// formats; it says what was looked for.
func Detect(path string) (Format, string, error) {
	root, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Format{}, "", fmt.Errorf("detect format: %w", err)
	}
	found := map[string]Format{}
	var why string
	known, all := 0, 0
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all++
		f, evidence, err := detect(source{p, relative(root, p)})
		if err != nil || evidence == "" {
			return err
		}
		known++
		found[f.Name] = f
		why = evidence
		return nil
	})
	if err != nil {
		return Format{}, "", fmt.Errorf("detect format: %w", err)
	}
	return agreed(path, found, why, known, all)
}

// agreed is the one format found, or why there isn't one.
func agreed(path string, found map[string]Format, why string, known, all int) (Format, string, error) {
	var kinds []string
	for name := range found {
		kinds = append(kinds, name)
	}
	sort.Strings(kinds)
	switch {
	case len(kinds) == 0:
		return Format{}, "", fmt.Errorf("%s is of no format that this build detects (%s); any CSV can be described by a mapping file (csv --mapping)", path, names())
	case len(kinds) > 1:
		return Format{}, "", fmt.Errorf("%s mixes formats (%s): name the files of one", path, strings.Join(kinds, ", "))
	case all > 1:
		why = fmt.Sprintf("%d of %d files; of the last: %s", known, all, why)
	}
	return found[kinds[0]], why, nil
}

// detect asks each format in turn; their evidence excludes each other.
func detect(s source) (Format, string, error) {
	head, err := s.head()
	if err != nil {
		return Format{}, "", err
	}
	for _, f := range Formats() {
		if f.Name == byMapping {
			continue // any table could be
		}
		if why := f.evidence(filepath.Base(s.path), head); why != "" {
			return f, why, nil
		}
	}
	return Format{}, "", nil
}
