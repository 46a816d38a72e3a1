#!/usr/bin/env bash
#
# numpy 2.5.5: an array that is made smaller in place counts twice in the peak of tracemalloc.
#
# `ndarray.resize` of 480,000 bytes to 320,000 keeps the data where they are, so the process never holds more than the
# 480,000 bytes. But tracemalloc's peak is 800,000: the new block is counted before the old one is taken off. numpy 2.4.6
# counts 480,000. So a test of the memory that a function takes fails with the newer numpy although the function takes
# no more. The release notes of 2.5.0 to 2.5.5 do not mention it. Expected: the peak is that of memory held at one time.
#
# Seen: peak 480 kB with numpy 2.4.6 and 800 kB with 2.5.5, data at the same address before and after in both.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > check.py <<'PYTHON'
import sys
import tracemalloc

import numpy as np

np.empty(60_000).resize(40_000, refcheck=False)
tracemalloc.start()
array = np.ones(60_000)
address = array.ctypes.data
tracemalloc.reset_peak()
array.resize(40_000, refcheck=False)
peak = tracemalloc.get_traced_memory()[1]
in_place = array.ctypes.data == address
print(f"numpy {np.__version__}: peak {peak / 1000:.0f} kB, {'in place' if in_place else 'moved'}")
assert in_place
assert round(peak / 1000) == int(sys.argv[1])
PYTHON
for pair in 2.4.6=480 2.5.5=800; do
    "${PYTHON:-python3}" -m venv "venv-$pair"
    "venv-$pair/bin/python" -m pip install --quiet --disable-pip-version-check "numpy==${pair%=*}"
    "venv-$pair/bin/python" check.py "${pair#*=}"
done
