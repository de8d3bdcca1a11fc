package cli

import (
	"strconv"
	"strings"

	"mailsim/scenarios/sweep"
	"mailsim/sim/result"
)

// rerun is the command that runs one point of the study again, with so many replications: the same seed, the same settings.
func (e *execution) rerun(p sweep.Point, replications int) string {
	words := []string{"mailsim", "run", e.study.given, "--seed", strconv.FormatInt(e.file.Seed, 10), "--replications", strconv.Itoa(replications)}
	for _, set := range e.study.overrides.set {
		words = append(words, "--set", set)
	}
	for _, s := range p.Settings {
		words = append(words, "--set", s.Path+"="+result.FormatValue(s.Value))
	}
	for i, w := range words {
		words[i] = quote(w)
	}
	return strings.Join(words, " ")
}

// quote puts what a shell would change into quotes.
func quote(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
