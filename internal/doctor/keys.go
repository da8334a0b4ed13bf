package doctor

import (
	"fmt"
	"strings"
)

// keys looks whether every feed about people has its key, and the right one.
func (p Patient) keys(add adder) {
	standings, err := p.Keys()
	if err != nil {
		add(Fail, "keys", err.Error(), "mend what it names")
		return
	}
	for _, standing := range standings {
		subject := "key " + standing.Group
		used := "used by " + strings.Join(standing.Sources, ", ")
		switch {
		case standing.Trouble != nil && len(standing.Sources) == 0:
			add(Warn, subject, standing.Trouble.Error(), "no source needs it: mend it, or take it out of keys in svw.yaml and keep the file")
		case standing.Trouble != nil:
			add(Fail, subject, standing.Trouble.Error(), "nothing of "+strings.Join(standing.Sources, ", ")+" is loaded until then")
		case len(standing.Sources) == 0:
			add(Warn, subject, "no source needs it", "take it out of keys in svw.yaml when no feed will; keep the file as long as rows made with it are kept")
		case standing.Older > 0:
			add(Warn, subject, fmt.Sprintf("id %s, %s; %d loads that count were made with an older key, and their people do not join those of later loads", standing.ID, used, standing.Older),
				"put their files into drop/ again, so that they are read with the new key")
		default:
			add(OK, subject, "id "+standing.ID+", "+used, "")
		}
	}
}
