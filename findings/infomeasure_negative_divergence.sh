#!/usr/bin/env bash
#
# infomeasure 0.6.3: a Kullback-Leibler divergence is negative where the second sample lacks a value of the first.
#
# cross_entropy with approach="discrete" sums over the values that both samples have. What the first has alone is left
# out of the sum, so that the cross-entropy can come out below the entropy of the first sample, and kld, their
# difference, below 0. The more is lacking, the nearer the samples seem: one without half of the values is nearer than
# the sample itself, and nearer than one with all of them in slightly other shares. No warning and no line in the log
# tells of it, unless no value at all is common. The documentation gives the sum over all x, with log P(x) / Q(x).
# miller_madow and bayes do the same. Expected: infinity, or an error.
#
# Seen: exit status 0 of this script; 0.0 for the sample itself, and -1.5 bits for one without half of the values.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check infomeasure==0.6.3 numpy==2.4.6 scipy==1.17.1
cat > check.py <<'PYTHON'
import logging
import math
import warnings
from importlib.metadata import version

import infomeasure as im
import numpy as np

print("infomeasure", version("infomeasure"))
warnings.simplefilter("error")
lines = []
handler = logging.Handler()
handler.emit = lines.append
loggers = [logging.getLogger(name) for name in ("", *logging.root.manager.loggerDict)]
for logger in loggers:
    logger.addHandler(handler)

p = np.repeat([0, 1, 2, 3], 4)
half = np.repeat([0, 1], 8)
near = np.repeat([0, 1, 2, 3], [5, 4, 4, 3])
entropy = float(im.entropy(p, approach="discrete", base=2))
crossed = float(im.cross_entropy(p, half, approach="discrete", base=2))
print("entropy", entropy, "cross-entropy", crossed)
assert entropy == 2.0
assert crossed == 0.5
options = {"discrete": {}, "miller_madow": {}, "bayes": {"alpha": 0.5}}
found = {}
for approach, more in options.items():
    for name, q in (("itself", p), ("nearly the same", near), ("lacks half", half)):
        found[approach, name] = float(im.kld(p, q, approach=approach, base=2, **more))
        print(approach, name, found[approach, name])
    assert math.isclose(found[approach, "itself"], 0.0, abs_tol=1e-12)
    assert found[approach, "lacks half"] < -1
    assert found[approach, "nearly the same"] > 0
assert not lines, lines
im.kld(p, p + 10, approach="discrete", base=2)
assert lines[0].getMessage().startswith("No common support"), lines
PYTHON
venv/bin/python check.py
