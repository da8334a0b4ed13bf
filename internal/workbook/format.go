package workbook

import (
	"strconv"
	"strings"

	"github.com/xuri/nfp"
)

// format is what matters of how a cell shows its number.
type format struct {
	date    bool // it shows a day
	time    bool // it shows a time of day
	elapsed bool // it shows hours beyond a day
	zeros   int  // it shows a whole number with so many digits, zeros in front
}

// readFormats reads the format of each style.
func (w *Workbook) readFormats(part string) ([]format, error) {
	codes := map[int]string{}
	var formats []format
	inCells := false
	err := w.each(part, func(_ *xmlReader, e element) error {
		switch e.name {
		case "numFmt":
			if id, err := strconv.Atoi(e.attr("numFmtId")); err == nil {
				codes[id] = e.attr("formatCode")
			}
		case "cellXfs", "cellStyleXfs", "cellStyles", "dxfs":
			inCells = e.name == "cellXfs"
		case "xf":
			if inCells {
				id, _ := strconv.Atoi(e.attr("numFmtId")) // none: the general format, 0
				formats = append(formats, formatOf(id, codes[id]))
			}
		}
		return nil
	})
	return formats, err
}

// formatOf is a format by its number; code is that of the workbook's own, which
// may redefine any.
func formatOf(id int, code string) format {
	if code != "" {
		return parseFormat(code)
	}
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return format{date: true}
	case id == 22:
		return format{date: true, time: true}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return format{time: true}
	case id == 46:
		return format{elapsed: true}
	}
	return format{}
}

// parseFormat reads the code of a format, as dd/mm/yyyy. What it shows of
// positive numbers counts.
func parseFormat(code string) (f format) {
	defer func() {
		if recover() != nil { // the parser trusts what it reads
			f = format{}
		}
	}()
	parser := nfp.NumberFormatParser()
	sections := parser.Parse(code)
	if len(sections) == 0 {
		return format{}
	}
	months, zeros, others := false, 0, false
	for _, token := range sections[0].Items {
		text := strings.ToLower(token.TValue)
		switch token.TType {
		case nfp.TokenTypeElapsedDateTimes:
			f.elapsed = true
		case nfp.TokenTypeDateTimes:
			switch {
			case strings.ContainsAny(text, "hs") || strings.Contains(text, "/"): // AM/PM
				f.time = true
			case text == "m" || text == "mm": // minutes beside hours or seconds
				months = true
			default:
				f.date = true
			}
		case nfp.TokenTypeZeroPlaceHolder:
			zeros += len(text)
		case nfp.TokenTypeLiteral, nfp.TokenTypeColor, nfp.TokenTypeCurrencyLanguage, nfp.TokenTypeAlignment, nfp.TokenTypeRepeatsChar:
			others = others || token.TType == nfp.TokenTypeLiteral && strings.TrimSpace(text) != ""
		default:
			others = true
		}
	}
	if f.date = f.date || months && !f.time && !f.elapsed; f.elapsed {
		f.date, f.time = false, false
	}
	if zeros > 1 && !others && !f.date && !f.time && !f.elapsed {
		f.zeros = zeros
	}
	return f
}
