package cleanse

import (
	"math/rand/v2"
	"testing"
)

// TestMarkFindsTheFirstByteThatMeansSomething compares with a look at each byte.
func TestMarkFindsTheFirstByteThatMeansSomething(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	bytes := []byte{0, 1, 31, ' ', '!', '"', '#', '[', '\\', ']', 'a', 127, 128, 160, 162, 220, 255}
	for range 100_000 {
		text := make([]byte, random.IntN(30))
		for i := range text {
			text[i] = 'a'
			if random.IntN(8) == 0 {
				text[i] = bytes[random.IntN(len(bytes))]
			}
		}
		from := random.IntN(len(text) + 1)
		want := from
		for want < len(text) && text[want] >= ' ' && text[want] != '"' && text[want] != '\\' {
			want++
		}
		p := parser{text: text}
		if got := p.mark(from); got != want {
			t.Fatalf("mark of %q from %d is %d, want %d", text, from, got, want)
		}
	}
}
