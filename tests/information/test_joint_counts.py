"""JointCounts: what is counted, that counts add, and the measures of them."""

import copy
import math
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
import reference
import scipy.stats
import sklearn.metrics
from helpers import objects
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numba import njit

from fastinfo import JointCounts
from fastinfo.kernels.information import plug_in as kernels

NAN = math.nan
INF = math.inf
LN2 = math.log(2)
AVERAGES = ["arithmetic", "geometric", "min", "max", "joint"]

#: Cover & Thomas, example 2.2.1; their table has y along the rows.
COVER_THOMAS = np.array([[4, 2, 1, 1], [2, 4, 1, 1], [2, 2, 2, 2], [8, 0, 0, 0]]).T

tables = st.integers(1, 6).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 50) | st.just(0), min_size=columns, max_size=columns),
        min_size=1,
        max_size=6,
    )
)


def state(counts):
    """All that an object holds, as plain values."""
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name in (
            *("table", "x_edges", "y_edges", "x_levels", "y_levels", "n", "n_dropped", "n_missing"),
        )
        for value in [getattr(counts, name)]
    }


def ulps(hx, hy):
    """What rounding may leave: 2 ulp of H(X) + H(Y)."""
    return 2 * np.spacing(hx + hy)


# From samples


def test_floats_are_binned_as_histogram2d(rng):
    x, y = rng.normal(size=(2, 500))
    counts = JointCounts.from_samples(x, y, bins=(5, 7))
    table, x_edges, y_edges = np.histogram2d(x, y, (5, 7))
    assert counts.table.dtype == np.int64
    np.testing.assert_array_equal(counts.table, table)
    np.testing.assert_array_equal(counts.x_edges, x_edges)
    np.testing.assert_array_equal(counts.y_edges, y_edges)
    assert counts.x_levels is counts.y_levels is None
    assert (counts.n, counts.n_dropped, counts.n_missing) == (500, 0, 0)
    assert isinstance(counts.n, int)


def assert_numpys_counts(x, y, **kwargs):
    counts = JointCounts.from_samples(x, y, **kwargs)
    table, x_edges, y_edges = np.histogram2d(x, y, **kwargs)
    np.testing.assert_array_equal(counts.table, table)
    np.testing.assert_array_equal(counts.x_edges, x_edges, strict=True)
    np.testing.assert_array_equal(counts.y_edges, y_edges, strict=True)
    assert counts.n == table.sum()
    assert counts.n + counts.n_dropped == len(x)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "longdouble", ">f8", ">f4"])
def test_edges_and_counts_are_numpys_for_all_floats(dtype, rng):
    x, y = rng.normal(size=(2, 300)).astype(dtype) / np.array(3, dtype)
    assert_numpys_counts(x, y, bins=9)
    assert_numpys_counts(x, y, bins=(4, 50))
    assert_numpys_counts(x, y, bins=6, range=[None, [-1, 1]])


@pytest.mark.parametrize(
    ("x_dtype", "y_dtype"),
    [("f4", "f8"), ("f8", "f4"), ("f2", "f4"), ("f8", "longdouble"), (">f4", "f8")],
)
def test_edges_and_counts_are_numpys_for_floats_of_two_dtypes(x_dtype, y_dtype, rng):
    # NumPy joins both in one array, so the edges of both are computed in the wider dtype.
    x, y = rng.normal(size=300).astype(x_dtype), rng.normal(size=300).astype(y_dtype)
    assert_numpys_counts(x, y, bins=9)
    assert_numpys_counts(x, y, bins=(4, 50))
    assert_numpys_counts(x, y, bins=6, range=[None, [-1, 1]])


@pytest.mark.parametrize("dtype", ["i1", "u1", "i8", "u8", "?"])
def test_integers_are_binned_where_they_are_no_labels(dtype, rng):
    x = rng.integers(0, 2 if dtype == "?" else 100, 400).astype(dtype)
    y = rng.normal(size=400)
    counts = JointCounts.from_samples(x, y, bins=(7, 4), discrete=False)
    np.testing.assert_array_equal(counts.table, np.histogram2d(x, y, (7, 4))[0])
    counts = JointCounts.from_samples(x, y, bins=4, discrete=(True, False))
    assert counts.x_levels.tolist() == np.unique(x).tolist()
    assert counts.y_edges.size == 5


def test_the_kinds_of_samples_decide_what_is_binned():
    x, y = np.array([0.0, 1.0, 2.5]), np.array([1, 2, 1])
    counts = JointCounts.from_samples(x, y, bins=2)
    assert counts.x_edges.tolist() == [0, 1.25, 2.5]
    assert counts.y_levels.tolist() == [1, 2]
    assert counts.table.tolist() == [[1, 1], [1, 0]]
    counts = JointCounts.from_samples(y, x, bins=2)
    assert counts.table.tolist() == [[1, 1], [1, 0]]
    counts = JointCounts.from_samples(x, y, discrete=True)
    assert counts.x_levels.tolist() == [0.0, 1.0, 2.5]
    counts = JointCounts.from_samples(x, np.array(["b", "a", "b"]), bins=2)
    assert counts.y_levels.tolist() == ["a", "b"]
    assert counts.table.tolist() == [[1, 1], [0, 1]]


def test_all_forms_of_edges_and_ranges():
    x, y = np.array([0.0, 0.5, 1.0, 2.0]), np.array([0.0, 1.0, 2.0, 3.0])
    edges = [0.0, 0.5, 2.0]
    counts = JointCounts.from_samples(x, y, bins=[edges, 3])
    assert counts.table.tolist() == [[1, 0, 0], [0, 1, 2]]
    counts = JointCounts.from_samples(x, y, bins=edges)
    assert (counts.n, counts.n_dropped) == (3, 1)
    counts = JointCounts.from_samples(x, y, bins=2, range=[[0, 1], None])
    assert counts.table.tolist() == [[1, 0], [1, 1]]
    assert counts.y_edges.tolist() == [0, 1.5, 3]
    counts = JointCounts.from_samples(x, np.arange(4), bins=2, range=[[0, 1], None])
    assert counts.table.tolist() == [[1, 0, 0, 0], [0, 1, 1, 0]]
    assert (counts.n, counts.n_dropped) == (3, 1)


def brute_force(x, y, x_edges, y_edges):
    """Number of pairs, of incomplete ones, of complete ones outside the edges."""
    missing = [a != a or b != b for a, b in zip(x, y, strict=True)]
    outside = [
        not m
        and any(e is not None and not e[0] <= v <= e[-1] for v, e in ((a, x_edges), (b, y_edges)))
        for a, b, m in zip(x, y, missing, strict=True)
    ]
    return len(x) - sum(missing) - sum(outside), sum(missing), sum(outside)


@pytest.mark.parametrize("edges", [np.linspace(-1, 1, 6), np.array([-1, 0, 0.1, 2])])
@pytest.mark.parametrize("labels", [(False, False), (True, False), (False, True), (True, True)])
def test_missing_and_dropped_samples_are_told_apart(edges, labels, rng):
    x, y = np.round(rng.normal(size=(2, 600)), 1)
    x[::7], y[::5], x[::11], y[::13] = NAN, NAN, INF, -INF
    counts = JointCounts.from_samples(x, y, bins=edges, discrete=labels)
    kept = [None if is_label else edges for is_label in labels]
    assert (counts.n, counts.n_missing, counts.n_dropped) == brute_force(x, y, *kept)
    assert counts.n == counts.table.sum()


def test_the_range_is_that_of_the_complete_pairs():
    x, y = np.array([0.0, 1.0, 99.0, 2.0]), np.array([5.0, NAN, NAN, 6.0])
    counts = JointCounts.from_samples(x, y, bins=2)
    assert counts.x_edges.tolist() == [0, 1, 2]
    assert (counts.n, counts.n_missing, counts.n_dropped) == (2, 2, 0)
    assert JointCounts.from_samples(y, x, bins=2).y_edges.tolist() == [0, 1, 2]
    labels = objects(["a", None, None, "b"])
    counts = JointCounts.from_samples(x, labels, bins=2)
    assert counts.x_edges.tolist() == [0, 1, 2]
    assert (counts.n, counts.n_missing, counts.n_dropped) == (2, 2, 0)


def test_a_long_column_of_missing_samples():
    counts = JointCounts.from_samples([NAN, NAN], [1.0, 2.0], bins=3)
    assert (counts.n, counts.n_missing, counts.n_dropped) == (0, 2, 0)
    assert counts.mutual_information() == 0.0
    counts = JointCounts.from_samples([NAN, NAN], ["a", "b"])
    assert (counts.n, counts.n_missing) == (0, 2)
    counts = JointCounts.from_labels([None, None], ["a", "b"])
    assert counts.table.shape == (0, 2)
    assert (counts.n, counts.n_missing) == (0, 2)


def test_a_column_of_a_matrix_is_a_variable():
    counts = JointCounts.from_labels([[1], [2]], np.array([[3], [4]]))
    assert counts.table.tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("make", [JointCounts.from_samples, JointCounts.from_labels])
@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ([], [], ValueError, "x must hold at least one sample, got an empty array"),
        ([1, 2], [1, 2, 3], ValueError, "x and y must have the same length, got 2 and 3 samples"),
        ([[1, 2]], [1], ValueError, r"x must be one-dimensional, got shape \(1, 2\)"),
        (1, [1], ValueError, r"x must be one-dimensional, got shape \(\)"),
        ([1j], [1], TypeError, "x must hold real numbers or labels, got dtype complex128"),
        ([1], [1j], TypeError, "y must hold real numbers or labels, got dtype complex128"),
        ([1], objects([[1]]), TypeError, "labels must be hashable, got list"),
        ([1], np.ma.masked_equal([1], 1), TypeError, "y must not be a masked array"),
    ],
)
def test_samples_that_cannot_be_used(make, x, y, error, message):
    with pytest.raises(error, match=message):
        make(x, y)


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"bins": 0}, ValueError, "must be positive, when an integer, got 0"),
        ({"bins": 2.5}, TypeError, "must be an integer, when a scalar, got 2.5"),
        ({"bins": "many"}, ValueError, "must be a number, edges or one of 'mi', .*, got 'many'"),
        ({"bins": [1, 2, 0]}, ValueError, "must be monotonically increasing"),
        ({"range": [[0, 1]]}, ValueError, "range must have an entry for each variable"),
        ({"range": [[1, 0], None]}, ValueError, "max must be larger than min in range parameter"),
        ({"range": [[0, INF], None]}, ValueError, "supplied range of .* is not finite"),
        (
            {"discrete": "no"},
            ValueError,
            "discrete must be .* a pair of those, or a mapping of names",
        ),
        ({"discrete": {"z": True}}, ValueError, "discrete must name columns .*'x', 'y', got 'z'"),
        ({"discrete": (1, 0)}, ValueError, "discrete must be 'auto', True, False, a pair"),
    ],
)
def test_options_that_cannot_be_used(kwargs, error, message):
    with pytest.raises(error, match=message):
        JointCounts.from_samples([0.5, 1.5], [0.5, 2.5], **kwargs)


def test_infinite_samples_need_a_range():
    with pytest.raises(ValueError, match=r"autodetected range of \[0.0, inf\] is not finite"):
        JointCounts.from_samples([0.0, INF], [0.0, 1.0])
    counts = JointCounts.from_samples([0.0, INF], [0.0, 1.0], bins=2, range=[[0, 1], None])
    assert (counts.n, counts.n_dropped, counts.n_missing) == (1, 1, 0)


def test_labels_cannot_be_binned():
    with pytest.raises(TypeError, match="x must be real numbers to be binned, got dtype <U1"):
        JointCounts.from_samples(["a"], [1.0], discrete=False)


@pytest.mark.slow
def test_no_edges_are_refused():
    # In a process of its own: kernels that are handed no edges may take it down.
    program = (
        "import numpy as np; from fastinfo import JointCounts\n"
        "JointCounts.from_samples([1.0, 2.0], [1.0, 2.0], bins=[np.empty(0), 3])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "ValueError" in done.stderr.splitlines()[-1]


def test_inputs_stay_as_they_are(rng):
    x, y = rng.normal(size=(2, 100))
    edges = np.linspace(-1, 1, 5)
    table = np.array([[1, 2], [3, 4]])
    kept = [a.copy() for a in (x, y, edges, table)]
    counts = JointCounts.from_samples(x, y, bins=edges)
    counts.update(y, x)
    JointCounts.from_table(table).merge(JointCounts.from_table(table))
    for a, before in zip((x, y, edges, table), kept, strict=True):
        np.testing.assert_array_equal(a, before, strict=True)
        assert a.flags.writeable


# From a table


@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "i8", "u8", "?"])
def test_integer_tables(dtype):
    counts = JointCounts.from_table(np.array([[1, 0, 1], [0, 1, 1]], dtype))
    assert counts.table.dtype == np.int64
    assert counts.table.tolist() == [[1, 0, 1], [0, 1, 1]]
    assert counts.x_levels.tolist() == [0, 1]
    assert counts.y_levels.tolist() == [0, 1, 2]
    assert (counts.n, counts.n_missing, counts.n_dropped) == (4, 0, 0)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", "longdouble"])
def test_tables_of_weights(dtype):
    counts = JointCounts.from_table(np.array([[0.5, 0], [0.25, 1.25]], dtype))
    assert counts.table.dtype == np.float64
    assert counts.n == 2.0
    assert counts.mutual_information() == pytest.approx(
        reference.information_of_table(counts.table), rel=1e-14
    )


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ([1, 2], ValueError, r"table must be two-dimensional, got shape \(2,\)"),
        ([[[1]]], ValueError, "table must be two-dimensional"),
        ([[1, -2]], ValueError, "table must not hold negative counts, got -2"),
        ([[0.5, -0.5]], ValueError, "table must not hold negative counts, got -0.5"),
        ([[1, NAN]], ValueError, "table must hold finite counts, got NaN or infinity"),
        ([[INF, 1]], ValueError, "table must hold finite counts"),
        (np.array([[2**63]], "u8"), ValueError, r"table must hold counts below 2\*\*63"),
        ([[1j]], TypeError, "table must be an array of real numbers, got dtype complex128"),
        ([["a"]], TypeError, "table must be an array of real numbers"),
        ([[None]], TypeError, "table must be an array of real numbers, got dtype object"),
        ([[1, 2], [3]], ValueError, "table must be an array"),
    ],
)
def test_bad_tables(table, error, message):
    with pytest.raises(error, match=message):
        JointCounts.from_table(table)
    with pytest.raises(error, match=message):
        JointCounts(table)


def test_edges_and_levels_must_fit_the_table():
    with pytest.raises(ValueError, match="x_edges must hold 3 edges"):
        JointCounts([[1], [2]], x_edges=np.arange(2.0))
    with pytest.raises(ValueError, match="y_edges must hold 2 edges"):
        JointCounts([[1], [2]], y_edges=np.arange(3.0))
    with pytest.raises(ValueError, match="x_levels must hold 2 levels, got 3"):
        JointCounts([[1], [2]], x_levels=np.arange(3))


# Empty, update, merge, add


def test_empty_counts_nothing():
    counts = JointCounts.empty([0, 1, 2], np.linspace(0, 1, 5))
    assert counts.table.tolist() == [[0] * 4] * 2
    assert (counts.n, counts.n_missing, counts.n_dropped) == (0, 0, 0)
    assert counts.mutual_information() == counts.joint_entropy() == 0.0


@pytest.mark.parametrize(
    ("x_edges", "y_edges", "message"),
    [
        ([0], [0, 1], "x_edges must hold at least two edges"),
        ([0, 1], [0], "y_edges must hold at least two edges"),
        ([0, 1], [], "y_edges.* must hold at least"),
        (3, [0, 1], "x_edges must hold at least two edges"),
        ([1, 0], [0, 1], "x_edges.* must be monotonically increasing"),
        ([0, NAN], [0, 1], "x_edges.* must not hold NaN"),
        ([[0, 1]], [0, 1], "x_edges.* must be a scalar or 1d array"),
    ],
)
def test_edges_that_cannot_be_used(x_edges, y_edges, message):
    with pytest.raises(ValueError, match=message):
        JointCounts.empty(x_edges, y_edges)


def test_update_changes_and_returns_the_object():
    counts = JointCounts.empty([0, 1, 2], [0, 1])
    assert counts.update([0.5, 1.5, 7.0, NAN], [0.5, 1.0, 0.5, 0.5]) is counts
    assert counts.table.tolist() == [[1], [1]]
    assert (counts.n, counts.n_missing, counts.n_dropped) == (2, 1, 1)
    counts.update(np.array([2], "i1"), [True])
    assert counts.table.tolist() == [[1], [2]]


def test_update_with_new_labels_makes_new_levels():
    counts = JointCounts.from_labels(["b"], [1.5])
    counts.update(["a", "c", "a"], [1.5, 0.5, NAN])
    assert counts.x_levels.tolist() == ["a", "b", "c"]
    assert counts.y_levels.tolist() == [0.5, 1.5]
    assert counts.table.tolist() == [[0, 1], [0, 1], [1, 0]]
    assert counts.n_missing == 1


def test_update_of_one_binned_and_one_labelled_variable():
    counts = JointCounts.from_samples([0.0, 1.0], ["a", "b"], bins=2)
    counts.update([0.7, 9.0, NAN], ["c", "a", "b"])
    assert counts.table.tolist() == [[1, 0, 0], [0, 1, 1]]
    assert (counts.n, counts.n_missing, counts.n_dropped) == (3, 1, 1)


def test_update_refuses_what_it_cannot_count():
    counts = JointCounts.empty([0, 1], [0, 1])
    with pytest.raises(TypeError, match="x must be real numbers"):
        counts.update(["a"], [0.5])
    with pytest.raises(ValueError, match="same length, got 1 and 2 samples"):
        counts.update([0.5], [0.5, 0.5])
    assert counts.n == 0


def test_merge_changes_and_returns_the_object():
    a, b = JointCounts.from_labels(["x"], [1]), JointCounts.from_labels(["y", "x"], [1, 2])
    total = a + b
    assert a.merge(b) is a
    assert state(a) == state(total)
    assert b.table.tolist() == [[0, 1], [1, 0]]


def test_addition_leaves_its_terms_alone():
    a = JointCounts.from_labels(["x", None], [1, 1])
    b = JointCounts.from_labels(["y"], [2])
    before = state(a), state(b)
    total = a + b
    assert (state(a), state(b)) == before
    assert total.table.tolist() == [[1, 0], [0, 1]]
    assert total.n_missing == 1
    with pytest.raises(ValueError, match="read-only"):
        total.table[:] = 99
    total.update(["x", "y"], [1, 2])
    total.update(["z"], [1])
    assert (state(a), state(b)) == before


def test_weights_and_counts_add_up_to_weights():
    total = JointCounts.from_table([[1, 2]]) + JointCounts.from_table([[0.5, 0.25]])
    assert total.table.dtype == np.float64
    assert total.table.tolist() == [[1.5, 2.25]]
    assert total.n == 3.75


def test_different_edges_cannot_be_added():
    a = JointCounts.empty([0, 1, 2], [0, 1])
    for other, name in (
        (JointCounts.empty([0, 1, 3], [0, 1]), "x_edges"),
        (JointCounts.empty([0, 1], [0, 1]), "x_edges"),
        (JointCounts.empty([0, 1, 2], [0, 2]), "y_edges"),
        (JointCounts.from_labels([0, 1], [0, 1]), "x_edges"),
        (
            JointCounts.from_samples([0, 2], [0, 1], bins=[[0, 1, 2], 1], discrete=(False, True)),
            "y",
        ),
        (JointCounts([[0], [0]]), "x_edges"),
    ):
        with pytest.raises(ValueError, match=f"same {name}.* to be added, got"):
            a + other
        with pytest.raises(ValueError, match=f"same {name}"):
            other.merge(a)
    assert a.n == 0


def test_one_ulp_between_edges_counts():
    a = JointCounts.empty([0, 1, 2], [0, 1])
    with pytest.raises(ValueError, match="same x_edges"):
        a + JointCounts.empty([0, np.nextafter(1.0, 2), 2], [0, 1])


@pytest.mark.parametrize("other", [1, None, [[1, 2]], np.zeros((2, 2))])
def test_only_counts_can_be_added(other):
    a = JointCounts.from_table([[1, 2], [3, 4]])
    with pytest.raises(TypeError):
        a + other
    with pytest.raises(TypeError):
        a.merge(other)
    assert a.n == 10


def test_tables_add_by_cell():
    total = JointCounts([[1, 2]]) + JointCounts([[10, 20]])
    assert total.table.tolist() == [[11, 22]]
    with pytest.raises(ValueError, match="same x_edges"):
        JointCounts([[1, 2]]) + JointCounts([[1, 2], [3, 4]])


parts_of_samples = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from([-1.0, 0.0, 0.1, 0.5, 1.0, 2.5, 3.0, INF, NAN]),
            st.sampled_from([-0.5, 0.0, 0.25, 0.3, 1.0, -INF, NAN]),
        ),
        min_size=1,
        max_size=8,
    ),
    min_size=1,
    max_size=5,
)


@given(parts_of_samples)
def test_any_split_of_samples_gives_the_same_counts(parts):
    edges = np.array([0.0, 0.5, 1.0, 3.0]), np.linspace(0, 1, 5)
    whole = [pair for part in parts for pair in part]
    expected = state(JointCounts.from_samples(*np.array(whole).T, bins=edges))
    updated = JointCounts.empty(*edges)
    added = JointCounts.empty(*edges)
    for part in parts:
        x, y = np.array(part).T
        updated.update(x, y)
        added = JointCounts.from_samples(x, y, bins=edges) + added
    assert state(updated) == state(added) == expected


labels = st.sampled_from(["a", "b", "c", "d", None])
parts_of_labels = st.lists(
    st.lists(st.tuples(labels, labels), min_size=1, max_size=6), min_size=1, max_size=5
)


@given(parts_of_labels, st.randoms(use_true_random=False))
@example([[("a", None)], [("b", "a")]], None)
def test_any_split_of_labels_gives_the_same_counts(parts, random):
    whole = [pair for part in parts for pair in part]
    expected = state(JointCounts.from_labels(*map(objects, zip(*whole, strict=True))))
    counted = [JointCounts.from_labels(*map(objects, zip(*p, strict=True))) for p in parts]
    if random is not None:
        random.shuffle(counted)
    forwards, *rest = counted
    for counts in rest:
        forwards = forwards + counts
    *rest, backwards = counted
    for counts in reversed(rest):
        backwards = counts + backwards
    assert state(forwards) == state(backwards) == expected


def cells(counts):
    """The occupied cells, by their labels."""
    return {
        (counts.x_levels[i], counts.y_levels[j]): int(counts.table[i, j])
        for i, j in np.argwhere(counts.table)
    }


def test_labels_that_cannot_be_sorted_add_by_label():
    parts = [[2, "a"], [(), 1, 2], ["z", 2]]
    counted = [JointCounts.from_labels(objects(p), objects(p)) for p in parts]
    a, b, c = counted
    expected = {(v, v): n for v, n in {2: 3, "a": 1, (): 1, 1: 1, "z": 1}.items()}
    assert cells(a + b + c) == cells(a + (b + c)) == cells(c + b + a) == expected


def test_levels_of_different_dtypes_add_by_value():
    total = JointCounts.from_labels(
        np.array([1, 2], "i1"),
        [1.0, 2.0],
    ) + JointCounts.from_labels(np.array([2, 300], "i8"), objects([2, 0]))
    assert cells(total) == {(1, 1): 1, (2, 2): 2, (300, 0): 1}


def test_levels_of_dates_do_not_become_integers():
    dates = JointCounts.from_labels(np.array([0, 1], "M8[ns]"), [0, 1])
    numbers = JointCounts.from_labels(np.array([0, 1]), [0, 1])
    assert (dates + numbers).table.shape == (4, 2)


def test_parts_of_nothing_but_missing_labels():
    a = JointCounts.from_labels([NAN, NAN], [1, 2])
    b = JointCounts.from_labels(["a", "b"], [2, 3])
    for total in (a + b, b + a):
        assert total.x_levels.tolist() == ["a", "b"]
        assert total.y_levels.tolist() == [1, 2, 3]
        assert total.table.tolist() == [[0, 1, 0], [0, 0, 1]]
        assert total.n_missing == 2


# Copies and subclasses


def examples():
    yield JointCounts.from_samples([0.0, 1.0, NAN], [1.0, 0.0, 1.0], bins=3)
    yield JointCounts.from_samples([0.0, 1.0, 9.0], ["a", "b", "a"], bins=[[0, 1, 2], 1])
    yield JointCounts.from_labels(["a", None], np.array(["2020", "2021"], "M8[Y]"))
    yield JointCounts.from_table([[0.5, 1.5]])
    yield JointCounts.empty([0, 1], [0, 1])


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_round_trip(protocol):
    for counts in examples():
        again = pickle.loads(pickle.dumps(counts, protocol))
        assert type(again) is JointCounts
        assert state(again) == state(counts)
        assert again.table.dtype == counts.table.dtype
        assert state(again + counts) == state(counts + counts)


def test_a_deep_copy_is_independent():
    counts = JointCounts.from_labels([1, 2], [1, 2])
    other = copy.deepcopy(counts)
    other.update([3], [3])
    assert counts.n == 2
    assert other.n == 3


def test_repr_says_what_was_counted():
    counts = JointCounts.from_samples([0.0, 1.0, NAN, 7.0], [0, 1, 0, 0], bins=[[0, 1, 2], 1])
    assert repr(counts) == "<JointCounts: 2 x 2 cells, n=2, n_dropped=1, n_missing=1>"
    assert repr(JointCounts.from_table([[0.5]])).startswith("<JointCounts: 1 x 1 cells, n=0.5,")


class Plain(JointCounts):
    pass


class Named(JointCounts):
    __slots__ = ("name",)


class Slotted(JointCounts):
    __slots__ = ()


@pytest.mark.parametrize("kind", [Plain, Named, Slotted])
def test_subclasses(kind):
    made = [
        kind.from_samples([0.0, 1.0], [0.0, 1.0], bins=2),
        kind.from_labels(["a"], ["b"]),
        kind.from_table([[1, 2]]),
        kind.empty([0, 1], [0, 1]),
    ]
    assert all(type(counts) is kind for counts in made)
    counts = kind.from_labels(["a", None], ["x", "x"])
    if kind is not Slotted:
        counts.name = "mine"
    assert counts.update(["b", None], ["y", "y"]) is counts
    assert counts.merge(JointCounts.from_labels(["c"], ["x"])) is counts
    assert counts.x_levels.tolist() == ["a", "b", "c"]
    assert counts.y_levels.tolist() == ["x", "y"]
    assert counts.table.tolist() == [[1, 0], [0, 1], [1, 0]]
    assert counts.n_missing == 2
    if kind is not Slotted:
        assert counts.name == "mine"
    assert isinstance(counts + counts, JointCounts)
    assert (counts + counts).n == 6


# Measures


def test_cover_and_thomas():
    counts = JointCounts.from_table(COVER_THOMAS)
    assert counts.entropy_x(base=2) == pytest.approx(1.75, rel=1e-15)
    assert counts.entropy_y(base=2) == pytest.approx(2, rel=1e-15)
    assert counts.joint_entropy(base=2) == pytest.approx(3.375, rel=1e-15)
    assert counts.conditional_entropy("x|y", base=2) == pytest.approx(1.375, rel=1e-15)
    assert counts.conditional_entropy("y|x", base=2) == pytest.approx(1.625, rel=1e-15)
    assert counts.mutual_information(base=2) == pytest.approx(0.375, rel=1e-14)
    assert counts.variation_of_information(base=2) == pytest.approx(3.0, rel=1e-15)
    assert counts.normalized_mutual_information("joint") == pytest.approx(1 / 9, rel=1e-14)


@pytest.mark.parametrize(
    ("table", "bits"),
    [
        ([[2, 0], [1, 1]], 0.311278124459132864),  # AND of two fair bits and one of them
        ([[1, 1], [1, 1]], 0.0),  # XOR
        ([[1, 0], [0, 1]], 1.0),  # copy
        ([[0, 3], [3, 0]], 1.0),  # negation
        ([[10, 70], [15, 5]], 0.21417094500762912),  # PyInform's documentation
        (np.eye(8), 3.0),
    ],
)
def test_textbook_tables(table, bits):
    counts = JointCounts.from_table(table)
    assert counts.mutual_information(base=2) == pytest.approx(bits, rel=1e-14)
    assert counts.mutual_information() == pytest.approx(bits * LN2, rel=1e-14)
    assert counts.mutual_information(base=10) == pytest.approx(bits * math.log10(2), rel=1e-14)


def test_scikit_learns_example():
    x = [1] * 6 + [2] * 6 + [3] * 5
    y = [1, 1, 1, 1, 2, 1, 2, 2, 2, 2, 3, 1, 3, 3, 3, 2, 2]
    assert JointCounts.from_labels(x, y).mutual_information() == pytest.approx(0.41022, abs=5e-6)


@given(tables)
def test_measures_are_the_twins(table):
    counts = JointCounts.from_table(table)
    x_counts, y_counts = np.sum(table, axis=1).tolist(), np.sum(table, axis=0).tolist()
    hx, hy = reference.entropy_of_counts(x_counts), reference.entropy_of_counts(y_counts)
    hxy = reference.entropy_of_counts(np.ravel(table).tolist())
    mi = reference.information_of_table(table)
    close = {"rel": 1e-14, "abs": 1e-15}
    assert counts.entropy_x() == pytest.approx(hx, **close)
    assert counts.entropy_y() == pytest.approx(hy, **close)
    assert counts.joint_entropy() == pytest.approx(hxy, **close)
    assert counts.mutual_information() == pytest.approx(mi, rel=1e-13, abs=4e-16)
    close = {"rel": 1e-13, "abs": 4e-15}
    assert counts.conditional_entropy() == pytest.approx(hxy - hy, **close)
    assert counts.conditional_entropy("y|x") == pytest.approx(hxy - hx, **close)
    assert counts.variation_of_information() == pytest.approx(2 * hxy - hx - hy, **close)


@given(tables)
def test_identities(table):
    counts = JointCounts.from_table(table)
    hx, hy, hxy = counts.entropy_x(), counts.entropy_y(), counts.joint_entropy()
    mi = counts.mutual_information()
    close = {"rel": 1e-13, "abs": 4e-15}
    assert mi == pytest.approx(hx + hy - hxy, **close)
    assert mi <= min(hx, hy) + ulps(hx, hy)
    assert mi >= 0
    assert counts.conditional_entropy("x|y") >= 0
    assert counts.conditional_entropy("x|y") == pytest.approx(hxy - hy, **close)
    assert counts.variation_of_information() == pytest.approx(hxy - mi, **close)
    pmf = np.array(table) / max(np.sum(table), 1)
    assert mi == pytest.approx(
        np.sum(scipy.special.rel_entr(pmf, np.outer(pmf.sum(1), pmf.sum(0)))), **close
    )


@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_levels_and_of_the_variables_is_no_matter(table, random):
    table = np.array(table)
    rows, columns = list(range(table.shape[0])), list(range(table.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    counts = JointCounts.from_table(table)
    allowed = ulps(counts.entropy_x(), counts.entropy_y())
    for other in (table[np.ix_(rows, columns)], table.T, table[::-1]):
        again = JointCounts.from_table(other)
        assert abs(again.mutual_information() - counts.mutual_information()) <= allowed
        assert again.joint_entropy() == pytest.approx(counts.joint_entropy(), rel=1e-14)
    tripled = JointCounts.from_table(table * 3)
    close = {"rel": 1e-14, "abs": 2 * allowed}
    assert tripled.mutual_information() == pytest.approx(counts.mutual_information(), **close)


@given(tables)
def test_rows_and_columns_of_zeros_are_no_matter(table):
    padded = np.zeros((2 * len(table) + 1, 2 * len(table[0]) + 3), int)
    padded[1::2, 3::2] = table
    counts, again = JointCounts.from_table(table), JointCounts.from_table(padded)
    allowed = ulps(counts.entropy_x(), counts.entropy_y())
    assert abs(again.mutual_information() - counts.mutual_information()) <= allowed
    assert again.joint_entropy() == pytest.approx(counts.joint_entropy(), rel=1e-14)
    test, expected = again.independence_test(), counts.independence_test()
    assert test.dof == expected.dof
    assert test.statistic == pytest.approx(expected.statistic, rel=1e-12, abs=1e-12)


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=30),
    st.lists(st.integers(0, 10_000), min_size=1, max_size=30),
    st.integers(1, 1000),
)
@example([1, 2, 3], [1, 1, 1, 5], 7)
def test_independent_counts_have_exactly_no_information(x_counts, y_counts, factor):
    counts = JointCounts.from_table(factor * np.outer(x_counts, y_counts))
    assert counts.mutual_information() == 0.0
    assert counts.normalized_mutual_information() == 0.0
    assert counts.independence_test()[0] == 0.0
    assert counts.independence_test().pvalue == 1.0


@pytest.mark.parametrize("shape", [(2, 3), (70, 33), (3, 2000), (1500, 2)])
def test_large_tables(shape, rng):
    table = rng.integers(0, 30, shape) * rng.integers(0, 2, shape)
    counts = JointCounts.from_table(table)
    mi = reference.information_of_table(table.tolist())
    assert counts.mutual_information() == pytest.approx(mi, rel=1e-13)
    assert counts.joint_entropy() == pytest.approx(
        reference.entropy_of_counts(table.ravel().tolist()), rel=1e-14
    )
    permuted = JointCounts.from_table(
        table[rng.permutation(shape[0])][:, rng.permutation(shape[1])]
    )
    allowed = ulps(counts.entropy_x(), counts.entropy_y())
    assert abs(permuted.mutual_information() - counts.mutual_information()) <= allowed


def test_very_unequal_counts():
    table = [[10**12, 1, 0], [1, 3, 10**6], [0, 10**9, 1]]
    counts = JointCounts.from_table(table)
    mi = reference.information_of_table(table)
    assert counts.mutual_information() == pytest.approx(mi, rel=1e-13)
    rare = [[10**14, 0], [0, 1]]
    assert JointCounts.from_table(rare).mutual_information() == pytest.approx(
        reference.entropy_of_counts([10**14, 1]), rel=1e-12
    )


def test_counts_do_not_wrap_around():
    try:
        n = JointCounts.from_table([[2**62, 0], [0, 2**62]]).n
    except ValueError as error:
        assert "table must" in str(error)  # noqa: PT017 - refusing is an answer too
    else:
        assert n == 2**63


def test_slight_dependence_of_many_samples():
    n = 10**10
    table = [[n + 10**3, n], [n, n + 10**3]]
    counts = JointCounts.from_table(table)
    exact = 2 * math.fsum(
        [(n + 1e3) * math.log1p(5e2 / (n + 5e2)), n * math.log1p(-5e2 / (n + 5e2))]
    )
    exact /= 4 * n + 2e3
    assert counts.mutual_information() == pytest.approx(exact, abs=2e-16)


@pytest.mark.parametrize("scale", [1e-3, 1 / 3, 1e10, 1e-150, 1e150, 1e-200, 1e200, 5e-310, 1e306])
def test_the_scale_of_weights_is_no_matter(scale):
    table = np.array([[3.0, 1.0], [0.0, 2.0]])
    expected = JointCounts.from_table(table)
    counts = JointCounts.from_table(table * scale)
    for measure in ("entropy_x", "entropy_y", "joint_entropy", "mutual_information"):
        assert getattr(counts, measure)() == pytest.approx(getattr(expected, measure)(), rel=1e-12)


@given(tables.filter(lambda t: np.sum(t) > 0))
def test_measures_are_scikit_learns_and_scipys(table):
    counts = JointCounts.from_table(table)
    table = np.array(table)
    mi = sklearn.metrics.mutual_info_score(None, None, contingency=table)
    assert counts.mutual_information() == pytest.approx(mi, rel=1e-12, abs=1e-14)
    for base in (None, 2, 10):
        found = counts.entropy_x(base), counts.entropy_y(base), counts.joint_entropy(base)
        expected = [
            scipy.stats.entropy(table.sum(1), base=base),
            scipy.stats.entropy(table.sum(0), base=base),
            scipy.stats.entropy(table.ravel(), base=base),
        ]
        assert found == pytest.approx(expected, rel=1e-13, abs=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("average", AVERAGES)
@given(table=tables)
def test_normalized_mutual_information(average, table):
    counts = JointCounts.from_table(table)
    hx, hy, hxy = counts.entropy_x(), counts.entropy_y(), counts.joint_entropy()
    scale = {
        "arithmetic": (hx + hy) / 2,
        "geometric": math.sqrt(hx * hy),
        "min": min(hx, hy),
        "max": max(hx, hy),
        "joint": hxy,
    }[average]
    found = counts.normalized_mutual_information(average)
    assert 0.0 <= found <= 1.0
    expected = counts.mutual_information() / scale if scale else 0.0
    assert found == pytest.approx(expected, rel=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("average", ["arithmetic", "geometric", "min", "max"])
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40))
def test_normalized_mutual_information_is_scikit_learns(average, pairs):
    x, y = np.array(pairs).T
    counts = JointCounts.from_labels(x, y)
    assume(min(counts.entropy_x(), counts.entropy_y()) > 0)  # scikit-learn says 1 for two constants
    expected = sklearn.metrics.normalized_mutual_info_score(x, y, average_method=average)
    found = counts.normalized_mutual_information(average)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_copies_have_all_the_information():
    for n in (2, 3, 7, 100):
        counts = JointCounts.from_table(np.diag(np.arange(1, n + 1)))
        for average in AVERAGES:
            assert counts.normalized_mutual_information(average) == pytest.approx(1.0, rel=1e-14)
            assert counts.normalized_mutual_information(average) <= 1.0
        assert counts.conditional_entropy() == pytest.approx(0.0, abs=1e-14)


@pytest.mark.parametrize(
    "table",
    [
        [[0]],
        [[5]],
        [[5, 0], [0, 0]],
        np.zeros((3, 2), int),
        np.zeros((0, 3)),
        np.zeros((2, 0), int),
    ],
)
def test_one_cell_and_none(table):
    counts = JointCounts.from_table(table)
    assert counts.entropy_x() == counts.entropy_y() == counts.joint_entropy() == 0.0
    assert counts.mutual_information() == counts.variation_of_information() == 0.0
    assert counts.conditional_entropy("x|y") == counts.conditional_entropy("y|x") == 0.0
    assert [counts.normalized_mutual_information(a) for a in AVERAGES] == [0.0] * 5
    assert counts.independence_test() == (0.0, 1.0, 0)
    signs = [math.copysign(1, v) for v in (counts.entropy_x(), counts.mutual_information())]
    assert signs == [1, 1]


def test_one_row_or_column():
    for table in ([[1, 2, 3]], [[1], [2], [3]]):
        counts = JointCounts.from_table(table)
        assert counts.mutual_information() == 0.0
        assert counts.independence_test() == (0.0, 1.0, 0)
        assert counts.joint_entropy() == pytest.approx(reference.entropy_of_counts([1, 2, 3]))


# The test of independence


def scipys_test(table):
    table = np.array(table)
    table = table[table.sum(1) > 0][:, table.sum(0) > 0]
    return scipy.stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")


@given(tables.filter(lambda t: np.sum(t) > 0))
@example([[10, 70], [15, 5]])
def test_independence_test_is_scipys(table):
    found, expected = JointCounts.from_table(table).independence_test(), scipys_test(table)
    assert found.dof == expected.dof
    n = np.sum(table)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-11, abs=1e-14 * n)
    assert found.pvalue == pytest.approx(expected.pvalue, rel=1e-10, abs=1e-300)


def test_independence_test_far_in_the_tail():
    table = [[5000, 100, 30], [100, 4000, 10], [1, 2, 3000]]
    found, expected = JointCounts.from_table(table).independence_test(), scipys_test(table)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-13)
    assert found.pvalue == expected.pvalue == 0.0
    table = [[60, 10, 3], [10, 40, 1], [1, 2, 30]]
    found, expected = JointCounts.from_table(table).independence_test(), scipys_test(table)
    assert 0 < found.pvalue < 1e-20
    assert found.pvalue == pytest.approx(expected.pvalue, rel=1e-11)


def test_independence_test_has_names():
    test = JointCounts.from_table([[10, 70], [15, 5]]).independence_test()
    assert test._fields == ("statistic", "pvalue", "dof")
    assert isinstance(test.dof, int)
    assert test.dof == 1


def test_pvalues_of_independent_samples_are_uniform(rng):
    pvalues = [
        JointCounts.from_labels(*rng.integers(0, 3, (2, 2000))).independence_test().pvalue
        for _ in range(300)
    ]
    assert scipy.stats.kstest(pvalues, "uniform").pvalue > 0.001


# Options


@pytest.mark.parametrize(
    "measure", ["entropy_x", "entropy_y", "joint_entropy", "mutual_information"]
)
def test_bases(measure):
    counts = JointCounts.from_table([[10, 70], [15, 5]])
    nats = getattr(counts, measure)()
    assert getattr(counts, measure)(base=math.e) == pytest.approx(nats, rel=1e-15)
    assert getattr(counts, measure)(2) == pytest.approx(nats / LN2, rel=1e-15)
    assert getattr(counts, measure)(base=np.float32(10)) == pytest.approx(nats / math.log(10))
    for bad in (0, -2, 1, NAN, INF):
        with pytest.raises(ValueError, match="`base` must be a positive number or `None`"):
            getattr(counts, measure)(base=bad)
    for bad in ("2", True, 2j, [2]):
        with pytest.raises(TypeError, match="base must be a positive real number other than 1"):
            getattr(counts, measure)(base=bad)


def test_unknown_options():
    counts = JointCounts.from_table([[10, 70], [15, 5]])
    with pytest.raises(ValueError, match=r"average must be one of 'arithmetic', .*, got 'mean'"):
        counts.normalized_mutual_information("mean")
    with pytest.raises(ValueError, match=r"of must be one of 'x\|y', 'y\|x', got 'x'"):
        counts.conditional_entropy("x")


def test_measures_warn_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for table in ([[0, 0], [0, 3]], np.zeros((2, 2)), [[1e-300, 0], [0, 1e300]]):
            counts = JointCounts.from_table(table)
            counts.mutual_information()
            counts.normalized_mutual_information()
            counts.independence_test()


# The kernels in a user's own function


@njit
def measures_in_a_users_function(table):
    x_counts, y_counts = np.empty(table.shape[0]), np.empty(table.shape[1])
    kernels.margins(table, x_counts, y_counts)
    return (
        x_counts,
        y_counts,
        kernels.entropy_from_counts(x_counts),
        kernels.mutual_information(table, x_counts, y_counts),
    )


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (7, 1025), (40, 40)])
def test_kernels(shape, rng):
    table = rng.integers(0, 5, shape).astype(float)
    table[0, 0] = 3
    x_counts, y_counts, hx, mi = measures_in_a_users_function(table)
    assert x_counts.tolist() == table.sum(1).tolist()
    assert y_counts.tolist() == table.sum(0).tolist()
    assert hx == pytest.approx(reference.entropy_of_counts(x_counts.tolist()), rel=1e-14, abs=1e-16)
    assert mi == pytest.approx(reference.information_of_table(table.tolist()), rel=1e-13, abs=1e-16)


def test_kernels_of_nothing():
    *_, hx, mi = measures_in_a_users_function(np.zeros((2, 3)))
    assert (hx, mi) == (0.0, 0.0)
    assert kernels.entropy_from_counts(np.empty(0)) == 0.0


def test_arrays_that_are_handed_over_are_copied():
    table, edges = np.array([[1, 2], [3, 4]]), np.array([0.0, 1.0, 2.0])
    counts = JointCounts(table, x_edges=edges, y_edges=edges)
    sampled = JointCounts.from_samples([0.5, 1.5], [0.5, 0.5], bins=edges)
    table[:], edges[:] = 0, 7.0
    assert counts.n == 10
    for found in (counts, sampled):
        assert found.x_edges.tolist() == found.y_edges.tolist() == [0.0, 1.0, 2.0]
        with pytest.raises(ValueError, match="read-only"):
            found.x_edges[0] = 1.0
    assert counts.update([1.5], [0.5]).table.tolist() == [[1, 2], [4, 4]]


def test_sums_beyond_64_bits_are_refused():
    counts = JointCounts.from_table(np.full((2, 2), 2**60))
    with pytest.raises(ValueError, match=r"fewer than 2\*\*63 pairs to be added, got 9223"):
        counts + counts
    before = counts.table.copy()
    with pytest.raises(ValueError, match="fewer than"):
        counts.merge(counts)
    np.testing.assert_array_equal(counts.table, before)
