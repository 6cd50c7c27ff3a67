package device

import (
	"maps"
	"slices"
	"strings"
)

// readContent reads what the rows mean.
func (m *mapping) readContent(root node, keys map[string]node, env *environment) error {
	if n, ok := keys["patient"]; ok {
		c, err := n.cell(env)
		if err != nil {
			return err
		}
		m.patient = &c
	}
	if n, ok := keys["ignore"]; ok {
		x, err := n.expression(env, "bool")
		if err != nil {
			return err
		}
		m.ignore = x
	}
	n, ok := keys["time"]
	if !ok {
		return root.fail("the key time is missing: which column, and which formats")
	}
	if err := m.readTime(n, env); err != nil {
		return err
	}
	n, ok = keys["events"]
	if !ok {
		return root.fail("the key events is missing: a list of type and fields")
	}
	list, err := n.list()
	if err != nil {
		return err
	}
	for _, each := range list {
		e, err := each.event(env)
		if err != nil {
			return err
		}
		m.events = append(m.events, e)
	}
	return nil
}

// readTime reads where a row's time stands.
func (m *mapping) readTime(n node, env *environment) error {
	keys, err := n.keys("column", "columns", "formats", "cel")
	if err != nil {
		return err
	}
	m.time.at = n
	sources := 0
	if c, ok := keys["column"]; ok {
		name, err := c.text()
		if err != nil {
			return err
		}
		m.time.columns = []string{name}
		sources++
	}
	if c, ok := keys["columns"]; ok {
		if m.time.columns, err = c.texts(); err != nil {
			return err
		}
		sources++
	}
	if c, ok := keys["cel"]; ok {
		if m.time.cel, err = c.expression(env, "string"); err != nil {
			return err
		}
		sources++
	}
	if sources != 1 {
		return n.fail("needs exactly one of column, columns (joined by a space) and cel")
	}
	f, ok := keys["formats"]
	if !ok {
		return n.fail("the key formats is missing: a list such as [\"DD.MM.YYYY HH:mm\"]")
	}
	return m.readFormats(f)
}

func (m *mapping) readFormats(n node) error {
	shapes, err := n.texts()
	if err != nil {
		return err
	}
	m.time.shapes = strings.Join(shapes, " or ")
	m.time.offset = true
	for _, shape := range shapes {
		layout, offset, err := layoutOf(shape)
		if err != nil {
			return n.fail("%v", err)
		}
		m.time.layouts = append(m.time.layouts, layout)
		m.time.offset = m.time.offset && offset
	}
	return nil
}

// eventTypes are the types a mapping may make.
var eventTypes = []string{"glucose", "meal", "insulin", "profile", "activity", "note"}

// event reads one of the events.
func (n node) event(env *environment) (e mappedEvent, err error) {
	keys, err := n.keys("type", "given", "when", "fields", "keep")
	if err != nil {
		return e, err
	}
	e.at = n
	t, ok := keys["type"]
	if !ok {
		return e, n.fail("the key type is missing; permitted: %s", strings.Join(eventTypes, ", "))
	}
	if e.kind, err = t.oneOf(eventTypes...); err != nil {
		return e, err
	}
	if g, ok := keys["given"]; ok {
		if e.given, err = g.text(); err != nil {
			return e, err
		}
	}
	if w, ok := keys["when"]; ok {
		if e.when, err = w.expression(env, "bool"); err != nil {
			return e, err
		}
	}
	if e.fields, err = keys["fields"].fields(env, false); err != nil {
		return e, err
	}
	further, err := keys["keep"].fields(env, true)
	e.fields = append(e.fields, further...)
	return e, err
}

// fields reads what fills the event's fields, or the further ones beside them.
func (n node) fields(env *environment, keep bool) (all []mappedField, err error) {
	if n.yaml == nil {
		return nil, nil
	}
	keys, err := n.keys()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		_, known := wireFields[name]
		switch {
		case keep && (known || slices.Contains(reserved, name)):
			return nil, keys[name].fail("%q is a field of the wire event; permitted under keep are other names", name)
		case !keep && !known:
			return nil, keys[name].fail("%q isn't a field of the wire event; permitted: %s; other names stand under keep", name, strings.Join(slices.Sorted(maps.Keys(wireFields)), ", "))
		}
		c, err := keys[name].cell(env)
		if err != nil {
			return nil, err
		}
		if permitted := vocabulary[name]; c.constant != "" && len(permitted) > 0 && !slices.Contains(permitted, c.constant) {
			return nil, keys[name].fail("%q isn't a value of %s; permitted: %s", c.constant, name, strings.Join(permitted, ", "))
		}
		all = append(all, mappedField{name, keep, c})
	}
	return all, nil
}

// cell reads what fills a field.
func (n node) cell(env *environment) (c cell, err error) {
	keys, err := n.keys("column", "constant", "cel", "optional", "words", "times")
	if err != nil {
		return c, err
	}
	c.at, c.times = n, 1
	sources := 0
	for _, name := range []string{"column", "constant", "cel"} {
		k, ok := keys[name]
		if !ok {
			continue
		}
		sources++
		switch name {
		case "column":
			c.column, err = k.text()
		case "constant":
			c.constant, err = k.text()
		case "cel":
			c.cel, err = k.expression(env, "value")
		}
		if err != nil {
			return c, err
		}
	}
	if sources != 1 {
		return c, n.fail("needs exactly one of column, constant and cel")
	}
	return c, c.adjust(keys)
}

// adjust reads how a cell's text is changed on its way.
func (c *cell) adjust(keys map[string]node) (err error) {
	if k, ok := keys["optional"]; ok {
		word, err := k.oneOf("true", "false")
		if err != nil {
			return err
		}
		c.optional = word == "true"
	}
	if k, ok := keys["times"]; ok {
		word, err := k.text()
		if err != nil {
			return err
		}
		if c.times, ok = decimal(word); !ok {
			return k.fail("%q isn't a decimal number", word)
		}
	}
	if k, ok := keys["words"]; ok {
		each, err := k.keys()
		if err != nil {
			return err
		}
		c.words = map[string]string{}
		for from, to := range each {
			if c.words[from], err = to.text(); err != nil {
				return err
			}
		}
	}
	return nil
}
