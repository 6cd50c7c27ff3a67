package lake

import "reflect"

// words keeps one copy of each word that many rows of a partition repeat, so that a
// row can point to it.
type words struct{ known map[string]*string }

// mostWords is how many are kept; a sender who makes up new ones gets no more.
const mostWords = 4096

// of is where s is kept; nil for no word, which is a null in the file.
func (w *words) of(s string) *string {
	if s == "" {
		return nil
	}
	if p, ok := w.known[s]; ok {
		return p
	}
	if w.known == nil || len(w.known) == mostWords {
		w.known = map[string]*string{}
	}
	w.known[s] = &s
	return &s
}

// once is of for text that isn't likely to come again.
func once(s string) *string {
	if s == "" {
		return nil
	}
	return &s
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
