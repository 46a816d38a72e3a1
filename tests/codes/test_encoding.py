"""Labels to codes, against np.unique: every kind of label, with what counts as missing."""

import datetime as dt
import decimal
import fractions
import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from helpers import objects
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from fastinfo import num_threads
from fastinfo._codes.column import Column, tell_if_unique
from fastinfo._codes.integers import count_integers
from fastinfo._codes.label_or_number import MOST_LABELS, distinct_numbers, few_values, said_discrete
from fastinfo._codes.labels import encode, join_levels
from fastinfo._column_readers.forms import Values
from fastinfo._core.coded_variable import CHUNK, Coded, code_dtype
from fastinfo.kernels.counting.integer_pairs import count_integer_pairs
from fastinfo.kernels.encoding import integers as kernels

NAN = math.nan
INTEGERS = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]


def assert_codes(a, missing=None, levels=None):
    """Levels are np.unique's of what is there, codes lead to them, missing ones beyond them."""
    coded = encode(a)
    missing = np.zeros(a.size, bool) if missing is None else np.asarray(missing)
    expected, inverse = np.unique(a[~missing], return_inverse=True)
    if levels is None:
        assert coded.levels.dtype == expected.dtype
        levels = expected.tolist()
    assert coded.levels.tolist() == levels
    assert coded.n_levels == expected.size
    assert coded.codes[~missing].tolist() == inverse.reshape(-1).tolist()
    assert (coded.codes[missing] == expected.size).all()
    assert coded.codes.dtype == code_dtype(expected.size)
    assert coded.invalid.tolist() == missing.tolist()
    assert coded.edges is None
    return coded


def labels_of(column):
    return Column.of(column, "x").labels()


# Integers and booleans


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_of_a_small_range(dtype, rng):
    info = np.iinfo(dtype)
    for low in {info.min, info.max - 19, max(info.min, -10)}:
        a = np.array([low + int(i) for i in rng.integers(0, 20, 300)], dtype)
        assert_codes(a)
        assert_codes(a[::3])
        assert_codes(a[::-1])
        assert_codes(a.astype(a.dtype.newbyteorder(">")), levels=np.unique(a).tolist())


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_of_the_whole_range(dtype, rng):
    info = np.iinfo(dtype)
    a = np.array([info.max, info.min, 0, 1, info.max, info.max - 1, info.min + 1, 0], dtype)
    assert_codes(a)
    assert_codes(rng.integers(info.min, info.max, 5000, dtype, endpoint=True))


@pytest.mark.parametrize("origin", [-(2**63), -5, 0, 2**63 - 1 - 70_000])
@pytest.mark.parametrize("spread", [65_534, 65_535, 65_536, 65_537, 70_000])
def test_integers_about_the_range_from_which_they_are_sorted(origin, spread):
    a = np.array([origin + spread, origin, origin + spread // 2, origin], np.int64)
    assert_codes(a)


def test_one_integer():
    for dtype in INTEGERS:
        for value in (np.iinfo(dtype).min, np.iinfo(dtype).max):
            assert encode(np.array([value] * 3, dtype)).levels.tolist() == [value]


@pytest.mark.parametrize("n", [1, 255, 256, 257, 65_535, 65_536, 65_537])
def test_codes_have_the_smallest_dtype(n, rng):
    a = rng.permutation(n) * 3
    coded = assert_codes(a)
    assert coded.codes.dtype == (np.uint8 if n <= 255 else np.uint16 if n <= 65_535 else np.uint32)


def test_booleans(rng):
    a = rng.integers(0, 2, 100).astype(bool)
    assert_codes(a)
    assert_codes(a[::-3])
    for value in (False, True):
        assert encode(np.array([value])).levels.tolist() == [value]


def test_integers_of_several_chunks(rng):
    for a in (rng.integers(-500, 500, 2 * CHUNK + 7), rng.integers(0, 9, CHUNK + 1).astype("u1")):
        expected, inverse = np.unique(a, return_inverse=True)
        for threads in (1, 2, 3, 7):
            with num_threads(threads):
                coded = encode(a)
            assert coded.levels.tolist() == expected.tolist()
            np.testing.assert_array_equal(coded.codes, inverse)


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-300, 300), min_size=1))
def test_any_integers(labels):
    assert_codes(np.array(labels, np.int64))


@pytest.mark.parametrize("dtype", ["i8", "u8", ">i8", "u4"])
@pytest.mark.parametrize("n_levels", [3, 5000, 200_000])
def test_integers_of_a_wide_range(dtype, n_levels, rng):
    """Hashed where labels come often, sorted where nearly all are different."""
    info = np.iinfo(dtype)
    labels = rng.integers(info.min, info.max, n_levels, np.dtype(dtype).newbyteorder("="), True)
    a = labels[rng.integers(0, n_levels, 100_000)].astype(dtype)
    levels, inverse = np.unique(a, return_inverse=True)
    coded = encode(a)
    np.testing.assert_array_equal(coded.levels, levels)
    np.testing.assert_array_equal(coded.codes, inverse)
    assert coded.levels.dtype == a.dtype
    assert coded.codes.dtype == code_dtype(levels.size)


# Floats


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "longdouble", ">f8"])
def test_floats(dtype, rng):
    a = rng.integers(-3, 4, 200).astype(dtype) / np.array(4, dtype)
    assert_codes(a, levels=np.unique(a).tolist())
    a[::5] = NAN
    assert_codes(a, np.isnan(a), levels=np.unique(a[~np.isnan(a)]).tolist())


def test_zeros_of_both_signs_are_one_label():
    coded = encode(np.array([0.0, -0.0, 1.0, -0.0]))
    assert coded.levels.tolist() == [0.0, 1.0]
    assert coded.codes.tolist() == [0, 0, 1, 0]


def test_nan_of_any_sign_is_missing():
    coded = encode(np.array([NAN, -1.0, -NAN, np.inf, -np.inf]))
    assert coded.levels.tolist() == [-np.inf, -1.0, np.inf]
    assert coded.codes.tolist() == [3, 1, 3, 2, 0]


def test_nothing_but_missing_labels():
    for a in (np.full(3, NAN), np.array(["NaT"] * 3, "M8[s]"), objects([None, NAN, pd.NA])):
        coded = encode(a)
        assert coded.n_levels == len(coded.levels) == 0
        assert coded.codes.tolist() == [0, 0, 0]
        assert coded.invalid.all()


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("n_levels", [255, 256, 150_000])
def test_many_floats(dtype, n_levels, rng):
    a = rng.permutation(np.resize(np.arange(n_levels) - 100.0, 200_000) / 3).astype(dtype)
    for missing in (False, True):
        if missing:
            a[rng.integers(0, a.size, 9)] = NAN
        gone = np.isnan(a)
        levels, inverse = np.unique(a[~gone], return_inverse=True)
        coded = encode(a)
        np.testing.assert_array_equal(coded.levels, levels)
        np.testing.assert_array_equal(coded.codes[~gone], inverse)
        assert (coded.codes[gone] == levels.size).all()
        assert coded.codes.dtype == code_dtype(levels.size)


# Strings and dates


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 8, 9, 31])
@pytest.mark.parametrize("kind", ["U", "S", ">U"])
def test_strings_of_every_width(kind, width, rng):
    """Words that differ in any one place, shorter ones, and NUL inside."""
    words = ["x" * k for k in range(width + 1)] + ["x" * k + "y" for k in range(width)]
    words += ["\0" * k + "z" for k in range(width)]
    a = np.array(words, f"{kind}{width}")[rng.integers(0, len(words), 300)]
    assert_codes(a)
    assert_codes(a[::-3])
    packed = np.zeros(a.size, [("odd", "u1"), ("word", a.dtype)])
    packed["word"] = a
    assert_codes(packed["word"])


def test_many_strings(rng):
    a = np.char.add("id-", rng.integers(0, 30_000, 60_000).astype("U7"))
    levels, inverse = np.unique(a, return_inverse=True)
    for threads in (1, 3):
        with num_threads(threads):
            coded = encode(a)
        np.testing.assert_array_equal(coded.levels, levels)
        np.testing.assert_array_equal(coded.codes, inverse)


def test_strings_of_no_width():
    for dtype in ("U", "S"):
        coded = encode(np.zeros(3, f"{dtype}0"))
        assert coded.n_levels == 1
        assert coded.codes.tolist() == [0, 0, 0]


def test_strings_of_several_chunks(rng):
    a = np.array([b"a", b"bcd", b"b"])[rng.integers(0, 3, CHUNK + 9)]
    a[-1] = b"zzz"
    coded = assert_codes(a)
    assert coded.n_levels == 4


@pytest.mark.parametrize("kind", ["U", "S"])
def test_strings(kind, rng):
    words = ["b", "", "a", "ab", "B", "ü" if kind == "U" else "u", " a", "a "]
    a = np.array(words)[rng.integers(0, len(words), 200)]
    a = np.char.encode(a, "utf-8") if kind == "S" else a
    assert a.dtype.kind == kind
    assert_codes(a)
    assert_codes(a[::-2])


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="StringDType is NumPy 2's")
def test_strings_of_variable_width():
    a = np.array(["b", "a", "b", "a longer word than the others"], np.dtypes.StringDType())
    coded = encode(a)
    assert coded.levels.tolist() == ["a", "a longer word than the others", "b"]
    assert coded.codes.tolist() == [2, 0, 2, 1]


@pytest.mark.parametrize("kind", ["M8", "m8"])
@pytest.mark.parametrize("unit", ["ns", "s", "D", "Y"])
def test_dates_and_durations(kind, unit, rng):
    a = rng.integers(-5, 6, 100).astype(f"{kind}[{unit}]")
    assert_codes(a)
    a[::7] = "NaT"
    assert_codes(a, np.isnat(a))


# Objects


def test_objects_that_can_be_sorted(rng):
    for labels in (
        ["b", "a", "c"],
        [3, 1, 2],
        [2.5, 1, fractions.Fraction(1, 3)],
        [dt.date(2020, 5, 1), dt.date(2013, 1, 1)],
        [(1, "a"), (0, "b")],
        [b"x", b""],
        [decimal.Decimal("0.1"), decimal.Decimal("0.02")],
        [2**100, -(2**100), 0],
    ):
        coded = assert_codes(objects([labels[i] for i in rng.integers(0, len(labels), 40)]))
        assert coded.levels.dtype == object


@pytest.mark.parametrize(
    "missing",
    [
        None,
        NAN,
        np.float32(NAN),
        np.datetime64("NaT", "s"),
        np.timedelta64("NaT", "s"),
        pd.NA,
        pd.NaT,
        decimal.Decimal("NaN"),
        complex(NAN, 0),
    ],
    ids=repr,
)
def test_missing_objects(missing):
    coded = encode(objects(["b", missing, "a", missing, "b"]))
    assert coded.levels.tolist() == ["a", "b"]
    assert coded.codes.tolist() == [1, 2, 0, 2, 1]


def test_objects_that_cannot_be_compared_keep_their_order():
    labels = ["b", 1, None, "a", (1, 2), 1, NAN, "b", frozenset("x")]
    coded = encode(objects(labels))
    assert coded.levels.tolist() == ["b", 1, "a", (1, 2), frozenset("x")]
    assert coded.codes.tolist() == [0, 1, 5, 2, 3, 1, 5, 0, 4]


def test_equal_objects_are_one_label():
    coded = encode(objects([1, True, 1.0, np.int8(1), decimal.Decimal(1), 0]))
    assert coded.n_levels == 2
    assert coded.codes.tolist() == [1, 1, 1, 1, 1, 0]


def test_objects_that_are_equal_by_value_and_not_by_identity():
    words = ["".join(["a", "b"]) for _ in range(3)]
    assert encode(objects(words)).n_levels == 1


@pytest.mark.parametrize(
    ("label", "name"), [([1], "list"), ({}, "dict"), ({1}, "set"), (np.zeros(2), "ndarray")]
)
def test_labels_must_be_hashable(label, name):
    with pytest.raises(TypeError, match=f"labels must be hashable, got {name}"):
        encode(objects(["a", label, "b"]))


@given(st.lists(st.text(max_size=3) | st.none(), min_size=1))
def test_any_strings(labels):
    a = objects(labels)
    missing = np.array([label is None for label in labels])
    levels = sorted({label for label in labels if label is not None})
    coded = encode(a)
    assert coded.levels.tolist() == levels
    assert coded.invalid.tolist() == missing.tolist()
    assert [levels[c] for c in coded.codes[~missing]] == a[~missing].tolist()


def test_each_nan_is_missing():
    coded = encode(objects([float("nan") for _ in range(300)] + ["a"]))
    assert coded.levels.tolist() == ["a"]
    assert coded.codes.dtype == np.uint8
    assert coded.codes.tolist() == [1] * 300 + [0]


def test_missing_objects_that_hash_as_others_do():
    class Odd:
        """Has the hash of pd.NA, so that a dictionary compares the two."""

        def __hash__(self):
            return hash(pd.NA)

    odd = Odd()
    assert encode(objects([pd.NA, odd, pd.NA, odd])).codes.tolist() == [1, 0, 1, 0]
    assert encode(objects([odd, pd.NA, None, "a"])).codes.tolist() == [0, 2, 2, 1]


# Categories


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["b", None, "a", "b"], dtype="category"),
        pd.Series(pd.Categorical(["b", None, "a", "b"], ["z", "b", "a"], ordered=True)),
        pd.Categorical(["b", None, "a", "b"]),
        pd.CategoricalIndex(["b", None, "a", "b"]),
        pl.Series(["b", None, "a", "b"], dtype=pl.Categorical),
        pl.Series(["b", None, "a", "b"], dtype=pl.Enum(["z", "b", "a"])),
    ],
    ids=lambda column: f"{type(column).__module__.partition('.')[0]} {column.dtype}",
)
def test_categories(column):
    coded = labels_of(column)
    assert coded.levels.tolist() == ["a", "b"]
    assert coded.codes.tolist() == [1, 2, 0, 1]
    assert coded.codes.dtype == np.uint8


def test_categories_of_numbers_are_in_their_order():
    coded = labels_of(pd.Series([10, 9, 10, 2], dtype="category").iloc[:3])
    assert coded.levels.tolist() == [9, 10]
    assert coded.codes.tolist() == [1, 0, 1]


def test_no_categories():
    for column in (
        pd.Series([None], dtype="category"),
        pd.Categorical([NAN]),
        pl.Series([None], dtype=pl.Categorical),
    ):
        coded = labels_of(column)
        assert coded.n_levels == 0
        assert coded.codes.tolist() == [0]
    for other in ([1, 2], np.arange(3), pd.Series([1])):
        assert isinstance(Column.of(other, "x").form, Values)


# Labels that are nearly all different


@pytest.mark.parametrize(
    ("labels", "what"),
    [
        (np.arange(100), "100 different labels among 100 samples"),
        (np.arange(1000) * 10**12, "1000 different labels among 1000 samples"),
        (np.repeat(np.arange(151), 2)[:300] + np.eye(300)[5].astype(int) * 999, "151 different"),
        (np.arange(200).astype("M8[s]"), "200 different labels"),
        (np.resize(np.arange(101), 200).astype("u1"), "101 different"),
        (np.arange(500).astype(str), "500 different"),
        (np.arange(500).astype("S"), "500 different"),
        (np.arange(500) / 3, "500 different"),
        (objects(list(range(500))), "500 different"),
        (objects([(i, "a") for i in range(120)]), "120 different"),
    ],
)
def test_identifiers_get_a_warning(labels, what):
    message = f"x has {what}.*like an identifier: .*correction=.chance. of mutual"
    with pytest.warns(UserWarning, match=message):
        tell_if_unique(encode(labels), "x")


def test_a_warning_counts_the_samples_that_are_there():
    coded = encode(np.array([*range(60), *[-1] * 40]))
    missing = Coded(
        np.where(coded.codes == 0, 60, coded.codes - 1).astype("u1"), 60, None, coded.levels[1:]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tell_if_unique(missing, "x")  # 60 samples
    codes = np.concatenate([missing.codes, np.arange(60, dtype="u1"), np.full(500, 60, "u1")])
    repeated = Coded(codes, 60, None, missing.levels)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tell_if_unique(repeated, "x")  # twice each
    with pytest.warns(UserWarning, match="z has 60 different labels among 119 samples"):
        tell_if_unique(Coded(codes[1:], 60, None, missing.levels), "z")
    fifty = np.resize(np.arange(51, dtype="u1"), 153)  # the last code is missing
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tell_if_unique(Coded(fifty[:102], 50, None, None), "z")
    with pytest.warns(UserWarning, match="z has 51 different labels among 101 samples"):
        tell_if_unique(Coded(fifty[:101], 51, None, None), "z")


def test_other_labels_get_no_warning(rng):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for labels in (
            np.arange(99),
            np.arange(99).astype(str),
            np.resize(np.arange(100), 200),
            np.resize(np.arange(100), 200).astype(str),
            objects(list(range(99))),
            rng.integers(0, 2, 500).astype(bool),
        ):
            tell_if_unique(encode(labels), "x")


# Few values


@pytest.mark.parametrize("dtype", [*INTEGERS, ">i4", ">u8", "M8[s]", "m8[ns]", ">M8[D]"])
def test_integers_and_times_are_labels_up_to_32_values(dtype, rng):
    assert MOST_LABELS == 32
    for shift in (0, 50):
        few = (rng.permutation(np.repeat(np.arange(32), 4)) + shift).astype(dtype)
        many = (rng.permutation(np.repeat(np.arange(33), 4)) + shift).astype(dtype)
        assert few_values(few)
        assert not few_values(many)
        assert few_values(few[::2][:50])
        assert few_values(few[:1])
    if np.dtype(dtype).kind in "mM":  # NaT is no value
        gaps = np.insert(few, [0, 7, 100], np.array("NaT", dtype))
        assert few_values(gaps)
        assert few_values(gaps[:1])
        assert not few_values(np.insert(many, 3, np.array("NaT", dtype)))


def test_large_integers_of_few_values_are_told_apart():
    for origin in (2**53, 2**60, -(2**63)):
        assert few_values(np.arange(32) + origin)
        assert not few_values(np.arange(33) + origin)
    assert few_values(np.resize(np.array([0, 2**64 - 1, 2**64 - 2], np.uint64), 99))


# What the user says


def test_a_word_for_each_variable():
    for discrete, expected in (
        ("auto", [None, None]),
        (True, [True, True]),
        (np.bool_(False), [False, False]),
        ((True, "auto"), [True, None]),
        (["auto", np.bool_(True)], [None, True]),
        ({"x": True}, [True, None]),
        ({"y": False, "x": "auto"}, [None, False]),
        ({}, [None, None]),
    ):
        assert [said_discrete(discrete, i) for i in (0, 1)] == expected
    names = ("zip", "age", "x")
    assert [said_discrete({"age": True}, i, names) for i in range(3)] == [None, True, None]


@pytest.mark.parametrize(
    ("discrete", "message"),
    [
        ("yes", "discrete must be 'auto', True, False, a pair of those, or a mapping .*got 'yes'"),
        (1, "discrete must be .*got 1"),
        (None, "discrete must be .*got None"),
        ((True, 0), r"discrete must be .*got \(True, 0\)"),
        ((True, True, True), "discrete must be"),
        ({"z": True}, "discrete must name columns that are there, 'x', 'y', got 'z'"),
        ({"x": 1}, "discrete must say 'auto', True or False of 'x', got 1"),
        ({"x": "labels"}, "discrete must say 'auto', True or False of 'x', got 'labels'"),
        ({0: True}, "discrete must name columns that are there, 'x', 'y', got 0"),
    ],
)
def test_words_that_are_none(discrete, message):
    for place in (0, 1):
        with pytest.raises(ValueError, match=message):
            said_discrete(discrete, place)


# Tables of integers


def assert_table(a, b):
    table, x_levels, y_levels = count_integers(a, b)
    expected = np.zeros((np.unique(a).size, np.unique(b).size), np.int64)
    places = (np.unique(v, return_inverse=True)[1].reshape(-1) for v in (a, b))
    np.add.at(expected, tuple(places), 1)
    np.testing.assert_array_equal(table, expected)
    for levels, labels in ((x_levels, a), (y_levels, b)):
        np.testing.assert_array_equal(levels, np.unique(labels))
        assert levels.dtype == labels.dtype
    assert table.dtype == np.int64


@pytest.mark.parametrize("dtype", [*INTEGERS, ">i8", "?"])
def test_tables_of_integers(dtype, rng):
    low, high = (0, 1) if dtype == "?" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    for least in {low, max(low, high - 6)}:
        draws = rng.integers(0, min(7, high - low + 1), 5000)
        a = np.array([least + int(i) for i in draws]).astype(dtype)
        b = rng.integers(-2, 3, 5000)
        assert_table(a, b)
        assert_table(b[::-2], a[::-2])
        a.flags.writeable = False
        assert_table(a[:1], b[:1])


def test_tables_of_integers_of_several_chunks(rng):
    a, b = rng.integers(0, 90, 2 * CHUNK + 5), rng.integers(0, 70, 2 * CHUNK + 5)
    a[-3] = 95  # the range grows near the end
    for threads in (1, 3):
        with num_threads(threads):
            assert_table(a, b)
            assert_table(a // 10, a // 10)  # kept twice, each cell in a row of its own
    assert_table(np.zeros(CHUNK, int), np.zeros(CHUNK, int))


def test_ranges_too_large_for_a_table():
    wide = np.array([0, 10**6])
    assert count_integers(wide, wide) is None
    assert count_integers(np.array([-(2**63), 2**63 - 1]), np.array([1, 2])) is None
    assert count_integers(np.array([0.0]), np.array([1])) is None
    late = np.zeros(50_000, int)
    late[20_001] = 2**62
    assert count_integers(late, np.zeros(50_000, int)) is None


def test_labels_stay_as_they_are(rng):
    for a in (
        rng.integers(0, 9, 50),
        np.array([0.0, NAN, -0.0]),
        np.array(["b", "a"]),
        objects(["b", None, 1]),
        np.array(["2020", "NaT"], "M8[Y]"),
    ):
        a.flags.writeable = False
        before = a.tobytes()
        encode(a)
        assert a.tobytes() == before


# Distinct numbers


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "u1", "?", ">f4"])
def test_distinct_numbers(dtype, rng):
    a = rng.integers(0, 2 if dtype == "?" else 32, 500).astype(dtype)
    for b in (a, a[::3]):
        assert distinct_numbers(b, 32).tolist() == np.unique(b).tolist()


@pytest.mark.parametrize("limit", [1, 2, 32, 512])
def test_distinct_numbers_up_to_a_limit(limit, rng):
    a = rng.permutation(np.arange(limit) - limit // 2) / 7
    assert distinct_numbers(np.repeat(a, 3), limit).tolist() == sorted(a)
    assert distinct_numbers(np.append(a, 1e9), limit) is None
    assert distinct_numbers(np.append(1e9, a), limit) is None


def test_distinct_numbers_leave_out_nan():
    assert distinct_numbers(np.array([2.0, NAN, 1.0, -NAN]), 2).tolist() == [1.0, 2.0]
    assert distinct_numbers(np.array([NAN, NAN]), 1).tolist() == []
    assert distinct_numbers(np.array([np.inf, -np.inf, 0.0]), 3).tolist() == [-np.inf, 0, np.inf]


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("zeros", [[0.0, -0.0], [-0.0, 0.0]])
def test_zeros_of_both_signs_are_one_number(dtype, zeros):
    a = np.array([*zeros, 1.0, *zeros], dtype)
    assert distinct_numbers(a, 32).tolist() == [0.0, 1.0]
    assert distinct_numbers(a, 2) is not None


@pytest.mark.parametrize("origin", [2**53, 2**60, 2**63 - 3, -(2**63)])
def test_large_integers_are_distinct(origin):
    a = np.array([origin, origin + 1, origin, origin + 2])
    found = distinct_numbers(a, 32)
    assert found is not None
    assert [int(v) for v in found] == [origin, origin + 1, origin + 2]


def test_distinct_numbers_of_several_chunks(rng):
    a = np.zeros(2 * CHUNK + 3)
    a[-1], a[CHUNK], a[5] = 3.0, 2.0, 1.0
    assert distinct_numbers(a, 4).tolist() == [0, 1, 2, 3]
    assert distinct_numbers(a, 3) is None


@given(st.lists(st.floats()), st.integers(1, 40))
def test_distinct_numbers_of_anything(numbers, limit):
    expected = sorted({v for v in numbers if v == v})
    found = distinct_numbers(np.array(numbers, np.float64), limit)
    if len(expected) > limit:
        assert found is None
    else:
        assert found.tolist() == expected


# Unions of levels


def assert_union(a, b):
    """Each level of both is in the union, once, where its place says."""
    levels, a_places, b_places = join_levels(a, b)
    assert [levels[i] for i in a_places] == list(a)
    assert [levels[i] for i in b_places] == list(b)
    assert len(levels) == len({*a.tolist(), *b.tolist()})
    assert sorted({*a_places, *b_places}) == list(range(len(levels)))
    return levels


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.array([1, 3]), np.array([2, 3])),
        (np.array([1, 3]), np.array([1, 3])),
        (np.array([1, 3]), np.array([], int)),
        (np.array([], float), np.array([0.5])),
        (np.array([1, 3], "i1"), np.array([200], "i8")),
        (np.array([False]), np.array([True])),
        (np.array(["a", "longer"]), np.array(["b"])),
        (np.array([b"a"]), np.array([b"bc", b"d"])),
        (np.array([0.5]), np.array([-1.0, 0.5], "f4")),
        (np.array(["2020-01-01"], "M8[D]"), np.array(["2019-05-01"], "M8[D]")),
        (objects(["b", "c"]), objects(["a", "b"])),
        (objects(["b"]), np.array(["a", "b"])),
        (np.array([1, 2]), np.array([1.0, 1.5])),
        (np.array([2**63 - 1]), np.array([2**63, 2**64 - 1], "u8")),
        (np.array([2**53 + 1]), np.array([2.0**53])),
    ],
)
def test_join_levels(a, b):
    levels = assert_union(a, b)
    assert levels.tolist() == sorted({*a.tolist(), *b.tolist()})
    if a.dtype.kind == b.dtype.kind:
        assert levels.dtype == np.result_type(a, b)
    assert_union(b, a)


def test_join_levels_that_cannot_be_compared():
    assert assert_union(np.array([1, 2]), np.array(["a", "b"])).tolist() == [1, 2, "a", "b"]
    mixed = objects(["x", 1])
    assert assert_union(mixed, objects([(), 1])).tolist() == ["x", 1, ()]


@pytest.mark.parametrize("unit", ["s", "ns"])
def test_dates_are_no_integers(unit):
    levels, dates, integers = join_levels(np.array([0, 1], f"M8[{unit}]"), np.array([0, 1]))
    assert len(levels) == 4
    assert not set(dates.tolist()) & set(integers.tolist())


@given(st.lists(st.integers(-9, 9), unique=True), st.lists(st.integers(-9, 9), unique=True))
def test_join_any_levels(a, b):
    levels = assert_union(np.array(sorted(a), int), np.array(sorted(b), int))
    assert levels.tolist() == sorted({*a, *b})


# Kernels in a user's own function


@njit
def relabel(labels, least, span):
    seen = np.zeros(span, np.bool_)
    kernels.mark_integers(labels, least, seen)
    lookup = np.zeros(span, np.uint32)
    n = np.uint32(0)
    for i in range(span):
        if seen[i]:
            lookup[i] = n
            n += np.uint32(1)
    out = np.empty(labels.size, np.uint32)
    kernels.codes_from_integers(labels, least, lookup, out)
    return out


@njit
def count_distinct(x, limit):
    values = np.empty(limit)
    slots = np.full(1025, -1, np.int64)
    slots[1024] = 0
    return kernels.distinct(x, limit, values, slots)


@pytest.mark.parametrize("least", [0, 7, -(2**63), 2**63 - 50])
def test_codes_from_integers(least, rng):
    labels = least + rng.integers(0, 40, 200)
    codes = relabel(labels.view(np.uint64), np.uint64(least % 2**64), 50)
    assert codes.tolist() == np.unique(labels, return_inverse=True)[1].reshape(-1).tolist()


def test_distinct(rng):
    x = rng.integers(0, 50, 400) / 3
    n = np.unique(x).size
    assert count_distinct(x, 512) == count_distinct(x, n) == n
    assert count_distinct(x, n - 1) == n
    assert count_distinct(np.array([NAN]), 1) == 0


@njit
def table_of_integers(x, y, x_least, x_span, y_least, y_span, twice):
    cells = x_span * y_span
    table = np.zeros(2 * cells if twice else cells, np.uint32)
    inside = count_integer_pairs(
        x,
        y,
        np.uint64(x_least),
        np.uint64(x_span),
        np.uint64(y_least),
        np.uint64(y_span),
        np.uint64(cells if twice else 0),
        table,
    )
    return inside, table


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 319, 320, 321, 323, 639, 640, 641, 4097])
def test_count_integer_pairs(n, rng):
    x, y = rng.integers(0, 5, n), rng.integers(-3, 1, n)
    expected = np.zeros((5, 4), int)
    np.add.at(expected, (x, y + 3), 1)
    x, y = x.view(np.uint64), y.view(np.uint64)
    inside, table = table_of_integers(x, y, 0, 5, -3, 4, False)
    assert inside
    np.testing.assert_array_equal(table.reshape(5, 4), expected)
    inside, table = table_of_integers(x, y, 0, 5, -3, 4, True)
    assert inside
    np.testing.assert_array_equal(table.reshape(2, 5, 4).sum(axis=0), expected)
    for place in {0, n // 2, n - 1}:
        for labels in (x, y):
            own = labels[place]
            for outside in (5, -4, 2**32, -(2**32), 2**63 - 1):
                labels[place] = np.uint64(outside % 2**64)
                assert not table_of_integers(x, y, 0, 5, -3, 4, False)[0]
            labels[place] = own
    if n == 1:
        assert not table_of_integers(x, y, int(x[0]) + 1, 5, -3, 4, False)[0]
        assert not table_of_integers(x, y, 0, 5, int(y.view(np.int64)[0]) - 4, 4, False)[0]
