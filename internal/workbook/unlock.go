package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/richardlehane/mscfb"
	"github.com/xuri/excelize/v2"
)

// unlock takes the password off a workbook that has one. Any other comes back
// as it is; an old one (.xls) is refused.
func unlock(r io.ReaderAt, size int64, options Options) (io.ReaderAt, int64, error) {
	head := make([]byte, 8)
	if n, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) || !isCompound(head[:n]) {
		return r, size, nil //nolint:nilerr // whoever reads it next meets the error again
	}
	if err := mustBeLocked(r, size); err != nil {
		return nil, 0, err
	}
	if size > options.Limits.Locked {
		return nil, 0, &Problem{
			Reason: fmt.Sprintf("it is a workbook with a password, and larger than %d bytes", options.Limits.Locked),
			Remedy: "open it in Excel, take the password off and save it",
		}
	}
	if options.Password == nil {
		return nil, 0, locked("it is locked with a password, and the source names none",
			"put the password into a file of mode 0400 and add `password: file:PATH` to the source in svw.yaml, or ask for the file without one")
	}
	password, err := options.Password()
	if err != nil {
		return nil, 0, locked("it is locked with a password, which cannot be fetched: "+err.Error(), "mend `password` of the source in svw.yaml")
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), raw); err != nil {
		return nil, 0, fmt.Errorf("read the locked workbook: %w", err)
	}
	open, err := decrypt(raw, password)
	if err == nil {
		_, err = zip.NewReader(bytes.NewReader(open), int64(len(open)))
	}
	if err != nil {
		return nil, 0, locked("it is locked, and the password of the source does not open it",
			"ask the sender for the password of this file, and put it where `password` of the source says")
	}
	return bytes.NewReader(open), int64(len(open)), nil
}

func locked(reason, remedy string) error {
	return &Problem{Reason: reason, Remedy: remedy, Err: ErrPassword}
}

// mustBeLocked refuses compound files that hold no locked workbook.
func mustBeLocked(r io.ReaderAt, size int64) (err error) {
	defer func() {
		if recover() != nil {
			err = damaged("its folder of streams cannot be read")
		}
	}()
	doc, err := mscfb.New(io.NewSectionReader(r, 0, size))
	if err != nil {
		return damaged("its folder of streams cannot be read")
	}
	info, pack := false, false
	for entry, err := doc.Next(); err == nil; entry, err = doc.Next() {
		if entry.Size < 0 || entry.Size > size {
			return damaged("a stream in it is longer than the file")
		}
		switch entry.Name {
		case "Workbook", "Book":
			return &Problem{Reason: "it is an old Excel workbook (.xls)", Remedy: saveAsXLSX}
		case "EncryptionInfo":
			if err := mustBeQuick(entry); err != nil {
				return err
			}
			info = true
		case "EncryptedPackage":
			pack = true
		}
	}
	if !info || !pack {
		return &Problem{Reason: "it is an old Office file, but no Excel workbook", Remedy: "ask for the data as .xlsx or CSV"}
	}
	return nil
}

// mustBeQuick refuses a workbook that makes trying a password take for ever.
func mustBeQuick(info io.Reader) error {
	const (
		length    = 64 << 10   // far more than a description needs
		mostSpins = 10_000_000 // the most that the format allows
	)
	text, err := io.ReadAll(io.LimitReader(info, length))
	if err != nil {
		return damaged("how it is locked cannot be read")
	}
	for _, spins := range regexp.MustCompile(`spinCount="(\d+)"`).FindAllSubmatch(text, -1) {
		if n, err := strconv.Atoi(string(spins[1])); err != nil || n > mostSpins {
			return damaged("trying its password would take for ever")
		}
	}
	return nil
}

// decrypt takes the password off. The library trusts what it reads and may
// trip over a damaged file or a wrong password.
func decrypt(raw []byte, password string) (open []byte, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("it cannot be unlocked")
		}
	}()
	open, err = excelize.Decrypt(raw, &excelize.Options{Password: password})
	if err != nil {
		return nil, fmt.Errorf("unlock: %w", err)
	}
	return open, nil
}
