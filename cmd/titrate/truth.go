package main

import (
	"encoding/json"

	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest/simulate"
)

// truths writes what really happened to a file of JSON lines, or nowhere.
type truths struct {
	out  *lines
	told int
	err  error // the first: people can't be told
}

// tellTruth has the people tell the truth to a file; an empty name has them keep it.
func tellTruth(name string, people []*simulate.Person) (*truths, error) {
	t := &truths{}
	if name == "" {
		return t, nil
	}
	out, err := createLines(name)
	if err != nil {
		return nil, err
	}
	t.out = out
	for _, p := range people {
		p.OnTruth = t.tell
	}
	return t, nil
}

func (t *truths) tell(truth simulate.Truth) {
	line, err := json.Marshal(truth)
	if err == nil {
		err = t.out.Write(kafka.Message{Value: line})
	}
	if t.told++; t.err == nil {
		t.err = err
	}
}

// close makes the file appear, or says why it can't.
func (t *truths) close() error {
	if t.out == nil {
		return nil
	}
	if t.err != nil {
		t.out.Abort()
		return t.err
	}
	return t.out.Close()
}

func (t *truths) abort() {
	if t.out != nil {
		t.out.Abort()
	}
}
