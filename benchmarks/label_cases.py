"""Labels: scores of clusterings, tables of strings, in the shape of ``cases.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cases import Case, Work

import fastinfo


def _close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)


def _score(name: str, n: int, kx: int, ky: int) -> Callable[[], Work]:
    def make() -> Work:
        from sklearn import metrics

        rng = np.random.default_rng(4)
        x, y = rng.integers(0, kx, n), rng.integers(0, ky, n)
        ours, theirs = getattr(fastinfo, name), getattr(metrics, name)
        return Work(
            ours=lambda: ours(x, y),
            peers={f"scikit-learn `{name}`": lambda: theirs(x, y)},
            check=_close,
            per=n,
            moved=x.nbytes / n + y.nbytes / n,
            increments=1,
        )

    return make


def _strings() -> Work:
    from sklearn.metrics.cluster import contingency_matrix

    rng = np.random.default_rng(5)
    n = 10**6
    x, y = (np.char.add("label ", rng.integers(0, 1000, n).astype(str)) for _ in range(2))
    return Work(
        ours=lambda: fastinfo.contingency_table(x, y)[0],
        peers={"scikit-learn `contingency_matrix`": lambda: contingency_matrix(x, y)},
        check=np.testing.assert_array_equal,
        per=n,
    )


CASES = [
    Case("mutual_info_score 50×50, 2·10⁶ int64", _score("mutual_info_score", 2 * 10**6, 50, 50)),
    Case("contingency_table, 10⁶ strings, 1000 levels", _strings),
    Case(
        "adjusted_mutual_info_score 1000×800, 2·10⁵ int64",
        _score("adjusted_mutual_info_score", 2 * 10**5, 1000, 800),
    ),
]
