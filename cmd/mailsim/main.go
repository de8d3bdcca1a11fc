// Command mailsim simulates the mail of an organisation of many sites: what gets through, how late, and where it waits.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"mailsim/cmd/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(cli.Run(ctx, cli.System()))
}
