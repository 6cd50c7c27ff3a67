package lake

import (
	"sync"

	"github.com/klauspost/compress/zstd"
	parquet "github.com/parquet-go/parquet-go/compress/zstd"
)

// codec compresses the pages of all files.
var codec = &pageCodec{}

// pageCodec is parquet-go's zstd with encoders that look back no farther than a page
// is long. Its own look back 4 MB and hold eight each, a tenth of what a job has in use.
// Where nothing repeats they still write frequent bytes short: ids in hexadecimal digits
// take half the room.
type pageCodec struct {
	parquet.Codec
	encoders sync.Pool
}

// window is longer than any page but one of very long messages.
const window = 512 << 10

// Encode implements parquet-go's compress.Codec.
func (c *pageCodec) Encode(dst, page []byte) ([]byte, error) {
	e, pooled := c.encoders.Get().(*zstd.Encoder)
	if !pooled {
		var err error
		e, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true),
			zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false), zstd.WithAllLitEntropyCompression(true))
		if err != nil {
			return nil, err
		}
	}
	defer c.encoders.Put(e)
	return e.EncodeAll(page, dst[:0]), nil
}
