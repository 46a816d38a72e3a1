"""Few samples of three variables, tables with their levels, rankings: short ways, same answers."""

import contextlib
import itertools
import math
import pickle
import threading
import time
import warnings

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from reference import variables as twins

import fastinfo
from fastinfo._bins import coded_variables, columns_of_matrix, few_samples
from fastinfo._bins.options import Binning
from fastinfo._codes import column, labels
from fastinfo._columns import coding
from fastinfo._core import threads
from fastinfo._core.coded_variable import Coded
from fastinfo._counts import distinct_sizes, samples, small_inputs
from fastinfo._counts.table import Table
from fastinfo._measures import joint_entropies
from fastinfo._measures.joint_entropies import Joint, Variable
from fastinfo.kernels.counting import tables as counting
from fastinfo.kernels.encoding import integers
from fastinfo.kernels.information import expected, plug_in, three_variables
from fastinfo.significance import adjusting

SHORT_WAYS = (
    (coded_variables, "code_few"),
    (samples, "count_few"),
    (small_inputs, "encode_few"),
    (labels, "encode_few"),
    (column, "encode_few"),
    (coding, "encode_few"),
    (columns_of_matrix, "code_floats"),
    (joint_entropies, "_count_three"),
)


@contextlib.contextmanager
def general():
    """Close the short ways."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in SHORT_WAYS:
            patch.setattr(module, name, lambda *_: None)
        patch.setattr(Joint, "_has_three", False)
        patch.setattr(joint_entropies, "_FEW", 0)
        patch.setattr(distinct_sizes, "_FEW", 0)
        patch.setattr(adjusting, "_FEW_PVALUES", 0)
        yield


def outcome(function, *args, **options):
    """A result as text to the last bit, or the error, with all warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = function(*args, **options)
        except Exception as error:
            found = type(error), str(error)
    if isinstance(found, fastinfo.JointCounts):
        found = found.to_dict(), found.table.dtype, [written(a) for a in sides_of(found)]
    elif isinstance(found, fastinfo.Ranking):
        errors = {name: round(error, 9) for name, error in found.standard_errors.items()}
        found = repr(found.rows), errors
    elif isinstance(found, tuple):
        found = [written(a) for a in found]
    else:
        found = written(found)
    return found, [(w.category, str(w.message), w.filename) for w in caught]


def written(a):
    return (a.dtype, a.shape, repr(a.tolist())) if isinstance(a, np.ndarray) else repr(a)


def sides_of(counts):
    return counts.x_edges, counts.y_edges, counts.x_levels, counts.y_levels


def assert_both_ways_agree(function, *args, **options):
    short = outcome(function, *args, **options)
    with general():
        assert outcome(function, *args, **options) == short
    return short


def total_correlation(*columns, **options):
    return fastinfo.total_correlation(np.column_stack(columns), **options)


def matrix_given(x, y, z, **options):
    return fastinfo.conditional_mutual_information(x, y, np.column_stack([z, x]), **options)


def ranked(x, y, z, **options):
    return fastinfo.rank_features(np.column_stack([x, y]), z, **options)


def ranked_mapping(x, y, z, **options):
    return fastinfo.rank_features({"x": x, "y": y}, z, **options)


OF_THREE = {
    "conditional": fastinfo.conditional_mutual_information,
    "interaction": fastinfo.interaction_information,
    "total": total_correlation,
    "matrix given": matrix_given,
    "ranked": ranked,
    "ranked mapping": ranked_mapping,
}
OF_TWO = {
    "table": fastinfo.contingency_table,
    "counts": fastinfo.JointCounts.from_samples,
    "labels": fastinfo.JointCounts.from_labels,
    "quantiles": lambda x, y: fastinfo.JointCounts.from_samples(x, y, strategy="quantile"),
    "five": lambda x, y: fastinfo.JointCounts.from_samples(x, y, bins=5),
    "transfer": fastinfo.transfer_entropy,
    "long transfer": lambda x, y: fastinfo.transfer_entropy(x, y, history=2, lag=2),
    "no history": lambda x, y: fastinfo.transfer_entropy(x, y, history=0),
    "lagged": lambda x, y: fastinfo.lagged_mutual_information(x, y, [0, 1, -1]),
    "mixed": fastinfo.mutual_information,
}

# Kinds of columns: name and what makes them


def _ties(rng, n):
    a = rng.normal(size=n).round(1)
    a[rng.random(n) < 0.4] = 0.5
    return a


def _gaps(rng, n):
    a = rng.normal(size=n)
    a[:: max(n // 3, 1)] = math.nan
    return a


COLUMNS = {
    "few": lambda rng, n: rng.integers(0, 3, n),
    "negative": lambda rng, n: rng.integers(-9, -2, n),
    "narrow": lambda rng, n: rng.integers(-128, 128, n).astype(np.int8) // 16,
    "unsigned": lambda rng, n: rng.integers(0, 5, n).astype(np.uint64),
    "booleans": lambda rng, n: rng.random(n) < 0.3,
    "apart": lambda rng, n: rng.integers(0, 4, n) * 2**60 - 2**62,
    "many": lambda rng, n: rng.integers(0, 60, n),
    "constant": lambda rng, n: np.full(n, 7),
    "swapped": lambda rng, n: rng.integers(0, 3, n).astype(">i4"),
    "every second": lambda rng, n: rng.integers(0, 3, 2 * n)[::2],
    "numbers": lambda rng, n: rng.normal(size=n),
    "short numbers": lambda rng, n: rng.normal(size=n).astype(np.float32),
    "ties": _ties,
    "gaps": _gaps,
    "one number": lambda rng, n: np.full(n, 2.5),
    "words": lambda rng, n: rng.choice(["a", "b", "c"], n),
    "list": lambda rng, n: rng.integers(0, 3, n).tolist(),
}


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 2, 12, 150])
@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("name", OF_THREE)
def test_three_variables_both_ways(name, kind, n, rng):
    function, make = OF_THREE[name], COLUMNS[kind]
    other = COLUMNS["numbers" if kind in ("numbers", "ties", "gaps", "one number") else "few"]
    for kinds in itertools.product((make, other), repeat=3):
        if make in kinds and (kinds[0] is make or n == 150):
            columns = [kind(rng, n) for kind in kinds]
            copies = [np.copy(a) for a in columns]
            assert_both_ways_agree(function, *columns)
            for a, b in zip(columns, copies, strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 3, 12, 150])
@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("name", OF_TWO)
def test_two_variables_both_ways(name, kind, n, rng):
    for other in ("few", "numbers", kind):
        x, y = COLUMNS[kind](rng, n), COLUMNS[other](rng, n)
        assert_both_ways_agree(OF_TWO[name], x, y)
        assert_both_ways_agree(OF_TWO[name], y, x)


ints = hnp.arrays(st.sampled_from([np.int64, np.int8, np.uint16]), 25, elements=st.integers(0, 40))


@pytest.mark.slow
@given(ints, ints, ints)
@settings(max_examples=60)
def test_any_integers_both_ways(x, y, z):
    for function in (*OF_THREE.values(),):
        assert_both_ways_agree(function, x, y, z)
    for function in OF_TWO.values():
        assert_both_ways_agree(function, x, y)


OPTIONS = [
    {"bins": 3},
    {"bins": 0},
    {"bins": True},
    {"bins": "fd"},
    {"bins": "none such"},
    {"bins": [3, 4, 5]},
    {"bins": 300},
    {"strategy": "uniform"},
    {"strategy": "none such"},
    {"discrete": True},
    {"discrete": False},
    {"discrete": "none such"},
    {"discrete": {"x": True}},
    {"range": [None, None, None]},
    {"range": 3},
    {"correction": "miller-madow"},
    {"correction": 0.5},
    {"correction": "nsb"},
    {"base": 2},
    {"base": -1},
    {"nan_policy": "omit"},
    {"nan_policy": "none such"},
    {"sample_weight": np.arange(40.0)},
    {"sample_weight": np.ones(3)},
]


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("kind", ["few", "many", "numbers", "gaps"])
def test_options_mean_the_same_both_ways(options, kind, rng):
    x, y, z = (COLUMNS[kind](rng, 40) for _ in range(3))
    for function in (
        fastinfo.conditional_mutual_information,
        fastinfo.interaction_information,
        total_correlation,
    ):
        assert_both_ways_agree(function, x, y, z, **options)
    for function in (fastinfo.transfer_entropy, fastinfo.mutual_information):
        assert_both_ways_agree(function, x, y, **options)
    if not {"correction", "base", "nan_policy"} & {*options}:
        assert_both_ways_agree(fastinfo.JointCounts.from_samples, x, y, **options)
    if not {"range", "sample_weight"} & {*options}:
        assert_both_ways_agree(fastinfo.rank_features, np.column_stack([x, y]), z, **options)


@pytest.mark.parametrize("lengths", [(3, 4, 3), (4, 4, 3), (0, 0, 0), (3, 3, 0)])
def test_lengths_that_differ_are_refused_both_ways(lengths):
    for dtype in (int, float):
        x, y, z = (np.zeros(n, dtype) for n in lengths)
        for name in ("conditional", "interaction"):
            found, _ = assert_both_ways_agree(OF_THREE[name], x, y, z)
            assert "ValueError" in str(found)
        for name in ("table", "counts", "transfer", "lagged"):
            assert_both_ways_agree(OF_TWO[name], x, z)


def test_the_short_ways_are_taken(rng):
    i, b, x, y = (COLUMNS[kind](rng, 50) for kind in ("few", "booleans", "numbers", "ties"))
    binning = Binning()
    found = few_samples.code_few([i, b, x, y], binning, lambda n: 8)
    assert [coded.codes.dtype for coded in found] == [np.uint8] * 4
    assert [coded.n_levels for coded in found[:3]] == [3, 2, 8]
    for pair in ((i, b), (x, y)):
        assert small_inputs.count_few(*pair, binning) is not None
    assert small_inputs.count_few(i, b, Binning(discrete=True)) is not None
    assert small_inputs.count_few(x, i, binning) is None
    joint = Joint([Variable(coded, coded.n_levels) for coded in found[:3]], None)
    assert joint._has_three
    with general():
        assert not joint._has_three


def test_what_is_read_only_is_taken(rng):
    x, y, z = (COLUMNS[kind](rng, 30) for kind in ("few", "numbers", "ties"))
    before = fastinfo.conditional_mutual_information(x, y, z)
    for a in (x, y, z):
        a.flags.writeable = False
    assert fastinfo.conditional_mutual_information(x, y, z) == before
    assert fastinfo.contingency_table(x, x)[0].trace() == 30


def test_levels_and_edges_belong_to_the_counts(rng):
    """Arrays of results are no views of what a later call writes to."""
    x, y = rng.integers(0, 4, (2, 30))
    first = fastinfo.contingency_table(x, y)
    kept = [np.copy(a) for a in first]
    fastinfo.contingency_table(x + 7, y - 3)
    for a, b in zip(first, kept, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.flags.writeable
    counts = fastinfo.JointCounts.from_samples(*rng.normal(size=(2, 30)))
    assert not counts.x_edges.flags.writeable
    assert pickle.loads(pickle.dumps(counts)).to_dict() == counts.to_dict()
    assert (counts + counts).n == 60


def test_a_small_table_can_be_added_to(rng):
    x, y = (Coded(rng.integers(0, k, 30).astype(np.uint8), k) for k in (3, 4))
    table, part = Table.count(x, y), Table.count(x, y)
    assert (table.n, table.x_counts.sum(), type(table.n)) == (30, 30.0, int)
    table.add(part)
    assert (table.n, table.x_counts.sum()) == (60, 60.0)
    assert table.sizes[0].sizes.tolist() == [2 * size for size in part.sizes[0].sizes]


# Kernels

words = hnp.arrays(
    np.int64, st.integers(1, 40), elements=st.integers(-(2**63), 2**63 - 1) | st.integers(-5, 5)
)


@given(words)
def test_codes_of_few_integers(a):
    codes, levels = np.zeros(a.size, np.uint8), np.zeros(12, np.int64)
    n = integers.code_few(a, codes, levels)
    found, places = np.unique(a, return_inverse=True)
    if int(a.max()) - int(a.min()) >= 4096 or found.size > levels.size:
        assert n == 0
        return
    np.testing.assert_array_equal(levels[:n], found)
    np.testing.assert_array_equal(codes, places)


def test_the_widest_spread_and_the_most_levels():
    codes, levels = np.zeros(256, np.uint8), np.zeros(255, np.int64)
    for least in (-(2**63), -7, 2**63 - 4096):
        for spread, known in ((4095, True), (4096, False)):
            most = least + spread
            if most < 2**63:
                a = np.array([least, most], np.int64)
                assert integers.code_few(a, codes, levels) == (2 if known else 0)
    assert integers.code_few(np.arange(255), codes, levels) == 255
    assert codes[:255].tolist() == list(range(255))
    assert integers.code_few(np.arange(256), codes, levels) == 0


@pytest.mark.parametrize("n", [0, 1, 5, 511, 512, 513, 5000])
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 4, 5), (2, 200, 30), (7, 1, 3)])
def test_triples_are_counted(n, shape, rng):
    codes = [rng.integers(0, k, n).astype(np.uint8) for k in shape]
    counts = np.ones(math.prod(shape), np.int64)
    sizes = [np.uint64(k) for k in shape]
    assert counting.count_triples(*codes, *sizes, counts) == n
    expected = np.ones(shape, np.int64)
    np.add.at(expected, tuple(codes), 1)
    np.testing.assert_array_equal(counts.reshape(shape), expected)
    for i in range(3 if n else 0):
        codes[i][-1] = shape[i]
        assert counting.count_triples(*codes, *sizes, counts) == n - 1
        codes[i][-1] = 0


def at_cells(table):
    places, n_sums = joint_entropies._places(table.shape)
    found = np.full((8, table.size), math.nan)
    m = three_variables.counts_at_cells(table.reshape(-1), places, np.zeros(n_sums), found)
    assert np.isnan(found[:, m:]).all()
    return found[:, :m].copy()


def information(cells, *rows):
    n = float(cells[7].sum())
    return three_variables.information_at_cells(cells, 7, *rows, cells.shape[1], n)


@given(hnp.arrays(np.int64, hnp.array_shapes(min_dims=3, max_dims=3), elements=st.integers(0, 9)))
def test_counts_of_groups_at_each_combination(table):
    found = at_cells(table)
    places = np.nonzero(table)
    assert found.shape == (8, places[0].size)
    for number in range(8):
        others = tuple(i for i in range(3) if not number >> i & 1)
        sums = np.broadcast_to(table.sum(axis=others, keepdims=True), table.shape)
        np.testing.assert_array_equal(found[number], sums[places])


@given(hnp.arrays(np.int64, (2, 3, 4), elements=st.integers(0, 50)))
def test_information_of_three_variables_is_the_twins(table):
    if not table.any():
        return
    rows = np.repeat(np.argwhere(table), table[table > 0], axis=0)
    cells = at_cells(table)
    x, y, z = rows.T
    given_z = information(cells, 7, 4, 5, 6)
    alone = information(cells, 3, 0, 1, 2)
    assert given_z == pytest.approx(twins.conditional_information([x], [y], [z]), abs=1e-14)
    assert alone == pytest.approx(twins.conditional_information([x], [y], []), abs=1e-14)
    assert given_z >= 0.0 <= alone


def test_independent_counts_have_no_information_at_all():
    p, q, r = np.array([1, 2, 5]), np.array([3, 1, 4, 7]), np.array([2, 9])
    table = np.multiply.outer(np.multiply.outer(p, q), r)
    cells = at_cells(table)
    assert information(cells, 7, 4, 5, 6) == 0.0
    assert information(cells, 3, 0, 1, 2) == 0.0


@given(hnp.arrays(np.int64, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.integers(0, 9)))
def test_measures_of_a_table_are_those_of_the_single_kernels(counts):
    table = Table.of(counts)
    out = np.empty(4)
    plug_in.measures(table.grid, table.x_counts, table.y_counts, out)
    assert out.tolist() == [
        plug_in.mutual_information(table.grid, table.x_counts, table.y_counts),
        plug_in.entropy_from_counts(table.x_counts),
        plug_in.entropy_from_counts(table.y_counts),
        plug_in.entropy_from_counts(table.counts),
    ]
    n = float(table.n)
    if not n:
        return
    spread = plug_in.spread_of_information(table.grid, table.x_counts, table.y_counts, n, out[0])
    rows, columns, own = table.cells()
    local = np.log(own * n / (table.x_counts[rows] * table.y_counts[columns])) - out[0]
    assert spread == pytest.approx(float(own @ (local * local)) / n, rel=1e-12, abs=1e-14)


@given(hnp.arrays(np.float64, st.integers(0, 70), elements=st.integers(0, 12).map(float)))
def test_sizes_are_found_each_once(counts):
    sizes, times = np.unique(counts[counts > 0], return_counts=True)
    for few in (64, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(distinct_sizes, "_FEW", few)
            found = distinct_sizes.distinct_sizes(counts)
        assert (found.sizes.tolist(), found.times.tolist()) == (sizes.tolist(), times.tolist())
        assert found.sizes.dtype == found.times.dtype == np.float64


@numba.njit
def in_compiled_code(x, y, z, places, n_sums):
    codes = np.empty((3, x.size), np.uint8)
    levels = np.empty(255, np.int64)
    nx = np.uint64(integers.code_few(x, codes[0], levels))
    ny = np.uint64(integers.code_few(y, codes[1], levels))
    nz = np.uint64(integers.code_few(z, codes[2], levels))
    counts = np.zeros(places.shape[1], np.int64)
    n = counting.count_triples(codes[0], codes[1], codes[2], nx, ny, nz, counts)
    found = np.empty((8, counts.size))
    m = three_variables.counts_at_cells(counts, places, np.zeros(n_sums), found)
    sizes, times = np.empty(counts.size), np.empty(counts.size)
    k = expected.distinct_counts(counts.astype(np.float64), sizes, times)
    many = times[:k].sum() == m
    return three_variables.information_at_cells(found, 7, 7, 4, 5, 6, m, float(n)), many


@pytest.mark.slow
def test_kernels_in_compiled_code(rng):
    x, y, z = rng.integers(-2, 3, (3, 3000))
    found, as_many = in_compiled_code(x, y, z, *joint_entropies._places((5, 5, 5)))
    assert found == pytest.approx(fastinfo.conditional_mutual_information(x, y, z), rel=1e-14)
    assert as_many


# Rankings


@pytest.mark.parametrize("m", [1, 2, 5, 64, 65])
def test_pvalues_are_adjusted_alike(m, rng):
    p = rng.random(m).round(1)
    p[::3] = math.nan
    assert_both_ways_agree(fastinfo.significance.adjust_pvalues, p)
    for wrong in (-0.1, 1.5, math.inf):
        found, _ = assert_both_ways_agree(fastinfo.significance.adjust_pvalues, np.append(p, wrong))
        assert "ValueError" in str(found)


def test_targets_both_ways(rng):
    X = rng.normal(size=(40, 2))
    for y in (
        rng.integers(0, 2, 40),
        np.arange(40) % 20,
        np.arange(40) % 21,
        np.arange(40),
        np.zeros(40, int),
        rng.random(40) < 0.5,
    ):
        for options in ({}, {"discrete": True}, {"discrete": False}, {"missing": "category"}):
            assert_both_ways_agree(fastinfo.rank_features, X, y, **options)


def test_a_ranking_without_permutations_takes_nothing_at_random(rng):
    X, y = rng.integers(0, 3, (60, 2)), rng.integers(0, 3, 60)
    plain = fastinfo.rank_features(X, y)
    assert fastinfo.rank_features(X, y, seed=1).rows == plain.rows
    with pytest.raises(TypeError, match="seed"):
        fastinfo.rank_features(X, y, seed="x")
    drawn = [fastinfo.rank_features(X, y, n_permutations=50)[0].pvalue for _ in range(12)]
    assert len(set(drawn)) > 1  # from another state each time


# Helpers


def test_small_pieces_ask_for_no_helper(monkeypatch):
    monkeypatch.setattr(threads._Call, "start", lambda self: pytest.fail("asked for helpers"))
    with fastinfo.num_threads(2):
        seen = []
        found = threads.run_in_order(lambda i: i * i, range(5), done=seen.append, small=True)
        assert (found, seen) == ([0, 1, 4, 9, 16], [1, 2, 3, 4, 5])
        X = np.random.default_rng(0).integers(0, 3, (200, 3))
        fastinfo.rank_features(X[:, 1:], X[:, 0])
        fastinfo.rank_features(X[:, 1:] / 7.0, X[:, 0])


def test_small_pieces_that_take_long_have_helpers():
    seen, where = [], set()

    def work(i):
        where.add(threading.get_ident())
        time.sleep(0.02)
        return i

    with fastinfo.num_threads(2):
        found = threads.run_in_order(work, range(7), done=seen.append, small=True)
    assert (found, seen[0], seen[-1]) == (list(range(7)), 1, 7)
    assert seen == sorted(seen)
    assert len(where) == 2


@pytest.mark.parametrize("failing", [0, 2])
def test_what_a_small_piece_raises_is_raised(failing):
    def work(i):
        if i == failing:
            raise KeyError(i)

    with fastinfo.num_threads(2), pytest.raises(KeyError):
        threads.run_in_order(work, range(4), small=True)
