package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"
)

var yamlLine = regexp.MustCompile(`line \d+`)

// plainYAML says where a file isn't what it has to be, without the names of types of this program.
func plainYAML(err error) error {
	var misfits *yaml.TypeError
	if !errors.As(err, &misfits) {
		return err
	}
	return fmt.Errorf("%s isn't of the form NAME: VALUE", cmp.Or(yamlLine.FindString(misfits.Error()), "it"))
}
