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


CASES = [Case("mutual_info_classif of 100 sparse columns, 10⁵ rows, 20 classes", _terms)]
