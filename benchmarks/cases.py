"""What is compared: each case is a piece of work, ours and the peers' way to do it, and a check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import fastinfo

N_DISTRIBUTION = 10**7
N_SAMPLES = 5 * 10**6
N_PAIRS = 10**6


@dataclass
class Work:
    """Ways to do the same work, on data that is made once."""

    ours: Callable[[], Any]
    peers: dict[str, Callable[[], Any]]
    check: Callable[[Any, Any], None]  #: raises where a peer's result differs from ours
    #: peers of packages that may be missing: what imports them, and returns the function
    others: dict[str, Callable[[], Callable[[], Any]]] = field(default_factory=dict)
    differing: tuple[str, ...] = ()  #: peers that are known to give other results
    per: int = 1  #: elements or samples, for a time per piece
    parts: tuple[int, int] = (1, 1)  #: pieces that ours does, and the peers, if these do but a few
    moved: float = 0.0  #: bytes that each piece takes from memory, or brings there
    increments: float = 0.0  #: counts that each piece raises, one by one

    def installed(self, tell: Callable[[str], Any]) -> dict[str, Callable[[], Any]]:
        """Every peer that can be called here; tell of those that cannot."""
        found = dict(self.peers)
        for name, prepare in self.others.items():
            try:
                found[name] = prepare()
            except ImportError as error:  # not installed, or a version without that name
                tell(f"{name}: {error}")
        return found


@dataclass(frozen=True)
class Case:
    """A named piece of work."""

    name: str
    make: Callable[[], Work] = field(repr=False)


def _close(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-9)


def _same_counts(a: Any, b: Any) -> None:
    np.testing.assert_array_equal(a[0] if isinstance(a, tuple) else a, b[0])


def _distributions() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    p, q = rng.random(N_DISTRIBUTION), rng.random(N_DISTRIBUTION)
    return p / p.sum(), q / q.sum()


def _cross_entropy() -> Work:
    from scipy.special import xlogy

    p, q = _distributions()
    return Work(
        ours=lambda: fastinfo.cross_entropy(p, q),
        peers={
            "SciPy `-xlogy(p, q).sum()`": lambda: -xlogy(p, q).sum(),
            "NumPy `-(p * np.log(q)).sum()`": lambda: -(p * np.log(q)).sum(),
        },
        check=_close,
        per=N_DISTRIBUTION,
        moved=16,
    )


def _entropy() -> Work:
    from scipy import stats

    p, _ = _distributions()
    return Work(
        ours=lambda: fastinfo.entropy(p),
        peers={"SciPy `stats.entropy(p)`": lambda: stats.entropy(p)},
        check=_close,
        per=N_DISTRIBUTION,
        moved=8,
    )


def _kl_divergence() -> Work:
    from scipy.special import rel_entr

    p, q = _distributions()
    return Work(
        ours=lambda: fastinfo.kl_divergence(p, q),
        peers={"SciPy `rel_entr(p, q).sum()`": lambda: rel_entr(p, q).sum()},
        check=_close,
        per=N_DISTRIBUTION,
        moved=16,
    )


def _log_domain(name: str, shape: tuple[int, ...], axis: int | None) -> Callable[[], Work]:
    def make() -> Work:
        from scipy import special

        x = np.random.default_rng(4).normal(size=shape)
        ours, theirs = getattr(fastinfo, name), getattr(special, name)
        return Work(
            ours=lambda: ours(x, axis=axis),
            peers={f"SciPy `special.{name}`": lambda: theirs(x, axis=axis)},
            check=_close,
            per=x.size,
            moved=8 if name == "logsumexp" else 16,
        )

    return make


def _pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    x = rng.normal(size=n)
    return x, 0.6 * x + 0.8 * rng.normal(size=n)


def _histogram2d(bins: int) -> Callable[[], Work]:
    def make() -> Work:
        import boost_histogram as bh
        import fast_histogram

        x, y = _pairs(N_SAMPLES)
        bounds = [[x.min(), x.max()], [y.min(), y.max()]]  # fast-histogram asks for them

        def boost() -> Any:
            axes = [bh.axis.Regular(bins, low, np.nextafter(high, np.inf)) for low, high in bounds]
            histogram = bh.Histogram(*axes, storage=bh.storage.Int64())
            return (histogram.fill(x, y, threads=1).values(),)

        return Work(
            ours=lambda: fastinfo.histogram2d(x, y, bins, range=bounds),
            peers={
                "fast-histogram": lambda: (fast_histogram.histogram2d(x, y, bins, bounds),),
                "boost-histogram": boost,
                "NumPy": lambda: np.histogram2d(x, y, bins, range=bounds),
            },
            check=_same_counts,
            differing=("fast-histogram", "boost-histogram"),
            per=N_SAMPLES,
            moved=16,
            increments=1,
        )

    return make


def _mutual_information() -> Work:
    from sklearn.metrics import mutual_info_score

    x, y = _pairs(N_PAIRS)
    edges = [np.linspace(a.min(), a.max(), 65) for a in (x, y)]

    def by_scikit_learn() -> float:
        codes = [np.digitize(a, e[1:-1]) for a, e in zip((x, y), edges, strict=True)]
        return float(mutual_info_score(*codes))

    return Work(
        ours=lambda: fastinfo.mutual_information(x, y, bins=64, strategy="uniform"),
        peers={"scikit-learn `mutual_info_score`, digitizing included": by_scikit_learn},
        check=_close,
        per=N_PAIRS,
        moved=16,
        increments=1,
    )


def _mutual_information_of_labels() -> Work:
    from sklearn.metrics import mutual_info_score

    rng = np.random.default_rng(3)
    x = rng.integers(0, 50, N_PAIRS)
    y = (x + rng.integers(0, 40, N_PAIRS)) % 50
    return Work(
        ours=lambda: fastinfo.mutual_information(x, y, discrete=True),
        peers={"scikit-learn `mutual_info_score`": lambda: mutual_info_score(x, y)},
        check=_close,
        per=N_PAIRS,
        moved=16,
        increments=1,
    )


CASES = [
    Case("cross_entropy, 10⁷ float64", _cross_entropy),
    Case("entropy, 10⁷ float64", _entropy),
    Case("kl_divergence, 10⁷ float64", _kl_divergence),
    Case("logsumexp, 10⁷ float64", _log_domain("logsumexp", (10**7,), None)),
    *(
        Case(
            f"{name} {rows}×{columns} float64, axis {axis}",
            _log_domain(name, (rows, columns), axis),
        )
        for name in ("logsumexp", "softmax", "log_softmax")
        for rows, columns in ((200_000, 50), (50, 200_000))
        for axis in (0, 1)
    ),
    Case("histogram2d 16×16, 5·10⁶ float64", _histogram2d(16)),
    Case("histogram2d 64×64, 5·10⁶ float64", _histogram2d(64)),
    Case("histogram2d 256×256, 5·10⁶ float64", _histogram2d(256)),
    Case("mutual_information 64×64, 10⁶ float64 pairs", _mutual_information),
    Case("mutual_information, 10⁶ int64 labels, 50×50", _mutual_information_of_labels),
]
