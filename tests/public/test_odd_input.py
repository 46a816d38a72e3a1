"""Labels and numbers in containers of any kind: the answer of a list, or an error by name."""

import array
import collections
import decimal
import fractions
import math
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from helpers import char_array
from hostile import OwnError, refuse

import fastinfo
from fastinfo.selection import MutualInfoSelector

N = 30
rng = np.random.default_rng(0)
X = rng.normal(size=(N, 2)).round(1)
WORDS = [("red", "green", "blue")[i % 7 % 3] for i in range(N)]
WHOLE = [i % 7 % 3 for i in range(N)]
FLOATS = [i % 11 / 2 for i in range(N)]


def chunked(values):
    return pa.chunked_array([values[:4], values[4:4], values[4:]])


#: Containers by what they hold.
OF_WORDS = {
    "tuple": tuple(WORDS),
    "array": np.array(WORDS),
    "objects": np.array(WORDS, object),
    "StringDType": np.array(WORDS, np.dtypes.StringDType()),
    "char.array": char_array(WORDS),
    "str_": [np.str_(word) for word in WORDS],
    "deque": collections.deque(WORDS),
    "UserList": collections.UserList(WORDS),
    "column": np.array(WORDS)[:, None],
    "Series": pd.Series(WORDS, index=range(N, 0, -1)),
    "Index": pd.Index(WORDS),
    "Categorical": pd.Categorical(WORDS),
    "CategoricalIndex": pd.CategoricalIndex(WORDS, ["green", "no", "blue", "red"]),
    "string": pd.array(WORDS, "string"),
    "python string": pd.array(WORDS, pd.StringDtype("python")),
    "ArrowDtype": pd.array(WORDS, pd.ArrowDtype(pa.string())),
    "frame": pd.DataFrame({"y": WORDS}),
    "polars": pl.Series(WORDS),
    "polars categories": pl.Series(WORDS, dtype=pl.Categorical),
    "polars Enum": pl.Series(WORDS, dtype=pl.Enum(["no", "red", "green", "blue"])),
    "polars frame": pl.DataFrame({"y": WORDS}),
    "arrow": pa.array(WORDS),
    "arrow chunks": chunked(pa.array(WORDS)),
    "arrow dictionary": chunked(pa.array(WORDS).dictionary_encode()),
    "arrow views": pa.array(WORDS, pa.string_view()),
    "arrow table": pa.table({"y": WORDS}),
}
OF_WHOLE = {
    "tuple": tuple(WHOLE),
    "array": np.array(WHOLE),
    "small": np.array(WHOLE, np.int8),
    "swapped": np.array(WHOLE, ">i4"),
    "float16": np.array(WHOLE, np.int16)[::-1][::-1],
    "array.array": array.array("q", WHOLE),
    "memoryview": memoryview(np.array(WHOLE)),
    "bytes": memoryview(bytes(WHOLE)),
    "deque": collections.deque(WHOLE),
    "Series": pd.Series(WHOLE, index=range(N, 0, -1)),
    "Index": pd.Index(WHOLE),
    "Int64": pd.array(WHOLE, "Int64"),
    "UInt8": pd.Series(WHOLE, dtype="UInt8"),
    "Sparse": pd.arrays.SparseArray(WHOLE),
    "ArrowDtype": pd.Series(WHOLE, dtype=pd.ArrowDtype(pa.int16())),
    "Categorical": pd.Categorical(WHOLE),
    "polars": pl.Series(WHOLE, dtype=pl.UInt16),
    "arrow": pa.array(WHOLE),
    "arrow chunks": chunked(pa.array(WHOLE, pa.int8())),
}
OF_FLOATS = {
    "array": np.array(FLOATS),
    "float16": np.array(FLOATS, np.float16),
    "longdouble": np.array(FLOATS, np.longdouble),
    "swapped": np.array(FLOATS, ">f8"),
    "strided": np.repeat(FLOATS, 2)[::2],
    "array.array": array.array("d", FLOATS),
    "memoryview": memoryview(np.array(FLOATS)),
    "fractions": [fractions.Fraction(x) for x in FLOATS],
    "decimals": [decimal.Decimal(x) for x in FLOATS],
    "Float64": pd.array(FLOATS, "Float64"),
    "Index": pd.Index(FLOATS),
    "ArrowDtype": pd.Series(FLOATS, dtype=pd.ArrowDtype(pa.float64())),
    "Sparse": pd.Series(pd.arrays.SparseArray(FLOATS)),
    "polars": pl.Series(FLOATS),
    "polars decimals": pl.Series([decimal.Decimal(x) for x in FLOATS]),
    "arrow": chunked(pa.array(FLOATS)),
}
#: Where scikit-learn's own rules refuse them, which the functions of its names keep.
REFUSED = {
    "StringDType": {"selector"},
    "arrow table": {"mutual_info_score"},
    "column": {"mutual_info_score"},
    "frame": {"mutual_info_score"},
    "polars frame": {"mutual_info_score"},
}
CASES = [
    pytest.param(values, made, REFUSED.get(name, set()), id=f"{name} of {kind}")
    for kind, values, containers in (
        ("words", WORDS, OF_WORDS),
        ("whole numbers", WHOLE, OF_WHOLE),
        ("floats", FLOATS, OF_FLOATS),
    )
    for name, made in containers.items()
]

#: What is called with a target.
CALLS = {
    "mutual_information": lambda y: fastinfo.mutual_information(X[:, 0], y),
    "conditional": lambda y: fastinfo.conditional_mutual_information(X[:, 0], y, X[:, 1], bins=3),
    "contingency_table": lambda y: fastinfo.contingency_table(y, WHOLE)[0].tolist(),
    "from_labels": lambda y: fastinfo.JointCounts.from_labels(WHOLE, y).table.tolist(),
    "mutual_info_score": lambda y: fastinfo.adjusted_mutual_info_score(WHOLE, y),
    "permutation_test": lambda y: fastinfo.permutation_test(X[:, 0], y, n_permutations=19, seed=1),
    "rank_features": lambda y: [tuple(row) for row in fastinfo.rank_features(X, y)],
    "select_features": lambda y: fastinfo.select_features(X, y, 1).names,
    "selector": lambda y: MutualInfoSelector(1).fit(X, y).get_support().tolist(),
    "column of a mapping": lambda y: [
        tuple(row) for row in fastinfo.rank_features({"a": X[:, 0], "y": y}, "y")
    ],
}


def outcome(call, y):
    try:
        return call(y)
    except (TypeError, ValueError) as error:
        return type(error)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("values", "made", "refused"), CASES)
def test_containers_of_a_target_have_the_answer_of_a_list(values, made, refused):
    for name, call in CALLS.items():
        expected, got = outcome(call, values), outcome(call, made)
        assert repr(got) == repr(expected) or (name in refused and isinstance(got, type)), name


class Raising:
    __array__ = refuse


class Wrapped:
    """What has the name of a column of narwhals, and is none."""

    __module__ = "narwhals.series"


class Named:
    """What says that it has columns."""

    columns = column_names = property(lambda self: ["a"])


NO_COLUMNS = {
    "no value": pd.NA,
    "class of pandas": pd.Series,
    "class of Polars": pl.Series,
    "expression": pl.col("a"),
    "type": pa.int64(),
    "schema": pa.schema([("a", pa.int64())]),
    "groups": pd.Series(WHOLE).groupby(WHOLE),
    "window": pd.Series(WHOLE).rolling(2),
    "nested": pl.Series([[i] for i in WHOLE]),
    "struct": pa.array([{"a": i} for i in WHOLE]),
    "values": dict(enumerate(WHOLE)).values(),
    "generator": (i for i in WHOLE),
    "number": np.array(1.0),
    "record": np.void(b"abc"),
    "masked": np.ma.array(WHOLE, mask=np.array(WHOLE) == 1),
    "structured": np.zeros(N, "i4,f4"),
    "complex": np.ones(N, complex),
    "without rows": np.empty((0, 2**40)),
    "wrapped": Wrapped(),
    "named": Named(),
    "frame of two": pd.DataFrame({"a": WHOLE, "b": WHOLE}),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("made", NO_COLUMNS.values(), ids=NO_COLUMNS)
def test_what_is_no_column_is_refused_by_name(made):
    said = re.compile(r"\b(x|y|labels_pred|column 'y'|labels?)\b")
    for name, call in CALLS.items():
        if name == "selector":  # scikit-learn's own words
            continue
        with pytest.raises((TypeError, ValueError), match=said):
            call(made)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_error_of_an_objects_own_passes_on(call):
    with pytest.raises(OwnError):
        call(Raising())


def test_an_error_of_a_library_is_the_cause():
    with pytest.raises(TypeError, match=r"^y must be an array, got _Meta: ") as caught:
        fastinfo.rank_features(X, pl.Series)
    assert isinstance(caught.value.__cause__, AttributeError)


# Options


@pytest.mark.parametrize("seed", [[[1, 2]], "7", [1.5], {1: 2}])
def test_seeds_that_hold_more_than_integers_are_refused(seed):
    """NumPy goes into some of them without end."""
    with pytest.raises(TypeError, match=r"^seed must"):
        fastinfo.permutation_test(X[:, 0], WHOLE, n_permutations=9, seed=seed)


@pytest.mark.parametrize("seed", [7, np.uint8(7), [7], (7, 2**70), np.array([7, 8])])
def test_seeds_of_integers_are_those_of_numpy(seed):
    found = [
        fastinfo.permutation_test(X[:, 0], WHOLE, n_permutations=99, seed=given).pvalue
        for given in (seed, np.random.SeedSequence(seed))
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("truth", [True, 1, 2, 2**70, "yes", math.inf])
def test_any_truth_asks_for_the_gradient_once(truth):
    found = fastinfo.sigmoid_cross_entropy(X[:, 0], [0, 1] * 15, return_grad=truth)
    assert len(found) == 2


def test_counts_merge_with_counts_alone():
    counts = fastinfo.JointCounts.from_labels(WHOLE, WHOLE)
    for other in (pd.array([1, 2]), pl.Series([1]), np.ones((3, 3)), None):
        with pytest.raises(TypeError, match=r"^other must be JointCounts"):
            counts.merge(other)


SIGNALING = decimal.Decimal("sNaN")


@pytest.mark.parametrize(
    ("name", "arguments", "options"),
    [
        ("histogram", (X[:, 0],), {"bins": SIGNALING}),
        ("mutual_information", (X[:, 0], X[:, 1]), {"bins": SIGNALING}),
        ("mutual_information", (X[:, 0], X[:, 1]), {"bins": pl.Series([1], dtype=pl.Int128)}),
        ("total_correlation", (X,), {"bins": {"a": 3, "b": 4}}),
        ("total_correlation", ({"a": FLOATS},), {"range": {"a": (0, 1)}}),
        ("discretize", (X,), {"range": (SIGNALING, 1)}),
        ("expected_mutual_information", ([[1, 2], [3, 4]],), {"n_samples": 10**400}),
        ("softmax", (X,), {"axis": memoryview(np.zeros((2, 2)))}),
        ("mutual_info_regression", ([[10**400]] * 3, [1.0, 2.0, 3.0]), {}),
        ("mutual_info_regression", (X, [10**400] * N), {}),
        ("entropy", ([0.5, 0.5],), {"base": pd.Index(pa.array([None]))}),
    ],
)
def test_odd_options_are_refused_by_name(name, arguments, options):
    said = "|".join([*options, "X must", "y must"])
    with pytest.raises((TypeError, ValueError), match=said):
        getattr(fastinfo, name)(*arguments, **options)


def test_a_list_that_is_refused_is_shown_in_short():
    with pytest.raises(TypeError) as caught:
        fastinfo.entropy([0.5, 0.5], base=[1.0] * 10**6)
    assert len(str(caught.value)) < 300
