package scenarios

import (
	"reflect"
	"strings"
)

// field is a key of a table type: the one description that the decoder, the schema and the reference page share.
//
//	toml      the key
//	doc       what it says, for the schema and the reference
//	req       "true": the key must be given
//	default   the value when it is not given, as TOML writes it
//	std       the same in words, where it depends on the version or on other keys
//	range     lo..hi, in the key's own unit; either end may be missing
//	enum      the legal texts; enumlater: those that a later version will know
//	oneof     the legal texts, for schema and reference only: a check of the table's own tells more
//	list      "or-one": a single value may stand for a list of one
//	rule      the rule of the rule book that the key serves
//	later     "true": reserved for a later version; "checked": the same, reported by a check of the table's own
type field struct {
	key   string
	index []int
	typ   reflect.Type
	tag   reflect.StructTag
	later bool
}

// fieldsOf lists the keys of a table type in order of declaration, those of embedded tables in their place.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			for _, x := range fieldsOf(f.Type) {
				x.index = append([]int{i}, x.index...)
				out = append(out, x)
			}
			continue
		}
		key := f.Tag.Get("toml")
		if key == "" {
			continue
		}
		out = append(out, field{key: key, index: []int{i}, typ: f.Type, tag: f.Tag, later: f.Tag.Get("later") != ""})
	}
	return out
}

// legal lists the legal texts, separated by commas.
func (f field) legal() string { return f.tag.Get("enum") + f.tag.Get("oneof") }

// example shows how the key is written.
func (f field) example() string {
	if x := f.tag.Get("example"); x != "" {
		return f.key + " = " + x
	}
	if enum := f.legal(); enum != "" {
		first, _, _ := strings.Cut(enum, ",")
		return f.key + ` = "` + first + `"`
	}
	return f.key + " = " + describeType(f.typ).example
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

func typeOfTransportKeys() reflect.Type { return reflect.TypeFor[transportKeys]() }
