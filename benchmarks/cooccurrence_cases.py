"""Words that go together: matrices of pairs, and words of two groups; see ``cases.py``."""

from __future__ import annotations

from typing import Any

import numpy as np
from cases import Case, Work

from fastinfo.cooccurrence import association, keyness

WORDS, CELLS = 50_000, 3 * 10**6
KEY_WORDS = 200_000


def _pairs_of_words() -> Any:
    """Counts of pairs, of which frequent words have more: their ranks are uniform in logarithm."""
    from scipy.sparse import csr_array

    rng = np.random.default_rng(8)

    def words() -> np.ndarray:
        return np.minimum(WORDS ** rng.random(3 * CELLS), WORDS).astype(np.int64) - 1

    cells = np.unique(words() * WORDS + words())
    cells = np.sort(rng.permutation(cells)[:CELLS])
    pair = (cells // WORDS).astype(np.int32), (cells % WORDS).astype(np.int32)
    return csr_array((rng.geometric(0.3, cells.size), pair), shape=(WORDS, WORDS))


def _ppmi() -> Work:
    """Peers as they are written with the arrays of a matrix in COO format, by two ways to sums."""
    from scipy.sparse import coo_array

    matrix = _pairs_of_words()

    def theirs(by_bincount: bool) -> Any:
        coo = matrix.tocoo()
        if by_bincount:
            rows = np.bincount(coo.row, coo.data, WORDS)
            columns = np.bincount(coo.col, coo.data, WORDS)
        else:
            rows, columns = coo.sum(axis=1), coo.sum(axis=0)
        n = rows.sum()
        pmi = np.log(coo.data * n / (rows[coo.row] * columns[coo.col]))
        found = coo_array((np.maximum(pmi, 0.0), (coo.row, coo.col)), coo.shape).tocsr()
        found.eliminate_zeros()
        return found

    def check(ours: Any, other: Any) -> None:
        np.testing.assert_array_equal(ours.indptr, other.indptr)
        np.testing.assert_array_equal(ours.indices, other.indices)
        np.testing.assert_allclose(ours.data, other.data, rtol=1e-9, atol=1e-14)

    return Work(
        ours=lambda: association(matrix, measure="ppmi"),
        peers={
            "NumPy on COO arrays, SciPy's `sum`": lambda: theirs(False),
            "NumPy on COO arrays, `bincount`": lambda: theirs(True),
        },
        check=check,
        per=CELLS,
        moved=24,
        increments=1,
    )


def _keyness() -> Work:
    from scipy.special import chdtrc, xlogy

    rng = np.random.default_rng(9)
    a, b = rng.poisson(rng.exponential(20.0, (2, KEY_WORDS)))

    def theirs() -> Any:
        total_a, total_b = a.sum(), b.sum()
        n, both = total_a + total_b, a + b
        table = [a, b, total_a - a, total_b - b]
        expected = [both * total_a, both * total_b, (n - both) * total_a, (n - both) * total_b]
        with np.errstate(all="ignore"):
            g2 = 2 * sum(xlogy(o, o * n / e) for o, e in zip(table, expected, strict=True))
        return np.sort(chdtrc(1, g2))

    def check(ours: Any, other: Any) -> None:
        np.testing.assert_allclose(np.sort(ours.to_dict()["pvalue"]), other, rtol=1e-4, atol=1e-6)

    return Work(
        ours=lambda: keyness(a, b),
        peers={"SciPy `xlogy` and `chdtrc`, the p-values alone": theirs},
        check=check,
        per=KEY_WORDS,
    )


CASES = [
    Case("association, PPMI of 50,000 × 50,000 with 3·10⁶ cells, int64", _ppmi),
    Case("keyness, 2·10⁵ words, rows with names included", _keyness),
]
