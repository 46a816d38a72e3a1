"""Terms and classes of a text collection: a sparse matrix ranked, beside scikit-learn.

``python benchmarks/sparse_tables.py [documents terms non-zeros]`` ranks the terms by their
information on 20 classes, one thread, p-values included, and has scikit-learn's
``mutual_info_classif`` take 200 of them, from which the time of all follows. A process of its own
tells the memory that a ranking takes beside the matrix.
"""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

import fastinfo

CLASSES, TIMED, TURNS = 20, 200, 3
_MB = 1 << 20


def collection(n: int, f: int, stored: int) -> tuple[sp.csr_array, np.ndarray]:
    """Counts of terms, a few of them usual and most of them rare; a third belong to a class."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, CLASSES, n)
    often = np.minimum(stored / (np.arange(f) + 20.0) / np.log1p(f / 20.0), n / 2)
    often = np.maximum(rng.poisson(often), 1)
    columns = np.repeat(np.arange(f), often)
    rows = rng.integers(0, n, columns.size)
    order = np.argsort(y, kind="stable")
    sizes = np.bincount(y, minlength=CLASSES)
    own = (rng.random(f) < 1 / 3)[columns] & (rng.random(columns.size) < 0.5)
    classes = rng.integers(0, CLASSES, f)[columns[own]]
    places = (rng.random(classes.size) * sizes[classes]).astype(np.int64)
    rows[own] = order[(np.cumsum(sizes) - sizes)[classes] + places]
    keys = np.unique(rows * f + columns)
    rows, columns = np.divmod(keys, f)
    counts = np.minimum(rng.geometric(0.7, keys.size), 20)
    return sp.csr_array((counts, (rows, columns)), shape=(n, f)), y


def timed(function: Callable[[], Any]) -> float:
    """Seconds of the processor that a call takes."""
    start = time.process_time()
    function()
    return time.process_time() - start


def memory(what: str) -> float:
    """A number of MB that Linux tells of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) * 1024 / _MB
    return float("nan")


def size_of(X: sp.csr_array) -> float:
    """MB of a matrix."""
    return (X.data.nbytes + X.indices.nbytes + X.indptr.nbytes) / _MB


def peak(path: str) -> None:
    """Memory that a ranking takes beside its matrix, in this process."""
    X, y = sp.csr_array(sp.load_npz(f"{path}.npz")), np.load(f"{path}.npy")
    fastinfo.rank_features(X[:2000, :100], y[:2000])  # compiled
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    fastinfo.rank_features(X, y)
    more = memory("VmHWM") - before
    print(f"{more:.0f} MB beside a matrix of {size_of(X):.0f}: {more / size_of(X):.2f} times")


def compare(n: int, f: int, stored: int, folder: Path) -> None:
    """Time of the ranking and of scikit-learn, and the memory."""
    from sklearn.feature_selection import mutual_info_classif

    X, y = collection(n, f, stored)
    some = np.sort(np.random.default_rng(1).choice(f, min(TIMED, f), replace=False))
    part = X[:, some]
    fastinfo.set_num_threads(1)
    fastinfo.rank_features(X[:2000, :100], y[:2000])  # compiled
    wanted = mutual_info_classif(part, y, discrete_features=True)
    found = fastinfo.rank_features(part, y, discrete=True)
    np.testing.assert_allclose([found[f"x{i}"].mi for i in range(some.size)], wanted, atol=1e-12)
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(timed(lambda: fastinfo.rank_features(X, y)))
        theirs.append(timed(lambda: mutual_info_classif(part, y, discrete_features=True)))
    mine, peer = np.median(ours), np.median(theirs) * f / some.size
    print(
        f"{n:,} documents, {f:,} terms, {X.nnz:,} non-zeros: {mine:.2f} s; scikit-learn "
        f"{peer:.0f} s by {some.size} terms: {peer / mine:.0f} times"
    )
    path = folder / "collection"
    sp.save_npz(f"{path}.npz", sp.csr_matrix(X), compressed=False)
    np.save(f"{path}.npy", y)
    subprocess.run([sys.executable, __file__, "peak", str(path)], check=True)


if __name__ == "__main__":
    import tempfile

    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["peak"]:
        peak(sys.argv[2])
    else:
        shape = [int(word) for word in sys.argv[1:4]] or [100_000, 100_000, 10_000_000]
        with tempfile.TemporaryDirectory() as place:
            compare(*shape, Path(place))  # type: ignore[arg-type]
