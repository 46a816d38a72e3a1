#!/usr/bin/env bash
#
# numba 0.68.1 with SciPy 1.17.1: calling a cached function that only adds numbers imports scipy.linalg.
#
# The point of cache=True is to spare later processes the compiler. Before it loads the machine code, numba imports all
# of its implementations of NumPy, and with them scipy.linalg where SciPy is installed: about 0.3 s of CPU for a function
# of one addition, several times what loading the code takes. The documentation of cache=True speaks of compilation
# times that are avoided, and of the checks of source files. Expected: what is loaded is what the function needs.
#
# Seen: exit status 0 of this script; a cache hit, and scipy.linalg and numba.np.linalg among the modules after it.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check numba==0.68.1 scipy==1.17.1
cat > addition.py <<'PYTHON'
import numba


@numba.njit(cache=True)
def add(x, y):
    return x + y
PYTHON
cat > check.py <<'PYTHON'
import sys

import numba
import scipy

from addition import add

before = set(sys.modules)
assert add(1.0, 2.0) == 3.0
new = set(sys.modules) - before
hits = sum(add.stats.cache_hits.values())
ours = sorted(name for name in ("numba.np.linalg", "scipy.linalg", "scipy.linalg.lapack") if name in new)
print(f"numba {numba.__version__}, scipy {scipy.__version__}: {hits} hit, {len(new)} new modules, {', '.join(ours)}")
if sys.argv[1] == "cached":
    assert hits == 1
    assert ours == ["numba.np.linalg", "scipy.linalg", "scipy.linalg.lapack"]
    assert len(new) > 100
PYTHON
venv/bin/python check.py compiles
venv/bin/python check.py cached
