"""
Cuts by minimum description length against other packages: CPU time of one thread, in turns.

Peers are those of these packages that are installed: Orange3 (EntropyMDL), FImdlp and optbinning
(MDLP, which looks at 32 places of an interval at most, and knows two classes). Other cuts than ours
are told.

Run as ``python benchmarks/supervised_cuts.py``.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import fastinfo

_ROUNDS = 5
_SLOW = 20.0  # seconds of a call from which on one is enough

#: Name, number of samples, of classes, and how far the classes lie apart.
CASES = (
    ("10⁶ floats, 10 classes", 1_000_000, 10, 0.7),
    ("10⁵ floats, 10 classes", 100_000, 10, 0.7),
    ("10⁶ floats, 2 classes", 1_000_000, 2, 0.7),
    ("10⁶ floats, 10 classes that play no part", 1_000_000, 10, 0.0),
    ("10⁶ integers below 100, 10 classes", 1_000_000, 10, -1.0),
)


def samples(n: int, k: int, apart: float) -> tuple[np.ndarray, np.ndarray]:
    """Samples and their classes; whole numbers where they are to lie a negative distance apart."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, k, n)
    if apart < 0.0:
        return (rng.integers(0, 80, n) + 2 * y).astype(np.float64), y
    return rng.normal(size=n) + apart * y, y


def by_fastinfo(x: np.ndarray, y: np.ndarray) -> Any:
    return fastinfo.discretize(x, y=y, strategy="mdl").edges[0][1:-1]


def _by_orange() -> Callable[..., Any]:
    from Orange.data import ContinuousVariable, DiscreteVariable, Domain, Table
    from Orange.preprocess.discretize import EntropyMDL

    def prepare(x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
        names = [str(c) for c in range(int(y.max()) + 1)]
        domain = Domain([ContinuousVariable("x")], DiscreteVariable("y", values=names))
        table = Table.from_numpy(domain, x[:, None], y.astype(np.float64))
        return lambda: EntropyMDL()(table, domain[0]).compute_value.points

    return prepare


def _by_fimdlp() -> Callable[..., Any]:
    from fimdlp.mdlp import FImdlp

    def prepare(x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
        return lambda: FImdlp(n_jobs=1).fit(x[:, None], y).get_cut_points()[0][1:-1]

    return prepare


def _by_optbinning() -> Callable[..., Any]:
    from optbinning import MDLP

    def prepare(x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
        return lambda: MDLP().fit(x, y).splits

    return prepare


PEERS = {"Orange3": _by_orange, "FImdlp": _by_fimdlp, "optbinning": _by_optbinning}
MOST = {"FImdlp": 100_000}  # samples that it does in half a minute


def _cpu_time(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def main() -> None:
    warnings.simplefilter("ignore")
    peers = {}
    for name, load in PEERS.items():
        try:
            peers[name] = load()
        except ImportError:
            print(f"{name} is not installed")
    with fastinfo.num_threads(1):
        by_fastinfo(*samples(1000, 3, 1.0))
        for title, n, k, apart in CASES:
            x, y = samples(n, k, apart)
            for name, prepare in peers.items():
                if n > MOST.get(name, n):
                    continue
                work, ours, theirs = prepare(x, y), [], []
                for _ in range(_ROUNDS):
                    seconds, found = _cpu_time(lambda x=x, y=y: by_fastinfo(x, y))
                    ours.append(seconds)
                    seconds, expected = _cpu_time(work)
                    theirs.append(seconds)
                    if seconds > _SLOW:
                        break
                same = len(found) == len(expected) and np.allclose(found, expected, atol=1e-6)
                a, b = statistics.median(ours), statistics.median(theirs)
                cuts = "the same" if same else f"{len(expected)} other"
                print(
                    f"{title}: fastinfo {a:.4f} s ({len(found)} cuts), {name} {b:.3f} s "
                    f"({cuts} cuts), {b / a:.1f} times"
                )


if __name__ == "__main__":
    main()
