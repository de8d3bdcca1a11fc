package scenarios

import (
	"reflect"
	"time"

	"mailsim/sim/rng"
)

// description is what the schema and the reference say of a type of value.
type description struct {
	words   string         // for people: "duration"
	example string         // as TOML
	schema  map[string]any // JSON schema
	table   reflect.Type   // the table type whose keys belong to it, if it has any
}

func pattern(words, example, expression string) description {
	return description{words, example, map[string]any{"type": "string", "pattern": expression}, nil}
}

const durationPattern = `([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w)`

// describeType describes a type of the tables. Every type that the binder knows is here; another one panics in the tests.
func describeType(t reflect.Type) description {
	if t.Kind() == reflect.Pointer {
		return describeType(t.Elem())
	}
	switch t {
	case typeOf[duration](), typeOf[span](), typeOf[warmup]():
		return pattern("duration", `"90s"`, `^\+?(`+durationPattern+`)+$`)
	case typeOf[offset]():
		return pattern("signed duration", `"+7m"`, `^[+-]?(`+durationPattern+`)+$`)
	case typeOf[size]():
		return pattern("size", `"10MB"`, `^[0-9.]+ ?(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$`)
	case typeOf[rate]():
		return pattern("rate", `"40/s"`, `^[0-9.eE+-]+ ?/ ?(s|min|m|h|d|day)$`)
	case typeOf[bandwidth]():
		return pattern("bandwidth", `"100Mbit/s"`, bandwidthPattern)
	case typeOf[linkBandwidth]():
		d := pattern("bandwidth, or a table", `"100Mbit/s"`, bandwidthPattern)
		d.schema = map[string]any{"anyOf": []any{d.schema, objectSchema(t, false)}}
		d.table = t
		return d
	case typeOf[instant]():
		d := pattern("instant: duration since t0, or a date", `"1h"`, "")
		d.schema = map[string]any{"type": "string"}
		return d
	case typeOf[time.Time]():
		return description{"date with offset", "2026-03-02T08:00:00+09:00", map[string]any{"type": "string", "format": "date-time"}, nil}
	case typeOf[millionths]():
		return description{"number", "5000", map[string]any{"type": "number"}, nil}
	case typeOf[fraction]():
		return description{"fraction", "0.5", map[string]any{"type": "number", "minimum": 0, "maximum": 1}, nil}
	case typeOf[prone]():
		return description{"true, false or a fraction", "0.5", map[string]any{"anyOf": []any{
			map[string]any{"type": "boolean"}, map[string]any{"type": "number", "minimum": 0, "maximum": 1},
		}}, nil}
	case typeOf[replications]():
		return description{"whole number, or a table", "10", map[string]any{"anyOf": []any{
			map[string]any{"type": "integer", "minimum": 1}, objectSchema(typeOf[replicationRule](), false),
		}}, typeOf[replicationRule]()}
	case typeOf[threshold]():
		return description{"whole number, or a table", "20", map[string]any{"anyOf": []any{
			map[string]any{"type": "integer", "minimum": 1}, objectSchema(t, false),
		}}, t}
	case typeOf[categoriser]():
		return description{"preset, or a table", `"default"`, map[string]any{"anyOf": []any{
			map[string]any{"enum": []any{"default", "heavy-agents", "off"}}, objectSchema(t, false),
		}}, t}
	case typeOf[durationDist]():
		return distDescription(durations, "duration or distribution of durations", `"0.5s"`, `^\+?(`+durationPattern+`)+$`)
	case typeOf[stepTime]():
		return stepTimeDescription(false)
	case typeOf[taken]():
		return stepTimeDescription(true)
	case typeOf[sizeDist]():
		return distDescription(sizes, "preset, size or distribution of sizes", `"10KB"`, "")
	case typeOf[countDist]():
		return distDescription(counts, "preset, number or distribution of numbers", "1", "")
	case typeOf[packetDist]():
		return distDescription(packets, "number or distribution of numbers", "4", "")
	case typeOf[parties]():
		return description{"party, or a table of weights", `"site:Tokyo"`, map[string]any{"anyOf": []any{
			map[string]any{"type": "string"},
			map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "number", "exclusiveMinimum": 0}},
		}}, nil}
	case typeOf[partyList]():
		return description{"party, or a list of parties", `"group:team"`, orList1(map[string]any{"type": "string"}), nil}
	case typeOf[memory]():
		return description{"duration or preset", `"1h"`, map[string]any{"anyOf": []any{
			map[string]any{"enum": []any{docMemory}}, describeType(typeOf[duration]()).schema,
		}}, nil}
	case typeOf[names]():
		return description{"name or list of names", `"tyo-hub1"`, orList1(map[string]any{"type": "string"}), nil}
	case typeOf[domainsKey]():
		return description{"name or list of names, or a number", `"example.com"`, map[string]any{"anyOf": []any{
			orList1(map[string]any{"type": "string"}), map[string]any{"type": "integer", "minimum": 1, "maximum": 100000},
		}}, nil}
	case typeOf[ports]():
		return description{"port, range, or list of them", `25`, orList1(map[string]any{"anyOf": []any{
			map[string]any{"type": "integer", "minimum": 1, "maximum": 65535}, map[string]any{"type": "string", "pattern": `^\d+(-\d+)?$`},
		}}), nil}
	case typeOf[expectTags]():
		return description{"table of labels", `{ server = "edge*" }`, map[string]any{
			"type": "object", "additionalProperties": map[string]any{"type": "string"},
		}, nil}
	case typeOf[counterLimits]():
		return description{"table of limits", `{ active-remote = "<= 1000 msg" }`, counterLimitsSchema(), nil}
	case typeOf[settings]():
		return description{"table of settings", `{ "path" = 5 }`, map[string]any{"type": "object"}, nil}
	case typeOf[sweepTable]():
		return description{"table of axes", "", map[string]any{"type": "object"}, nil}
	case typeOf[defaultsTable]():
		return description{"table of tables", "", defaultsSchema(), nil}
	}
	switch t.Kind() {
	case reflect.String:
		return description{"text", `"text"`, map[string]any{"type": "string"}, nil}
	case reflect.Bool:
		return description{"true or false", "true", map[string]any{"type": "boolean"}, nil}
	case reflect.Int64:
		return description{"whole number", "1", map[string]any{"type": "integer"}, nil}
	case reflect.Float64:
		return description{"number", "1.5", map[string]any{"type": "number"}, nil}
	case reflect.Struct:
		return description{"table", "{ ... }", objectSchema(t, false), t}
	case reflect.Slice:
		d := describeType(t.Elem())
		if t.Elem().Kind() == reflect.Struct && d.table != nil {
			d.schema = objectSchema(t.Elem(), true)
		}
		return description{"list of " + d.words + "s", "[" + d.example + "]", map[string]any{"type": "array", "items": d.schema}, d.table}
	}
	panic("scenarios: describeType: no description of " + t.String())
}

const bandwidthPattern = `^(unlimited|[0-9.]+ ?([kKMGT]?bit/s|[KMG]?B/s))$`

// orList1 lets a single value stand for a list of one.
func orList1(one map[string]any) map[string]any {
	return map[string]any{"anyOf": []any{one, map[string]any{"type": "array", "items": one}}}
}

// distDescription describes a distribution: constant, preset or table.
func distDescription(dim dimension, words, example, constant string) description {
	var simple map[string]any
	switch dim {
	case durations:
		simple = map[string]any{"type": "string", "pattern": constant}
	case sizes:
		names := []any{}
		for _, n := range rng.SizePresets() {
			names = append(names, n)
		}
		simple = map[string]any{"anyOf": []any{map[string]any{"enum": names}, describeType(typeOf[size]()).schema}}
	case packets:
		simple = map[string]any{"type": "number", "minimum": 1}
	default:
		names := []any{}
		for _, n := range rng.RecipientsPresets() {
			names = append(names, n)
		}
		simple = map[string]any{"anyOf": []any{map[string]any{"enum": names}, map[string]any{"type": "number", "minimum": 1}}}
	}
	value := map[string]any{"type": "string"}
	if dim == counts || dim == packets {
		value = map[string]any{"type": "number"}
	}
	kinds := []any{}
	for _, d := range dists() {
		kinds = append(kinds, d.name)
	}
	properties := map[string]any{"dist": map[string]any{"enum": kinds}}
	inUnit, plain := distKeys()
	for _, k := range inUnit {
		properties[k] = value
	}
	for _, k := range plain {
		properties[k] = map[string]any{"type": "number"}
	}
	table := map[string]any{"type": "object", "properties": properties, "required": []any{"dist"}, "additionalProperties": false}
	return description{words, example, map[string]any{"anyOf": []any{simple, table}}, nil}
}
