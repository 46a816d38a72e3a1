#!/usr/bin/env bash
#
# pyitlib 0.3.1: with missing values, the mutual information is larger than the entropy, or negative.
#
# Missing values, of a masked array or by the placeholder, are to be left out. information_mutual leaves them out in
# each of its three entropies apart: that of y is taken over all rows, that of x and the joint one over the rows
# where x is known. Where x is constant, I(x;y) is a whole bit then, while H(x) is 0; with independent values it can be
# less than 0. The table in the documentation says that mutual information is not negative, and the formula there is
# H(X) - H(X|Y). The estimator is the default one, so no correction explains it. As -1 is the default placeholder,
# labels of -1 and 1 meet this without any missing value: H is 0, and I with the same labels as booleans 1. Expected:
# the rows where both are known, for all three.
#
# Seen: exit status 0 of this script; 1.0 with H(x) = 0.0, -0.456 with independent values, and 0.0 for complete rows.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  pyitlib==0.3.1 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 scikit-learn==1.9.1
cat > check.py <<'PYTHON'
from importlib.metadata import version

import numpy as np
from pyitlib import discrete_random_variable as drv

print("pyitlib", version("pyitlib"))
y = np.array([0, 0, 0, 0, 1, 1, 1, 1])
x = np.ma.array([5, 5, 5, 5, 0, 0, 0, 0], mask=y == 1)
constant = float(drv.information_mutual(x, y))
entropy = float(drv.entropy(x))
complete = float(drv.information_mutual(x[:4], y[:4]))
print("x constant where known: I", constant, "H(x)", entropy, "I of complete rows", complete)
assert constant == 1.0
assert entropy == complete == 0.0

y = np.array([0, 1, 0, 1] + [0] * 12)
x = np.ma.array([0, 0, 1, 1] + [0] * 12, mask=[False] * 4 + [True] * 12)
independent = float(drv.information_mutual(x, y))
complete = float(drv.information_mutual(x[:4], y[:4]))
print("independent where known: I", independent, "I of complete rows", complete)
assert abs(independent + 0.4564355568004) < 1e-12
assert complete == 0.0

spins = np.array([-1, -1, 1, 1])
alone, both = float(drv.entropy(spins)), float(drv.information_mutual(spins, spins > 0))
print("labels -1 and 1: H", alone, "I with the same as booleans", both)
assert alone == 0.0
assert both == 1.0
PYTHON
venv/bin/python check.py
