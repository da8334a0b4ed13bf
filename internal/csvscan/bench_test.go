package csvscan

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func BenchmarkNext(b *testing.B) {
	for _, bc := range []struct{ name, line string }{
		{"plain", "2024-04-03,E08000012,Residual waste disposal,1234567,Merseyside Recycling Ltd,12500.00,R\n"},
		{"quoted", "\"2024-04-03\",\"E08000012\",\"Residual waste, disposal\",\"1234567\",\"The \"\"Depot\"\" Ltd\",\"12500.00\",\"R\"\n"},
	} {
		b.Run(bc.name, func(b *testing.B) {
			text := bytes.Repeat([]byte(bc.line), 64<<20/len(bc.line))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s := New(bytes.NewReader(text), commas())
				for {
					if _, err := s.Next(); errors.Is(err, io.EOF) {
						break
					}
				}
			}
		})
	}
}
