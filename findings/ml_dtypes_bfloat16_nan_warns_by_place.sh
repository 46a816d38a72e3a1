#!/usr/bin/env bash
#
# ml_dtypes 0.6.0 with NumPy 2.4.6: max() and min() of a bfloat16 array with a NaN warn where it isn't the first value.
#
# NumPy's own types, float16 among them, give NaN without a word, wherever it stands. An array of bfloat16, as
# frameworks hand it over, gives the same NaN, with a RuntimeWarning ("invalid value encountered in reduce") where the
# NaN comes later, and none where it comes first: the comparison of the type raises the flag that a quiet NaN should
# not. Where warnings are errors, a program stops or runs on by the order of its data. Expected: no warning.
#
# Seen: exit status 0 of this script; with the NaN first [], later ['invalid value encountered in reduce'].

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check ml_dtypes==0.6.0 numpy==2.4.6
cat > check.py <<'PYTHON'
import warnings

import ml_dtypes
import numpy as np

print("ml_dtypes", ml_dtypes.__version__, "NumPy", np.__version__)
for name, dtype in (("bfloat16", ml_dtypes.bfloat16), ("float16", np.float16), ("float32", np.float32)):
    for place in (0, 1, 5):
        values = np.zeros(12, np.float32)
        values[place] = np.nan
        for reduce in (np.max, np.min):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                assert np.isnan(np.float32(reduce(values.astype(dtype))))
            said = [str(w.message) for w in caught]
            print(name, reduce.__name__, "NaN at", place, said)
            expected = ["invalid value encountered in reduce"] if name == "bfloat16" and place else []
            assert said == expected
PYTHON
venv/bin/python check.py
