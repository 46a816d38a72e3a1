"""Odd arguments: containers of all libraries, arrays of all kinds, objects that raise or lie.

Each maker takes random numbers and the clean argument; what it makes holds the same values where
that can be.
"""

import array
import collections
import datetime as dt
import decimal
import fractions
import math
import types
import uuid

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import scipy.sparse
from fuzzing import pick
from helpers import char_array
from hostile import DTYPES, LAYOUTS, OBJECTS, OwnError, Unlike, cast, refuse, spoil

# Values


def vector(a):
    """The clean argument as floats of one dimension, where it is numbers at all."""
    try:
        return np.asarray(a, np.float64).reshape(-1)
    except (TypeError, ValueError):
        return np.arange(12.0)


def whole(a):
    return np.floor(np.nan_to_num(vector(a), posinf=1.0, neginf=0.0)).astype(np.int64)


def texts(a):
    return [f"v{value}" for value in whole(a)]


def with_none(values, rng):
    """Some of which are missing, a few or all."""
    gone = rng.random(len(values)) < pick(rng, [0.0, 0.2, 1.0])
    return [None if g else v for g, v in zip(gone, values, strict=True)]


DAY = dt.date(2020, 2, 29)


def dates(a):
    return [DAY + dt.timedelta(days=int(v)) for v in whole(a) % 1000]


def times(a):
    return [dt.datetime.combine(day, dt.time(3, 4, 5, 6)) for day in dates(a)]


# Columns of libraries

ARROW = [
    pa.int8(),
    pa.uint64(),
    pa.float16(),
    pa.float32(),
    pa.float64(),
    pa.bool_(),
    pa.decimal128(20, 3),
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.null(),
    pa.list_(pa.float64()),
    pa.struct([("a", pa.int64())]),
    pa.dictionary(pa.int8(), pa.string()),
    pa.date32(),
    pa.timestamp("us", "UTC"),
    pa.duration("s"),
    pa.time64("ns"),
    pa.month_day_nano_interval(),
]


def values_of_arrow(kind, a, rng):
    """Python values that a type of Arrow holds."""
    is_ = pa.types
    if is_.is_null(kind):
        return [None] * len(vector(a))
    if is_.is_list(kind):
        found = [[v] for v in vector(a)]
    elif is_.is_struct(kind):
        found = [{"a": v} for v in whole(a).tolist()]
    elif is_.is_dictionary(kind) or "string" in str(kind):
        found = texts(a)
    elif is_.is_boolean(kind):
        found = (whole(a) % 2 == 1).tolist()
    elif is_.is_date(kind):
        found = dates(a)
    elif is_.is_timestamp(kind):
        found = times(a)
    elif is_.is_interval(kind):
        found = [pa.MonthDayNano([1, int(v) % 9, 0]) for v in whole(a)]
    elif is_.is_duration(kind):
        found = [dt.timedelta(seconds=int(v)) for v in whole(a) % 1000]
    elif is_.is_time(kind):
        found = [dt.time(int(v) % 24) for v in whole(a)]
    elif is_.is_decimal(kind):
        found = [decimal.Decimal(int(v) % 999) / 4 for v in whole(a)]
    elif is_.is_integer(kind):
        found = [int(v) % 100 for v in whole(a)]
    else:
        found = [np.float16(v) for v in vector(a)] if kind == pa.float16() else vector(a).tolist()
    return with_none(found, rng)


def arrow(rng, a):
    kind = pick(rng, ARROW)
    values = values_of_arrow(kind, a, rng)
    whole_ = pa.array(values, kind)
    half = len(values) // 2
    return pick(
        rng,
        [
            lambda: whole_,
            lambda: pa.chunked_array([whole_[:half], whole_[half:]]),
            lambda: pa.chunked_array([whole_[:half], whole_[:0], whole_[half:]]),
            lambda: pa.chunked_array([], kind),
            lambda: whole_[::-1] if kind != pa.null() else whole_,
            lambda: list(whole_),  # scalars
            lambda: whole_[0] if values else whole_,
            lambda: pa.table({"only": whole_}),
            lambda: pa.record_batch({"a": whole_, "b": whole_}),
            lambda: kind,
            lambda: pa.schema([("a", kind)]),
            lambda: pd.Series(whole_, dtype=pd.ArrowDtype(kind)),
            lambda: pd.Index(pd.array(values, pd.ArrowDtype(kind))),
            lambda: pl.from_arrow(whole_) if "interval" not in str(kind) else whole_,
        ],
    )()


def pandas_arrays(rng, a):
    n, v, w = len(vector(a)), vector(a), whole(a)
    return pick(
        rng,
        [
            lambda: pd.array(with_none(w.tolist(), rng), "Int64"),
            lambda: pd.array(with_none((w % 100).tolist(), rng), "UInt8"),
            lambda: pd.array(with_none(v.tolist(), rng), "Float32"),
            lambda: pd.array(with_none((w % 2 == 1).tolist(), rng), "boolean"),
            lambda: pd.array(with_none(texts(a), rng), "string"),
            lambda: pd.array(with_none(texts(a), rng), pd.StringDtype("python")),
            lambda: pd.Categorical(with_none(texts(a), rng)),
            lambda: pd.Categorical(w.tolist(), ordered=True),
            lambda: pd.Categorical.from_codes([-1] * n, ["a"]),
            lambda: pd.Categorical.from_codes([-1] * n, []),
            lambda: pd.Categorical(dates(a)),
            lambda: pd.arrays.SparseArray(v),
            lambda: pd.arrays.IntervalArray.from_breaks(range(n + 1)),
            lambda: pd.DatetimeIndex(times(a)).array,
            lambda: pd.DatetimeIndex(times(a), tz="Europe/Berlin"),
            lambda: pd.PeriodIndex(times(a), freq="M"),
            lambda: pd.TimedeltaIndex(w % 1000, "s"),
            lambda: pd.RangeIndex(n),
            lambda: pd.MultiIndex.from_arrays([w, w]),
            lambda: pd.Index(v),
            lambda: pd.Index(texts(a)),
            lambda: pd.Index([], dtype=object),
        ],
    )()


def pandas(rng, a):
    column = pandas_arrays(rng, a)
    values = column if not isinstance(column, pd.MultiIndex) else list(column)
    return pick(
        rng,
        [
            lambda: column,
            lambda: pd.Series(values, index=range(len(column), 0, -1)),
            lambda: pd.Series(values, name=pick(rng, ["a", 3, None, ("a", "b"), math.nan])),
            lambda: pd.Series(values).to_frame(),
            lambda: pd.DataFrame({"a": values, "b": values}),
            lambda: pd.DataFrame([[*range(3)]] * len(column), columns=["a", "a", None]),
            lambda: pd.DataFrame(index=range(len(column))),
            lambda: pd.Series(values).groupby(np.zeros(len(column))),
            lambda: pd.Series(values).rolling(2),
            lambda: column[0] if len(column) else column,
            lambda: pick(rng, [pd.NA, pd.NaT, pd.Series, pd.Timestamp(0), column.dtype, pd]),
        ],
    )()


def polars(rng, a):
    v, w = vector(a), whole(a)
    column = pick(
        rng,
        [
            lambda: pl.Series("v", v),
            lambda: pl.Series(with_none(w.tolist(), rng), dtype=pl.Int64),
            lambda: pl.Series(w, dtype=pl.Int128),
            lambda: pl.Series(with_none(texts(a), rng), dtype=pl.String),
            lambda: pl.Series(texts(a), dtype=pl.Categorical),
            lambda: pl.Series(texts(a), dtype=pl.Enum(sorted(set(texts(a))))),
            lambda: pl.Series([[x] for x in v], dtype=pl.List(pl.Float64)),
            lambda: pl.Series([{"a": x} for x in v], dtype=pl.Struct({"a": pl.Float64})),
            lambda: pl.Series([object() for _ in v], dtype=pl.Object),
            lambda: pl.Series([decimal.Decimal(int(x) % 99) for x in w]),
            lambda: pl.Series(times(a)).dt.replace_time_zone("UTC"),
            lambda: pl.Series([b"x"] * len(v)),
            lambda: pl.Series([None] * len(v)),
            lambda: pl.Series([], dtype=pl.Float64),
            lambda: pl.Series(with_none((w % 2 == 1).tolist(), rng), dtype=pl.Boolean),
        ],
    )()
    return pick(
        rng,
        [
            lambda: column,
            lambda: column,
            lambda: column.to_frame("a"),
            lambda: pl.DataFrame({"a": column, "b": column}),
            lambda: column.to_frame("a").lazy(),
            lambda: pl.col("a"),
            lambda: column.dtype,
            lambda: pl.Series,
            lambda: column.to_list(),
        ],
    )()


# Containers of Python and of NumPy


def containers(rng, a):
    n, v = len(vector(a)), vector(a)
    return pick(
        rng,
        [
            lambda: memoryview(v),
            lambda: memoryview(v)[::-1],
            lambda: memoryview(bytearray(n)),
            lambda: memoryview(v).cast("B").cast("B", [n, 8]) if n else v,
            lambda: array.array("d", v),
            lambda: array.array("u", "a" * n),
            lambda: collections.deque(v),
            lambda: collections.UserList(v),
            lambda: dict(enumerate(v)).values(),
            lambda: dict.fromkeys(v.tolist()).keys(),
            lambda: dict(enumerate(v)).items(),
            lambda: {"a": v, "b": texts(a)},
            lambda: {"a": v, 1: v[:1]},
            lambda: {"a": 1.0},
            dict,
            lambda: types.MappingProxyType({"a": v, "b": v}),
            lambda: collections.ChainMap({"a": v}),
            lambda: (x for x in v),
            lambda: map(float, v),
            lambda: range(n),
            lambda: zip(v, v, strict=True),
            lambda: set(v),
            lambda: frozenset(texts(a)),
            lambda: bytes(n),
            lambda: bytearray(n),
            lambda: "a" * n,
            lambda: collections.Counter(texts(a)),
            lambda: v.tolist(),
            lambda: tuple(v),
            lambda: texts(a),
            lambda: tuple(texts(a)),
            lambda: dates(a),
            lambda: times(a),
            lambda: [fractions.Fraction(int(x), 7) for x in whole(a)],
            lambda: [decimal.Decimal(int(x)) for x in whole(a)],
            lambda: [decimal.Decimal("sNaN"), decimal.Decimal("inf")] * (n // 2),
            lambda: [uuid.UUID(int=int(x) % 9) for x in whole(a)],
            lambda: [object()] * n,
            lambda: [[x] for x in v],
            lambda: [np.array(x) for x in v],
            lambda: [np.array([x]) for x in v],
            lambda: [pd.NA, None, math.nan, pd.NaT] * (n // 4),
            lambda: [pd.Timestamp(t) for t in times(a)],
            lambda: [pd.Period(t, "M") for t in times(a)],
            lambda: [pd.Interval(0, 1)] * n,
            lambda: [slice(0, 1)] * n,
            lambda: [Ellipsis] * n,
            lambda: [1j] * n,
            lambda: [2**70, 2**71 + 1] * (n // 2),
            lambda: [10**400] * n,
            lambda: [True, 1, 1.0, "1"] * (n // 4),
            lambda: [b"a", "a"] * (n // 2),
            lambda: ["a\0", "a"] * (n // 2),
            lambda: [()] * n,
            lambda: [(), (1,)] * (n // 2),
            lambda: [frozenset(), frozenset([1])] * (n // 2),
            lambda: scipy.sparse.csr_array(v[None]),
            lambda: scipy.sparse.coo_matrix(v[None]),
            lambda: types.SimpleNamespace(shape=(n,), dtype=np.dtype(float)),
        ],
    )()


class Finalizing(np.ndarray):
    """A subclass whose views raise, or have another shape than asked for."""

    mood = "quiet"

    def __array_finalize__(self, other):
        mood = getattr(other, "mood", "quiet")
        if mood == "raising":
            raise OwnError("no view")
        if mood == "flat" and self.ndim > 1:
            self.shape = (-1,)


def finalizing(rng, a):
    found = np.array(a).view(Finalizing)
    found.mood = pick(rng, ["raising", "flat"])
    return found


class Shapeless(np.ndarray):
    """A subclass that lies about itself."""

    shape = (3,)
    ndim = 1
    dtype = np.dtype("f4")
    size = 3


class Long(np.ndarray):
    def __len__(self):
        return 10**6

    __iter__ = refuse
    reshape = astype = view = refuse


def arrays(rng, a):
    whole_ = np.asarray(a)
    if whole_.dtype.kind not in "biuf":
        whole_ = np.arange(12.0)
    whole_numbers = np.abs(np.floor(whole_)).astype(np.int64) % 4
    dtype = pick(rng, DTYPES)
    places = [tuple(rng.integers(0, 99, 2).tolist()) for _ in range(rng.integers(3))]
    odd = pick(rng, LAYOUTS)(spoil(cast(whole_numbers, dtype), places if whole_.size else []))
    empty = (0, *whole_.shape[1:])
    return pick(
        rng,
        [
            lambda: odd,
            lambda: odd,
            lambda: odd,
            lambda: odd,
            lambda: np.zeros(empty, dtype),
            lambda: np.zeros((*whole_.shape[:1], 0), dtype),
            lambda: np.array(1).astype("U") if dtype.kind in "SU" else np.zeros((), dtype),
            lambda: odd.reshape(-1)[0] if odd.size else odd,
            lambda: np.asmatrix(whole_),
            lambda: np.asmatrix(whole_).T,
            lambda: np.ma.array(whole_, mask=whole_ > 0),
            lambda: np.ma.array(whole_),
            lambda: np.zeros(whole_.shape, [("a", "f8"), ("b", "O")]),
            lambda: np.zeros(whole_.shape, [("a", "f8")]),
            lambda: np.rec.array([(1.0, 2)] * len(vector(a))),
            lambda: np.void(b"abc"),
            lambda: np.zeros(whole_.shape, "V0"),
            lambda: np.zeros(whole_.shape, "U0"),
            lambda: np.array(texts(a), np.dtypes.StringDType()),
            lambda: np.array(with_none(texts(a), rng), np.dtypes.StringDType(na_object=None)),
            lambda: char_array(texts(a)),
            lambda: whole_.view(Unlike) if whole_.ndim else whole_,
            lambda: finalizing(rng, whole_),
            lambda: whole_.copy().view(Shapeless),
            lambda: whole_.copy().view(Long),
            lambda: whole_[..., None],
            lambda: whole_[None],
            lambda: whole_.reshape(-1)[: rng.integers(4)],
            lambda: np.broadcast_to(whole_.reshape(-1)[:1], whole_.shape),
            lambda: np.empty((0, 2**40)),
            lambda: np.frompyfunc(lambda x: x, 1, 1)(whole_),
            lambda: np.zeros(whole_.shape, "M8[Y]"),
            lambda: np.zeros(whole_.shape, "m8[s]"),
            lambda: np.full(whole_.shape, np.datetime64("NaT", "s")),
            lambda: np.random.default_rng(0),
        ],
    )()


# Objects


def _answers(*values):
    """A method that raises, or returns one of these."""
    return [refuse, *(lambda *args, v=value, **options: v for value in values)]


def _few(*args):
    yield 1.0
    yield 2.0


def _breaking(*args):
    yield 1.0
    raise OwnError("no more")


def _self(self, *args, **options):
    return self


def _until(n):
    def item(self, i):
        if not isinstance(i, int):
            raise OwnError("no such item")
        if i >= n:
            raise IndexError(i)
        return float(i)

    return item


#: What methods answer; those of properties are called without arguments.
ANSWERS = {
    "__len__": _answers(-1, 0, 3, 12, 2**62, 1.5, None, "3"),
    "__iter__": [refuse, _few, _breaking, _self, *_answers(None, iter(()))],
    "__getitem__": [_until(2), _until(12), _self, *_answers(1.0, None, "a")],
    "__contains__": _answers(True, None),
    "__array__": [_self, *_answers([1.0] * 12, None, np.float64(1), np.ones(3), np.ones(12, "O"))],
    "__array_ufunc__": _answers(None, NotImplemented),
    "__array_function__": _answers(None, NotImplemented),
    "__arrow_c_stream__": _answers(None, 1),
    "__arrow_c_array__": _answers(None, (1, 2)),
    "__dataframe__": _answers(None),
    "__dlpack__": _answers(None, 5),
    "__dlpack_device__": _answers((1, 0), None),
    "__bool__": _answers(True, None, 3),
    "__eq__": _answers(True, None, np.ones(2, bool)),
    "__ne__": _answers(True, None, np.ones(2, bool)),
    "__lt__": _answers(True, None, np.ones(2, bool)),
    "__hash__": _answers(1, None, -1, "a"),
    "__index__": _answers(-1, 2, 2**70, 1.5, None),
    "__int__": _answers(2, None),
    "__float__": _answers(1.5, math.nan, None, "a"),
    "__complex__": _answers(1j),
    "__fspath__": _answers("no such file", b"no such", 3),
    "__repr__": _answers("", None),
    "__str__": _answers("", None),
}
PROPERTIES = {
    "shape": _answers((3,), (12,), (12, 3), (-1,), (), (2**62,), None, "ab", 5, ("a",)),
    "ndim": _answers(0, 1, 2, -1, 2**70, None, "1"),
    "size": _answers(0, 12, None),
    "dtype": _answers(np.dtype(float), np.dtype("c16"), "f8", None, object(), float, int),
    "type": _answers(pa.int64(), "int64", None),
    "name": _answers("a", [], None),
    "columns": _answers(["a"], [], None, 3, ["a", "a"]),
    "column_names": _answers(["a"], [], None, 3),
    "iloc": _answers(None, [1]),
    "schema": _answers(None, {"a": 1}),
    "keys": _answers(lambda: ["a"], None, lambda: [[]]),
    "items": _answers(lambda: [("a", [1.0])], None, lambda: [1]),
    "get_columns": _answers(list, lambda: [1], None),
    "to_native": _answers(lambda: None, lambda: [1.0] * 12, None),
    "to_numpy": _answers(lambda *args: None, None),
    "cat": _answers(None),
    "is_nested": _answers(True, None),
    "__array_interface__": _answers(None, {}, {"version": 3}),
}
MODULES = [*[__name__] * 6, "pandas", "polars", "pyarrow.lib", "narwhals", "dask", "duckdb", ""]
NAMES = [*["Odd"] * 6, "DataFrame", "LazyFrame", "Series", "Period", "NAType", "Table", "Dataset"]
BASES = [object, object, object, object, collections.abc.Mapping, list, dict, float, int, str]


def liar(rng, a=None):
    """An object of a class of its own."""
    base = pick(rng, BASES)
    body = {"__module__": pick(rng, MODULES)}
    for name in rng.choice([*ANSWERS, *PROPERTIES], int(rng.integers(1, 6)), replace=False):
        method = pick(rng, (ANSWERS | PROPERTIES)[name])
        body[str(name)] = property(method) if name in PROPERTIES else method
    if base is collections.abc.Mapping:
        body = {"__len__": lambda s: 1, "__iter__": lambda s: iter("a")} | body
        body.setdefault("__getitem__", lambda s, key: [1.0] * 12)
    kind = type(pick(rng, NAMES), (base,), body)
    arguments = {list: ([1.0] * 12,), dict: ({"a": [1.0] * 12},), float: (1.5,), int: (2,)}
    return kind(*arguments.get(base, ()))


def liars(rng, a):
    """One of them, or several in a list or an array."""
    n = len(vector(a))

    def filled():
        found = np.empty(n, object)
        found[:] = [liar(rng)] * n
        return found

    def among():
        found = np.empty(n, object)
        found[:] = vector(a)
        if n:
            found[-1] = liar(rng)
        return found

    return pick(
        rng,
        [
            lambda: liar(rng),
            lambda: liar(rng),
            lambda: [liar(rng)] * n,
            lambda: [*vector(a)[1:], liar(rng)],
            filled,
            among,
            lambda: [*texts(a)[1:], liar(rng)],
            lambda: {"a": liar(rng), "b": vector(a)},
            lambda: {liar_of_keys(rng): vector(a)},
        ],
    )()


def liar_of_keys(rng):
    """What can be a key, at least until it is asked twice."""
    for _ in range(9):
        found = liar(rng)
        try:
            hash(found)
        except (TypeError, OwnError):
            continue
        return found
    return 1


def objects(rng, a):
    return pick(rng, [make for make, _ in OBJECTS.values()])(np.asarray(a))


# Single values

SCALARS = [
    None,
    True,
    False,
    np.True_,
    0,
    1,
    -1,
    2,
    3,
    7,
    2**31,
    2**63,
    2**70,
    -(2**70),
    10**400,
    0.0,
    -0.0,
    0.5,
    1.5,
    5e-324,
    1e308,
    math.nan,
    math.inf,
    -math.inf,
    np.int8(3),
    np.uint64(2**64 - 1),
    np.float16(0.5),
    np.float32(2.0),
    np.longdouble(2.5),
    np.complex128(1),
    1j,
    decimal.Decimal(2),
    decimal.Decimal("0.5"),
    decimal.Decimal("NaN"),
    decimal.Decimal("sNaN"),
    decimal.Decimal("1e999999"),
    fractions.Fraction(1, 2),
    fractions.Fraction(10**400, 3),
    np.array(2),
    np.array(2.0),
    np.array("fd"),
    np.array(None),
    np.array([2]),
    np.array([[2]]),
    [2],
    (2, 3),
    (2,),
    [],
    (),
    {},
    set(),
    [None],
    [None, None],
    ["fd", 3],
    [[0, 1], [0, 1, 2]],
    [[]],
    (0, 1),
    (1, 0),
    (math.nan, 1),
    (0, math.inf),
    (-1e308, 1e308),
    (decimal.Decimal(0), decimal.Decimal(1)),
    (fractions.Fraction(0), 1),
    ((0, 1), (0, 1)),
    (None, (0, 1)),
    "",
    "a",
    "mi",
    "fd",
    "auto",
    "3",
    "\0",
    "\ud800",
    b"",
    b"fd",
    np.str_("fd"),
    np.bytes_(b"fd"),
    "chance",
    "nsb",
    "none",
    "omit",
    "quantile",
    "uniform",
    object(),
    object,
    int,
    len,
    ...,
    slice(3),
    range(3),
    range(0),
    iter([1, 2]),
    dt.date(2020, 1, 1),
    dt.timedelta(1),
    np.datetime64("2020"),
    np.timedelta64(1, "s"),
    np.datetime64("NaT", "s"),
    pd.NA,
    pd.NaT,
    pd.Timestamp(0),
    pa.scalar(2),
    pa.scalar(None),
    pl.col("a"),
    pd.Series([2]),
    pd.Series([0.0, 1.0, 2.0]),
    pl.Series([0.0, 1.0, 2.0]),
    pa.array([0.0, 1.0, 2.0]),
    np.ma.masked,
    np.ma.array([0.0, 1.0], mask=[0, 1]),
    np.arange(4.0),
    np.arange(4),
    np.arange(4.0)[::-1],
    np.array([0.0, 0.0, 0.0]),
    np.array([0.0, math.nan, 1.0]),
    np.array([-math.inf, 0.0, math.inf]),
    np.array(["a", "b"]),
    np.array([1, "a", None], object),
    np.arange(0, 4).astype("M8[s]"),
    np.zeros(3, "i4,f4"),
    np.random.default_rng(0),
    np.random.RandomState(0),
    np.random.SeedSequence(1),
    {"x": True},
    {"a": 1},
    {1: None},
    {None: "auto"},
]


def scalar(rng, a=None):
    return liar(rng) if rng.random() < 0.15 else pick(rng, SCALARS)


MAKERS = [arrow, pandas, pandas_arrays, polars, containers, containers, arrays, arrays]
MAKERS += [liars, liars, objects]


def odd(rng, a):
    """An odd argument in the place of a clean one."""
    return pick(rng, MAKERS)(rng, a)
