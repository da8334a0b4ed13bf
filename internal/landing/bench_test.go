package landing

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"socialvalue/internal/extract"
)

const benchBytes = 64 << 20

// benchTexts are the shapes a landing pass meets: journeys with no quote at all,
// payments with every field quoted, and payments with newlines in quotes, which
// only the exact scan can count.
func benchTexts() []struct {
	name string
	line func(*rand.Rand) string
} {
	return []struct {
		name string
		line func(*rand.Rand) string
	}{
		{"journeys", func(r *rand.Rand) string {
			return fmt.Sprintf("%08d,2024-%02d-%02d %02d:%02d:00,MT%06d,%d,18%08d,ENC%d%02d\n",
				r.IntN(1e8), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(1e6), r.IntN(400), r.IntN(1e8), r.IntN(5), r.IntN(100))
		}},
		{"quoted", func(r *rand.Rand) string {
			return fmt.Sprintf("\"2024-04-%02d\",\"%07d\",\"Adults, Health & \"\"Wellbeing\"\"\",\"Supplier %d Ltd\",\"%d.%02d\",\"R\"\n",
				1+r.IntN(28), r.IntN(1e7), r.IntN(1e4), r.IntN(1e5), r.IntN(100))
		}},
		{"multiline", func(r *rand.Rand) string {
			return fmt.Sprintf("2024-04-%02d,%07d,\"Adults\nand Health\",Supplier %d Ltd,%d.%02d,R\n",
				1+r.IntN(28), r.IntN(1e7), r.IntN(1e4), r.IntN(1e5), r.IntN(100))
		}},
	}
}

// benchFile writes size bytes of one shape below a header.
func benchFile(b *testing.B, dir string, size int64, line func(*rand.Rand) string) extract.Found {
	b.Helper()
	path := filepath.Join(dir, "bench.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var block []byte
	for len(block) < 1<<20 {
		block = append(block, line(random)...)
	}
	if _, err := f.WriteString("a,b,c,d,e,f\n"); err != nil {
		b.Fatal(err)
	}
	for written := int64(0); written < size; written += int64(len(block)) {
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return extract.FromInfo(path, "bench.csv", info)
}

func BenchmarkLanding(b *testing.B) {
	for _, text := range benchTexts() {
		found := benchFile(b, b.TempDir(), benchBytes, text.line)
		b.Run(text.name+"/hash alone", func(b *testing.B) {
			b.SetBytes(found.Size)
			for b.Loop() {
				hashAlone(b, found.Path)
			}
		})
		b.Run(text.name+"/survey alone", func(b *testing.B) {
			b.SetBytes(found.Size)
			for b.Loop() {
				f, err := os.Open(found.Path)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.CopyBuffer(struct{ io.Writer }{&survey{}}, struct{ io.Reader }{f}, make([]byte, copyChunk)); err != nil {
					b.Fatal(err)
				}
				f.Close() //nolint:errcheck // it was only read
			}
		})
		b.Run(text.name+"/land", func(b *testing.B) {
			b.SetBytes(found.Size)
			for b.Loop() {
				store := NewStore(b.TempDir(), DefaultLimits())
				if _, err := store.Land(b.Context(), "bench", found); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(text.name+"/diagnose", func(b *testing.B) {
			store := NewStore(b.TempDir(), DefaultLimits())
			landed, err := store.Land(b.Context(), "bench", found)
			if err != nil {
				b.Fatal(err)
			}
			contents, err := store.Open(b.Context(), landed)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(found.Size)
			for b.Loop() {
				prepared, err := Diagnose(b.Context(), contents.Documents[0], Format{HeaderRow: 1}, b.TempDir())
				if err != nil {
					b.Fatal(err)
				}
				os.Remove(prepared.Path) //nolint:errcheck // the folder goes too
			}
		})
	}
}

func hashAlone(b *testing.B, path string) {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	if _, err := io.CopyBuffer(struct{ io.Writer }{sha256.New()}, struct{ io.Reader }{f}, make([]byte, copyChunk)); err != nil {
		b.Fatal(err)
	}
}
