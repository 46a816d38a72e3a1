#!/usr/bin/env bash
#
# scikit-learn 1.9.1: mutual_info_regression and mutual_info_classif stop on an identifier.
#
# Labels that occur once have no neighbour of their own label, and the estimate of Ross leaves them out. Where all labels
# of a column occur once, nothing is left, and the whole call raises "Found array with 0 sample(s)": one column of names
# among many keeps all others from an answer. With a single repeated label the same column gives 0. The same happens to
# mutual_info_classif where each row has a class of its own. Expected: an estimate of 0, or an error that names the column.
#
# Seen: exit status 0 of this script, with "raises" for the identifier and 0.0 for the almost-identifier.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
cat > check.py <<'PYTHON'
import numpy as np
import sklearn
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

print("scikit-learn", sklearn.__version__)
rng = np.random.default_rng(0)
y = rng.normal(size=200)
ids = np.arange(200)
almost = ids.copy()
almost[1] = almost[0]


def outcome(call):
    try:
        return call().tolist()
    except ValueError as error:
        return f"raises: {error}"


columns = np.column_stack([y + rng.normal(size=200) > 0, ids])
found = {
    "identifier, regression": outcome(
        lambda: mutual_info_regression(ids[:, None], y, discrete_features=True, random_state=0)
    ),
    "one label twice, regression": outcome(
        lambda: mutual_info_regression(almost[:, None], y, discrete_features=True, random_state=0)
    ),
    "beside a good column": outcome(
        lambda: mutual_info_regression(columns, y, discrete_features=True, random_state=0)
    ),
    "a class for each row": outcome(lambda: mutual_info_classif(y[:, None], ids, random_state=0)),
}
for name, value in found.items():
    print(f"{name}: {value}")
assert "Found array with 0 sample(s)" in found["identifier, regression"]
assert found["one label twice, regression"] == [0.0]
assert "Found array with 0 sample(s)" in found["beside a good column"]
assert "Found array with 0 sample(s)" in found["a class for each row"]
PYTHON
venv/bin/python check.py
