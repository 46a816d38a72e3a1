"""Tables of many columns: the strongest pairs without their matrix.

``python benchmarks/wide_tables.py pairs [columns]`` compares the time of ``strongest_pairs`` with
that of the matrix of 4,000 columns, by pairs, one thread, and tells the memory that a process of
its own takes at most.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import fastinfo

ROWS, LEVELS, OF_MATRIX = 5000, 8, 4000
_MB = 1 << 20


def table(columns: int) -> np.ndarray:
    """Columns of labels, each in one piece of memory; a few of them depend on others."""
    rng = np.random.default_rng(0)
    X = np.empty((columns, ROWS), np.uint8)
    for row in X:
        row[:] = rng.integers(0, LEVELS, ROWS, dtype=np.uint8)
    for i in range(0, min(columns, 200), 20):
        X[i + 1] = np.where(rng.random(ROWS) < 0.2, X[i], X[i + 1])
    return X.T


def timed(function: Callable[[], Any]) -> float:
    """Seconds of the processor that a call takes."""
    start = time.process_time()
    function()
    return time.process_time() - start


def peak() -> float:
    """MB that this process has taken at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MB


def strongest(columns: int) -> None:
    """Time and memory of the strongest pairs, in this process."""
    fastinfo.set_num_threads(1)
    fastinfo.strongest_pairs(table(300))  # compiled
    X = table(columns)
    before = peak()
    seconds = timed(lambda: fastinfo.strongest_pairs(X))
    pairs = columns * (columns - 1) / 2
    print(
        f"strongest_pairs of {columns:,} columns: {seconds:.1f} s, {seconds / pairs * 1e9:.0f} ns "
        f"a pair; {peak():.0f} MB at most, {before:.0f} before ({X.nbytes / _MB:.0f} of the table)",
        flush=True,
    )


def pairs(columns: int) -> None:
    """The strongest pairs in a process of their own, and the matrix beside them."""
    fastinfo.set_num_threads(1)
    X = table(OF_MATRIX)
    fastinfo.mutual_information_matrix(X[:, :300])
    calls = fastinfo.mutual_information_matrix, fastinfo.strongest_pairs
    rounds = [[timed(lambda call=call: call(X)) for call in calls] for _ in range(3)]
    matrix, ours = np.median(rounds, axis=0)
    each = matrix / (OF_MATRIX * (OF_MATRIX - 1) / 2) * 1e9
    print(f"matrix of {OF_MATRIX:,} columns: {matrix:.2f} s, {each:.0f} ns a pair")
    print(f"strongest_pairs of {OF_MATRIX:,} columns: {ours:.2f} s, {ours / matrix:.3f} of that")
    sys.stdout.flush()
    subprocess.run([sys.executable, __file__, "strongest", str(columns)], check=True)


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else "pairs"
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    {"pairs": pairs, "strongest": strongest}[what](size)
