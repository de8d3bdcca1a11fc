package scenarios

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// The committed schema and reference are what the types say.
func TestGeneratedFilesAreFresh(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]byte{"schema.json": Schema(), "../docs/scenario-reference.md": Reference()} {
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
			require.NoError(t, os.WriteFile(name, want, 0o644))
		}
		got, err := os.ReadFile(name)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), "%s is stale: run go test ./scenarios -run Generated -update", name)
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("schema.json", doc))
	s, err := c.Compile("schema.json")
	require.NoError(t, err)
	return s
}

// asJSON turns TOML into what a JSON schema judges: dates are texts there.
func asJSON(t *testing.T, src []byte) any {
	t.Helper()
	values := map[string]any{}
	_, err := toml.Decode(string(src), &values)
	require.NoError(t, err)
	var dates func(v any) any
	dates = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k := range v {
				v[k] = dates(v[k])
			}
		case []map[string]any:
			for i := range v {
				v[i] = dates(v[i]).(map[string]any)
			}
		case []any:
			for i := range v {
				v[i] = dates(v[i])
			}
		case time.Time:
			return v.Format(time.RFC3339)
		}
		return v
	}
	data, err := json.Marshal(dates(values))
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	return doc
}

func TestShippedScenariosSatisfyTheSchema(t *testing.T) {
	t.Parallel()
	s := compileSchema(t)
	for _, name := range append(Shipped(), "design", "org", "tables-2010", "tables-2016") {
		src, err := fs.ReadFile(shipped, strings.TrimPrefix(name, "@")+".toml")
		if !strings.HasPrefix(name, "@") {
			src, err = os.ReadFile("testdata/good/" + name + ".toml")
		}
		require.NoError(t, err)
		require.NoError(t, s.Validate(asJSON(t, src)), name)
	}
}

// What the schema refuses, the loader refuses too, and the schema sees most of what is wrong.
func TestSchemaRefusesBrokenScenarios(t *testing.T) {
	t.Parallel()
	s := compileSchema(t)
	for _, name := range []string{
		"unknown-key", "unknown-key-in-table", "unknown-table", "case-of-key", "later-table", "later-key", "wrong-type", "missing-unit",
		"missing-unit-in-text", "wrong-unit", "negative-cost", "out-of-range", "missing-keys", "unknown-version", "f001-unknown-field",
		"f002-unknown-kind", "f005-bad-duration", "f009-probability", "f010-percent", "f025-type", "model", "threshold", "defaults",
	} {
		src, err := os.ReadFile("testdata/broken/" + name + ".toml")
		require.NoError(t, err)
		require.Error(t, s.Validate(asJSON(t, src)), name)
	}
}

// Every key says what it is for, and its example and default are legal.
func TestEveryKeyIsDescribed(t *testing.T) {
	t.Parallel()
	for _, top := range fieldsOf(typeOf[document]()) {
		if top.later {
			continue
		}
		require.NotEmpty(t, top.tag.Get("doc"), top.key)
		d := describeType(top.typ)
		if d.table == nil {
			continue
		}
		seen := map[string]bool{}
		for _, f := range fieldsOf(d.table) {
			require.False(t, seen[f.key], "%s.%s stands twice", top.key, f.key)
			seen[f.key] = true
			if f.later {
				continue
			}
			require.NotEmpty(t, f.tag.Get("doc"), "%s.%s", top.key, f.key)
			describeType(f.typ)
			if strings.Contains(f.example(), "...") || top.key == "replications" {
				continue
			}
			if _, err := toml.Decode(f.example(), &map[string]any{}); err != nil {
				t.Errorf("%s.%s: the example is no TOML: %s", top.key, f.key, f.example())
			}
		}
	}
}
