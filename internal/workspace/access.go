package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"

	"socialvalue/internal/durable"
	"socialvalue/internal/model"
	"socialvalue/internal/shelf"
	"socialvalue/internal/site"
)

// GroupsOf looks up the groups that the site gives the parts of a release to. With a project it also says which of them
// are parts of nothing.
func GroupsOf(env Environment, project *model.Project) (shelf.Access, error) {
	lookUp := env.Group
	if lookUp == nil {
		lookUp = MachineGroup
	}
	var parts []string
	if project != nil {
		parts = append([]string{}, domains(project)...)
	}
	groups, numbers := shelf.Access{}, map[string]int{}
	err := env.Site.CheckGroups(parts, func(name string) (err error) {
		numbers[name], err = lookUp(name)
		return err
	})
	if err != nil {
		return nil, &ConfigurationError{err}
	}
	for part, name := range env.Site.Groups {
		if part != site.HRGroup {
			groups[part] = numbers[name]
		}
	}
	return groups, nil
}

// MachineGroup is the number of a group of this machine that this account may give files to.
func MachineGroup(name string) (int, error) {
	group, err := user.LookupGroup(name)
	var unknown user.UnknownGroupError
	switch {
	case errors.As(err, &unknown):
		return 0, fmt.Errorf("there is no group %s on this machine: make it with groupadd %s", name, name)
	case err != nil:
		return 0, fmt.Errorf("the group %s cannot be looked up: %w", name, err)
	}
	number, err := strconv.Atoi(group.Gid)
	if err != nil {
		return 0, fmt.Errorf("the group %s has no number: %w", name, err)
	}
	return number, mayGive(name, number)
}

// mayGive says why this account cannot give files to a group.
func mayGive(name string, number int) error {
	mine, err := os.Getgroups()
	if err != nil {
		return fmt.Errorf("the groups of this account cannot be read: %w", err)
	}
	if os.Geteuid() == 0 || os.Getegid() == number || slices.Contains(mine, number) {
		return nil
	}
	return fmt.Errorf("this account is not in the group %s, so it cannot give files to it: add it with usermod -aG %s and the account's name, and log in again", name, name)
}

// SetAccess gives all releases and editions, and the folders on the way to them, the groups of the site: also those made
// before it named them.
func SetAccess(s *site.Site, groups shelf.Access) error {
	disk := durable.Disk{}
	if err := groups.SetFolder(disk, s.Warehouse.Root); err != nil {
		return err
	}
	for _, root := range []string{s.Warehouse.Releases(), s.Warehouse.Publications()} {
		if err := groups.Set(disk, root); err != nil {
			return err
		}
	}
	return nil
}

// Access looks up the groups that may read the parts of a release, whatever the state of the models.
func Access(env Environment) (shelf.Access, error) { return GroupsOf(env, nil) }

// AccessStanding is how it stands with who may read what.
type AccessStanding struct {
	Ungrouped []string // domains of restricted datasets without a group of their own
	Exposed   error    // how the current release lets in others than the site says
}

// Accessible looks how it stands with who may read what.
func Accessible(ctx context.Context, env Environment) (standing AccessStanding, err error) {
	project, err := Project(ctx, env)
	if err != nil {
		return standing, err
	}
	groups, err := GroupsOf(env, project)
	if err != nil {
		return standing, err
	}
	standing.Ungrouped = slices.DeleteFunc(domains(project), func(domain string) bool { return env.Site.Groups[domain] != "" })
	root := env.Site.Warehouse.Releases()
	current, err := shelf.Current(root)
	if errors.Is(err, shelf.ErrNoRelease) {
		return standing, nil
	}
	if err != nil {
		return standing, err
	}
	standing.Exposed = groups.Verify(root, current.Release)
	return standing, nil
}
