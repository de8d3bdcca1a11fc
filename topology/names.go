package topology

import "strings"

// CompareNames orders names as routing does wherever a name breaks a tie (D-1): the upper-cased names code point by code point,
// a prefix before what it begins. It returns a negative number, 0 or a positive number. So "Site10" < "Site2" and "b" < "C".
func CompareNames(a, b string) int {
	// UTF-8 keeps the order of code points, so comparing bytes is enough.
	return strings.Compare(strings.ToUpper(a), strings.ToUpper(b))
}

// NameLess tells whether a stands before b in the order of CompareNames (D-1).
func NameLess(a, b string) bool { return CompareNames(a, b) < 0 }
