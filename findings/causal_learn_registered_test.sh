#!/usr/bin/env bash
#
# causal-learn 0.1.4.8: a test of one's own that is registered as its documentation says can't be used by PC.
#
# register_ci_test takes a class that "must inherit from CIT_Base and implement __call__ method", and CIT makes it. pc with
# the registered name then raises "AttributeError: ... has no attribute 'method'": the graph reads that attribute before
# each test, which the package's own classes set for themselves and CIT_Base does not. Expected: the graph. A class
# attribute `method` mends it.
#
# Seen: exit status 0 of this script, with an AttributeError for "as documented" and a graph for "with method".

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check causal-learn==0.1.4.8 numpy==2.4.6
cat > check.py <<'PYTHON'
from importlib.metadata import version

import numpy as np
from causallearn.search.ConstraintBased.PC import pc
from causallearn.utils.cit import CIT, CIT_Base, register_ci_test

print("causal-learn", version("causal-learn"))


class Correlation(CIT_Base):
    def __call__(self, X, Y, condition_set=None):
        return CIT(self.data, "fisherz")(X, Y, condition_set)


class WithMethod(Correlation):
    method = "with method"


register_ci_test("as documented", Correlation)
register_ci_test("with method", WithMethod)
rng = np.random.default_rng(0)
x = rng.normal(size=500)
data = np.column_stack([x, x + rng.normal(size=500), rng.normal(size=500)])
found = {}
for name in ("as documented", "with method"):
    try:
        found[name] = pc(data, 0.01, name, show_progress=False).G.graph.tolist()
    except AttributeError as error:
        found[name] = f"raises AttributeError: {error}"
    print(f"{name}:", found[name])
assert "has no attribute 'method'" in found["as documented"], found
assert found["with method"] == [[0, -1, 0], [-1, 0, 0], [0, 0, 0]], found
PYTHON
venv/bin/python check.py
