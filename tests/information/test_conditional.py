"""Information of three variables or more, against slow twins, identities and textbook values."""

import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from helpers import close
from hypothesis import given
from hypothesis import strategies as st
from reference import pairs
from reference import variables as twins

from fastinfo import (
    JointCounts,
    conditional_mutual_information,
    entropy_from_counts,
    interaction_information,
    joint_entropy,
    mutual_information,
    num_threads,
    total_correlation,
)
from fastinfo._codes.labels import encode
from fastinfo._core.coded_variable import Coded
from fastinfo._measures.joint_entropies import Joint, Variable, join_variables

# Independent series of few samples are what many tests are of: the warning has tests of its own.
pytestmark = pytest.mark.filterwarnings("ignore:.* what chance alone gives")

NAN = math.nan
INF = math.inf
LN2 = math.log(2)
WIDTHS = {"strategy": "uniform"}  # where NumPy's bins are the reference; not the default
CORRECTIONS = ["miller-madow", "jackknife", "grassberger", "chao-shen", "shrinkage", "zhang", 0.5]
THREE = [conditional_mutual_information, interaction_information]

X, Y = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
XOR, AND = X ^ Y, X & Y


@pytest.fixture
def three(rng):
    z = rng.normal(size=900)
    return z + rng.normal(size=900), 0.5 * z + rng.normal(size=900), z


# Known values


def test_logic_gates():
    bits = {"base": 2}
    assert conditional_mutual_information(X, Y, XOR, **bits) == 1.0
    assert conditional_mutual_information(X, XOR, Y, **bits) == 1.0
    assert conditional_mutual_information(X, Y, AND, **bits) == close(
        # given AND = 0 the three rows left have table [[1, 1], [1, 0]]
        0.75 * JointCounts.from_table([[1, 1], [1, 0]]).mutual_information(base=2)
    )
    assert interaction_information(X, Y, XOR, **bits) == 1.0
    assert interaction_information(X, X, X, **bits) == -1.0
    assert total_correlation(np.column_stack([X, Y, XOR]), **bits) == 1.0
    assert total_correlation(np.column_stack([X, X, X, X]), **bits) == 3.0
    assert total_correlation(np.column_stack([X, Y]), **bits) == 0.0


def test_nothing_is_left_when_the_variable_itself_is_known(rng):
    x, y = rng.integers(0, 5, (2, 300))
    assert conditional_mutual_information(x, y, x) == 0.0
    assert conditional_mutual_information(x, y, y) == 0.0
    assert conditional_mutual_information(x, x, y) == close(
        twins.entropy_of_rows(x, y) - twins.entropy_of_rows(y)
    )


def test_a_constant_tells_nothing_of_the_rest(rng):
    x, y = rng.integers(0, 5, (2, 300))
    constant = np.zeros(300, int)
    assert conditional_mutual_information(x, y, constant) == close(mutual_information(x, y))
    assert interaction_information(x, y, constant) == close(0.0)
    assert conditional_mutual_information(x, constant, y) == 0.0
    both = total_correlation(np.column_stack([x, constant, y]))
    assert both == close(mutual_information(x, y))


def test_a_chain_of_variables_is_conditionally_independent_exactly():
    # x -> z -> y with p(x, y | z) = p(x | z) p(y | z) in whole counts
    rows = [
        (i, j, k)
        for k, (px, py) in enumerate([((1, 3), (2, 5)), ((4, 1), (7, 1)), ((7, 2), (8, 3))])
        for i, a in enumerate(px)
        for j, b in enumerate(py)
        for _ in range(a * b)
    ]
    x, y, z = np.array(rows).T
    assert mutual_information(x, y) > 0.01
    assert conditional_mutual_information(x, y, z) == 0.0


def test_gaussian_chain(rng):
    # x and y depend on each other through z alone
    z = rng.normal(size=200_000)
    x, y = z + rng.normal(size=(2, 200_000))
    exact = -math.log(1 - 0.25) / 2
    assert mutual_information(x, y) == pytest.approx(exact, rel=0.05)
    found = conditional_mutual_information(x, y, z, bins=20, strategy="quantile")
    assert 0 < found < 0.25 * exact


# Twins


codes = st.integers(0, 3)
rows_of_codes = st.lists(st.tuples(codes, codes, codes), min_size=1, max_size=60)


@given(rows_of_codes)
def test_measures_are_the_twins(rows):
    x, y, z = np.array(rows).T
    known = twins.conditional_information([x], [y], [z])
    alone = twins.conditional_information([x], [y], [])
    assert conditional_mutual_information(x, y, z) == close(known)
    assert conditional_mutual_information(x, y, z) >= 0
    assert interaction_information(x, y, z) == close(known - alone)
    assert total_correlation(np.array(rows)) == close(twins.total_correlation([x, y, z]))
    assert total_correlation(np.array(rows)) >= 0


@given(rows_of_codes)
def test_chain_rules(rows):
    x, y, z = np.array(rows).T
    pair = pd.Series(list(zip(y.tolist(), z.tolist(), strict=True)))
    # I(x; y, z) = I(x; z) + I(x; y | z)
    parts = mutual_information(x, z) + conditional_mutual_information(x, y, z)
    assert mutual_information(x, pair) == close(parts)
    # TC(x, y, z) = I(y; z) + I(x; y, z)
    parts = mutual_information(y, z) + mutual_information(x, pair)
    assert total_correlation(np.array(rows)) == close(parts)
    # the order of the variables is no matter
    information = interaction_information(x, y, z)
    for order in ((y, x, z), (z, y, x), (x, z, y)):
        assert interaction_information(*order) == close(information)
    assert conditional_mutual_information(y, x, z) == close(conditional_mutual_information(x, y, z))
    # any names of the levels
    names = np.array(["d", "a", "c", "b"])
    assert conditional_mutual_information(names[x], -y, names[z]) == close(
        conditional_mutual_information(x, y, z)
    )


def twin_codes(columns, bins=8, ranges=None):
    ranges = [None] * len(columns) if ranges is None else ranges
    edges = [
        np.linspace(*((c.min(), c.max()) if r is None else r), bins + 1)
        for c, r in zip(columns, ranges, strict=True)
    ]
    coded = [pairs.codes_among(c, e) for c, e in zip(columns, edges, strict=True)]
    kept = np.all([c >= 0 for c in coded], axis=0)
    return [c[kept] for c in coded]


def test_floats_are_binned_eight_each(three):
    edges = [np.quantile(v, np.linspace(0, 1, 9)) for v in three]
    full = [pairs.codes_among(v, e) for v, e in zip(three, edges, strict=True)]
    for options, (x, y, z) in ((WIDTHS, twin_codes(three)), ({}, full)):
        known = twins.conditional_information([x], [y], [z])
        alone = twins.conditional_information([x], [y], [])
        found = conditional_mutual_information(*three, **options)
        assert found == close(known)
        assert found == conditional_mutual_information(*three, bins=8, **options)
        assert interaction_information(*three, **options) == close(known - alone)
        total = total_correlation(np.column_stack(three), **options)
        assert total == close(twins.total_correlation([x, y, z]))


def test_settings_for_each_variable(three):
    a, b, c = three
    ranges = [None, [-1, 1], [0, 2]]
    x, y, z = twin_codes(three, 5, ranges)
    assert 0 < x.size < 900
    found = conditional_mutual_information(a, b, c, bins=5, range=ranges, **WIDTHS)
    assert found == close(twins.conditional_information([x], [y], [z]))
    edges = np.array([-3.0, -1.0, 0.5, 4.0])
    x, z = pairs.codes_among(a, edges), pairs.codes_among(c, np.linspace(c.min(), c.max(), 4))
    labels = (b > 0).astype(int)
    kept = x >= 0
    expected = twins.conditional_information([x[kept]], [labels[kept]], [z[kept]])
    found = conditional_mutual_information(a, labels, c, bins=(edges, 9, 3), **WIDTHS)
    assert found == close(expected)
    for discrete in ((False, True, False), {"x": False, "z": False}, {"y": True}, {}):
        found = conditional_mutual_information(
            a, b > 0, c, bins=[edges, 2, 3], discrete=discrete, **WIDTHS
        )
        assert found == close(expected)
    same = [pairs.codes_among(v, edges) for v in three]
    kept = np.all([v >= 0 for v in same], axis=0)
    x, y, z = (v[kept] for v in same)
    assert total_correlation(np.column_stack(three), bins=edges) == close(
        twins.total_correlation([x, y, z])
    )


def test_quantiles_are_equally_full(three):
    ranked = [np.argsort(np.argsort(v)) * 6 // 900 for v in three]
    found = conditional_mutual_information(*three, bins=6, strategy="quantile")
    assert found == close(twins.conditional_information(*([r] for r in ranked)))


def test_numpys_rules(three):
    edges = [np.histogram_bin_edges(v, "sturges") for v in three]
    expected = conditional_mutual_information(*three, bins=edges)
    assert conditional_mutual_information(*three, bins="sturges") == expected


# Several known variables


def test_known_variables_may_be_many(rng):
    x, y, *z = rng.integers(0, 3, (5, 400))
    expected = twins.conditional_information([x], [y], z)
    matrix = np.column_stack(z)
    for known in (
        matrix,
        np.asfortranarray(matrix),
        matrix.astype("f4").astype("i2"),
        pd.DataFrame(matrix),
        pd.DataFrame(matrix, columns=["a", "a", "b"]),
        pl.DataFrame(matrix),
        pa.table({"a": z[0], "b": z[1].astype(str), "c": z[2]}),
        pd.DataFrame({"a": z[0].astype(str), "b": pd.Series(z[1]).astype("category"), "c": z[2]}),
    ):
        assert conditional_mutual_information(x, y, known) == close(expected)
    assert conditional_mutual_information(x, y, matrix[:, :1]) == conditional_mutual_information(
        x, y, z[0]
    )
    assert interaction_information(x, y, matrix) == close(
        expected - twins.conditional_information([x], [y], [])
    )


def test_settings_for_many_known_variables(three, rng):
    x, y, z = three
    known = np.column_stack([z, rng.normal(size=900)])
    each = conditional_mutual_information(x, y, known, bins=(4, 5, 3, 3), **WIDTHS)
    assert conditional_mutual_information(x, y, known, bins=(4, 5, 3), **WIDTHS) == each
    coded = [twin_codes([v], b)[0] for v, b in zip((x, y, *known.T), (4, 5, 3, 3), strict=True)]
    assert each == close(twins.conditional_information(coded[:1], coded[1:2], coded[2:]))


def test_more_combinations_than_a_table_holds(rng):
    n = 3000
    x, y, z = rng.integers(0, 2000, (3, n))
    y[::2], z[::3] = x[::2] // 100, x[::3] // 300
    found = conditional_mutual_information(x, y, z, discrete=True)
    assert found == close(twins.conditional_information([x], [y], [z]))
    assert interaction_information(x, y, z, discrete=True) == close(
        found - twins.conditional_information([x], [y], [])
    )
    wide = np.column_stack([x % 50, y % 40, z % 30, x % 7, y % 11, z % 13])
    found = total_correlation(wide, discrete=True)
    assert found == close(twins.total_correlation(list(wide.T)))
    with pytest.warns(UserWarning, match="different values, more than 32") as caught:
        assert total_correlation(wide) == total_correlation(
            wide, discrete=[False, False, True, True, True, True]
        )
    said = [str(w.message)[:18] for w in caught if "what chance alone" not in str(w.message)]
    assert said == ["X[:, 0] has 50 dif", "X[:, 1] has 40 dif"]
    assert {w.filename for w in caught} == {__file__}
    w = rng.integers(0, 3, n).astype(float)
    assert conditional_mutual_information(x, y, z, discrete=True, sample_weight=w) == close(
        twins.conditional_information([x], [y], [z], w)
    )


@given(rows_of_codes)
def test_hashed_counts_are_the_dense_ones(rows):
    coded = [join_variables([encode(column)]) for column in np.array(rows).T]
    dense, hashed = Joint(coded, None), Joint(coded, None)
    assert dense._table is not None
    hashed._table = None
    for group in ((), (0,), (2,), (0, 2), (1, 2), (0, 1, 2)):
        assert hashed.counts(group).tolist() == dense.counts(group).tolist()
        assert hashed.at_cells(group).tolist() == dense.at_cells(group).tolist()


def test_thirty_columns(rng):
    X = rng.integers(0, 4, (500, 30))
    X[:, 5] = X[:, 7]
    assert total_correlation(X) == close(twins.total_correlation(list(X.T)))
    X = np.arange(400)[:, None] * np.ones(60, int)  # the ratio of probabilities is 400**59
    X = (X * np.arange(1, 61)) % 401
    assert total_correlation(X, discrete=True) == close(59 * math.log(400))


# Corrections


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_corrections_apply_to_each_entropy(correction, rng):
    x, y, z = rng.integers(0, 4, (3, 60))

    def entropy(*columns):
        table = np.zeros((4,) * len(columns), int)
        np.add.at(table, columns, 1)
        return entropy_from_counts(table.reshape(-1), correction=correction)

    if correction in ("shrinkage", 0.5):  # in the table of all three, once
        whole = np.zeros((4, 4, 4))
        np.add.at(whole, (x, y, z), 1)
        p = pairs.of_table(whole, correction)

        def entropy(*columns):
            places = [next(i for i, v in enumerate((x, y, z)) if v is c) for c in columns]
            return pairs.entropy_of(p.sum(axis=tuple({0, 1, 2} - set(places))))

    known = entropy(x, z) + entropy(y, z) - entropy(x, y, z) - entropy(z)
    alone = entropy(x) + entropy(y) - entropy(x, y)
    options = {"correction": correction}
    assert conditional_mutual_information(x, y, z, **options) == close(known)
    assert conditional_mutual_information(x, y, z, base=2, **options) == close(known / LN2)
    assert interaction_information(x, y, z, **options) == close(known - alone)
    total = entropy(x) + entropy(y) + entropy(z) - entropy(x, y, z)
    assert total_correlation(np.column_stack([x, y, z]), **options) == close(total)
    two = mutual_information(x, y, **options)
    assert total_correlation(np.column_stack([x, y]), **options) == close(two)


def test_corrections_know_the_cells_that_are_not_kept(rng):
    x, y, z = rng.integers(0, 90, (3, 500))
    cells = [len(np.unique(v)) for v in (x, y, z)]

    def entropy(*places):
        columns = np.array([(x, y, z)[i] for i in places])
        counts = np.unique(columns, axis=1, return_counts=True)[1]
        size = math.prod(cells[i] for i in places)
        padded = np.concatenate([counts, np.zeros(size - counts.size, int)])
        return entropy_from_counts(padded, correction=0.01 * math.prod(cells) / size)

    expected = entropy(0, 2) + entropy(1, 2) - entropy(0, 1, 2) - entropy(2)
    found = conditional_mutual_information(x, y, z, correction=0.01, discrete=True)
    assert found == close(expected)


def test_a_correction_lowers_the_bias(rng):
    x, y, z = rng.integers(0, 6, (3, 2000))
    plain = conditional_mutual_information(x, y, z)
    corrected = conditional_mutual_information(x, y, z, correction="miller-madow")
    assert plain == pytest.approx(6 * 25 / 4000, rel=0.3)
    assert abs(corrected) < plain / 3


# Weights


@pytest.mark.parametrize("measure", THREE)
def test_whole_weights_are_repeated_rows(measure, three, rng):
    w = rng.integers(1, 5, 900)
    repeated = [np.repeat(v, w) for v in three]
    assert measure(*three, sample_weight=w, **WIDTHS) == close(measure(*repeated, **WIDTHS))
    # equal counts are those of the samples, whatever their weights are
    edges = [np.quantile(v, np.linspace(0, 1, 9)) for v in three]
    assert measure(*three, sample_weight=w) == close(measure(*repeated, bins=edges))
    labels = [(v > 0).astype(int) for v in three]
    w[::7] = 0
    repeated = [np.repeat(v, w) for v in labels]
    assert measure(*labels, sample_weight=w) == close(measure(*repeated))
    X = np.column_stack(labels)
    assert total_correlation(X, sample_weight=w) == close(total_correlation(np.repeat(X, w, 0)))


@pytest.mark.parametrize("scale", [1e-300, 1e-3, 1e300])
def test_the_scale_of_weights_is_no_matter(scale, three, rng):
    w = rng.random(900)
    for measure in THREE:
        expected = measure(*three, sample_weight=w)
        assert measure(*three, sample_weight=w * scale) == pytest.approx(expected, rel=1e-9)
    X = np.column_stack(three)
    expected = total_correlation(X, sample_weight=w)
    assert total_correlation(X, sample_weight=w * scale) == pytest.approx(expected, rel=1e-9)


def test_weights_of_nothing_leave_nothing(three):
    for measure in THREE:
        assert math.isnan(measure(*three, sample_weight=np.zeros(900)))
    assert math.isnan(total_correlation(np.column_stack(three), sample_weight=np.zeros(900)))


# Missing samples


@pytest.mark.parametrize("measure", THREE)
def test_nan_policy(measure, three):
    x, y, z = (v.copy() for v in three)
    x[3], y[3], y[10], z[20] = NAN, NAN, NAN, NAN
    kept = np.delete(np.array([x, y, z]), [3, 10, 20], axis=1)
    assert math.isnan(measure(x, y, z))
    assert measure(x, y, z, nan_policy="omit") == measure(*kept)
    message = "The input contains nan values: x, y and z .* got 3 incomplete rows"
    with pytest.raises(ValueError, match=message):
        measure(x, y, z, nan_policy="raise")
    labels = np.array(["a", None, "b"] * 300, object)
    assert math.isnan(measure(x, labels, z))
    both = ~np.isnan(x) & ~np.isnan(z) & (labels != None)  # noqa: E711
    expected = measure(x[both], labels[both], z[both])
    assert measure(x, labels, z, nan_policy="omit") == close(expected)
    nothing = np.full(900, NAN)
    assert math.isnan(measure(x, nothing, z, nan_policy="omit"))


def test_nan_policy_of_total_correlation(three):
    X = np.column_stack(three)
    X[5, 2] = X[7, 0] = NAN
    assert math.isnan(total_correlation(X))
    kept = np.delete(X, [5, 7], axis=0)
    assert total_correlation(X, nan_policy="omit") == total_correlation(kept)
    with pytest.raises(ValueError, match=r"nan values: X must .* got 2 incomplete rows"):
        total_correlation(X, nan_policy="raise")


def test_a_row_outside_counts_nowhere():
    x, y, z = np.array([0.0, 1, 0, 1, 9]), np.array([0, 1, 0, 1, 7]), np.array([0, 0, 1, 1, 1])
    edges = [0.0, 0.5, 2.0]
    found = conditional_mutual_information(x, y, z, bins=[edges, 1, 1], base=2)
    assert found == close(1.0)
    everything = [[5, 6], None, None]
    assert math.isnan(conditional_mutual_information(x, y, z, bins=3, range=everything))
    x[4] = INF
    assert conditional_mutual_information(x, y, z, bins=[edges, 1, 1], base=2) == close(1.0)
    with pytest.raises(ValueError, match="is not finite"):
        conditional_mutual_information(x, y, z)


# Total correlation


def test_total_correlation_of_one_and_two_columns(three):
    x, y, _ = three
    assert total_correlation(x[:, None]) == 0.0
    assert total_correlation(x) == 0.0
    both = np.column_stack([x, y])
    assert total_correlation(both) == mutual_information(x, y)
    assert total_correlation(both, bins=(4, 6), base=2) == mutual_information(
        x, y, bins=(4, 6), base=2
    )


def test_total_correlation_of_tables(rng):
    X = rng.integers(0, 3, (200, 3))
    expected = twins.total_correlation(list(X.T))
    mixed = pd.DataFrame({"a": X[:, 0], "b": X[:, 1].astype(str), "c": X[:, 2] > 5})
    for table in (pd.DataFrame(X), pl.DataFrame(X), X.tolist(), X.astype(object)):
        assert total_correlation(table) == close(expected)
    assert total_correlation(mixed) == close(mutual_information(X[:, 0], X[:, 1]))
    assert total_correlation(pl.from_pandas(mixed)) == total_correlation(mixed)


# Layouts, threads, bad input


def test_layouts(three):
    expected = conditional_mutual_information(*three)
    wide = np.empty((900, 6))
    wide[:, ::2] = np.column_stack(three)
    assert conditional_mutual_information(*wide[:, ::2].T) == expected
    assert conditional_mutual_information(*map(pd.Series, three)) == expected
    assert conditional_mutual_information(*map(pl.Series, three)) == expected
    assert conditional_mutual_information(*(v.tolist() for v in three)) == expected
    frozen = [v.copy() for v in three]
    for v in frozen:
        v.flags.writeable = False
    assert conditional_mutual_information(*frozen) == expected
    assert conditional_mutual_information(*(v.astype(">f8") for v in three)) == expected
    for dtype in ("f2", "f4", "longdouble"):
        x, y, z = (v.astype(dtype) for v in three)
        table, _ = np.histogramdd((x, y, z), 8)
        cells = np.repeat(np.indices(table.shape).reshape(3, -1), table.reshape(-1).astype(int), 1)
        a, b, c = cells
        found = conditional_mutual_information(x, y, z, **WIDTHS)
        assert found == close(twins.conditional_information([a], [b], [c]))


def test_inputs_stay_as_they_are(three):
    kept = [v.copy() for v in three]
    w = np.ones(900)
    conditional_mutual_information(*three, sample_weight=w, range=[[-1, 1]] * 3)
    total_correlation(np.column_stack(three))
    for v, before in zip(three, kept, strict=True):
        np.testing.assert_array_equal(v, before, strict=True)
    assert (w == 1).all()


def test_any_number_of_threads_gives_the_same_bits(rng):
    x, y, z = rng.normal(size=(3, 600_000))
    found = set()
    for threads in (1, 3):
        with num_threads(threads):
            found.add((conditional_mutual_information(x, y, z), interaction_information(x, y, z)))
    assert len(found) == 1


BAD = [
    (([1, 2], [1], [1, 2]), {}, ValueError, "x and y must have the same length, got 2 and 1"),
    (([1, 2], [1, 2], [1]), {}, ValueError, "x and z must have the same length, got 2 and 1"),
    (([], [], []), {}, ValueError, "must hold at least one sample, got an empty array"),
    (([[1, 2]], [1], [1]), {}, ValueError, "x must be one-dimensional"),
    (([1], [1], np.zeros((1, 1, 1))), {}, ValueError, "z must be one- or two-dimensional"),
    (([1], [1], np.zeros((1, 0))), {}, ValueError, "z must have at least one column, got none"),
    (([1j], [1], [1]), {}, TypeError, "x must hold real numbers or labels"),
    (([1], [1], ["a"]), {"discrete": False}, TypeError, "z must be real numbers to be binned"),
    (([1.0], [1.0], [1.0]), {"bins": 0}, ValueError, "must be positive, when an integer, got 0"),
    (([1.0], [1.0], [1.0]), {"bins": "x"}, ValueError, "one of 'mi', .*, got 'x'"),
    (([1.0], [1.0], [1.0]), {"bins": [3, 2, 1, 0]}, ValueError, "monotonically increasing"),
    (([1.0], [1.0], [1.0]), {"strategy": "x"}, ValueError, "strategy must be one of 'uniform', "),
    (([1.0], [1.0], [1.0]), {"range": [[0, 1]] * 2}, ValueError, "range must .* each variable"),
    (([1.0], [1.0], [1.0]), {"range": 3}, ValueError, "range must have an entry"),
    (([1.0], [1.0], [1.0]), {"range": [[1, 0], None, None]}, ValueError, "max must be larger"),
    (([1], [1], [1]), {"discrete": (True, False)}, ValueError, "discrete must be .*'auto'"),
    (([1], [1], [1]), {"discrete": "yes"}, ValueError, "discrete must be 'auto'"),
    (([1], [1], [1]), {"base": 1}, ValueError, "base must also not be 1"),
    (([1], [1], [1]), {"correction": "best"}, ValueError, "correction must be one of None, "),
    (([1], [1], [1]), {"correction": True}, TypeError, "correction must be"),
    (([1], [1], [1]), {"nan_policy": "drop"}, ValueError, "nan_policy must be one of"),
    (([1], [1], [1]), {"sample_weight": [-1]}, ValueError, "must not hold negative weights"),
    (([1], [1], [1]), {"sample_weight": [NAN]}, ValueError, "must hold finite weights"),
    (([1], [1], [1]), {"sample_weight": [1, 2]}, ValueError, "each of the 1 samples, got shape"),
    (([1], [1], [1]), {"sample_weight": ["a"]}, TypeError, "sample_weight must be an array"),
]


@pytest.mark.parametrize("measure", THREE)
@pytest.mark.parametrize(("args", "kwargs", "error", "message"), BAD)
def test_bad_input(measure, args, kwargs, error, message):
    with pytest.raises(error, match=message):
        measure(*args, **kwargs)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (np.zeros((0, 3)), ValueError, "X.* must hold at least one sample"),
        (np.zeros((3, 0)), ValueError, "X must have at least one column, got none"),
        (np.zeros((2, 2, 2)), ValueError, "X must be one- or two-dimensional, got shape"),
        (np.zeros((2, 3), complex), TypeError, r"X\[:, 0\] must hold real numbers or labels"),
        (np.ma.zeros((2, 3)), TypeError, "X.* must not be a masked array"),
    ],
)
def test_bad_matrices(X, error, message):
    with pytest.raises(error, match=message):
        total_correlation(X)


def test_bins_past_memory_go_to_hashed_counts(three):
    # 3,000 bins each are 2.7e10 cells, of which 900 at most are occupied
    found = conditional_mutual_information(*three, bins=3000, **WIDTHS)
    coded = twin_codes(three, 3000)
    assert found == close(twins.conditional_information(*([c] for c in coded)))
    # of equal counts there are no more than samples: 900 * 900 * 900
    assert conditional_mutual_information(*three, bins=3000) == 0.0
    assert interaction_information(*three, bins=3000) == close(-math.log(900))


def test_joint_entropy_of_three_by_the_chain_rule(rng):
    x, y, z = rng.integers(0, 3, (3, 500))
    pair = 3 * y + z
    hxyz = joint_entropy(x, pair)
    expected = joint_entropy(x, z) + joint_entropy(y, z) - hxyz - twins.entropy_of_rows(z)
    assert conditional_mutual_information(x, y, z) == close(expected)


MOSTLY_CHANCE = "about (5[0-9]|[6-9][0-9]|100) % of the estimate is what chance alone gives"


def test_mostly_chance_is_warned_of(rng):
    x, y = rng.integers(0, 4, (2, 5000))
    z = rng.integers(0, 2000, 5000).astype(str)
    message = f"x, y and z have 4 x 4 x 18.. values in 5000 rows: {MOSTLY_CHANCE}.*'?nsb"
    for measure in THREE:
        with pytest.warns(UserWarning, match=message) as caught:
            assert abs(measure(x, y, z)) > 0.3  # of independent variables
        assert [w.filename for w in caught] == [__file__]
        assert abs(measure(x, y, z, correction="nsb")) < 0.01  # what the warning recommends
    for n in (200, 400, 1000):
        floats = rng.normal(size=(3, n))
        with pytest.warns(UserWarning, match=f"8 x 8 x 8 values in {n} rows"):
            assert conditional_mutual_information(*floats) > 0.15
    with pytest.warns(UserWarning, match=MOSTLY_CHANCE):
        assert conditional_mutual_information(*floats, sample_weight=np.ones(1000)) > 0.15
    sparse = rng.integers(0, 300, 1000).astype(str)
    with pytest.warns(UserWarning, match=r"rows: about .* Use fewer bins or levels$"):
        assert conditional_mutual_information(*floats[:2], sparse, correction="miller-madow") > 0.5


def test_what_is_no_chance_is_not_warned_of(rng):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        conditional_mutual_information(*rng.normal(size=(3, 90)))  # nobody takes that for sure
        conditional_mutual_information(*rng.normal(size=(3, 3000)))
        grid = np.indices((5, 6, 20)).reshape(3, -1)[:, :400]
        assert conditional_mutual_information(*grid[[1, 2, 0]]) < 0.01  # no chance in it
        z = rng.normal(size=1000)
        x = rng.normal(size=1000)
        assert conditional_mutual_information(x, x, z) > 1.5  # far from chance
        x, y = rng.integers(0, 2, (2, 300))
        assert conditional_mutual_information(x, x ^ y, y) == pytest.approx(np.log(2), abs=0.01)
        x, y, z = rng.normal(size=(3, 400))
        assert conditional_mutual_information(x, y, z, correction="nsb") < 0.1


def test_columns_that_are_mostly_chance_together_are_warned_of(rng):
    X = rng.normal(size=(1000, 5))
    with pytest.warns(UserWarning, match=f"columns of X have 8 x 8 x 8 x 8 x 8 .*{MOSTLY_CHANCE}"):
        assert total_correlation(X) > 3
    copies = np.repeat(rng.integers(0, 4, (1000, 1)), 5, axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert total_correlation(copies) == pytest.approx(4 * np.log(4), abs=0.02)
        total_correlation(rng.normal(size=(5000, 3)))


def test_what_an_id_means_depends_on_where_it_is(rng):
    ids, x, y = np.arange(200).astype(str), *rng.integers(0, 3, (2, 200))
    with pytest.warns(UserWarning, match="z has 200 .* hardly any information is left") as caught:
        assert conditional_mutual_information(x, y, ids) == 0.0
    assert len(caught) == 1
    with pytest.warns(UserWarning, match="200 x 3 x 3 values in 200 rows: about 100 %") as caught:
        conditional_mutual_information(ids, x, y)
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert conditional_mutual_information(ids, x, y, correction="nsb") < 0.1


def test_the_shuffle_keeps_what_is_given_and_its_own_margins(rng):
    codes = [rng.integers(0, k, 500).astype("u1") for k in (4, 3, 7)]
    variables = [Variable(Coded(c, int(c.max()) + 1), int(c.max()) + 1) for c in codes]
    joint = Joint(variables, None)
    shuffled = joint.shuffled((0,), (2,))
    for group in ((0,), (1,), (2,), (0, 2), (1, 2)):
        np.testing.assert_array_equal(shuffled.counts(group), joint.counts(group))
    assert (shuffled.counts((0, 1, 2)) != joint.counts((0, 1, 2))).any()
    again = joint.shuffled((0,), (2,))
    np.testing.assert_array_equal(again.counts((0, 1, 2)), shuffled.counts((0, 1, 2)))


def test_an_id_is_warned_of(rng):
    ids, x, y = np.arange(200), *rng.integers(0, 3, (2, 200))
    names = ids.astype(str)
    for measure in THREE:
        for z, what in (
            (ids, "200 different values, more than 32, .*discrete={'z': True} takes it as labels"),
            (names, "200 different labels among 200 samples"),
        ):
            with pytest.warns(UserWarning, match=f"z has {what}") as caught:
                measure(x, y, z)
            assert [w.filename for w in caught] == [__file__]
            what = (
                f"x has {what}".replace("'z'", "'x'") if z is ids else "200 x 3 x 3 values in 200"
            )
            with pytest.warns(UserWarning, match=what) as caught:
                measure(z, x, y)
            assert {w.filename for w in caught} == {__file__}
        measure(x, y, ids, discrete=True)  # the user's word
        measure(x, y, ids, discrete={"z": True})
        found = measure(x, y, ids, discrete={"z": False})
        assert found == measure(x, y, ids / 1)
        assert found == measure(x, y, ids.astype("m8[s]"), discrete={"z": False})
        with pytest.raises(
            ValueError, match=r"discrete must name columns .* 'x', 'y', 'z', got 'w'"
        ):
            measure(x, y, ids, discrete={"w": True})
    for column, what in (
        (ids, "200 different values, more than 32"),
        (names, "3 x 200 x 3 values"),
    ):
        table = pd.DataFrame({"a": x, "b": column, "c": y})
        with pytest.warns(UserWarning, match=what) as caught:
            total_correlation(table)
        assert {w.filename for w in caught} == {__file__}
