package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

// hashing hashes and counts what is written through it.
type hashing struct {
	out   io.Writer
	hash  hash.Hash
	bytes int64
}

func newHash(out io.Writer) *hashing { return &hashing{out: out, hash: sha256.New()} }

func (h *hashing) Write(p []byte) (int, error) {
	n, err := h.out.Write(p)
	h.hash.Write(p[:n]) // it never fails
	h.bytes += int64(n)
	return n, err //nolint:wrapcheck // the writer's own
}

func (h *hashing) sum() string { return hex.EncodeToString(h.hash.Sum(nil)) }

// cancelled ends a copy when its context ends.
type cancelled struct {
	ctx context.Context //nolint:containedctx // it lives as long as one copy
	in  io.Reader
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.in.Read(p) //nolint:wrapcheck // the reader's own, io.EOF among them
}
