package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/predict"
)

// maxLine is the longest input line in bytes; longer than any message cleansing
// accepts, so that it is refused there, with a reason.
const maxLine = 8 << 20

// scoreLines answers each line of wire events with one line of JSON, and says in the end
// what came of them. With each, an answer is flushed before the next line is read, so that
// a program can talk.
func scoreLines(cmd *cobra.Command, scorer *predict.Scorer, in, out string, each bool) (err error) {
	reader, err := openInput(cmd, in)
	if err != nil {
		return err
	}
	defer reader.Close()
	answers, err := openAnswers(cmd, out)
	if err != nil {
		return err
	}
	summary := linesSummary{Outcomes: map[string]int64{}}
	if err := summary.answer(scorer, reader, answers, each); err != nil {
		answers.Abort()
		return fmt.Errorf("score line %d: %w", summary.Lines+1, err)
	}
	if err := answers.Close(); err != nil {
		return err
	}
	if out == "-" { // not among the answers
		return printSummary(cmd.ErrOrStderr(), summary)
	}
	return printSummary(cmd.OutOrStdout(), summary)
}

// linesSummary is what came of the lines.
type linesSummary struct {
	Lines           int64            `json:"lines"`
	Outcomes        map[string]int64 `json:"outcomes"`
	Recommendations int64            `json:"recommendations"`
}

// answer writes one answer for each line of in.
func (s *linesSummary) answer(scorer *predict.Scorer, in io.Reader, out *lines, each bool) error {
	scan := bufio.NewScanner(in)
	scan.Buffer(make([]byte, 64<<10), maxLine)
	for scan.Scan() {
		answer := scorer.Line(s.Lines+1, scan.Bytes())
		text, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		if err := out.Write(kafka.Message{Value: text}); err != nil {
			return err
		}
		if each {
			if err := out.w.Flush(); err != nil {
				return err
			}
		}
		s.Lines++
		s.Outcomes[answer.Outcome]++
		s.Recommendations += int64(len(answer.Recommendations))
	}
	return scan.Err()
}

func openInput(cmd *cobra.Command, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(cmd.InOrStdin()), nil
	}
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("--in %s: no such file; titrate simulate --out %s makes one", name, name)
	}
	return file, err
}

func openAnswers(cmd *cobra.Command, name string) (*lines, error) {
	if name == "-" {
		return &lines{w: bufio.NewWriter(cmd.OutOrStdout())}, nil
	}
	return createLines(name)
}
