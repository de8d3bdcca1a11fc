package plots

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mailsim/sim/result"
)

// settingName names a sweep axis for readers: "Connection threshold"; that of one object with its name: "lag: enabled".
func settingName(axis string) string {
	name := strings.ReplaceAll(axis[strings.LastIndexByte(axis, '.')+1:], "_", " ")
	if parts := strings.Split(strings.TrimPrefix(axis, "defaults."), "."); len(parts) > 2 {
		if object := strings.Join(parts[1:len(parts)-1], "."); !strings.ContainsAny(object, "*?[") {
			name = object + ": " + name
		}
	}
	first, size := utf8.DecodeRuneInString(name)
	if size == 0 || strings.Contains(name, ": ") {
		return cmp.Or(name, axis)
	}
	return string(unicode.ToUpper(first)) + name[size:]
}

// settingAxis names a sweep axis along a chart, with its unit where one is known and its path otherwise.
func settingAxis(axis result.Axis) string {
	if strings.HasSuffix(axis.Path, "connection_threshold") {
		return settingName(axis.Path) + " (messages queued per connection)"
	}
	unit, _ := unitOf(axis)
	switch {
	case strings.HasPrefix(unit, "/"):
		unit = ", in 1" + unit
	case unit != "":
		unit = ", in " + unit
	}
	return settingName(axis.Path) + " (" + axis.Path + unit + ")"
}

// unitOf returns the unit that all values of an axis share, "" for bare numbers; false when they do not share one, or are no numbers.
func unitOf(axis result.Axis) (string, bool) {
	shared := ""
	for i, v := range axis.Values {
		_, unit, ok := measured(v)
		if !ok || i > 0 && unit != shared {
			return "", false
		}
		shared = unit
	}
	return shared, len(axis.Values) > 0
}

// measured takes the value of a setting apart: a number, or a text such as "6/s", "30s" or "10 MB" into number and unit.
func measured(v any) (float64, string, bool) {
	text, ok := v.(string)
	if !ok {
		x, ok := number(v)
		return x, "", ok
	}
	at := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789.-+", r) })
	if at < 0 {
		return 0, "", false // digits in quotes are a name
	}
	unit := strings.TrimSpace(text[at:])
	x, err := strconv.ParseFloat(text[:at], 64)
	if err != nil || unit == "" || strings.ContainsFunc(unit, func(r rune) bool { return r != '/' && r != '%' && !unicode.IsLetter(r) }) {
		return 0, "", false // 1h30m and the like
	}
	return x, unit, true
}

// settingValue writes the value of a setting as the legend shows it.
func settingValue(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}

// number returns the value of a setting as a number.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// pointNames returns the legend's title and a name for each sweep point: the names of the swept settings and their values. A point
// that lacks a value goes by its label or, without one, by its number.
func pointNames(s *result.Study) (title string, names []string) {
	var settings []string
	for i, axis := range s.File.Axes {
		name := settingName(axis.Path)
		if i > 0 {
			name = strings.ToLower(name)
		}
		settings = append(settings, name)
	}
	for i, p := range s.File.Points {
		var values []string
		for _, axis := range s.File.Axes {
			if v, ok := p.Set[axis.Path]; ok {
				values = append(values, settingValue(v))
			}
		}
		switch {
		case len(values) == len(s.File.Axes) && len(values) > 0:
			names = append(names, strings.Join(values, ", "))
		case p.Label != "":
			names = append(names, p.Label)
		default:
			names = append(names, fmt.Sprintf("point %d", i))
		}
	}
	if len(settings) == 0 {
		return "Setting", names
	}
	return strings.Join(settings, ", "), names
}

// panelPrefix is what stands before the values of a point in the title of its panel: the name of the swept setting, "" where there
// are several.
func panelPrefix(s *result.Study) string {
	if len(s.File.Axes) != 1 {
		return ""
	}
	return settingName(s.File.Axes[0].Path) + " = "
}
