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
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("finish commit: %w", err)
	}
	if err := errors.Join(removeDerived(folder), removeSnapshots(folder)); err != nil {
		return fmt.Errorf("finish commit, the new result is in %q: %w", from, err)
	}
	if err := moveAll(from, folder); err != nil {
		return fmt.Errorf("finish commit, the new result is in %q: %w", from, err)
	}
	return syncFolder(folder)
}

// moveAll moves the files of a folder to another, in place of those with the same names, and removes the folder. Folders in it become
// folders there, or join those that exist.
func moveAll(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		a, b := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		if e.IsDir() {
			if err := os.MkdirAll(b, 0o777); err != nil {
				return err
			}
			err = moveAll(a, b)
		} else {
			err = os.Rename(a, b)
		}
		if err != nil {
			return err
		}
	}
	if err := syncFolder(to); err != nil {
		return err
	}
	return os.Remove(from)
}

// derived are the files that other parts of the program make from a result; beside a newer result they would lie. None of them is
// written by the Writer, so removing them twice does no harm.
var derived = [...]string{"report.html", "messages.parquet", "charts/*.svg", "charts/*.png", "tracking/MSGTRK*.LOG"}

func removeDerived(folder string) error {
	names, err := listed(folder, derived[:]...)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Remove(filepath.Join(folder, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// removeSnapshots removes the snapshots of the old result. Those of the new one may be in place already: its head lists them.
func removeSnapshots(folder string) error {
	names, err := listed(folder, snapshotFiles()...)
	if err != nil || len(names) == 0 {
		return err
	}
	head, err := readHead(folder)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, mine := head.Files[name]; mine {
			continue
		}
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.Remove(file); err != nil {
			return err
		}
		for range 3 { // its folders go when nothing else is in them
			file = filepath.Dir(file)
			if os.Remove(file) != nil {
				break
			}
		}
	}
	return nil
}

// listed returns the files of a folder that match one of the patterns, with slashes.
func listed(folder string, patterns ...string) ([]string, error) {
	var all []string
	for _, pattern := range patterns {
		names, err := fs.Glob(os.DirFS(folder), pattern)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	return all, nil
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
