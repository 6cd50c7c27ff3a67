package lake

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// run is rows of one person that lie beside each other in a row group.
type run struct {
	file, group int32
	start, rows int64
}

// index says where in the files of a table each person's rows are. Files are
// sorted by patient, so a person has few runs.
type index struct {
	objects []Object
	runs    map[string][]run
}

// indexTable reads the patient column of a table's files within b.
func indexTable(ctx context.Context, bucket Bucket, table string, b *bounds) (*index, error) {
	objects, err := b.objects(ctx, bucket, table)
	if err != nil {
		return nil, err
	}
	x := &index{objects: objects, runs: map[string][]run{}}
	for i, o := range objects {
		err := withFile(ctx, bucket, o, func(f *parquet.File) error {
			for g, group := range f.RowGroups() {
				if !b.may(group) {
					continue
				}
				if err := x.add(group, run{file: int32(i), group: int32(g)}, b); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return x, nil
}

func (x *index) add(group parquet.RowGroup, at run, b *bounds) (err error) {
	patients := openFlat(group, "patient")
	defer func() { err = errors.Join(err, patients.Close()) }()
	var patient string
	end := func() {
		if at.rows > 0 && b.wants(patient) {
			x.runs[patient] = append(x.runs[patient], at)
		}
	}
	err = patients.each(int(group.NumRows()), func(_ int, v parquet.Value) {
		if at.rows == 0 || string(v.ByteArray()) != patient {
			end()
			patient = string(v.ByteArray())
			at.start, at.rows = at.start+at.rows, 0
		}
		at.rows++
	})
	end()
	return err
}

// located is a run and the file that it is in.
type located struct {
	run
	object Object
}

// pick lists the runs of some people in the order of the files, neighbours joined.
func (x *index) pick(people []string) []located {
	var all []run
	for _, patient := range people {
		all = append(all, x.runs[patient]...)
	}
	slices.SortFunc(all, func(a, b run) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.group, b.group), cmp.Compare(a.start, b.start))
	})
	var joined []located
	for _, r := range all {
		if n := len(joined) - 1; n >= 0 && joined[n].follows(r) {
			joined[n].rows += r.rows
			continue
		}
		joined = append(joined, located{r, x.objects[r.file]})
	}
	return joined
}

// follows says whether r begins where l ends.
func (l *located) follows(r run) bool {
	return l.file == r.file && l.group == r.group && l.start+l.rows == r.start
}
