package cli

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"mailsim/scenarios"
	"mailsim/sim"
	"mailsim/sim/result/dir"
)

// The exit codes that every command can end with.
const (
	exitGood         = 0
	exitFound        = 1
	exitUsage        = 2
	exitBroken       = 3
	exitInconclusive = 4
	exitInterrupted  = 130
)

// failure is an error with the exit code that it calls for. Text that has been printed already comes without an err.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string {
	if f.err == nil {
		return ""
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// wrongUsage makes an error of what the command line asks for.
func wrongUsage(err error) error { return &failure{exitUsage, err} }

// conclude prints what ended a command and returns its exit code.
func (e Env) conclude(err error) int {
	if err == nil {
		return exitGood
	}
	code := exitCode(err)
	if text := err.Error(); text != "" {
		var wrong *scenarios.Error
		switch {
		case errors.As(err, &wrong): // a list, each with its position: no prefix, so that editors can jump there
			e.say("%s", wrong)
		case strings.HasPrefix(text, "mailsim"):
			e.say("%s", text)
		default:
			e.say("mailsim: %s", text)
		}
	}
	return code
}

// exitCode picks the code for an error.
func exitCode(err error) int {
	var f *failure
	var wrong *scenarios.Error
	switch {
	case errors.As(err, &f):
		return f.code
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, sim.ErrInvariant):
		return exitBroken
	case errors.As(err, &wrong), errors.Is(err, dir.ErrNotResult), errors.Is(err, dir.ErrNewer), errors.Is(err, dir.ErrDamaged), errors.Is(err, fs.ErrNotExist):
		return exitUsage
	}
	return exitBroken
}
