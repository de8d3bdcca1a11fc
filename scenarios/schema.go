package scenarios

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"mailsim/sim/result"
)

// Schema returns the JSON schema of a scenario file, generated from the table types, as scenarios/schema.json holds it. Editors
// that know TOML schemas complete and check with it.
func Schema() []byte {
	root := objectSchema(typeOf[document](), true)
	delete(root, "required") // of a name
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "mailsim scenario"
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		panic("scenarios: Schema: " + err.Error())
	}
	return b.Bytes()
}

// objectSchema describes a table. A partial one may be completed by base or defaults, so that no key but its name is required.
func objectSchema(t reflect.Type, partial bool) map[string]any {
	properties := map[string]any{}
	var required []string
	for _, f := range fieldsOf(t) {
		if f.later {
			continue
		}
		s := fieldSchema(f)
		s["description"] = f.tag.Get("doc")
		if v := f.tag.Get("default"); v != "" {
			s["default"] = literal(v, Pos{}).value
		}
		properties[f.key] = s
		if f.tag.Get("req") == "true" && (!partial || f.key == "name") {
			required = append(required, f.key)
		}
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		out["required"] = required
	}
	return out
}

// fieldSchema describes a key: its type, narrowed by the tags.
func fieldSchema(f field) map[string]any {
	s := map[string]any{}
	for k, v := range describeType(f.typ).schema {
		s[k] = v
	}
	if enum := f.legal(); enum != "" {
		values := strings.Split(enum, ",")
		if s["type"] == "array" {
			s["items"] = map[string]any{"enum": values}
		} else {
			s = map[string]any{"enum": values}
		}
	}
	if lo, hi, ok := strings.Cut(f.tag.Get("range"), ".."); ok && (s["type"] == "integer" || s["type"] == "number") {
		for key, bound := range map[string]string{"minimum": lo, "maximum": hi} {
			if n, err := strconv.ParseFloat(bound, 64); err == nil {
				s[key] = n
			}
		}
	}
	if f.tag.Get("list") == "or-one" {
		return orList1(s["items"].(map[string]any))
	}
	return s
}

// defaultsSchema describes [defaults.KIND]: the keys of every kind, none required.
func defaultsSchema() map[string]any {
	properties := map[string]any{}
	for _, f := range fieldsOf(typeOf[document]()) {
		if f.typ.Kind() == reflect.Slice && !f.later {
			table := objectSchema(f.typ.Elem(), true)
			keys := table["properties"].(map[string]any)
			delete(keys, "name")
			delete(table, "required")
			delete(keys, "id")
			properties[f.key] = table
		}
	}
	return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
}

// counterLimitsSchema describes the limits of a group: a text for each counter.
func counterLimitsSchema() map[string]any {
	properties := map[string]any{}
	for _, c := range result.Counters() {
		properties[c.Name] = map[string]any{"type": "string", "description": c.Title}
	}
	return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
}

// laterKeys lists the reserved keys of a table, for the reference.
func laterKeys(t reflect.Type) []string {
	var out []string
	for _, f := range fieldsOf(t) {
		if f.later {
			out = append(out, f.key)
		}
	}
	slices.Sort(out)
	return out
}
