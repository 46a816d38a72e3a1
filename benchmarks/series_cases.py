"""Series: transfer entropy of all pairs, tests by surrogates; see ``cases.py``.

Peers that would take minutes do a part of the work, as the ``parts`` of a case say.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from cases import Case, Work

import fastinfo

SERIES, STEPS = 500, 100_000
SURROGATES, TESTED = 99, 2000


def _close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-10)


def _matrix() -> Work:
    rng = np.random.default_rng(12)
    X = np.asfortranarray(rng.integers(0, 2, (STEPS, SERIES)).astype(np.uint8))
    few = list(itertools.permutations(range(8), 2))
    return Work(
        ours=lambda: fastinfo.transfer_entropy_matrix(X),
        peers={
            "a loop over `transfer_entropy`, 56 pairs": lambda: [
                fastinfo.transfer_entropy(X[:, i], X[:, j]) for i, j in few
            ]
        },
        check=lambda a, b: _close([a[i, j] for i, j in few], b),
        per=STEPS,
        parts=(SERIES * (SERIES - 1), len(few)),
    )


def _neighbors() -> Work:
    rng = np.random.default_rng(13)
    x, y = rng.normal(size=(2, TESTED))
    options = {"estimator": "ksg", "surrogates": "shift", "seed": 1}
    return Work(
        ours=lambda: fastinfo.permutation_test(x, y, n_permutations=SURROGATES, **options),
        peers={
            "a loop over `mutual_information`": lambda: [
                fastinfo.mutual_information(np.roll(x, 5 + s), y, estimator="ksg")
                for s in range(SURROGATES)
            ]
        },
        check=lambda a, b: None,
        per=TESTED * SURROGATES,
    )


CASES = [
    Case("transfer_entropy_matrix of 500 binary series, 100,000 steps", _matrix),
    Case("permutation_test by KSG, 2,000 samples, 99 shifts", _neighbors),
]
