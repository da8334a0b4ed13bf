package ocds_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"socialvalue/internal/ocds"
)

func whole(n int) string {
	return fmt.Sprintf(`{"ocid":"ocds-h6vhtk-%06d","id":"%d","date":"2024-05-0%dT09:00:00+01:00","tag":["award"],"awards":[{"id":"1","value":{"amount":20000.00,"currency":"GBP"}}]}`, n, n, n)
}

// rows reads a document and returns what the rows say, and what is wrong with some of them.
func rows(t *testing.T, document string) (read [][]string, faults []ocds.Fault, err error) {
	t.Helper()
	var out strings.Builder
	n, faults, err := ocds.ToCSV(strings.NewReader(document), &out)
	if err != nil {
		return nil, faults, err
	}
	read, csvErr := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if csvErr != nil || int64(len(read)-1) != n {
		t.Fatalf("%d rows and not %d: %v", len(read)-1, n, csvErr)
	}
	return read[1:], faults, nil
}

func ocids(read [][]string) []string {
	var out []string
	for _, row := range read {
		out = append(out, strings.TrimPrefix(row[0], "ocds-h6vhtk-"))
	}
	return out
}

func TestEveryShapeOfDocumentIsRead(t *testing.T) {
	t.Parallel()
	one, two, three := whole(1), whole(2), whole(3)
	for name, document := range map[string]string{
		"package":               `{"uri":"https://x/","publisher":{"name":"a \"b\" {"},"releases":[` + one + `,` + two + `,` + three + `],"version":"1.1"}`,
		"package, mark":         "\ufeff" + `{"releases":[` + one + "\n,\n" + two + `,` + three + `]}`,
		"bare list":             `[` + one + `,` + two + `,` + three + `]`,
		"one a line":            one + "\n" + two + "\n\n" + three + "\n",
		"one after the other":   one + two + three,
		"packages a line":       `{"releases":[` + one + `,` + two + "]}\n" + `{"releases":[` + three + `]}`,
		"list of packages":      `[{"releases":[` + one + `]},{"releases":[` + two + `,` + three + `]}]`,
		"records":               `{"records":[{"ocid":"x","releases":[` + one + `,` + two + `]},{"ocid":"y","compiledRelease":` + three + `}]}`,
		"records that link":     `{"records":[{"ocid":"x","releases":[` + one + `,` + two + `]},{"ocid":"y","releases":[{"url":"https://x/3","date":"2024"}],"compiledRelease":` + three + `}]}`,
		"a record, then one":    `{"ocid":"x","releases":[` + one + `,` + two + `]} ` + three,
		"releases, then ocid":   `{"releases":[` + one + `,` + two + `,` + three + `],"ocid":"x"}`,
		"package on many lines": "{\n \"releases\": [\n" + one + ",\n" + two + ",\n" + three + "\n ]\n}\n",
	} {
		read, faults, err := rows(t, document)
		if err != nil || len(faults) > 0 {
			t.Errorf("%s: %v, %v", name, faults, err)
		}
		if got := ocids(read); !slices.Equal(got, []string{"000001", "000002", "000003"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A broken release is refused alone, whether it cannot be read or says nothing.
func TestABrokenReleaseIsRefusedAlone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ broken, want string }{
		"no quote":         {`{"ocid":"ocds-h6vhtk-000009","id":9x}`, "it is not JSON: its byte 36 cannot stand there"},
		"open list":        {`{"ocid":"a","tag":["award"}`, "it is not JSON: its byte 27 cannot stand there"},
		"closed twice":     {`{"ocid":"a","tag":"award"]]}`, "it is not JSON: its byte 26 cannot stand there"},
		"text without end": {"{\"ocid\":\"a\n,\"x\":1}", "it is not JSON: its byte 11 cannot stand there"},
		"quote left out":   {`{"ocid":"a","id":"9,"tag":["award"]}`, "it is not JSON: its byte 22 cannot stand there"},
		"a number":         {`7`, "it is no object"},
		"null":             {`null`, "it is no object"},
		"nothing in it":    {`{}`, "it has no ocid; it has no id; it has no date; and 1 more"},
		"no prefix":        {`{"ocid":"LCR-1","id":1,"date":"2024-01-01","tag":["award"]}`, "its ocid has no prefix such as ocds-h6vhtk-"},
		"date":             {`{"ocid":"ocds-h6vhtk-1","id":1,"date":"01/02/2024","tag":["award"]}`, "its date cannot be read"},
		"amount as text":   {`{"ocid":"ocds-h6vhtk-1","id":1,"date":"2024-01-01","tag":["award"],"awards":[{"id":1,"value":{"amount":"£5"}}]}`, "/awards/0/value/amount is no number"},
		"amount below 0":   {`{"ocid":"ocds-h6vhtk-1","id":1,"date":"2024-01-01","tag":["award"],"awards":[{"id":1,"value":{"amountGross":-5}}]}`, "/awards/0/value/amountGross is below nought"},
		"day":              {`{"ocid":"ocds-h6vhtk-1","id":1,"date":"2024-01-01","tag":["award"],"awards":[{"id":1,"contractPeriod":{"endDate":"soon"}}]}`, "/awards/0/contractPeriod/endDate is no date"},
		"same id":          {`{"ocid":"ocds-h6vhtk-1","id":1,"date":"2024-01-01","tag":["award"],"awards":[{"id":1},{"id":"1"}]}`, "two of /awards have the same id"},
		"only a link":      {`{"ocid":"ocds-h6vhtk-1","releases":[{"url":"https://x"}]}`, "the record only links to its releases, and has no compiled one"},
	} {
		for shape, document := range map[string]string{
			"package":    `{"releases":[` + whole(1) + ",\n" + tc.broken + ",\n" + whole(2) + `]}`,
			"bare list":  `[` + whole(1) + `,` + tc.broken + ",\n" + whole(2) + `]`,
			"one a line": whole(1) + "\n" + strings.ReplaceAll(tc.broken, "\n", "") + "\n" + whole(2),
		} {
			if shape == "one a line" && name == "text without end" {
				continue
			}
			read, faults, err := rows(t, document)
			if err != nil || len(read) != 3 || read[0][0] == "" || read[2][1] != "2" {
				t.Errorf("%s, %s: %v, %v", name, shape, read, err)
			}
			if diff := cmp.Diff([]ocds.Fault{{Row: 1, Text: tc.want}}, faults); diff != "" {
				t.Errorf("%s, %s: (-want +got)\n%s", name, shape, diff)
			}
		}
	}
}

// A release that no row can hold is refused alone as well.
func TestALargeReleaseIsRefusedAlone(t *testing.T) {
	t.Parallel()
	large := func(n int) string {
		return strings.Replace(whole(1), `"tag"`, `"tender":{"description":"`+strings.Repeat(`\"x`, n)+`"},"tag"`, 1)
	}
	read, faults, err := rows(t, `{"releases":[`+large(470_000)+`,`+large(480_000)+`,`+whole(3)+`]}`)
	if err != nil || len(read) != 3 {
		t.Fatalf("%d rows, %v", len(read), err)
	}
	if diff := cmp.Diff([]ocds.Fault{{Row: 1, Text: "it has more than 1.9 MB without its contact points"}}, faults); diff != "" {
		t.Error(diff)
	}
	for i, row := range read {
		size := len(strings.Join(row, ",")) + strings.Count(strings.Join(row, ""), `"`)
		if size > 1_999_999 {
			t.Errorf("row %d has %d bytes", i, size)
		}
	}
}

func TestADocumentThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ document, want string }{
		"empty":      {" \n", "this is no OCDS: it holds neither releases nor records"},
		"text":       {"Contract;Value\n", "this is no OCDS: it holds neither releases nor records"},
		"cut off":    {`{"releases":[` + whole(1) + `,` + whole(2)[:80], "it ends within what follows release 1: the file is cut off, or a bracket is missing"},
		"no bracket": {`{"releases":[` + whole(1) + `,{"a":{"b":1},` + whole(2) + `]}`, "it ends within what follows release 2: the file is cut off, or a bracket is missing"},
	} {
		if _, _, err := rows(t, tc.document); err == nil || err.Error() != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingAboutPeopleIsKept(t *testing.T) {
	t.Parallel()
	read, faults, err := rows(t, `[{"ocid":"ocds-h6vhtk-1","id":1,"date":"2024-06-01T00:30:00+01:00","tag":["tender","tenderUpdate"],
		"buyer":{"id":"GB-PPON-ABCD-1234-EFGH","name":"An Authority"},
		"parties":[{"id":"p","name":"A Firm","contactPoint":{"name":"Jo Bloggs","email":"jo@example.org"},
			"details":{"scale":"large"},"beneficialOwners":[{"name":"Jo Bloggs"}],"telephone":"1"}],
		"tender":{"documents":[{"id":"a","noticeType":"UK4"}],"description":"ask jo@example.org, or: <jo.b@x.co.uk>"},"awards":[{"id":1,"documents":[{"id":"b","noticeType":"uk6"}]}]}]`)
	if err != nil || len(faults) > 0 {
		t.Fatal(faults, err)
	}
	want := []string{
		"ocds-h6vhtk-1", "1", "2024-05-31T23:30:00", "tender,tenderUpdate", "UK4,UK6", "An Authority", "GB-PPON-ABCD-1234-EFGH", "",
		`{"awards":[{"documents":[{"id":"b","noticeType":"uk6"}],"id":1}],"buyer":{"id":"GB-PPON-ABCD-1234-EFGH","name":"An Authority"},` +
			`"date":"2024-06-01T00:30:00+01:00","id":1,"ocid":"ocds-h6vhtk-1","parties":[{"details":{"scale":"large"},"id":"p","name":"A Firm"}],` +
			`"tag":["tender","tenderUpdate"],"tender":{"description":"ask [mail address], or: <[mail address]>","documents":[{"id":"a","noticeType":"UK4"}]}}`,
	}
	if diff := cmp.Diff([][]string{want}, read); diff != "" {
		t.Error(diff)
	}
}

// A street may be where somebody lives, and a text may say whom to ring. What only looks like a telephone number stays.
func TestStreetsAndTelephoneNumbersAreNotKept(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`{"parties":[{"address":{"streetAddress":"1 Example Road","postalCode":"L3 1BP"},"id":"p"}]}`:  `{"parties":[{"address":{"postalCode":"L3 1BP"},"id":"p"}]}`,
		`{"tender":{"items":[{"deliveryAddresses":[{"streetAddress":"1 Example Road"}],"id":"1"}]}}`:   `{"tender":{"items":[{"deliveryAddresses":[{}],"id":"1"}]}}`,
		`{"tender":{"description":"Ring Jo on 0151 496 0000 or (020) 7946-0000."}}`:                    `{"tender":{"description":"Ring Jo on [telephone number] or [telephone number]."}}`,
		`{"tender":{"description":"Mobile: 07700900123, +44 (0)151 496 0000, 0044 151 4960000"}}`:      `{"tender":{"description":"Mobile: [telephone number], [telephone number], [telephone number]"}}`,
		`{"tender":{"description":"0151 496 0000 0151 496 0001 of jo@example.org"}}`:                   `{"tender":{"description":"[telephone number] [telephone number] of [mail address]"}}`,
		`{"tender":{"submissionMethodDetails":"01514960000"}}`:                                         `{"tender":{"submissionMethodDetails":"[telephone number]"}}`,
		`{"tender":{"title":"CPV 09310000-5, company 04166647, 01-04-2024 - 31-03-2025, £1,000,000"}}`: `{"tender":{"title":"CPV 09310000-5, company 04166647, 01-04-2024 - 31-03-2025, £1,000,000"}}`,
		`{"tender":{"id":"No 0151 496 0000","reference":"01514960000","title":"Lot 012345678901234"}}`: `{"tender":{"id":"No 0151 496 0000","reference":"01514960000","title":"Lot 012345678901234"}}`,
	} {
		release, _ := ocds.Judge([]byte(given))
		if diff := cmp.Diff(want, release.Text); diff != "" {
			t.Error(diff)
		}
	}
}

// Whatever the bytes, reading ends without a panic, rows stand in their places, and what is read is read again as the same.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{"releases":[` + whole(1) + `]}`, `[` + whole(1) + `,{]}]`, whole(1) + "\n{\n" + whole(2), `{"records":[{"ocid":"x","compiledRelease":` + whole(1) + `}]}`,
		`[{"a":"\"}"},null,[[]],{"releases":{}}]`, "\ufeff{}", `{"releases":[{"ocid":"a","releases":[{"url":"x"}]}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		read, faults, err := rows(t, document)
		if err != nil {
			return
		}
		broken := map[int64]bool{}
		for _, fault := range faults {
			broken[fault.Row] = true
			if fault.Row < 0 || fault.Row >= int64(len(read)) || fault.Text == "" {
				t.Fatalf("fault %+v of %d rows", fault, len(read))
			}
		}
		for i, row := range read {
			if broken[int64(i)] {
				continue
			}
			again, _, err := rows(t, row[ocds.ReleaseColumn])
			if err != nil || len(again) != 1 || !slices.Equal(again[0], row) {
				t.Fatalf("read again as %v, %v, not %v", again, err, row)
			}
		}
	})
}
