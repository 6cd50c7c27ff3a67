package train

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse/lake"
)

func TestASavedModelIsTheSame(t *testing.T) {
	dir, m := filepath.Join(t.TempDir(), "m"), learned(3)
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, m) {
		t.Error("another model came back")
	}
	if err := learned(4).Save(dir); err == nil || !strings.Contains(err.Error(), "holds a model already") {
		t.Errorf("a model was overwritten: %v", err)
	}
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	data, err := learned(3).Encode()
	if err != nil {
		t.Fatal(err)
	}
	replaced := func(from, to string) []byte { return bytes.Replace(data, []byte(from), []byte(to), 1) }
	sum := string(data[bytes.Index(data, []byte(`"W1": [`)) : bytes.Index(data, []byte(`"W1": [`))+20])
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"cut short":      {data[:len(data)/2], "damaged"},
		"not JSON":       {[]byte("hello"), "damaged"},
		"other features": {replaced(`"features": "`, `"features": "v0:1234-`), "was trained with features v0:1234-"},
		"a digit":        {replaced(sum, sum+"1"), "damaged"},
		"a matrix gone":  {replaced(`"W2"`, `"V2"`), "W2 holds 0 numbers"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, weightsName), c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
		}
	}
	_, err = Load(filepath.Join(t.TempDir(), "none"))
	if err == nil || !strings.Contains(err.Error(), "run `titrate train` first or give --model") {
		t.Errorf("no model: error %v", err)
	}
}

func TestAModelThatIsNoNumberIsNotStored(t *testing.T) {
	m := Prior()
	m.Weights.W2[7] /= 0
	m.Weights.W2[7] *= 0 // not a number
	if err := m.Save(t.TempDir()); err == nil || !strings.Contains(err.Error(), "W2 holds NaN") {
		t.Errorf("error %v", err)
	}
}

func TestPublishCountsTheDaysModelsAndPromoteRaisesOne(t *testing.T) {
	ctx, root := context.Background(), t.TempDir()
	registry, err := lake.Dir(root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Champion(ctx, registry); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty registry has a champion: %v", err)
	}
	result, err := Run(ctx, Options{Replay: crowd(5, 4), Fit: asIs, Now: monday})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2026-11-02.1", "2026-11-02.2"} {
		m, err := Publish(ctx, registry, result, monday)
		if err != nil || m.Version != want || result.Report.Model != want {
			t.Fatalf("published %v as %v, want %s", err, m, want)
		}
	}
	for _, version := range []string{"2026-11-02.2", "2026-11-02.1"} {
		if err := Promote(ctx, registry, version, "made-up people", monday); err != nil {
			t.Fatal(err)
		}
		if m, err := Load(root); err != nil || m.Version != version {
			t.Errorf("the champion is %v, %v; want %s", m, err, version)
		}
	}
	for _, name := range []string{"report.html", "report.json", "features.json", "card.md", "weights.json"} {
		if _, err := os.Stat(filepath.Join(root, "2026-11-02.1", name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
