package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// MarshalJSON keeps the type of every value: the float 5 is written as 5.0, so that it does not come back as an integer and a
// scenario rebuilt from the result is the one that ran.
func (a Axis) MarshalJSON() ([]byte, error) {
	values := make([]json.RawMessage, len(a.Values))
	for i, v := range a.Values {
		raw, err := encodeValue(v)
		if err != nil {
			return nil, fmt.Errorf("sweep axis %q: %w", a.Path, err)
		}
		values[i] = raw
	}
	return marshal(struct {
		Path   string            `json:"path"`
		Values []json.RawMessage `json:"values"`
	}{a.Path, values})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Axis) UnmarshalJSON(data []byte) error {
	var in struct {
		Path   string            `json:"path"`
		Values []json.RawMessage `json:"values"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*a = Axis{Path: in.Path, Values: make([]any, len(in.Values))}
	for i, raw := range in.Values {
		v, err := decodeValue(raw)
		if err != nil {
			return fmt.Errorf("sweep axis %q: %w", in.Path, err)
		}
		a.Values[i] = v
	}
	return nil
}

// plainPoint is Point without its methods; the outer field Set hides the one inside.
type plainPoint Point

type jsonPoint struct {
	Set map[string]json.RawMessage `json:"set"`
	plainPoint
}

// MarshalJSON keeps the type of every value in Set, as Axis does.
func (p Point) MarshalJSON() ([]byte, error) {
	out := jsonPoint{Set: make(map[string]json.RawMessage, len(p.Set)), plainPoint: plainPoint(p)}
	for path, v := range p.Set {
		raw, err := encodeValue(v)
		if err != nil {
			return nil, fmt.Errorf("point %q, setting %q: %w", p.Label, path, err)
		}
		out.Set[path] = raw
	}
	return marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Point) UnmarshalJSON(data []byte) error {
	var in jsonPoint
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*p = Point(in.plainPoint)
	p.Set = make(map[string]any, len(in.Set))
	for path, raw := range in.Set {
		v, err := decodeValue(raw)
		if err != nil {
			return fmt.Errorf("point %q, setting %q: %w", in.Label, path, err)
		}
		p.Set[path] = v
	}
	return nil
}

// FormatValue writes a value of a sweep axis as a scenario spells it, without quotes around strings: 5, 5.0, true, 90s.
func FormatValue(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(s, ".eIN") {
			s += ".0"
		}
		return s
	default:
		return fmt.Sprint(v)
	}
}

func encodeValue(v any) (json.RawMessage, error) {
	switch v := v.(type) {
	case string, bool, int64:
		return marshal(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("value %v is not a finite number", v)
		}
		return json.RawMessage(FormatValue(v)), nil
	default:
		return nil, fmt.Errorf("value %v is a %T: only bool, int64, float64 and string are values of a scenario", v, v)
	}
}

func decodeValue(raw json.RawMessage) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case string, bool:
		return v, nil
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return v.Float64()
		}
		return v.Int64()
	default:
		return nil, fmt.Errorf("%s is not a bool, a number or a string", raw)
	}
}

// marshal is json.Marshal without the escapes for HTML, which make "<" and "&" unreadable.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
