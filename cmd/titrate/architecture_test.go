package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/titrate/titrate/"

// mayImport is the law of the house: data flows to the right, imports point to
// the left. A package may import what is listed beside it, and nothing else of
// the module. "x/..." covers x and everything below it.
var mayImport = map[string][]string{
	"ingest":                    {},
	"ingest/device":             {"ingest"},
	"ingest/gateway":            {"ingest"},
	"ingest/gateway/fhir":       {"ingest", "ingest/gateway"},
	"ingest/gateway/nightscout": {"ingest", "ingest/gateway"},
	"ingest/simulate":           {"ingest"},
	"cleanse":                   {"ingest", "cleanse/slab"},
	"cleanse/slab":              {},
	"cleanse/lake":              {"ingest", "cleanse"},
	"cleanse/lake/audit":        {},
	"cleanse/lake/bucketest":    {"cleanse/lake"},
	"train/feature":             {"cleanse", "cleanse/slab"},
	"train":                     {"ingest", "cleanse", "cleanse/lake", "train/feature", "train/glycemia"},
	"train/fit":                 {"cleanse", "train", "train/feature"},
	"train/glycemia":            {},
	"train/bench":               {"ingest", "ingest/device", "ingest/simulate", "cleanse", "train", "train/feature"},
	"train/trial/detect":        {"ingest", "ingest/simulate", "cleanse"},
	"train/trial/hindsight":     {"cleanse", "train", "predict"},
	"train/trial":               {"ingest/...", "cleanse/...", "train/...", "predict"},
	"predict":                   {"ingest", "cleanse", "cleanse/slab", "train", "train/feature", "train/glycemia"},
	"predict/mobile":            {"ingest", "cleanse", "train", "train/feature", "train/glycemia", "predict"},
	"infra/kafka":               {"ingest"},
	"infra/kafka/kafkatest":     {"infra/kafka"},
	"infra/s3":                  {"cleanse/lake"},
	"infra/s3/s3test":           {},
	"infra/ops":                 {},
	"infra/faults":              {},
	"cmd/titrate/query":         {"cleanse/lake"},
	"cmd/titrate/replay":        {"ingest", "cleanse", "cleanse/lake", "cmd/titrate/query", "infra/kafka"},
	"cmd/titrate":               {"..."},
}

// testsMayImport widens the law for test files: an adapter's test runs the real
// neighbour instead of a fake.
var testsMayImport = map[string][]string{
	"cleanse/lake":          {"cleanse/lake/audit", "cleanse/lake/bucketest"},
	"infra/s3":              {"ingest", "cleanse", "cleanse/lake/bucketest", "cleanse/lake/audit", "infra/s3/s3test", "train"},
	"train":                 {"ingest/...", "train/fit"},
	"train/fit":             {"ingest/..."},
	"train/bench":           {"train/fit"},
	"train/trial/hindsight": {"train/bench"},
	"train/feature":         {"ingest/..."},
	"predict":               {"ingest/..."},
	"infra/kafka":           {"cleanse", "cleanse/lake", "cleanse/lake/audit"},
	"infra/faults":          {"ingest", "cleanse", "cleanse/lake", "cleanse/lake/audit"},
	"cmd/titrate/query":     {"ingest"},
}

// homes gives each foreign library the one package that may know it.
var homes = map[string][]string{
	"github.com/confluentinc/confluent-kafka-go": {"infra/kafka", "infra/kafka/kafkatest"},
	"github.com/twmb/franz-go":                   {"infra/kafka", "infra/kafka/kafkatest"},
	"github.com/bufbuild/protocompile":           {"infra/kafka"},
	"github.com/hamba/avro":                      {"infra/kafka"},
	"github.com/aws/":                            {"infra/s3"},
	"github.com/parquet-go/":                     {"cleanse/lake", "cleanse/lake/audit"},
	"github.com/klauspost/":                      {"cleanse/lake"},
	"gorgonia.org/":                              {"train/fit"},
	"go4.org/unsafe/assume-no-moving-gc":         {"train/fit"},
	"github.com/duckdb/":                         {"cmd/titrate/query"},
	"cel.dev/":                                   {"ingest/device", "cleanse", "predict"},
	"go.yaml.in/":                                {"ingest/device", "cleanse", "predict", "cmd/titrate"},
	"github.com/spf13/":                          {"cmd/titrate"},
	"github.com/knadh/":                          {"cmd/titrate"},
	"github.com/chromedp/":                       {"predict/mobile", "cmd/titrate"},
}

// pure packages never ask the clock, nor chance that was not passed in.
var pure = []string{"cleanse", "train/feature", "train/glycemia", "predict", "ingest/simulate", "ingest/device"}

func TestImportsPointUpstream(t *testing.T) {
	files := 0
	for _, f := range sourceFiles(t, "../..") {
		files++
		for _, problem := range breaches(f) {
			t.Error(problem)
		}
	}
	if files < 30 {
		t.Fatalf("only %d source files found: the test looks in the wrong place", files)
	}
}

// TestArchitectureRulesCanFail breaks each rule once.
func TestArchitectureRulesCanFail(t *testing.T) {
	for name, f := range map[string]source{
		"import to the right": {file: "cleanse/x.go", pkg: "cleanse", imports: []string{module + "predict"}},
		"rim from the core":   {file: "predict/x.go", pkg: "predict", imports: []string{module + "infra/kafka"}},
		"foreign home":        {file: "train/x.go", pkg: "train", imports: []string{"gorgonia.org/gorgonia"}},
		"foreign in a test":   {file: "train/x_test.go", pkg: "train", imports: []string{"github.com/duckdb/duckdb-go/v2"}},
		"clock in pure code":  {file: "predict/x.go", pkg: "predict", selectors: []string{"time.Now"}},
		"unknown package":     {file: "utils/x.go", pkg: "utils"},
	} {
		if len(breaches(f)) == 0 {
			t.Errorf("%s: the test would not notice", name)
		}
	}
}

// clockOrChance finds calls of the clock and of the global random source, but not
// of a generator that was passed in and happens to be called rand.
var clockOrChance = regexp.MustCompile(`(?m)^[^/\n]*[^.\w](time\.(?:Now|Since)|rand\.(?:Float64|IntN|NormFloat64|Uint64|Perm))\(`)

type source struct {
	file, pkg string
	imports   []string
	selectors []string // time.Now and the like, as used in the file
}

func breaches(f source) []string {
	law, known := mayImport[f.pkg]
	if !known {
		return []string{f.file + ": package " + f.pkg + " has no place in the house (docs/ARCHITECTURE.md)"}
	}
	isTest := strings.HasSuffix(f.file, "_test.go")
	if isTest {
		law = slices.Concat(law, testsMayImport[f.pkg])
	}
	var found []string
	for _, imported := range f.imports {
		if inner, ok := strings.CutPrefix(imported, module); ok && inner != f.pkg && !allowed(law, inner) {
			found = append(found, f.file+": "+f.pkg+" may not import "+inner)
		}
		for library, home := range homes {
			if strings.HasPrefix(imported, library) && !slices.Contains(home, f.pkg) {
				found = append(found, f.file+": "+library+" is at home in "+strings.Join(home, ", ")+" only")
			}
		}
	}
	if slices.Contains(pure, f.pkg) && !isTest {
		for _, s := range f.selectors {
			found = append(found, f.file+": pure code may not call "+s)
		}
	}
	return found
}

func allowed(law []string, pkg string) bool {
	return slices.ContainsFunc(law, func(rule string) bool {
		below, wide := strings.CutSuffix(rule, "...")
		if !wide {
			return rule == pkg
		}
		return strings.HasPrefix(pkg+"/", below)
	})
}

func sourceFiles(t *testing.T, root string) []source {
	t.Helper()
	var files []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipDir(name, root, d)
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parse(root, name)
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// skipDir leaves out what is not this module: other modules, npm's packages, git.
func skipDir(name, root string, d fs.DirEntry) error {
	if d.Name() == "node_modules" || d.Name() == ".git" {
		return filepath.SkipDir
	}
	if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil && name != root {
		return filepath.SkipDir
	}
	return nil
}

func parse(root, name string) (source, error) {
	rel, err := filepath.Rel(root, name)
	if err != nil {
		return source{}, err
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return source{}, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
	if err != nil {
		return source{}, err
	}
	f := source{file: filepath.ToSlash(rel), pkg: path.Dir(filepath.ToSlash(rel))}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		f.imports = append(f.imports, imported)
	}
	for _, call := range clockOrChance.FindAllStringSubmatch(string(text), -1) {
		f.selectors = append(f.selectors, call[1])
	}
	return f, nil
}
