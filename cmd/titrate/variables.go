package main

import (
	"log/slog"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// variablePrefix begins the names of all variables that are settings.
const variablePrefix = "TITRATE_"

// foreign are variables with the prefix that are nobody's mistake: those of tests and
// benchmarks, and those that Kubernetes gives to every container beside a service that is
// called titrate or titrate-SOMETHING.
var foreign = regexp.MustCompile(`^TITRATE_((TEST|BENCH)_.*|(.*_)?SERVICE_(HOST|PORT(_.*)?)|(.*_)?PORT(_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)$`)

// checkVariables refuses a variable whose name is nearly that of a setting, as a file with
// such a key is refused: TITRATE_BROKRS, passed over, would be the wrong broker in silence.
// Of other unknown ones it only warns: a variable may have been set for another program,
// which a key of our own file can't.
func checkVariables(root *cobra.Command, environ []string) error {
	known := []string{envName("config")}
	for _, key := range knownKeys(root) {
		if !strings.Contains(key, ".") {
			known = append(known, envName(key))
		}
	}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, variablePrefix) || slices.Contains(known, name) || foreign.MatchString(name) {
			continue
		}
		if meant := didYouMean(name, known); meant != "" {
			return usagef("environment: no command has a setting %s%s Rename it, or unset it if another program's", name, meant)
		}
		slog.Warn("passed over: no command has such a setting", "variable", name)
	}
	return nil
}

// didYouMean suggests the name of a list that is nearest to word, if one is near.
func didYouMean(word string, list []string) string {
	best, least := "", nearness+1
	for _, name := range list {
		if d := edits(word, name); d < least {
			best, least = name, d
		}
	}
	short := len(strings.TrimPrefix(word, variablePrefix)) < 5
	if best == "" || short && least > 1 {
		return ""
	}
	return ": did you mean " + best + "?"
}

// nearness is how many edits make of a name one that was meant; of a short name, one.
const nearness = 2

// edits counts the letters that have to be put in, taken out, changed or swapped with their
// neighbour to make b of a (optimal string alignment).
func edits(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range b {
		rows[0][j+1] = j + 1
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
