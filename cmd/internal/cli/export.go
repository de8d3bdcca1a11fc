package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"mailsim/sim/result/dir"
)

func newExport(env Env) *cobra.Command {
	var csv bool
	var out string
	cmd := &cobra.Command{
		Use:   "export DIR --csv",
		Short: "Write the series and distributions of a result folder as CSV",
		Long: `export writes series.csv and histograms.csv from a result folder, for spreadsheets and notebooks. Times are seconds since the start
of the run. The files stream through: results of any size can be exported.`,
		Example: `  mailsim export results/threshold --csv
  mailsim export results/threshold --csv --out tables`,
		Args: wants("result folder", false),
		RunE: func(_ *cobra.Command, args []string) error {
			if !csv {
				return wrongUsage(errors.New("mailsim export: say in which format; there is --csv"))
			}
			if out == "" {
				out = args[0]
			}
			if err := findFolder(args[0]); err != nil {
				return err
			}
			if info, err := os.Stat(out); err == nil && !info.IsDir() || err != nil && !errors.Is(err, fs.ErrNotExist) {
				return wrongUsage(fmt.Errorf("--out %s: this is no folder to write to", out))
			}
			if err := dir.ExportCSV(args[0], out); err != nil {
				return err
			}
			for _, name := range []string{"series.csv", "histograms.csv"} {
				fmt.Fprintln(env.Stdout, filepath.Join(out, name))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&csv, "csv", false, "write CSV files")
	cmd.Flags().StringVar(&out, "out", "", "folder to write to (default: the result folder)")
	return cmd
}
