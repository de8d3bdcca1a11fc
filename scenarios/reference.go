package scenarios

import (
	"fmt"
	"reflect"
	"strings"
)

// Reference returns the page docs/scenario-reference.md: every key of every table, generated from the table types.
func Reference() []byte {
	var b strings.Builder
	b.WriteString(`# Scenario reference

Generated from the types that read scenarios; a test fails when this page is stale. Every key that a scenario may hold, table by table.

- **Durations** are written as in Go, with d and w added: "90s", "2h30m", "3d". **Sizes** count in 1024s: "512B", "10KB", "25MB" (KiB and MiB
  mean the same). **Bandwidths** count in 1000s: "100Mbit/s", or "unlimited". **Rates** are "40/s", "1200/min", "9/h". **Fractions** are numbers from 0
  to 1, never text with a percent sign. **Instants** are durations since the start of the run, or RFC 3339 dates. A number without a unit where one is
  needed is an error.
- A **distribution** is a constant, the name of a preset, or a table: { dist = "exponential", mean = ... }, { dist = "uniform", min, max },
  { dist = "lognormal", median, p95 } (or median and sigma, mean and sigma, median, sigma and limit), { dist = "weibull", mean, shape } (or scale and shape),
  { dist = "pareto", min, shape }, { dist = "erlang", mean, stages }, { dist = "hyperexponential", mean, cs2 }, { dist = "constant", value }.
- Names of hosts (hub, edge, mailbox, dc, remote) are one namespace, but for the two roles of one machine. Names are compared without regard to
  case, but referred to as they are written.
- A **path** names values for --set and for [sweep]: edge.tyo-edge1.connection_threshold, edge.*.connection_threshold, load[0].rate, load.ID.rate,
  model.version, remote.cloud.session.setup. It must match something.

`)
	section(&b, "The head of the file", typeOf[document]())
	for _, f := range fieldsOf(typeOf[document]()) {
		d := describeType(f.typ)
		if f.later || d.table == nil || f.key == "replications" {
			continue
		}
		name := "[" + f.key + "]"
		if f.typ.Kind() == reflect.Slice {
			name = "[[" + f.key + "]]"
		}
		fmt.Fprintf(&b, "## %s\n\n%s\n\n", name, f.tag.Get("doc"))
		keys(&b, d.table)
		for _, g := range fieldsOf(d.table) {
			inner := describeType(g.typ)
			if g.later || inner.table == nil || g.key == "target" || g.key == "side_a" || g.key == "side_b" {
				continue
			}
			fmt.Fprintf(&b, "### %s.%s\n\n", f.key, g.key)
			keys(&b, inner.table)
			for _, h := range fieldsOf(inner.table) {
				if x := describeType(h.typ); !h.later && x.table != nil && h.key != "target" {
					fmt.Fprintf(&b, "### %s.%s.%s\n\n", f.key, g.key, h.key)
					keys(&b, x.table)
				}
			}
		}
	}
	b.WriteString("## Selectors: target, side_a, side_b\n\nEach key is a name, a list, or a pattern with *. Different keys must all match; of a list any may.\n\n")
	keys(&b, typeOf[selector]())
	kindList(&b)
	sessionLists(&b)
	metricList(&b)
	counterList(&b)
	return []byte(strings.TrimRight(b.String(), "\n") + "\n")
}

// section writes a heading and the keys of a table that are no tables themselves.
func section(b *strings.Builder, title string, t reflect.Type) {
	fmt.Fprintf(b, "## %s\n\n", title)
	keys(b, t)
}

// keys writes the table of keys of a type.
func keys(b *strings.Builder, t reflect.Type) {
	b.WriteString("| key | value | range | default | meaning | rule |\n|---|---|---|---|---|---|\n")
	for _, f := range fieldsOf(t) {
		if f.later {
			continue
		}
		d := describeType(f.typ)
		if t == typeOf[document]() && d.table != nil && f.key != "replications" {
			continue
		}
		words := d.words
		if enum := f.legal(); enum != "" {
			words = "\"" + strings.ReplaceAll(enum, ",", "\", \"") + "\""
			if f.typ.Kind() == reflect.Slice {
				words = "list of " + words
			}
		}
		if f.tag.Get("list") == "or-one" {
			words += ", or one"
		}
		standard := f.tag.Get("std")
		if v := f.tag.Get("default"); v != "" {
			standard = v
		}
		if f.tag.Get("req") == "true" {
			standard = "required"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n", f.key, cell(words), cell(f.tag.Get("range")), cell(standard),
			cell(f.tag.Get("doc")), f.tag.Get("rule"))
	}
	b.WriteString("\n")
	if later := laterKeys(t); later != nil {
		fmt.Fprintf(b, "Reserved for a later version: `%s`.\n\n", strings.Join(later, "`, `"))
	}
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
