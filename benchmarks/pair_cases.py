"""All pairs and all columns: matrix, ranking, selection, permutations; see ``cases.py``.

Peers that would take minutes do a part of the work, as the ``parts`` of a case say.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from cases import Case, Work

import fastinfo

ROWS, COLUMNS = 500_000, 40
RANKED_ROWS, RANKED_COLUMNS = 10**6, 20
PERMUTED_ROWS, PERMUTATIONS = 10**6, 1000


def _close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-10)


def _labels(n: int, f: int, levels: int) -> np.ndarray:
    rng = np.random.default_rng(6)
    return np.asfortranarray(rng.integers(0, levels, (n, f)).astype(np.uint8))


def _matrix(levels: int) -> Callable[[], Work]:
    """Ours for all pairs; scikit-learn for the pairs of 3 columns, in ns for a sample and pair."""

    def make() -> Work:
        from sklearn.metrics import mutual_info_score

        X = _labels(ROWS, COLUMNS, levels)
        few = list(itertools.combinations(range(3), 2))
        n_pairs = COLUMNS * (COLUMNS + 1) // 2

        def theirs() -> Any:
            return [mutual_info_score(X[:, i], X[:, j]) for i, j in few]

        return Work(
            ours=lambda: fastinfo.mutual_information_matrix(X, discrete=True),
            peers={"scikit-learn `mutual_info_score`, 3 pairs": theirs},
            check=lambda a, b: _close([a[i, j] for i, j in few], b),
            per=ROWS,
            parts=(n_pairs, len(few)),
        )

    return make


def _binary() -> Work:
    X = _labels(100_000, 400, 2)
    floats = np.asfortranarray(X.astype(np.float32))
    return Work(
        ours=lambda: fastinfo.mutual_information_matrix(X),
        peers={"NumPy `X.T @ X` in float32, the counts alone": lambda: floats.T @ floats},
        check=lambda a, b: None,
        differing=("NumPy `X.T @ X` in float32, the counts alone",),
        per=100_000 * 400 * 401 // 2,
    )


def _ranking() -> Work:
    """Floats binned and counted; scikit-learn on codes that are made already, for 3 columns."""
    from sklearn.metrics import mutual_info_score

    rng = np.random.default_rng(7)
    X = np.asfortranarray(rng.normal(size=(RANKED_ROWS, RANKED_COLUMNS)))
    y = X[:, 1] + rng.normal(size=RANKED_ROWS)
    codes, target = (fastinfo.discretize(a, "mi", strategy="quantile").codes for a in (X[:, :3], y))

    def theirs() -> Any:
        return [mutual_info_score(codes[:, i], target) for i in range(3)]

    def check(ours: Any, theirs: Any) -> None:
        found = {row.name: row.mi for row in ours}
        _close([found[f"x{i}"] for i in range(3)], theirs)

    return Work(
        ours=lambda: fastinfo.rank_features(X, y),
        peers={"scikit-learn `mutual_info_score` on codes, 3 columns": theirs},
        check=check,
        per=RANKED_ROWS,
        parts=(RANKED_COLUMNS, 3),
    )


def _permutations() -> Work:
    from sklearn.metrics import mutual_info_score

    rng = np.random.default_rng(8)
    x, y = rng.integers(0, 16, (2, PERMUTED_ROWS))

    def ours() -> Any:
        return fastinfo.permutation_test(x, y, n_permutations=PERMUTATIONS, seed=1)

    return Work(
        ours=ours,
        peers={
            "NumPy `permutation` and scikit-learn, 3 of them": lambda: [
                mutual_info_score(x, rng.permutation(y)) for _ in range(3)
            ]
        },
        check=lambda a, b: (
            _close(a.null_distribution.mean(), np.mean(b))
            if abs(a.null_distribution.mean() / np.mean(b) - 1.0) > 0.3
            else None
        ),
        per=1,
        parts=(PERMUTATIONS, 3),
    )


def _permutations_in_strata() -> Work:
    """Draws of all tables against shuffles of x in each stratum, and our counts of them."""
    rng = np.random.default_rng(10)
    x, y = rng.integers(0, 16, (2, PERMUTED_ROWS))
    z = rng.integers(0, 64, PERMUTED_ROWS)
    order = np.argsort(z, kind="stable")
    rows = np.split(order, np.searchsorted(z[order], np.arange(1, 64)))
    sorted_x, sorted_y, sorted_z = x[order], y[order], z[order]
    ends = np.cumsum([0, *map(len, rows)])
    spans = [slice(a, b) for a, b in itertools.pairwise(ends)]

    def by_loop(places: Any, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> list[float]:
        found = []
        for _ in range(3):
            shuffled = x.copy()
            for own in places:
                shuffled[own] = rng.permutation(shuffled[own])
            found.append(fastinfo.conditional_mutual_information(shuffled, y, z, discrete=True))
        return found

    def by_lexsort() -> list[float]:
        found = []
        for _ in range(3):
            shuffled = np.empty_like(x)
            shuffled[order] = x[np.lexsort((rng.random(x.size), z))]
            found.append(fastinfo.conditional_mutual_information(shuffled, y, z, discrete=True))
        return found

    def check(a: Any, b: Any) -> None:
        """The mean of a shuffled one is that of the law, within five standard deviations."""
        mean, dof = 2 * PERMUTED_ROWS * np.mean(b), a.dof
        assert abs(mean / dof - 1.0) < 5.0 * np.sqrt(2.0 / dof / len(b)) + 0.01

    return Work(
        ours=lambda: fastinfo.conditional_independence_test(
            x, y, z, n_permutations=PERMUTATIONS, seed=1, discrete=True
        ),
        peers={
            "NumPy `permutation` stratum by stratum, our counts, 3 of them": lambda: by_loop(
                rows, x, y, z
            ),
            "the same, on rows sorted by stratum beforehand, 3 of them": lambda: by_loop(
                spans, sorted_x, sorted_y, sorted_z
            ),
            "NumPy `lexsort` of random numbers in strata, our counts, 3 of them": by_lexsort,
        },
        check=check,
        per=1,
        parts=(PERMUTATIONS, 3),
    )


def _selection() -> Work:
    """mRMR by mutual information against mRMR by correlation: another measure, the same task."""
    import pandas as pd
    from mrmr import mrmr_classif

    rng = np.random.default_rng(9)
    X = np.asfortranarray(rng.normal(size=(20_000, 200)))
    y = (X[:, :10].sum(axis=1) + rng.normal(size=20_000) > 0).astype(int)
    frame, series = pd.DataFrame(X), pd.Series(y)
    return Work(
        ours=lambda: fastinfo.select_features(X, y, 20),
        peers={
            "mrmr-selection (correlation)": lambda: mrmr_classif(
                frame, series, K=20, n_jobs=1, show_progress=False
            )
        },
        check=lambda a, b: None,
        differing=("mrmr-selection (correlation)",),
        per=20_000 * 200 * 20,
    )


CASES = [
    *(
        Case(f"mutual_information_matrix of 40 columns, 500,000 rows, {b} levels", _matrix(b))
        for b in (2, 4, 8, 16, 64)
    ),
    Case("mutual_information_matrix of 400 binary columns, 100,000 rows", _binary),
    Case("rank_features of 20 float64 columns, 10⁶ rows", _ranking),
    Case("permutation_test 16×16, 10⁶ rows, 1,000 permutations", _permutations),
    Case(
        "conditional_independence_test 16×16 in 64 strata, 10⁶ rows, 1,000 permutations",
        _permutations_in_strata,
    ),
    Case("select_features by mrmr, 20 of 200 columns, 20,000 rows", _selection),
]
