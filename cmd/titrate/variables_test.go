package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A variable that is nearly a setting is refused, as such a key of a file is.
func TestMisspeltVariablesAreRefused(t *testing.T) {
	for variable, want := range map[string]string{
		"TITRATE_BROKRS":      "did you mean TITRATE_BROKERS?",
		"TITRATE_MODLES":      "did you mean TITRATE_MODELS?",
		"TITRATE_OTU":         "did you mean TITRATE_OUT?",
		"TITRATE_CONFG":       "did you mean TITRATE_CONFIG?",
		"TITRATE_KAFKA_PASWD": "no command has such a setting",
	} {
		cmd := titrate(t, "rules")
		cmd.Env = append(os.Environ(), variable+"=secret")
		r := finish(t, cmd)
		refused := strings.HasPrefix(want, "did you mean")
		if (r.exit == exitUsage) != refused || !strings.Contains(r.stderr, variable) || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: exit %d: %s", variable, r.exit, r.stderr)
		}
		if strings.Contains(r.stderr, "secret") {
			t.Errorf("%s: its value is told: %s", variable, r.stderr)
		}
	}
}

// Whoever runs the tests, or a service of that name in Kubernetes, has done nothing wrong.
func TestForeignVariablesPass(t *testing.T) {
	variables := []string{
		"TITRATE_SERVICE_HOST=10.0.0.1", "TITRATE_SERVICE_PORT=80", "TITRATE_SERVICE_PORT_HTTP=80", "TITRATE_PORT=tcp://10.0.0.1:80",
		"TITRATE_PORT_80_TCP=tcp://10.0.0.1:80", "TITRATE_PORT_80_TCP_ADDR=10.0.0.1", "TITRATE_SERVE_SERVICE_HOST=10.0.0.1",
		"TITRATE_SERVE_PORT=tcp://10.0.0.1:80", "TITRATE_SERVE_PORT_80_TCP_PROTO=tcp",
	}
	root := newRoot()
	for _, v := range variables {
		if name, _, _ := strings.Cut(v, "="); !foreign.MatchString(name) {
			t.Errorf("%s isn't known to be foreign", v)
		}
	}
	for _, name := range variablesOfTests(t) {
		variables = append(variables, name+"=x")
	}
	if err := checkVariables(root, variables); err != nil {
		t.Error(err)
	}
}

// variablesOfTests are the names with the prefix in tests, the Makefile and scripts.
func variablesOfTests(t *testing.T) (all []string) {
	t.Helper()
	name := regexp.MustCompile(`TITRATE_[A-Z_]+`)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "bin") {
				return fs.SkipDir
			}
			return err
		}
		read := strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "Makefile" || strings.Contains(path, ".ci/")
		if !read || filepath.Base(path) == "variables_test.go" {
			return nil
		}
		text, err := os.ReadFile(path)
		all = append(all, name.FindAllString(string(text), -1)...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) < 10 {
		t.Fatalf("tests name only %v: the test looks for something else", all)
	}
	return all
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"lake", "lake", 0}, {"lkae", "lake", 1}, {"lak", "lake", 1}, {"lakes", "lake", 1}, {"bake", "lake", 1}, {"", "lake", 4}, {"model", "lake", 4}} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d edits, want %d", c.a, c.b, got, c.want)
		}
	}
}
