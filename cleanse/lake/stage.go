package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// merge makes one file of many.
func (c *compactor) merge(ctx context.Context, t merger, date string, seq int, inputs []Object) error {
	m := &Merge{
		Table: t.tableName(), Date: date, TopicID: generation(inputs[0].Name), Seq: seq, Schema: SchemaVersion, Writer: c.o.ID,
		Dropped: []LogOffset{},
	}
	hash := sha256.New()
	fmt.Fprintln(hash, SchemaVersion)
	for _, o := range inputs {
		m.Inputs = append(m.Inputs, finalName(o.Name))
		fmt.Fprintln(hash, finalName(o.Name))
		c.summary.BytesBefore += o.Size
	}
	c.summary.Merges++
	c.summary.FilesBefore += len(inputs)
	c.summary.FilesAfter++
	if c.o.DryRun {
		return nil
	}
	name := fmt.Sprintf("%s%s-compact-%d-%s.%s.parquet", m.folder(), topicOf(inputs[0].Name), seq,
		hex.EncodeToString(hash.Sum(nil)[:8]), m.TopicID)
	if err := c.build(ctx, t, m, name, inputs); err != nil {
		return err
	}
	if err := m.publish(ctx, c.bucket); err != nil {
		return err
	}
	replaced := map[string]bool{}
	for _, input := range m.Inputs {
		replaced[input] = true
	}
	c.summary.Rows += m.Outputs[0].Rows
	c.summary.Dropped += int64(len(m.Dropped))
	c.summary.BytesAfter += m.Outputs[0].Size
	return c.swap(ctx, m, replaced)
}

// build sorts the rows of inputs into a file and stages it.
func (c *compactor) build(ctx context.Context, t merger, m *Merge, name string, inputs []Object) (err error) {
	temp, err := os.MkdirTemp(c.o.Temp, "titrate-compact-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	f, err := os.CreateTemp(temp, "merged-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows, dropped, err := t.merge(ctx, c.bucket, inputs, f, scratch{temp, c.o.SortRows})
	if err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	m.Dropped = append(m.Dropped, dropped...)
	m.Outputs = []Output{{Name: name, Rows: rows, Size: size}}
	err = c.bucket.Put(ctx, staged(name), io.NewSectionReader(f, 0, size))
	if errors.Is(err, ErrExists) { // of the same inputs by the same schema: the same rows
		return c.adopt(ctx, &m.Outputs[0])
	}
	return err
}

// adopt takes the size of an output that an earlier compaction has staged.
func (c *compactor) adopt(ctx context.Context, out *Output) error {
	f, err := c.bucket.Open(ctx, staged(out.Name))
	if err != nil {
		return err
	}
	out.Size = f.Size()
	return f.Close()
}
