package dir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// prepare checks that a result may be written to folder, makes it if need be, completes a commit that a crash interrupted, and
// returns whether the folder was made here.
func prepare(folder string, force bool) (made bool, err error) {
	info, err := os.Stat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return false, fmt.Errorf("make result folder: %w", err)
		}
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("result folder: %w", err)
	}
	if !info.IsDir() {
		return false, fmt.Errorf("result folder %q is a file; name a folder", folder)
	}
	if err := moveIntoPlace(folder); err != nil {
		return false, err
	}
	if force {
		return false, nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return false, fmt.Errorf("result folder: %w", err)
	}
	foreign := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() != staging })
	if _, err := readHead(folder); foreign && err != nil && !errors.Is(err, ErrNewer) {
		return false, fmt.Errorf("folder %q is not empty and %w; choose another folder or force it", folder, ErrNotResult)
	}
	return false, nil
}

// commit makes the staged result the result of the folder: one rename decides, the rest is moving files.
func commit(folder string, staged os.FileInfo) error {
	from := filepath.Join(folder, staging)
	now, err := os.Stat(from)
	if err != nil || !os.SameFile(staged, now) {
		return fmt.Errorf("result folder %q: another run has begun to write to it; this result is dropped", folder)
	}
	if err := syncFolder(from); err != nil {
		return err
	}
	if err := os.Rename(from, filepath.Join(folder, committed)); err != nil {
		return fmt.Errorf("commit result: %w", err)
	}
	if err := syncFolder(folder); err != nil {
		return err
	}
	return moveIntoPlace(folder)
}

// moveIntoPlace finishes a commit: what was drawn from the old result goes, the files of the new one come. It may be interrupted
// and repeated at any point; without a commit under way it does nothing.
func moveIntoPlace(folder string) error {
	from := filepath.Join(folder, committed)
	entries, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("finish commit: %w", err)
	}
	if err := removeDerived(folder); err != nil {
		return fmt.Errorf("finish commit, the new result is in %q: %w", from, err)
	}
	for _, e := range entries {
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(folder, e.Name())); err != nil {
			return fmt.Errorf("finish commit, the new result is in %q: %w", from, err)
		}
	}
	if err := os.Remove(from); err != nil {
		return fmt.Errorf("finish commit: %w", err)
	}
	return syncFolder(folder)
}

// derived are the files that other parts of the program make from a result; beside a newer result they would lie. None of them is
// written by the Writer, so removing them twice does no harm.
var derived = [...]string{"report.html", "messages.parquet", "charts/*.svg", "charts/*.png", "tracking/MSGTRK*.LOG"}

func removeDerived(folder string) error {
	fsys := os.DirFS(folder)
	for _, pattern := range derived {
		names, err := fs.Glob(fsys, pattern)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := os.Remove(filepath.Join(folder, filepath.FromSlash(name))); err != nil {
				return err
			}
		}
	}
	return nil
}

// syncFolder makes renames in a folder durable where the system can do that; some cannot sync folders, which is no error.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	_ = f.Sync()
	return f.Close()
}
