"""Association of sparse matrices: the cells of the dense table, whatever format and order."""

import math
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import reference.cooccurrence as reference
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

import fastinfo
from fastinfo.cooccurrence import association
from fastinfo.kernels.cooccurrence import compressed

MEASURES = reference.MEASURES
FORMATS = ["csr", "csc", "coo"]
COUNTS = np.array([[20, 5, 0, 0], [6, 24, 1, 0], [0, 0, 0, 0], [0, 0, 43, 0]])

each_measure = pytest.mark.parametrize("measure", MEASURES)
each_format = pytest.mark.parametrize("kind", FORMATS)


def stored(found):
    """The cells that are stored, by their places."""
    cells = found.tocoo()
    pairs = zip(cells.row.tolist(), cells.col.tolist(), strict=True)
    return dict(zip(pairs, cells.data.tolist(), strict=True))


def expected_cells(counts, measure, **options):
    """The cells that are to be stored, of a dense table."""
    dense = association(counts, measure=measure, **options)
    least = options.get("min_count", 0)
    return {
        (i, j): dense[i, j]
        for i, j in np.argwhere((np.array(counts) > 0) & (np.array(counts) >= least)).tolist()
        if measure != "ppmi" or dense[i, j] > 0
    }


def contents(matrix):
    """The arrays of a matrix as they are."""
    if matrix.format == "coo":
        return [matrix.data.copy(), matrix.row.copy(), matrix.col.copy()]
    return [matrix.data.copy(), matrix.indices.copy(), matrix.indptr.copy()]


def same_arrays(a, b):
    for x, y in zip(a, b, strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(x, y)


# Values


@pytest.mark.slow
@each_measure
@each_format
def test_cells_are_those_of_the_dense_table(measure, kind):
    for cls in (getattr(scipy.sparse, f"{kind}_{name}") for name in ("array", "matrix")):
        matrix = cls(COUNTS)
        before = contents(matrix)
        found = association(matrix, measure=measure)
        same_arrays(contents(matrix), before)
        assert type(found) is cls
        assert found.shape == matrix.shape
        assert stored(found) == pytest.approx(expected_cells(COUNTS, measure), rel=1e-14)
        if kind != "coo":
            assert found.has_canonical_format
            assert found.indices.dtype == found.indptr.dtype == matrix.indices.dtype


@pytest.mark.parametrize(
    ("measure", "options"),
    [
        ("pmi", {"base": 2, "smoothing": 0.75, "shift": 1.5}),
        ("ppmi", {"base": 10, "smoothing": 0.3, "shift": 0.1, "min_count": 2}),
        ("npmi", {"min_count": 2}),
        ("g2", {"min_count": 2.5}),
        ("log-ratio", {"base": 2, "min_count": 6}),
    ],
)
@each_format
def test_options_are_those_of_the_dense_table(measure, options, kind):
    found = association(scipy.sparse.coo_array(COUNTS).asformat(kind), measure=measure, **options)
    assert stored(found) == pytest.approx(expected_cells(COUNTS, measure, **options), rel=1e-13)


@pytest.mark.slow
@each_format
@given(
    cells=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 3)), max_size=40),
    measure=st.sampled_from(MEASURES),
    least=st.sampled_from([0, 2]),
    wide=st.booleans(),
)
def test_duplicates_are_added_up_and_zeros_dropped(kind, cells, measure, least, wide):
    rows, columns, counts = np.array(cells, np.int64).reshape(-1, 3).T
    dense = np.zeros((5, 7), np.int64)
    np.add.at(dense, (rows, columns), counts)
    matrix = as_they_come(kind, rows, columns, counts.astype(np.uint8), dense.shape, wide)
    before = contents(matrix)
    found = association(matrix, measure=measure, min_count=least)
    same_arrays(contents(matrix), before)
    expected = expected_cells(dense, measure, min_count=least)
    assert stored(found) == pytest.approx(expected, rel=1e-13, nan_ok=True)
    assert found.nnz == len(expected)


def as_they_come(kind, rows, columns, counts, shape, wide=False):
    """A matrix with cells in the order given, duplicates and zeros included."""
    index = np.int64 if wide else np.int32
    rows, columns = rows.astype(index), columns.astype(index)
    if kind == "coo":
        matrix = scipy.sparse.coo_array((counts, (rows, columns)), shape)
        matrix.coords = (rows, columns)
        return matrix
    majors, minors, n = (rows, columns, shape[0]) if kind == "csr" else (columns, rows, shape[1])
    order = np.argsort(majors, kind="stable")
    places = np.concatenate([[0], np.cumsum(np.bincount(majors, minlength=n))]).astype(index)
    matrix = getattr(scipy.sparse, f"{kind}_array")(shape, dtype=counts.dtype)
    matrix.data, matrix.indices, matrix.indptr = counts[order], minors[order], places
    return matrix


def test_a_pmi_of_0_is_stored_and_one_of_a_cell_never_seen_is_not():
    table = scipy.sparse.csr_array([[1, 1, 0], [2, 2, 0], [0, 0, 6]])
    found = association(table, smoothing=1)
    assert found.nnz == 5
    independent = association(scipy.sparse.csr_array([[1, 2], [3, 6]]))
    assert independent.nnz == 4
    assert (independent.data == 0).all()
    assert association(scipy.sparse.csr_array([[1, 2], [3, 6]]), measure="ppmi").nnz == 0


def test_sums_of_small_integers_do_not_overflow():
    counts = np.array([120, 120, 120, 7], np.int8)
    matrix = scipy.sparse.coo_array((counts, ([0, 0, 0, 1], [0, 0, 0, 1])), (2, 2))
    assert stored(association(matrix)) == pytest.approx(
        {(0, 0): math.log(367 / 360), (1, 1): math.log(367 / 7)}
    )


@each_measure
def test_many_cells_are_measured_in_blocks(measure, rng, threads, monkeypatch):
    monkeypatch.setattr("fastinfo.cooccurrence.sparse_matrices._PIECE", 3000)
    counts = rng.poisson(0.3, (300, 400)) * rng.integers(1, 9, (300, 400))
    counts[[0, 7, 8, 299]] = 0
    counts[20, :390] = 1
    for kind in FORMATS:
        found = association(scipy.sparse.coo_array(counts).asformat(kind), measure=measure)
        with fastinfo.num_threads(1):
            alone = association(scipy.sparse.coo_array(counts).asformat(kind), measure=measure)
        same_arrays(contents(found), contents(alone))
        expected = association(counts, measure=measure)
        kept = (counts > 0) & ((expected > 0) | (measure != "ppmi"))
        np.testing.assert_allclose(found.toarray()[kept], expected[kept], rtol=1e-12, atol=1e-13)
        assert found.nnz == np.count_nonzero(kept)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.int32, np.uint8, bool])
@each_format
def test_any_dtype(dtype, kind):
    counts = COUNTS.astype(dtype)
    found = association(scipy.sparse.coo_array(counts).asformat(kind))
    assert found.dtype == (np.float32 if dtype is np.float32 else np.float64)
    rel = 1e-6 if dtype is np.float32 else 1e-14
    expected = expected_cells(np.array(counts, np.float64), "pmi")
    assert stored(found) == pytest.approx(expected, rel=rel, abs=rel)


@pytest.mark.parametrize("measure", [m for m in MEASURES if m != "log-ratio"])  # of half a count
@each_format
def test_weights_of_any_size(measure, kind):
    power = {"g2": 1.0, "t": 0.5}.get(measure, 0.0)
    plain = stored(
        association(scipy.sparse.coo_array(COUNTS * 1.0).asformat(kind), measure=measure)
    )
    for scale in (2.0**-1000, 2.0**900, 1e306):
        matrix = scipy.sparse.coo_array(COUNTS * scale).asformat(kind)
        found = stored(association(matrix, measure=measure))
        expected = {place: value * scale**power for place, value in plain.items()}
        assert found == pytest.approx(expected, rel=1e-12, abs=0 if power else 1e-13)


def test_a_matrix_without_counts_stays_without():
    for kind in FORMATS:
        for matrix in (
            scipy.sparse.coo_array((3, 4)).asformat(kind),
            as_they_come(kind, np.array([1]), np.array([2]), np.array([0]), (3, 4)),
        ):
            for measure in MEASURES:
                found = association(matrix, measure=measure, smoothing=0.0)
                assert (found.format, found.shape, found.nnz) == (kind, (3, 4), 0)
            assert association(matrix, smoothing=0.75).nnz == 0


def test_no_copies_beside_input_and_result():
    n, cells = 300, 60_000
    matrix = scipy.sparse.random_array((n, n), density=cells / n**2, format="csr", rng=0)
    association(matrix, measure="ppmi")
    tracemalloc.start()
    found = association(matrix, measure="ppmi")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    result = found.data.nbytes + found.indices.nbytes
    # An array that becomes smaller in place is counted twice by NumPy 2.5.
    twice = found.data.nbytes if np.lib.NumpyVersion(np.__version__) >= "2.5.0" else 0
    assert peak < result + twice + 0.5 * matrix.data.nbytes + 50_000


@each_format
def test_cells_in_any_order_are_not_sorted_in_vain(kind, rng):
    counts = rng.poisson(0.5, (40, 30))
    rows, columns = np.nonzero(counts)
    order = rng.permutation(rows.size)
    rows, columns = rows[order], columns[order]
    matrix = as_they_come(kind, rows, columns, counts[rows, columns], counts.shape)
    before = contents(matrix)
    found = association(matrix)
    same_arrays(contents(matrix), before)
    assert stored(found) == pytest.approx(expected_cells(counts, "pmi"), rel=1e-13, abs=1e-13)
    if kind != "coo":
        same_arrays(contents(found)[1:], before[1:])


# Sparse frames


@pytest.mark.parametrize("measure", ["pmi", "ppmi", "npmi", "g2"])
def test_sparse_frames_are_filled_with_what_is_not_seen(measure):
    plain = pd.DataFrame(COUNTS[:, :3], index=list("abcd"), columns=["x", "y", "y"])
    frame = plain.astype(pd.SparseDtype(np.int64, 0))
    found = association(frame, measure=measure)
    assert list(found.index) == list("abcd")
    assert list(found.columns) == ["x", "y", "y"]
    dense = association(COUNTS[:, :3], measure=measure)
    unseen = {"pmi": -math.inf, "ppmi": 0.0, "npmi": -1.0, "g2": math.nan}[measure]
    seen = COUNTS[:, :3] > 0
    expected = np.where(seen & (dense >= 0) if measure == "ppmi" else seen, dense, unseen)
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=1e-14)
    n_stored = sum(found.iloc[:, j].sparse.npoints for j in range(3))
    assert n_stored == len(expected_cells(COUNTS[:, :3], measure))


def test_frames_with_other_fills_are_dense():
    frame = pd.DataFrame(COUNTS).astype(pd.SparseDtype(np.float64, 1.0))
    np.testing.assert_array_equal(association(frame).to_numpy(), association(COUNTS.astype(float)))


# What is no matrix of counts


def broken(**arrays):
    matrix = scipy.sparse.csr_array(COUNTS)
    for name, array in arrays.items():
        setattr(matrix, name, np.array(array, getattr(matrix, name).dtype))
    return matrix


@pytest.mark.parametrize(
    ("matrix", "error", "message"),
    [
        (
            scipy.sparse.csr_array([[1, -2], [-3, 0]]),
            ValueError,
            "negative counts, got 2, of which",
        ),
        (
            scipy.sparse.coo_array([[1.0, math.nan]]),
            ValueError,
            "finite counts, got 1 that are NaN",
        ),
        (
            scipy.sparse.csc_array([[math.inf, 2.0]]),
            ValueError,
            "finite counts, got 1 that are NaN",
        ),
        (
            scipy.sparse.lil_array(COUNTS),
            TypeError,
            "in CSR, CSC or COO format, got LIL: its .tocsr",
        ),
        (scipy.sparse.csr_array((0, 3)), ValueError, r"at least one cell, got shape \(0, 3\)"),
        (scipy.sparse.coo_array(COUNTS[0]), ValueError, r"be two-dimensional, got shape \(4,\)"),
        (scipy.sparse.csr_array([[1j]]), TypeError, "real numbers, got dtype complex128"),
        (broken(indices=[0, 1, 2, 3, 4, 5]), ValueError, "well-formed sparse matrix: an index"),
        (broken(indices=[0, -1, 0, 1, 2, 2]), ValueError, "well-formed sparse matrix: an index"),
        (broken(indptr=[0, 2, 5, 5, 60]), ValueError, "indptr must rise from 0 to at most 6"),
        (broken(indptr=[0, 5, 2, 5, 6]), ValueError, "indptr must rise from 0"),
        (broken(data=[1, 2]), ValueError, "indptr must rise from 0 to at most 2"),
    ],
    ids=range(12),
)
def test_what_is_no_matrix_of_counts_is_refused(matrix, error, message):
    with pytest.raises(error, match=f"table_or_sparse must .*{message}"):
        association(matrix)


def test_indices_outside_of_a_coo_matrix_are_seen():
    for rows, columns in (([0, 9], [0, 1]), ([0, 1], [0, 9]), ([0, 1], [-1, 1]), ([-2, 1], [0, 1])):
        matrix = scipy.sparse.coo_array(([1, 2], ([0, 1], [0, 1])), (2, 2))
        matrix.coords = (np.array(rows, np.int32), np.array(columns, np.int32))
        with pytest.raises(ValueError, match="well-formed sparse matrix: an index is outside"):
            association(matrix)


def test_a_coo_matrix_of_arrays_that_differ_in_length_is_refused():
    matrix = scipy.sparse.coo_array(([1, 2], ([0, 1], [0, 1])), (2, 2))
    matrix.data = np.array([1])
    with pytest.raises(ValueError, match="it has 2 rows, 2 columns and 1 counts of cells"):
        association(matrix)


def test_the_order_of_cells_is_seen():
    def rising(rows, columns, n=3):
        arrays = (np.array(a, np.int32) for a in (rows, columns))
        for array in (arrays := list(arrays)):
            array.flags.writeable = False
        return compressed.are_rising(*arrays, n)

    assert rising([0, 0, 2], [1, 2, 0])
    assert rising([], [])
    assert not rising([0, 0, 2], [2, 1, 0])
    assert not rising([0, 0, 2], [1, 1, 0])
    assert not rising([1, 0], [0, 1])
    assert not rising([0, 3], [0, 1])
    assert not rising([-1, 0], [0, 1])
