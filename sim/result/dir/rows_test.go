package dir

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoDictionaries: the run-length pages of dictionary columns differ between processors with and without AVX2 (GODEBUG=cpu.avx2=off shows it).
func TestNoDictionaries(t *testing.T) {
	t.Parallel()
	for _, row := range []reflect.Type{reflect.TypeFor[seriesRow](), reflect.TypeFor[histogramRow]()} {
		for i := range row.NumField() {
			require.NotContains(t, row.Field(i).Tag.Get("parquet"), "dict", "%s.%s", row.Name(), row.Field(i).Name)
		}
	}
}
