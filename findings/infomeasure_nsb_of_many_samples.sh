#!/usr/bin/env bash
#
# infomeasure 0.6.3: the entropy by approach="nsb" is NaN where there are many samples, and elsewhere another number
# than the mean of the posterior that it is named after.
#
# Of 200 samples of six symbols, all of them seen, the result is NaN; a line in the log says that exp overflowed. Of 60
# samples of 50 symbols it is 3.51, without a word, where the mean of the posterior under the prior of Nemenman, Shafee
# and Bialek (2002), integrated here with mpmath, is 3.84. Expected: that mean in both, which lies near the plug-in value
# in the first.
#
# Seen: exit status 0 of this script; "nan" for 200 samples, 3.5124 against 3.8436 for 60.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check infomeasure==0.6.3 numpy==2.4.6 scipy==1.17.1 mpmath==1.3.0
cat > check.py <<'PYTHON'
import logging
import warnings
from importlib.metadata import version

import infomeasure as im
import mpmath as mp
import numpy as np

print("infomeasure", version("infomeasure"))
warnings.simplefilter("error")
lines = []
handler = logging.Handler()
handler.emit = lines.append
for name in ("", *logging.root.manager.loggerDict):
    logging.getLogger(name).addHandler(handler)


def posterior_mean(counts):
    """Mean of the entropy in nats: over a symmetric Dirichlet prior, mixed to be flat in its expected entropy."""
    k, n = len(counts), int(sum(counts))

    def of(beta):
        total = n + k * beta
        weight = mp.loggamma(k * beta) - mp.loggamma(total)
        weight += sum(mp.loggamma(c + beta) - mp.loggamma(beta) for c in counts)
        slope = k * mp.psi(1, k * beta + 1) - mp.psi(1, beta + 1)
        mean = mp.psi(0, total + 1) - sum((c + beta) / total * mp.psi(0, c + beta + 1) for c in counts)
        return weight + mp.log(slope), mean

    top = max(of(mp.e**t)[0] for t in np.linspace(-8, 8, 65))
    points = np.linspace(-12, 40, 53).tolist()

    def integrate(term):
        def integrand(t):
            weight, mean = of(mp.e**t)
            return mp.e ** (weight - top + t) * term(mean)

        return mp.quad(integrand, points)

    return float(integrate(lambda mean: mean) / integrate(lambda mean: 1))


rng = np.random.default_rng(0)
many = rng.integers(0, 6, 200)
found = float(im.entropy(many, approach="nsb"))
print("200 samples:", found, "mean of the posterior", posterior_mean(np.bincount(many)))
assert np.isnan(found)
assert lines and all("overflow encountered in exp" in line.getMessage() for line in lines)
lines.clear()

few = rng.integers(0, 50, 60)
counts = np.bincount(few, minlength=50)
found, mean = float(im.entropy(few, approach="nsb", K=50)), posterior_mean(counts)
print("60 samples:", round(found, 4), "mean of the posterior", round(mean, 4))
assert abs(found - 3.5124) < 1e-3
assert abs(mean - 3.8436) < 1e-3
assert not lines, [line.getMessage() for line in lines]
PYTHON
venv/bin/python check.py
