package device

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
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
	for _, path := range paths {
		found, rest, err := under(f, path)
		if err != nil {
			return nil, nil, fmt.Errorf("find files of %s: %w; expected %s; formats are %s", f.Name, err, f.About, names())
		}
		if len(found) == 0 {
			return nil, nil, fmt.Errorf("%s holds nothing of format %s: expected %s; formats are %s", path, f.Name, f.About, names())
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
		case f.file(d.Name()):
			files = append(files, source{p, relative(root, p)})
		default:
			skipped = append(skipped, relative(root, p))
		}
		return nil
	})
	return files, skipped, err
}

func relative(root, path string) string {
	name, err := filepath.Rel(root, path)
	if err != nil || name == "." {
		name = filepath.Base(path)
	}
	return filepath.ToSlash(name)
}

// lines reads a whole file: its lines that hold text, and how many are blank.
func (s source) lines() (all []line, blank int, err error) {
	file, err := os.Open(s.path)
	if err != nil {
		return nil, 0, fmt.Errorf("open source: %w", err)
	}
	defer file.Close() // only read: closing can't lose anything
	scan := bufio.NewScanner(file)
	scan.Buffer(nil, maxLine)
	number := 0
	for scan.Scan() {
		number++
		text := scan.Bytes() // the scanner drops \n and \r\n
		if number == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
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
