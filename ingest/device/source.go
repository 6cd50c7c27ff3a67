package device

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// source is one file of a format.
type source struct {
	path string // to open it
	name string // to speak of it: relative to what the user gave, with slashes
}

// line is one data line and where it stood.
type line struct {
	text   string // without byte order mark and line end
	number int    // from 1
}

// maxLine is the longest line in bytes; a longer one means that the file isn't
// text. Quoted and escaped in a defect it still fits a message of the log.
const maxLine = 64 << 10

// find lists the format's files under paths by name, and what it left aside.
func find(f Format, paths []string) (files []source, skipped []string, err error) {
	if len(paths) == 0 {
		return nil, nil, errNoPaths
	}
	for _, root := range paths {
		found, rest, err := under(f, root)
		if err != nil {
			return nil, nil, fmt.Errorf("find files of %s: %w; expected %s; formats are %s", f.Name, err, f.About, names())
		}
		if len(found) == 0 {
			return nil, nil, fmt.Errorf("%s holds nothing of format %s: expected %s; formats are %s", root, f.Name, f.About, names())
		}
		files, skipped = append(files, found...), append(skipped, rest...)
	}
	sort.SliceStable(files, func(i, j int) bool { return files[i].name < files[j].name })
	return files, skipped, nil
}

// under walks path, a directory or a file. A link is followed if it is path
// itself.
func under(f Format, path string) (files []source, skipped []string, err error) {
	root, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, nil, err
	}
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
		case f.claims(p, d.Name(), p == root):
			files = append(files, source{p, relative(root, p)})
		default:
			skipped = append(skipped, relative(root, p))
		}
		return nil
	})
	return files, skipped, err
}

// claims reports whether the file is one of the format. Where only what it holds
// can tell, a file that was named itself is taken: the reader says what is wrong
// with it.
func (f Format) claims(path, name string, named bool) bool {
	switch {
	case f.file != nil:
		return f.file(name)
	case named:
		return true
	}
	head, err := source{path, name}.head()
	return err == nil && f.evidence(name, head) != ""
}

func relative(root, path string) string {
	name, err := filepath.Rel(root, path)
	if err != nil || name == "." {
		name = filepath.Base(path)
	}
	return filepath.ToSlash(name)
}

// stem is the file's name without directory and ending.
func (s source) stem() string {
	base := path.Base(s.name)
	return strings.TrimSuffix(base, path.Ext(base))
}

// lines reads a whole file: its lines that hold text, and how many are blank.
func (s source) lines() (all []line, blank int, err error) {
	file, err := os.Open(s.path)
	if err != nil {
		return nil, 0, fmt.Errorf("open source: %w", err)
	}
	defer file.Close() // only read: closing can't lose anything
	scan := bufio.NewScanner(plain(file))
	scan.Buffer(nil, maxLine)
	number := 0
	for scan.Scan() {
		number++
		text := scan.Bytes() // the scanner drops \n and \r\n
		if len(bytes.TrimSpace(text)) == 0 {
			blank++
			continue
		}
		all = append(all, line{string(text), number})
	}
	if err := scan.Err(); err != nil {
		return nil, 0, fmt.Errorf("read %s after line %d: %w", s.name, number, err)
	}
	return all, blank, nil
}

// headSize is how much of a file is looked at to tell its format, in bytes.
const headSize = 64 << 10

// head is the lines in the beginning of a file; the last may be cut short.
func (s source) head() ([]line, error) {
	file, err := os.Open(s.path)
	if err != nil {
		return nil, fmt.Errorf("open source: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(plain(file), headSize))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.name, err)
	}
	var all []line
	for i, l := range bytes.Split(text, []byte("\n")) {
		if l = bytes.TrimSuffix(l, []byte("\r")); len(bytes.TrimSpace(l)) > 0 {
			all = append(all, line{string(l), i + 1})
		}
	}
	return all, nil
}
