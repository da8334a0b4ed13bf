package csvscan

import "strings"

// Split returns the fields of one record, unquoted. It is meant for headers and
// previews: a malformed record is split as well as can be, never refused.
func Split(raw []byte, d Dialect) []string {
	var fields []string
	for {
		value, rest, more := splitOne(raw, d)
		fields = append(fields, value)
		if !more {
			return fields
		}
		raw = rest
	}
}

// splitOne takes the first field off raw; more says that a delimiter followed it.
func splitOne(raw []byte, d Dialect) (value string, rest []byte, more bool) {
	open := 0
	if len(raw) > 1 && raw[0] == ' ' && d.Delimiter != ' ' {
		open = 1 // the one space that may stand before an opening quote
	}
	if d.Quote == 0 || len(raw) <= open || raw[open] != d.Quote {
		for i, b := range raw {
			if b == d.Delimiter {
				return string(raw[:i]), raw[i+1:], true
			}
		}
		return string(raw), nil, false
	}

	var text strings.Builder
	i := open + 1
	for ; i < len(raw); i++ {
		if raw[i] != d.Quote {
			text.WriteByte(raw[i])
			continue
		}
		if i+1 < len(raw) && raw[i+1] == d.Quote {
			text.WriteByte(d.Quote)
			i++
			continue
		}
		i++
		break
	}
	// Behind the closing quote: nothing but spaces in a well-formed record.
	var after strings.Builder
	for ; i < len(raw) && raw[i] != d.Delimiter; i++ {
		after.WriteByte(raw[i])
	}
	if strings.Trim(after.String(), " ") != "" {
		text.WriteString(after.String())
	}
	if i < len(raw) {
		return text.String(), raw[i+1:], true
	}
	return text.String(), nil, false
}
