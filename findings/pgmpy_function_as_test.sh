#!/usr/bin/env bash
#
# pgmpy 1.1.2: PC takes a function as its test of independence, but not with orient_rule.
#
# The documentation of PC says of ci_test: "any of the CI test implemented in pgmpy.ci_tests or a custom function that
# follows the signature of the built-in CI tests". Such a function works. With orient_rule="pvalue" or "effect_size",
# fitting raises "AttributeError: 'function' object has no attribute 'p_value_'" once the skeleton is found: the rules read
# attributes that objects of the package keep after a call. Expected: the same graph, or an error that says what is needed.
#
# Seen: exit status 0 of this script, with edges for orient_rule=None and an AttributeError for the two others.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pgmpy==1.1.2 numpy==2.4.6
cat > check.py <<'PYTHON'
from importlib.metadata import version

import numpy as np
import pandas as pd
from pgmpy.causal_discovery import PC
from pgmpy.ci_tests import GSq

print("pgmpy", version("pgmpy"))
rng = np.random.default_rng(3)
a, c, noise = rng.integers(0, 3, (3, 4000))
b = np.where(rng.random(4000) < 0.8, np.maximum(a, c), noise)
table = pd.DataFrame({"a": a, "b": b, "c": c})
g_test = GSq(table)


def function(X, Y, Z, significance_level=0.05):
    return bool(g_test(X, Y, Z, significance_level=significance_level))


def edges(test, rule):
    search = PC(ci_test=test, orient_rule=rule, significance_level=0.01, show_progress=False)
    return sorted(search.fit(table).causal_graph_.edges())


for rule in (None, "pvalue", "effect_size"):
    wanted = edges(g_test, rule)
    try:
        found = edges(function, rule)
    except AttributeError as error:
        found = f"raises AttributeError: {error}"
    print(rule, wanted, found)
    assert wanted == [("a", "b"), ("c", "b")], wanted
    assert found == wanted if rule is None else "no attribute 'p_value_'" in found, found
PYTHON
venv/bin/python check.py
