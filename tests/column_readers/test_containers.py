"""One rule for every container: what are labels and what are numbers, whatever holds them.

Integers and points of time are labels up to 32 different values, above that numbers to be binned;
floats and decimals are always binned; all else is labels.
"""

import datetime as dt
import decimal
import fractions
import functools
import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from helpers import close, objects, quiet

import fastinfo
from fastinfo import (
    JointCounts,
    conditional_entropy,
    conditional_mutual_information,
    contingency_table,
    interaction_information,
    joint_entropy,
    lagged_mutual_information,
    mutual_info_score,
    mutual_information,
    num_threads,
    total_correlation,
    transfer_entropy,
    variation_of_information,
)

N = 400
NAN = math.nan


def each(make):
    """A list of Python objects."""
    return lambda codes: [make(int(i)) for i in codes]


def day(i):
    return dt.date(2020, 1, 1) + dt.timedelta(days=i)


def moment(i):
    return dt.datetime(2020, 1, 1) + dt.timedelta(hours=i)


def moment_in_utc(i):
    return moment(i).replace(tzinfo=dt.UTC)


def duration(i):
    return dt.timedelta(hours=i)


def time_of_day(i):
    return dt.time(i // 60, i % 60)


def quarters(i):
    return decimal.Decimal(i) / 4


#: Integers and times: of codes 0, 1, ..., in order.
WHOLE = {
    **{
        f"array {dtype}": functools.partial(np.ndarray.astype, dtype=dtype)
        for dtype in [
            "i1",
            "i2",
            "i4",
            "i8",
            "u1",
            "u2",
            "u4",
            "u8",
            ">i2",
            ">i8",
            ">u4",
            "M8[D]",
            "M8[ns]",
            "m8[s]",
            ">M8[s]",
            ">m8[h]",
        ]
    },
    "list": np.ndarray.tolist,
    "tuple": lambda c: tuple(c.tolist()),
    "objects": lambda c: c.astype(object),
    "column": lambda c: c[:, None],
    "strided": lambda c: np.repeat(c, 3)[::3],
    "reversed": lambda c: c[::-1].copy()[::-1],
    "pandas": pd.Series,
    "pandas index": pd.Index,
    "pandas objects": lambda c: pd.Series(c, dtype=object),
    "pandas int8": lambda c: pd.Series(c, dtype="int8"),
    "pandas nullable": lambda c: pd.Series(c, dtype="Int16"),
    "pandas of Arrow": lambda c: pd.Series(c, dtype="uint32[pyarrow]"),
    "pandas dates": lambda c: pd.Series(c.astype("M8[s]")),
    "pandas date index": lambda c: pd.DatetimeIndex(c.astype("M8[s]")),
    "pandas time zone": lambda c: pd.Series(pd.to_datetime(c, unit="D", utc=True)),
    "pandas durations": lambda c: pd.Series(c.astype("m8[s]")),
    "pandas months": lambda c: pd.Series(pd.PeriodIndex.from_ordinals(c + 500, freq="M")),
    "pandas days of Arrow": lambda c: pd.Series(
        pa.array(each(day)(c)), dtype=pd.ArrowDtype(pa.date32())
    ),
    "Polars": pl.Series,
    "Polars int8": lambda c: pl.Series(c, dtype=pl.Int8),
    "Polars int128": lambda c: pl.Series(c.tolist()).cast(pl.Int128),
    "PyArrow": pa.array,
    "PyArrow in chunks": lambda c: pa.chunked_array([c[:33], c[33:]]),
    "days": each(day),
    "moments": each(moment),
    "moments in UTC": each(moment_in_utc),
    "durations": each(duration),
    "times of day": each(time_of_day),
    **{
        f"{library} {make.__name__}": lambda c, new=new, make=make: new(each(make)(c))
        for library, new in (("Polars", pl.Series), ("PyArrow", pa.array))
        for make in (day, moment, duration, time_of_day)
    },
}
#: Numbers that are always binned.
REAL = {
    **{f"array {dtype}": functools.partial(np.ndarray.astype, dtype=dtype) for dtype in
       ["f2", "f4", "f8", ">f8", "longdouble"]},
    "list": lambda c: (c / 4).tolist(),
    "objects": lambda c: (c / 4).astype(object),
    "fractions": each(lambda i: fractions.Fraction(i, 3)),
    "decimals": each(quarters),
    "decimals and integers": each(lambda i: decimal.Decimal(i) if i % 2 else i),
    "pandas": lambda c: pd.Series(c / 4),
    "pandas nullable": lambda c: pd.Series(c / 4, dtype="Float32"),
    "pandas decimals": lambda c: pd.Series(each(quarters)(c)),
    "pandas decimals of Arrow": lambda c: pd.Series(
        pa.array(each(quarters)(c)), dtype=pd.ArrowDtype(pa.decimal128(9, 2))
    ),
    "Polars": lambda c: pl.Series(c / 4),
    "Polars decimals": lambda c: pl.Series(each(quarters)(c)),
    "PyArrow decimals": lambda c: pa.array(each(quarters)(c)),
}  # fmt: skip
#: What no number is.
LABELS = {
    "strings": lambda c: c.astype(str),
    "bytes": lambda c: c.astype("S"),
    "list of strings": lambda c: c.astype(str).tolist(),
    "tuples": lambda c: objects([(int(i), "a") for i in c]),
    "mixed": lambda c: objects([f"{i}" if i % 2 else int(i) for i in c]),
    "intervals": lambda c: objects([pd.Interval(int(i), int(i) + 1) for i in c]),
    "pandas strings": lambda c: pd.Series(c.astype(str)),
    "pandas categories of integers": lambda c: pd.Series(c).astype("category"),
    "pandas categories of floats": lambda c: pd.Series(c / 4).astype("category"),
    "Polars strings": lambda c: pl.Series(c.astype(str).tolist()),
    "Polars categories": lambda c: pl.Series(c.astype(str).tolist(), dtype=pl.Categorical),
}


@pytest.fixture
def codes(rng):
    """Numbers 0 to 39, which four labels depend on."""
    x = rng.permutation(np.arange(N) % 40)
    return x, (x // 10 + (rng.random(N) < 0.2)) % 4


def said(name, n_levels=40):
    return (
        rf"{name} has {n_levels} different values, more than 32, and is taken as a number, not as "
        rf"labels: discrete={{'{name}': True}} takes it as labels, discrete={{'{name}': False}} "
        rf"says that it is a number"
    )


@pytest.mark.parametrize("kind", WHOLE)
def test_integers_and_times_of_many_values_are_binned_with_a_warning(kind, codes):
    x, y = codes
    column = WHOLE[kind](x)
    expected = mutual_information(x / 1, y)
    with pytest.warns(UserWarning, match=said("x")) as caught:
        assert mutual_information(column, y) == close(expected)
    assert [w.filename for w in caught] == [__file__]
    with pytest.warns(UserWarning, match=said("y")) as caught:
        assert mutual_information(y, column) == close(expected)
    assert [w.filename for w in caught] == [__file__]
    # the user's word
    labels = mutual_info_score(x, y)
    assert labels > expected + 0.05
    assert mutual_information(column, y, discrete=True) == close(labels)
    assert mutual_information(column, y, discrete={"x": True}) == close(labels)
    assert mutual_information(y, column, discrete=("auto", True)) == close(labels)
    assert mutual_information(column, y, discrete={"x": False}) == close(expected)
    assert mutual_information(y, column, discrete=("auto", False)) == close(expected)


@pytest.mark.parametrize("kind", WHOLE)
def test_integers_and_times_of_few_values_are_labels(kind, codes):
    x, y = codes[0] % 32, codes[1]
    column = WHOLE[kind](x)
    expected = mutual_info_score(x, y)
    assert mutual_information(column, y) == close(expected)
    assert mutual_information(y, column) == close(expected)
    assert mutual_information(column, y / 3) == close(expected)  # 4 floats have a bin each
    binned = mutual_information(x / 1, y)
    assert binned < expected - 0.01
    assert mutual_information(column, y, discrete={"x": False}) == close(binned)


@pytest.mark.parametrize("kind", REAL)
def test_floats_and_decimals_are_always_binned(kind, codes):
    for x in (codes[0], codes[0] % 32):
        y = codes[1]
        column = REAL[kind](x)
        expected = mutual_information(x / 1, y)
        assert mutual_information(column, y) == close(expected)
        assert mutual_information(y, column) == close(expected)
        assert mutual_information(column, y, discrete=False) == close(
            mutual_information(x / 1, y / 1)
        )
        assert mutual_information(column, y, discrete={"x": True}) == close(mutual_info_score(x, y))


@pytest.mark.parametrize("kind", LABELS)
def test_all_else_is_labels(kind, codes):
    x, y = codes
    column = LABELS[kind](x)
    expected = mutual_info_score(x, y)
    assert mutual_information(column, y) == close(expected)
    assert mutual_information(y, column) == close(expected)
    if kind != "pandas categories of floats" and "integers" not in kind:
        with pytest.raises(TypeError, match=r"x must be real numbers to be binned"):
            mutual_information(column, y, discrete={"x": False})


def gaps_of(kind, x, missing):
    """Integers or times with gaps."""
    values = [None if m else int(i) for i, m in zip(x, missing, strict=True)]
    times = x.astype("M8[h]")
    times[missing] = "NaT"
    return {
        "objects": lambda: objects(values),
        "list": lambda: values,
        "list with NaN": lambda: [NAN if v is None else v for v in values],
        "pandas objects": lambda: pd.Series(values, dtype=object),
        "pandas NA": lambda: pd.Series([pd.NA if v is None else v for v in values], dtype=object),
        "pandas nullable": lambda: pd.Series(values, dtype="Int64"),
        "pandas of Arrow": lambda: pd.Series(values, dtype="int16[pyarrow]"),
        "Polars": lambda: pl.Series(values),
        "PyArrow": lambda: pa.array(values),
        "NaT": lambda: times,
        "durations": lambda: times.astype("M8[s]").astype("i8").view("m8[s]"),
        "pandas NaT": lambda: pd.Series(times.astype("M8[s]")),
        "pandas NaT of a time zone": lambda: pd.Series(times.astype("M8[s]")).dt.tz_localize("UTC"),
        "pandas periods": lambda: pd.Series(pd.PeriodIndex(times.astype("M8[s]"), freq="h")),
        "days": lambda: [None if v is None else day(v) for v in values],
        "Polars days": lambda: pl.Series([None if v is None else day(v) for v in values]),
        "PyArrow moments": lambda: pa.array([None if v is None else moment(v) for v in values]),
    }[kind]()


GAPS = [
    *("objects", "list", "pandas objects", "pandas NA", "pandas nullable", "pandas of Arrow"),
    *("Polars", "PyArrow", "NaT", "durations", "pandas NaT", "pandas NaT of a time zone"),
    *("pandas periods", "days", "Polars days", "PyArrow moments"),
]


@pytest.mark.parametrize("kind", GAPS)
def test_gaps_are_no_values(kind, codes, rng):
    x, y = codes
    missing = rng.random(N) < 0.1
    present = ~missing
    for few in (x % 32, x):
        assert np.unique(few[present]).size == few.max() + 1
        column = gaps_of(kind, few, missing)
        many = few is x
        options = {"nan_policy": "omit"}
        floats = np.where(missing, NAN, few)
        expected = mutual_information(floats, y, **options)
        if not many:
            expected = mutual_info_score(few[present], y[present])
            assert mutual_information(column, y, **options) == close(expected)
            assert math.isnan(mutual_information(column, y))
            counts = JointCounts.from_samples(column, y)
            assert counts.x_edges is None
        else:
            with pytest.warns(UserWarning, match=said("x")):
                assert mutual_information(column, y, **options) == close(expected)
            with pytest.warns(UserWarning, match=said("y")):
                assert math.isnan(mutual_information(y, column))
            with pytest.warns(UserWarning, match=said("x")):
                counts = JointCounts.from_samples(column, y)
            assert counts.x_levels is None
        assert (counts.n, counts.n_missing) == (present.sum(), missing.sum())
        labels = mutual_info_score(few[present], y[present])
        assert mutual_information(column, y, discrete=True, **options) == close(labels)
        with pytest.raises(ValueError, match="The input contains nan values"):
            mutual_information(column, y, discrete=True, nan_policy="raise")


def test_a_list_with_nan_is_of_floats(codes, rng):
    # NumPy's and Python's word for it: [1, 2, nan] are floats.
    x, y = codes[0] % 32, codes[1]
    missing = rng.random(N) < 0.1
    found = mutual_information(gaps_of("list with NaN", x, missing), y, nan_policy="omit")
    assert found == mutual_information(np.where(missing, NAN, x), y, nan_policy="omit")


# Other functions


def test_every_function_of_two_variables_or_more_has_the_rule(codes):
    x, y = codes
    z = y % 2
    calls = {
        "joint_entropy": (lambda v: joint_entropy(v, y), "x"),
        "conditional_entropy": (lambda v: conditional_entropy(y, v), "y"),
        "variation_of_information": (lambda v: variation_of_information(v, y), "x"),
        "conditional, x": (lambda v: conditional_mutual_information(v, y, z), "x"),
        "conditional, z": (lambda v: conditional_mutual_information(y, z, v), "z"),
        "interaction": (lambda v: interaction_information(y, v, z), "y"),
        "lagged": (lambda v: lagged_mutual_information(v, y, 1), "x"),
        "transfer": (lambda v: transfer_entropy(y, v), "target"),
        "permutation": (
            lambda v: fastinfo.permutation_test(v, y, n_permutations=9, seed=1).statistic,
            "x",
        ),
        "bootstrap": (
            lambda v: fastinfo.bootstrap_interval(y, v, n_resamples=9, seed=1).standard_error,
            "y",
        ),
        "JointCounts": (lambda v: JointCounts.from_samples(v, y).mutual_information(), "x"),
        "ksg": (lambda v: mutual_information(v, y, estimator="ksg"), "x"),
    }
    for name, (call, variable) in calls.items():
        for column in (x, x.tolist(), x.astype("M8[D]"), pd.Series(x, dtype="Int64")):
            with pytest.warns(UserWarning, match=said(variable)) as caught:
                found = call(column)
            assert found == close(call(x / 1)), name
            assert [w.filename for w in caught] == [__file__], name
    with pytest.warns(UserWarning, match="40 different values"):
        found = total_correlation(pd.DataFrame({"a": x, "b": y}))
    assert found == close(mutual_information(x / 1, y))


def test_estimators_without_bins_take_words_by_name(codes, rng):
    x, y = rng.normal(size=N), codes[1]
    for estimator in ("ksg", "mixed"):
        options = {"estimator": estimator, "jitter": 1e-9, "random_state": 1}
        labels = mutual_information(x, y, discrete=(False, True), **options)
        numbers = mutual_information(x, y, discrete=False, **options)
        assert labels != numbers
        assert mutual_information(x, y, discrete={"y": True}, **options) == labels
        assert mutual_information(x, y, discrete={"y": False}, **options) == numbers
        assert mutual_information(y, x, discrete={"x": True}, **options) == close(labels)
        with pytest.raises(ValueError, match=r"discrete must name columns .*'x', 'y', got 'z'"):
            mutual_information(x, y, discrete={"z": True}, **options)
    z = rng.integers(0, 5, N)  # labels, unless the user says otherwise
    options = {"estimator": "mixed"}
    found = conditional_mutual_information(x, x + y, z, discrete={"z": False}, **options)
    assert found == conditional_mutual_information(x, x + y, z / 1, **options)


def test_scores_of_labels_always_take_labels(codes):
    x, y = codes
    expected = mutual_info_score(x, y)
    for kind in ("list", "pandas nullable", "Polars", "days", "array M8[D]", "pandas months"):
        column = WHOLE[kind](x)
        table, x_levels, _ = contingency_table(column, y)
        assert table.shape == (40, 4)
        assert len(x_levels) == 40
        assert JointCounts.from_labels(column, y).mutual_information() == close(expected)
        if kind in ("list", "Polars"):
            assert mutual_info_score(column, y) == close(expected)
    for kind in ("list", "decimals", "fractions"):
        assert contingency_table(REAL[kind](x), y)[0].shape == (40, 4)
    fastinfo.adjusted_mutual_info_score(x, y)
    fastinfo.homogeneity_completeness_v_measure(np.arange(N), y)


def test_columns_and_arrays_have_the_same_answer(codes):
    x, y = codes
    z = (x % 7) * 10
    arrays = mutual_information(x, y, discrete={"x": False}), mutual_info_score(z, y)
    for kind, make in (
        ("array i4", lambda columns: np.column_stack([*columns.values()])),
        ("objects", lambda columns: np.column_stack([*columns.values()])),
        ("pandas nullable", pd.DataFrame),
        ("days", pd.DataFrame),
        ("times of day", pd.DataFrame),
        ("pandas months", pd.DataFrame),
        ("pandas time zone", pd.DataFrame),
        ("Polars", pl.DataFrame),
        ("Polars day", pl.DataFrame),
        ("PyArrow", pa.table),
        ("PyArrow moment", pa.table),
    ):
        table = make({"many": WHOLE[kind](x), "few": WHOLE[kind](z)})
        many, few = sorted(fastinfo.rank_features(table, y), key=lambda row: -row.levels)
        assert (many.mi, few.mi) == tuple(map(close, arrays)), kind


@pytest.mark.slow
def test_a_matrix_of_columns_with_gaps_and_without(rng):
    # Where columns with gaps lie between the others, as many levels are left out as are stored.
    n = 300
    for _ in range(60):
        levels = rng.integers(0, 4, 7)
        columns = {}
        for i, k in enumerate(levels):
            column = objects([None] * n if k == 0 else ["abc"[j] for j in rng.integers(0, k, n)])
            if rng.random() < 0.4:
                column[rng.random(n) < 0.2] = None
            columns[f"c{i}"] = column
        found = quiet(fastinfo.mutual_information_matrix, pd.DataFrame(columns))
        for i, a in enumerate(columns.values()):
            for j, b in enumerate(columns.values()):
                expected = mutual_information(a, b, discrete=True, nan_policy="omit")
                assert found[i, j] == pytest.approx(expected, rel=1e-11, abs=1e-12, nan_ok=True)


# Numbers that float64 does not hold


@pytest.mark.parametrize("origin", [2**53, 2**60, -(2**63), 2**63, 2**70])
def test_integers_that_float64_would_merge(origin, codes):
    x, y = codes
    columns = [[int(i) + origin for i in x], objects([int(i) + origin for i in x])]
    if origin < 2**64:
        columns += [np.array(columns[0]), pd.Series(columns[0])]
        columns += [pl.Series(np.array(columns[0])), pa.array(np.array(columns[0]))]
    if origin == 2**60:
        columns += [pd.Series(columns[0], dtype="Int64")]
    if origin > 2**53:  # numbers, of which the distances are kept
        for column in columns:
            with pytest.warns(UserWarning, match=said("x")):
                assert mutual_information(column, y) == close(mutual_information(x / 1, y))
            with pytest.warns(UserWarning, match=said("y")):
                assert mutual_information(y, column) == close(mutual_information(y, x / 1))
    for factor in (2**19, 2**20):
        far = x.astype(object) * factor + origin
        with pytest.warns(UserWarning, match=said("x")):
            found = mutual_information(far.tolist(), y)
        assert found == close(mutual_information(x / 1, y))


def test_lists_of_floats_and_large_integers(codes):
    # Python's integers that float64 would merge are told apart where they are said to be labels.
    x, y = codes
    near = [2**60 + int(i) for i in x]
    mixed = [*near[:-1], 0.5]
    assert mutual_information(mixed, y) == mutual_information(np.array(mixed), y)
    labels = [near.index(v) for v in near[:-1]] + [-1]
    expected = mutual_info_score(labels, y)
    assert mutual_information(mixed, y, discrete=True) == close(expected)
    assert mutual_information(mixed, y, discrete={"x": True}) == close(expected)
    assert mutual_information(near, y, discrete=False) == close(mutual_information(x / 1, y))


@pytest.mark.parametrize("n", [50, 5000, 20_000, 150_000])
@pytest.mark.parametrize("bad", [math.inf, -math.inf])
def test_infinity_needs_a_range(n, bad, rng):
    x, y = rng.normal(size=(2, n))
    x[n // 2] = bad
    for pair in ((x, y), (y, x), (x, y > 0), (x, x), (x.astype("f4"), y), (x.tolist(), y)):
        with pytest.raises(ValueError, match=r"autodetected range of \[.*inf.*\] is not finite"):
            mutual_information(*pair)
    found = mutual_information(x, y, bins=5, range=[[-9, 9], None])
    kept = np.isfinite(x)
    edges = [np.quantile(v, np.linspace(0, 1, 6)) for v in (x[kept], y)]
    assert found == close(mutual_information(x[kept], y[kept], bins=edges))


@pytest.mark.parametrize(
    "empty", [[], (), np.empty(0), np.empty(0, object), pd.Series([], dtype="Int64")]
)
def test_nothing_is_refused_by_name(empty):
    with pytest.raises(ValueError, match="x must hold at least one sample, got an empty array"):
        mutual_information(empty, [])
    with pytest.raises(ValueError, match="y must hold at least one sample, got an empty array"):
        mutual_information([1], empty)


# Labels that are nearly unique


@pytest.mark.parametrize("kind", LABELS)
def test_labels_that_are_nearly_unique_are_warned_of(kind, rng):
    x, y = rng.permutation(N), rng.integers(0, 3, N)
    column = LABELS[kind](x)
    message = f"x has {N} different labels among {N} samples, like an identifier"
    with pytest.warns(UserWarning, match=message) as caught:
        mutual_information(column, y)
    assert [w.filename for w in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mutual_information(column, y, discrete=True) == close(mutual_info_score(x, y))
    with pytest.warns(UserWarning, match="% of the estimate is what chance alone gives"):
        mutual_information(LABELS[kind](x // 2), y)


# What must not change


def test_inputs_stay_as_they_are(codes):
    x, y = codes
    columns = [
        x.copy(),
        x.astype(">i4"),
        x.astype("M8[D]"),
        x.astype(object),
        np.repeat(x, 2)[::2],
        y.copy(),
    ]
    kept = [column.copy() for column in columns]
    for column in columns:
        column.flags.writeable = False
    for column in columns[:-1]:
        with pytest.warns(UserWarning, match=said("x")):
            mutual_information(column, columns[-1])
        mutual_information(column, columns[-1], discrete=True)
        mutual_information(column, columns[-1], discrete=False)
    for column, before in zip(columns, kept, strict=True):
        np.testing.assert_array_equal(column, before, strict=True)


def test_any_number_of_threads_gives_the_same_bits(rng):
    x = rng.integers(0, 1000, 300_000)
    y = (x // 100 + rng.integers(0, 3, x.size)) % 10
    columns = x, x.astype("i2"), x.astype("M8[s]"), x / 1, pd.Series(x, dtype="Int32")
    found = set()
    for n in (1, 2, 7):
        with num_threads(n):
            found |= {mutual_information(a, y, discrete={"x": False}) for a in columns}
    assert len(found) == 1
