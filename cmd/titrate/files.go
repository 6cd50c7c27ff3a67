package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// directoryOf refuses a file of a flag that can't be made because its directory isn't
// there: a job that ends with a report should say so before it begins.
func directoryOf(flag, file string) error {
	if file == "" || file == "-" {
		return nil
	}
	dir := filepath.Dir(file)
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no directory", dir)
	}
	if err != nil {
		return usagef("%s %s: %w", flag, file, err)
	}
	return nil
}

// replaceFile puts text in place of a file's content, all or nothing.
func replaceFile(name string, text []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		os.Remove(temp.Name())
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
