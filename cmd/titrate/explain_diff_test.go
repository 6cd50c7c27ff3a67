package main

import (
	"strings"
	"testing"
)

func TestDifferencesAreTheOnesThatDiffer(t *testing.T) {
	var out strings.Builder
	err := writeDifferences(&out,
		[]byte(`{"id":"a","units":1,"gates":[{"id":"low","note":"x"},{"id":"noise","note":"y"}],"forecast":[{"minutes":5,"p50":240.1}]}`),
		[]byte(`{"id":"a","units":1.5,"gates":[{"id":"low","note":"x"},{"id":"noise","note":"z"}],"forecast":[{"minutes":5,"p50":240.2}],"asks":true}`))
	want := `differs             recorded  replayed
asks                          true
forecast.005_min.p50  240.1     240.2
gates.noise.note      "y"       "z"
units                 1         1.5
`
	if err != nil || strings.Join(strings.Fields(out.String()), " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("%v\n%s\nwant\n%s", err, out.String(), want)
	}
	if strings.Contains(out.String(), "low") || strings.Contains(out.String(), "id") {
		t.Errorf("what is the same is printed:\n%s", out.String())
	}
}
