#!/usr/bin/env bash
#
# Polars 2.1.0: a column of Python objects comes out as Arrow by where the objects lie in memory, not by what they are.
#
# Series.to_arrow and DataFrame.to_arrow turn a column of dtype Object into fixed_size_binary[8], without a warning: the
# eight bytes are addresses. Two equal objects have different bytes, a missing one has none, and the bytes of a column
# differ from run to run. What counts, groups or joins by such a column takes each row for another value. Expected: an
# error that says that Arrow has no type for objects.
#
# Seen: exit status 0 of this script; two equal fractions with different bytes.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check polars==2.1.0 pyarrow==26.0.1
cat > check.py <<'PYTHON'
from fractions import Fraction

import polars as pl
import pyarrow as pa

print("polars", pl.__version__, "pyarrow", pa.__version__)
thirds = [Fraction(1, 3), Fraction(2, 6), Fraction(1, 2)]
series = pl.Series("x", thirds, dtype=pl.Object)
array = series.to_arrow()
table = pl.DataFrame([series]).to_arrow()
print("Series:", array.type, "distinct values:", len(array.unique()), "of", len(set(thirds)))
print("DataFrame:", table.schema.field("x").type)
assert array.type == pa.binary(8)
assert table.schema.field("x").type == pa.binary(8)
assert thirds[0] == thirds[1]
assert array[0].as_py() != array[1].as_py()
assert len(array.unique()) == 3
PYTHON
venv/bin/python check.py
