"""Cases of histograms: one and two variables, unequal edges, images, quantiles, codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cases import Case, Work

import fastinfo

N = 10**7
N_PAIRS = 5 * 10**6


def _same(a: Any, b: Any) -> None:
    np.testing.assert_array_equal(a[0], b[0])


def _samples(n: int, dtype: str = "f8") -> np.ndarray:
    return np.random.default_rng(2).normal(size=n).astype(dtype)


def _histogram(bins: int, dtype: str = "f8") -> Callable[[], Work]:
    def make() -> Work:
        import boost_histogram as bh
        import fast_histogram

        x = _samples(N, dtype)
        bounds = float(x.min()), float(x.max())  # fast-histogram asks for them

        def boost() -> Any:
            axis = bh.axis.Regular(bins, bounds[0], np.nextafter(bounds[1], np.inf))
            return (bh.Histogram(axis, storage=bh.storage.Int64()).fill(x, threads=1).values(),)

        return Work(
            ours=lambda: fastinfo.histogram(x, bins, range=bounds),
            peers={
                "fast-histogram": lambda: (fast_histogram.histogram1d(x, bins, bounds),),
                "boost-histogram": boost,
                "NumPy": lambda: np.histogram(x, bins, range=bounds),
            },
            check=_same,
            differing=("fast-histogram", "boost-histogram"),
            per=N,
            moved=x.itemsize,
            increments=1,
        )

    return make


def _unequal() -> Work:
    import boost_histogram as bh

    x = _samples(N)
    edges = np.quantile(x[:10_000], np.linspace(0, 1, 65))

    def boost() -> Any:
        axis = bh.axis.Variable(edges)
        return (bh.Histogram(axis, storage=bh.storage.Int64()).fill(x, threads=1).values(),)

    return Work(
        ours=lambda: fastinfo.histogram(x, edges),
        peers={"NumPy": lambda: np.histogram(x, edges), "boost-histogram": boost},
        check=_same,
        differing=("boost-histogram",),  # its last bin is open
        per=N,
        moved=8,
        increments=1,
    )


def _images() -> Work:
    import fast_histogram

    x, y = (
        np.clip(40 * np.random.default_rng(seed).normal(size=N_PAIRS) + 128, 0, 255).astype("u1")
        for seed in (3, 4)
    )
    bounds = [[0, 256], [0, 256]]
    return Work(
        ours=lambda: fastinfo.histogram2d(x, y, 256, bounds),
        peers={
            "fast-histogram": lambda: (fast_histogram.histogram2d(x, y, 256, bounds),),
            "NumPy": lambda: np.histogram2d(x, y, 256, bounds),
        },
        check=_same,
        per=N_PAIRS,
        moved=x.itemsize + y.itemsize,
        increments=1,
    )


def _quantile_edges() -> Work:
    x = _samples(N)
    q = np.linspace(0, 1, 65)
    ranks = np.sort(x)

    def check(ours: Any, theirs: Any) -> None:
        """Of so many samples edges lie at cells of a grid: ranks to a twentieth of a bin."""
        ours, theirs = (np.searchsorted(ranks, edges[0]) / (N / 64) for edges in (ours, theirs))
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=0.05)

    return Work(
        ours=lambda: (fastinfo.histogram_bin_edges(x, 64, strategy="quantile"),),
        peers={"NumPy `quantile`": lambda: (np.quantile(x, q),)},
        check=check,
        per=N,
    )


def _codes() -> Work:
    x = _samples(N)
    edges = np.linspace(x.min(), x.max(), 65)

    def digitize() -> Any:
        return (np.digitize(x, edges[1:-1]),)

    return Work(
        ours=lambda: (fastinfo.discretize(x, 64).codes,),
        peers={"NumPy `digitize`": digitize},
        check=_same,
        per=N,
    )


CASES = [
    Case("histogram 10, 10⁷ float64", _histogram(10)),
    Case("histogram 64, 10⁷ float64", _histogram(64)),
    Case("histogram 1000, 10⁷ float64", _histogram(1000)),
    Case("histogram 64, 10⁷ float32", _histogram(64, "f4")),
    Case("histogram of 64 unequal bins, 10⁷ float64", _unequal),
    Case("histogram2d 256×256, 5·10⁶ uint8", _images),
    Case("quantile edges of 64 bins, 10⁷ float64", _quantile_edges),
    Case("discretize 64, 10⁷ float64", _codes),
]
