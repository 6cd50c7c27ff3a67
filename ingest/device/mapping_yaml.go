package device

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// node is a place in a mapping file.
type node struct {
	file string
	path string // events[0].fields.value
	yaml *yaml.Node
}

// parseYAML is the root of a mapping file, which must be an object.
func parseYAML(file string, text []byte) (node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return node{}, fmt.Errorf("mapping %s: %w", file, err)
	}
	if len(document.Content) != 1 {
		return node{}, fmt.Errorf("mapping %s is empty: it needs at least the keys time and events", file)
	}
	return node{file, "", document.Content[0]}, nil
}

// fail says which file, line and key is wrong, and how.
func (n node) fail(format string, args ...any) error {
	where := n.path
	if where == "" {
		where = "the file"
	}
	line := 0
	if n.yaml != nil {
		line = n.yaml.Line
	}
	return fmt.Errorf("mapping %s line %d: %s: %s", n.file, line, where, fmt.Sprintf(format, args...))
}

// keys are the values of an object by their keys; no permitted ones: any key is.
func (n node) keys(permitted ...string) (map[string]node, error) {
	if n.yaml == nil || n.yaml.Kind != yaml.MappingNode {
		if len(permitted) == 0 {
			return nil, n.fail("isn't an object of keys and values")
		}
		return nil, n.fail("isn't an object; permitted keys: %s", strings.Join(permitted, ", "))
	}
	all := map[string]node{}
	for i := 0; i+1 < len(n.yaml.Content); i += 2 {
		key := n.yaml.Content[i].Value
		below := node{n.file, strings.TrimPrefix(n.path+"."+key, "."), n.yaml.Content[i+1]}
		if len(permitted) > 0 && !slices.Contains(permitted, key) {
			return nil, below.fail("the key %q isn't known; permitted: %s", key, strings.Join(permitted, ", "))
		}
		if _, twice := all[key]; twice {
			return nil, below.fail("the key %q stands twice", key)
		}
		all[key] = below
	}
	return all, nil
}

// list is the items of a list.
func (n node) list() (all []node, err error) {
	if n.yaml.Kind != yaml.SequenceNode || len(n.yaml.Content) == 0 {
		return nil, n.fail("isn't a list of at least one")
	}
	for i, c := range n.yaml.Content {
		all = append(all, node{n.file, fmt.Sprintf("%s[%d]", n.path, i), c})
	}
	return all, nil
}

func (n node) text() (string, error) {
	if n.yaml == nil || n.yaml.Kind != yaml.ScalarNode {
		return "", n.fail("isn't a plain value")
	}
	return n.yaml.Value, nil
}

func (n node) texts() (all []string, err error) {
	list, err := n.list()
	if err != nil {
		return nil, err
	}
	for _, each := range list {
		text, err := each.text()
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}

func (n node) oneOf(permitted ...string) (string, error) {
	text, err := n.text()
	if err != nil {
		return "", err
	}
	if !slices.Contains(permitted, text) {
		return "", n.fail("%q isn't permitted; permitted: %s", text, strings.Join(permitted, " "))
	}
	return text, nil
}

// count is a whole number from 0 to 1000.
func (n node) count() (int, error) {
	text, err := n.text()
	if err != nil {
		return 0, err
	}
	v, err := strconv.Atoi(text)
	if err != nil || v < 0 || v > 1000 {
		return 0, n.fail("%q isn't permitted; permitted: a whole number from 0 to 1000", text)
	}
	return v, nil
}
