"""Sparse columns, in the shape of ``cases.py``."""

from __future__ import annotations

from typing import Any

import numpy as np
from cases import Case, Work

import fastinfo


def _close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def _terms() -> Work:
    from sklearn.feature_selection import mutual_info_classif
    from sparse_tables import collection

    X, y = collection(100_000, 100, 200_000)
    return Work(
        ours=lambda: fastinfo.mutual_info_classif(X, y),
        peers={
            "scikit-learn `mutual_info_classif`": lambda: mutual_info_classif(
                X, y, discrete_features=True
            )
        },
        check=_close,
        per=X.nnz,
    )


def _ranking() -> Work:
    """Ours with p-values and notes; scikit-learn's loop takes some of the columns."""
    import scipy.sparse as sp
    from sklearn.feature_selection import mutual_info_classif
    from sparse_tables import collection

    X, y = collection(100_000, 10_000, 10**6)
    X = sp.csc_array(X)
    some = np.sort(np.random.default_rng(1).choice(X.shape[1], 20, replace=False))
    few = X[:, some]

    def check(ours: Any, theirs: Any) -> None:
        found = {row.name: row.mi for row in ours}
        _close([found[f"x{i}"] for i in some], theirs)

    return Work(
        ours=lambda: fastinfo.rank_features(X, y),
        peers={
            f"scikit-learn `mutual_info_classif`, {some.size} columns": lambda: mutual_info_classif(
                few, y, discrete_features=True
            )
        },
        check=check,
        per=1,
        parts=(X.shape[1], some.size),
    )


CASES = [
    Case(
        "rank_features of 10,000 sparse columns, 10⁵ rows, 10⁶ values, 20 classes, each column",
        _ranking,
    ),
    Case("mutual_info_classif of 100 sparse columns, 10⁵ rows, 20 classes", _terms),
]
