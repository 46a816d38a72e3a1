"""Estimates from distances of neighbours; see ``cases.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cases import Case, Work

import fastinfo


def _pair(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(10)
    x, e = rng.normal(size=(2, n))
    return x, 0.6 * x + 0.8 * e


def _close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-10)


def _regression(n: int) -> Callable[[], Work]:
    def make() -> Work:
        from sklearn.feature_selection import mutual_info_regression

        x, y = _pair(n)
        X = x[:, None]
        return Work(
            ours=lambda: fastinfo.mutual_info_regression(X, y, random_state=0),
            peers={
                "scikit-learn `mutual_info_regression`": lambda: mutual_info_regression(
                    X, y, random_state=0
                )
            },
            check=_close,
            per=n,
        )

    return make


def _classif(n: int) -> Callable[[], Work]:
    def make() -> Work:
        from sklearn.feature_selection import mutual_info_classif

        x, y = _pair(n)
        X, labels = x[:, None], np.digitize(y, [-1.0, 0.0, 1.0])
        return Work(
            ours=lambda: fastinfo.mutual_info_classif(X, labels, random_state=0),
            peers={
                "scikit-learn `mutual_info_classif`": lambda: mutual_info_classif(
                    X, labels, random_state=0
                )
            },
            check=_close,
            per=n,
        )

    return make


def _numbers(n: int) -> Callable[[], Work]:
    def make() -> Work:
        from sklearn.feature_selection import mutual_info_regression

        x, y = _pair(n)

        def of_ennemi() -> Callable[[], Any]:
            from ennemi import estimate_mi

            return lambda: estimate_mi(y, x, k=3, preprocess=False, max_threads=1)[0, 0]

        return Work(
            ours=lambda: fastinfo.mutual_information(x, y, estimator="ksg"),
            peers={
                "scikit-learn `mutual_info_regression`": lambda: mutual_info_regression(
                    x[:, None], y, random_state=0
                )[0],
            },
            others={"ennemi `estimate_mi`": of_ennemi},
            # scikit-learn adds noise; ennemi counts what is nearer than the k-th by 1e-12, and we
            # what is nearer at all.
            check=lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5),
            per=n,
        )

    return make


def _of_groups(n: int, x_width: int, y_width: int) -> Callable[[], Work]:
    return lambda: _make_groups(n, x_width, y_width)


def _make_groups(n: int, x_width: int, y_width: int) -> Work:
    from scipy.spatial import cKDTree
    from scipy.special import digamma

    rng = np.random.default_rng(11)
    k = 3
    X, Y = rng.normal(size=(n, x_width)), rng.normal(size=(n, y_width))
    Y += X[:, :y_width]

    def theirs() -> float:
        groups = [a / a.std(axis=0) for a in (X, Y)]
        both = np.hstack(groups)
        reach = np.nextafter(cKDTree(both).query(both, k + 1, p=np.inf)[0][:, k], 0)
        counts = [
            cKDTree(a).query_ball_point(a, reach, p=np.inf, return_length=True) for a in groups
        ]
        return float(digamma(k) + digamma(n) - sum(digamma(c).mean() for c in counts))

    return Work(
        ours=lambda: fastinfo.mutual_information(X, Y, estimator="ksg", n_neighbors=k),
        peers={"SciPy `cKDTree`": theirs},
        check=_close,
        per=n,
    )


def _entropy() -> Work:
    from scipy.spatial import cKDTree
    from scipy.special import digamma

    n, d, k = 50_000, 3, 3
    X = np.random.default_rng(12).normal(size=(n, d))

    def theirs() -> float:
        deviations = X.std(axis=0)
        scaled = X / deviations
        reach = cKDTree(scaled).query(scaled, k + 1, p=np.inf)[0][:, k]
        logs = d * np.log(2.0 * reach).mean() + np.log(deviations).sum()
        return float(digamma(n) - digamma(k) + logs)

    return Work(
        ours=lambda: fastinfo.differential_entropy(X, k),
        peers={"SciPy `cKDTree`": theirs},
        check=_close,
        per=n,
    )


CASES = [
    *(
        Case(f"mutual_info_regression of one column, {text} samples", _regression(n))
        for n, text in ((10**4, "10⁴"), (10**5, "10⁵"), (10**6, "10⁶"))
    ),
    Case("mutual_info_classif of one column, 10⁵ samples, 4 classes", _classif(10**5)),
    Case("mutual_information by KSG of 2 and 2 columns, 50,000 samples", _of_groups(50_000, 2, 2)),
    Case("mutual_information by KSG of 20 and 1 columns, 5,000 samples", _of_groups(5_000, 20, 1)),
    Case("differential_entropy of 3 columns, 50,000 samples", _entropy),
    Case("mutual_information by KSG, 10⁵ samples", _numbers(10**5)),
]
