//go:build unix

package train

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// rowsMost is how many examples a scratch file has room for. The files are sparse:
// room that isn't used takes none.
const rowsMost = 1 << 27

// scratch is memory of examples that lies in files without a name, so that it can be
// larger than the machine's: what hasn't been touched lately is on disk only.
type scratch struct {
	maps [][]byte
}

// onDisk makes room for the examples' tensors in files below dir, which vanish with
// the process. Close frees them.
func (x *Examples) onDisk(dir string) error {
	s := new(scratch)
	x.scratch = s
	var err error
	mapped(s, dir, &x.Person, 1, &err)
	mapped(s, dir, &x.At, 1, &err)
	for _, t := range x.tensors() {
		mapped(s, dir, t.numbers, t.columns, &err)
	}
	if err != nil {
		x.Close()
		return fmt.Errorf("make room for examples in %s: %w: name another place for them", dir, err)
	}
	return nil
}

// mapped gives a slice room for rowsMost rows in a file of its own.
func mapped[T int32 | int64 | float32](s *scratch, dir string, to *[]T, columns int, failed *error) {
	if *failed != nil {
		return
	}
	f, err := os.CreateTemp(dir, "titrate-examples-*")
	if err != nil {
		*failed = err
		return
	}
	defer f.Close()
	var one T
	size := rowsMost * columns * int(unsafe.Sizeof(one))
	if err := os.Remove(f.Name()); err != nil {
		*failed = err
		return
	}
	if err := f.Truncate(int64(size)); err != nil {
		*failed = err
		return
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		*failed = err
		return
	}
	s.maps = append(s.maps, data)
	*to = unsafe.Slice((*T)(unsafe.Pointer(&data[0])), rowsMost*columns)[:0]
}

// Release lets go of the memory that the examples took since the last time; it comes
// back from disk, or from the system's cache of it, when it is wanted.
func (x *Examples) Release() {
	if x.scratch == nil {
		return
	}
	for _, data := range x.scratch.maps {
		used := min(len(data), x.used(len(data)))
		if used > 0 {
			_ = syscall.Madvise(data[:used], syscall.MADV_DONTNEED) // advice; nothing depends on it
		}
	}
}

// used is how many bytes of a map of so many are in use.
func (x *Examples) used(size int) int {
	page := os.Getpagesize()
	return (size/rowsMost*len(x.Person) + page - 1) / page * page
}

// Close frees what lies on disk. The examples can't be used after it.
func (x *Examples) Close() {
	if x.scratch == nil {
		return
	}
	for _, data := range x.scratch.maps {
		_ = syscall.Munmap(data)
	}
	*x = Examples{}
}
