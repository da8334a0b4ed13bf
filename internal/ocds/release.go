package ocds

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Release is what is told of a release beside its text.
type Release struct {
	OCID        string
	ID          string
	Released    string // moment in UTC, as 2024-05-01T09:00:00
	Tags        string // comma-separated
	NoticeTypes string // UK1 to UK17, of its documents, comma-separated
	BuyerName   string
	BuyerID     string
	Text        string // compact JSON, its names in order, without what speaks of people
}

// ocidForm is the form of an identifier of a contracting process: a registered prefix of six characters, then the
// publisher's own.
func ocidForm() *regexp.Regexp { return regexp.MustCompile(`^ocds-[a-z0-9]{6}-\S+$`) }

// reported is how many problems of one release are told.
const reported = 3

// Judge reads a release. problem is empty when it is whole; otherwise it says what is wrong, with the places in the release
// and none of its values, and the release holds what could be read.
func Judge(raw []byte) (release Release, problem string) {
	members, err := decode(raw)
	if err != nil {
		return Release{}, unreadable(err)
	}
	if members == nil {
		return Release{}, "it is no object"
	}
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }

	release.OCID, _ = members["ocid"].(string)
	if release.OCID == "" {
		say("it has no ocid")
	} else if !ocidForm().MatchString(release.OCID) {
		say("its ocid has no prefix such as ocds-h6vhtk-")
	}
	if release.ID = plainText(members["id"]); release.ID == "" {
		say("it has no id")
	}
	if date, given := members["date"].(string); !given {
		say("it has no date")
	} else if at, ok := moment(date); ok {
		release.Released = at.Format("2006-01-02T15:04:05")
	} else {
		say("its date cannot be read")
	}
	tags := texts(members["tag"])
	if len(tags) == 0 {
		say("it has no tag")
	}
	release.Tags = strings.Join(tags, ",")
	if buyer, ok := members["buyer"].(map[string]any); ok {
		release.BuyerName, release.BuyerID = plainText(buyer["name"]), plainText(buyer["id"])
	}
	types := map[string]bool{}
	noticeTypes(members, types)
	release.NoticeTypes = strings.Join(slices.Sorted(maps.Keys(types)), ",")

	walk("", members, say)
	withoutPeople(members)
	text, err := encode(members)
	if err != nil {
		say("it cannot be written again")
	}
	release.Text = text
	if len(problems) > reported {
		problems = append(problems[:reported], fmt.Sprintf("and %d more", len(problems)-reported))
	}
	return release, strings.Join(problems, "; ")
}

// decode reads an object with its numbers as they are written.
func decode(raw []byte) (map[string]any, error) {
	var members map[string]any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		return nil, fmt.Errorf("read the release: %w", err)
	}
	return members, nil
}

// encode writes an object with its names in order, so that equal releases are equal texts.
func encode(members map[string]any) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(members); err != nil {
		return "", fmt.Errorf("write the release: %w", err)
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// plainText is an identifier or a name as text; publishers write identifiers as numbers too.
func plainText(value any) string {
	switch value := value.(type) {
	case string:
		return strings.TrimSpace(value)
	case json.Number:
		return value.String()
	}
	return ""
}

func texts(value any) []string {
	list, _ := value.([]any)
	var out []string
	for _, one := range list {
		if text, ok := one.(string); ok && text != "" {
			out = append(out, text)
		}
	}
	return out
}

// moment reads a date of the standard. One without a zone, as older notices have, is taken as UTC; a day alone is its
// beginning.
func moment(text string) (time.Time, bool) {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
		if at, err := time.Parse(form, strings.TrimSpace(text)); err == nil && at.Year() >= 1900 && at.Year() < 2200 {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

func isAmount(name string) bool { return name == "amount" || name == "amountGross" }

func isDate(name string) bool {
	switch name {
	case "startDate", "endDate", "date", "dateSigned", "maxExtentDate", "dateAchieved", "dueDate":
		return true
	}
	return false
}

// identified are the lists whose entries must be told apart by their ids. Publishers do name a party twice.
func identified(name string) bool {
	switch name {
	case "awards", "contracts", "lots":
		return true
	}
	return false
}

// walk looks at every amount and date of a release, in the order of names.
func walk(place string, value any, say func(string, ...any)) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			member, at := value[name], place+"/"+name
			number, isNumber := member.(json.Number)
			text, isText := member.(string)
			switch {
			case isAmount(name) && isText: // of a budget it may be an object of its own
				say("%s is no number", at)
			case isAmount(name) && isNumber && strings.HasPrefix(number.String(), "-"):
				say("%s is below nought", at)
			case isDate(name) && place != "" && isText:
				if _, ok := moment(text); !ok {
					say("%s is no date", at)
				}
			}
			if list, ok := member.([]any); ok && identified(name) {
				sameIDs(at, list, say)
			}
			walk(at, member, say)
		}
	case []any:
		for i, one := range value {
			walk(fmt.Sprintf("%s/%d", place, i), one, say)
		}
	}
}

// sameIDs finds entries that could not be told apart when releases are put together.
func sameIDs(place string, list []any, say func(string, ...any)) {
	seen := map[string]bool{}
	for _, one := range list {
		object, _ := one.(map[string]any)
		id := plainText(object["id"])
		if id != "" && seen[id] {
			say("two of %s have the same id", place)
			return
		}
		seen[id] = true
	}
}

// noticeTypes collects the UK notice types of the documents.
func noticeTypes(value any, found map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		if kind, ok := value["noticeType"].(string); ok && kind != "" {
			found[strings.ToUpper(strings.TrimSpace(kind))] = true
		}
		for _, member := range value {
			noticeTypes(member, found)
		}
	case []any:
		for _, one := range value {
			noticeTypes(one, found)
		}
	}
}

// mailAddress fits what is written like one.
func mailAddress() *regexp.Regexp {
	return regexp.MustCompile(`[^\s@<>()\[\],;:]+@[^\s@<>()\[\],;:]+\.[A-Za-z]{2,}`)
}

// telephoneNumber fits what is written like one: with a code that begins with nought, or from abroad. A day, a reference of
// the Common Procurement Vocabulary and a number of a company fit nothing of it.
func telephoneNumber() *regexp.Regexp {
	const next = `[\s\x{a0}()-]{0,2}\d`
	return regexp.MustCompile(`\+\d(?:` + next + `){8,13}\b|\(?\b00\d(?:` + next + `){8,12}\b|\(?\b0\d{2}(?:` + next + `){7,8}\b`)
}

// isProse tells text, by its place or because it has several words, from an identifier, a number or a date.
func isProse(name, text string) bool {
	switch name {
	case "id":
		return false
	case "title", "description", "rationale":
		return true
	}
	return strings.HasSuffix(name, "Details") ||
		strings.ContainsFunc(text, unicode.IsSpace) && strings.ContainsFunc(text, unicode.IsLetter)
}

// withoutPeople takes out what speaks of people, as it is of no use to any measure: contact points, owners, numbers to call,
// streets and houses, and mail addresses and telephone numbers in any text.
func withoutPeople(value any) {
	mail, telephone := mailAddress(), telephoneNumber()
	spoken := []string{
		"contactPoint", "additionalContactPoints", "beneficialOwners", "email", "telephone", "faxNumber", "streetAddress", "persons",
		"persones", //nolint:misspell // the standard's name
	}
	var clean func(value any) any
	clean = func(value any) any {
		switch value := value.(type) {
		case map[string]any:
			for _, name := range spoken {
				delete(value, name)
			}
			for name, member := range value {
				if text, isText := member.(string); isText && isProse(name, text) {
					member = telephone.ReplaceAllString(text, "[telephone number]")
				}
				value[name] = clean(member)
			}
		case []any:
			for i, one := range value {
				value[i] = clean(one)
			}
		case string:
			if strings.Contains(value, "@") {
				return mail.ReplaceAllString(value, "[mail address]")
			}
		}
		return value
	}
	clean(value)
}
