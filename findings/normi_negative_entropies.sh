#!/usr/bin/env bash
#
# normi 0.3.0: the normalised information of the same two variables is 0 or 0.013, by the word for the mean.
#
# NormalizedMI divides an estimate of the information by a mean of the (differential) entropies, which may be below 0.
# Heavy-tailed columns have such: exp(4 x) of normal columns x with a correlation of 0.6. The geometric mean of two negative
# entropies is positive, and the result is 0.013; the arithmetic mean, the least, the largest and the joint entropy are
# negative, and the result is clipped to 0. The information itself is estimated as 0.097. The columns without exp have 0.088.
# Expected: an error or NaN where there is nothing to divide by.
#
# Seen: exit status 0 of this script, with these numbers.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check normi==0.3.0 numpy==2.4.6
cat > check.py <<'PYTHON'
import contextlib
import io
from importlib.metadata import version

import numpy as np
from normi import NormalizedMI

print("normi", version("normi"))
rng = np.random.default_rng(0)
z = rng.normal(size=(1000, 2))
normal = np.column_stack([z[:, 0], 0.6 * z[:, 0] + 0.8 * z[:, 1]])


def estimate(columns, mean):
    with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
        return NormalizedMI(normalize_method=mean).fit(columns)


found = {}
for mean in ("geometric", "arithmetic", "min", "max", "joint"):
    fitted = estimate(np.exp(4 * normal), mean)
    found[mean] = float(fitted.nmi_[0, 1])
    print(mean, round(found[mean], 4), "information", round(float(fitted.mi_[0, 1]), 4))
assert 0.005 < found.pop("geometric") < 0.03, found
assert set(found.values()) == {0.0}, found
assert 0.05 < float(estimate(normal, "geometric").nmi_[0, 1]) < 0.12
PYTHON
venv/bin/python check.py
