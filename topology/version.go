package topology

import "fmt"

// Version is the product version of a server or of the whole model; it picks defaults and rules. Versions order by age.
type Version uint8

// The versions that the rule book names. V2016 stands for 2016 and 2019.
const (
	V2007RTM Version = iota
	V2007
	V2010RTM
	V2010
	V2013
	V2016
	VSE
)

// versionNames are the spellings in a scenario. 2019 is an alias of 2016.
func versionNames() []string {
	return []string{"2007rtm", "2007", "2010rtm", "2010", "2013", "2016", "se"}
}

// VersionNames lists what ParseVersion accepts, for messages and the schema.
func VersionNames() []string {
	return []string{"2007rtm", "2007", "2010rtm", "2010", "2013", "2016", "2019", "se"}
}

// ParseVersion reads a version name of a scenario.
func ParseVersion(s string) (Version, error) {
	if s == "2019" {
		return V2016, nil
	}
	for i, n := range versionNames() {
		if n == s {
			return Version(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not a version", s)
}

// String returns the scenario spelling.
func (v Version) String() string {
	if n := versionNames(); int(v) < len(n) {
		return n[v]
	}
	return fmt.Sprintf("version(%d)", uint8(v))
}

// Class is the delivery class of a version: hubs deliver only to mailboxes of their own class, and there are three: 8 for 2007, 14
// for 2010 and 15 for 2013 and later.
func (v Version) Class() int32 {
	switch {
	case v.New():
		return 15
	case v >= V2010RTM:
		return 14
	}
	return 8
}

// New tells whether the rules of 2013 and later hold: delivery groups, mailbox servers that are
// transport servers.
func (v Version) New() bool { return v >= V2013 }
