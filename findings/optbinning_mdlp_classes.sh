#!/usr/bin/env bash
#
# optbinning 1.0.0: MDLP finds no cut for three classes, and one in noise.
#
# MDLP documents the algorithm of Fayyad & Irani (1993), which takes any number of classes and accepts a cut only if it
# shortens the description. Its entropy is that of the labels 0 and 1 (from their sum), so that with the labels 0, 1 and 2 a
# variable that decides all of them gets no cut, without a word; labels 1 and 2 in the place of 0 and 1 do that, too. And the
# cut is kept before it is tested: the test stops the recursion below it, and so pure noise has one cut.
# Expected: cuts near -0.5 and 0.5 for three classes, the same cut whatever the labels are called, none in noise.
#
# Seen: exit status 0 of this script, with "two [about 0]", "two, named 1 and 2 []", "three []" and one cut in "noise".

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check optbinning==1.0.0 numpy==2.4.6
cat > check.py <<'PYTHON'
from importlib.metadata import version

import numpy as np
from optbinning import MDLP

print("optbinning", version("optbinning"))
rng = np.random.default_rng(0)
x = rng.normal(size=3000)
classes = {
    "two": (x > 0).astype(int),
    "two, named 1 and 2": (x > 0).astype(int) + 1,
    "three": np.digitize(x, [-0.5, 0.5]),
    "noise": rng.integers(0, 2, 3000),
}
found = {}
for name, y in classes.items():
    found[name] = [float(cut) for cut in MDLP().fit(x, y).splits]
    print(name, found[name])
assert len(found["two"]) == 1 and abs(found["two"][0]) < 0.01, found
assert found["two, named 1 and 2"] == [], found
assert found["three"] == [], found
assert len(found["noise"]) == 1, found
PYTHON
venv/bin/python check.py
