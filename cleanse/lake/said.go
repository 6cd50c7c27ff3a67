package lake

import "reflect"

// present points to s; nil for no text, which is a null in the file.
func present(s *string) *string {
	if *s == "" {
		return nil
	}
	return s
}

// tidy makes nulls of the empty texts that parquet-go v0.32 reads in their place into
// the fields of an embedded struct. None of these columns ever says nothing.
func (r *row) tidy() {
	for _, p := range [...]**string{&r.Device, &r.Source, &r.ID, &r.Replaces, &r.Flags, &r.Extra} {
		if *p != nil && **p == "" {
			*p = nil
		}
	}
}

// said is the inverse: what p points to; the zero value if nothing.
func said[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// texts are where a row type's optional texts are.
type texts [][]int

func textsOf(row reflect.Type) texts {
	var found texts
	for _, f := range reflect.VisibleFields(row) {
		if f.Type == reflect.TypeFor[*string]() {
			found = append(found, f.Index)
		}
	}
	return found
}

// tidy makes nulls of empty texts in a row that was read and is to be written
// again: parquet-go v0.32 reads a null text as a pointer to an empty one, and no
// text is ever empty here.
func (t texts) tidy(row any) {
	v := reflect.ValueOf(row).Elem()
	for _, index := range t {
		if f := v.FieldByIndex(index); !f.IsNil() && f.Elem().Len() == 0 {
			f.SetZero()
		}
	}
}
