#!/usr/bin/env bash
#
# pyarrow 26.0.1 with pandas 3.1.1: handing a column of plain numbers to NumPy imports pandas.
#
# Array.to_numpy of int64 without nulls, pa.array of a list of Python numbers, pa.scalar and Array.fill_null import the
# whole of pandas where it is installed, 0.3 s of CPU, in a process that never uses it. numpy.frombuffer of the array's
# buffers and numpy.from_dlpack give the same values without it. A command that reads a file by pyarrow and computes
# with NumPy spends a fifth of its time so. The documentation of these functions does not name pandas. Expected: pandas
# is imported when an object of it is met or asked for.
#
# Seen: exit status 0 of this script; pandas imported by each of the first four and by neither of the last two.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pyarrow==26.0.1 pandas==3.1.1
printf 'x\n1\n2\n3\n' > numbers.csv
cat > check.py <<'PYTHON'
import sys

import numpy as np
import pyarrow as pa
from pyarrow import csv

column = csv.read_csv("numbers.csv").column("x").chunk(0)
assert "pandas" not in sys.modules
ways = {
    "to_numpy": lambda: column.to_numpy(),
    "array": lambda: pa.array([1, 2, 3]),
    "scalar": lambda: pa.scalar(3),
    "fill_null": lambda: column.fill_null(0),
    "frombuffer": lambda: np.frombuffer(column.buffers()[1], np.int64)[: len(column)],
    "from_dlpack": lambda: np.from_dlpack(column),
}
name, expected = sys.argv[1:]
found = ways[name]()
assert found is not None
imported = "pandas" in sys.modules
print(f"pyarrow {pa.__version__}, {name}: pandas {'imported' if imported else 'not imported'}")
assert imported == (expected == "imported")
PYTHON
for name in to_numpy array scalar fill_null; do venv/bin/python check.py "$name" imported; done
for name in frombuffer from_dlpack; do venv/bin/python check.py "$name" not; done
