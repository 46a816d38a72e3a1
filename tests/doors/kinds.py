"""Kinds of columns: how a column of each is made, and what it is to be read as.

A kind is written down by what the contract says of it, not by what a reader does: floats and
decimals are numbers; integers and times are whole, which are labels up to 32 different values and
numbers above; categories, strings, booleans and objects without a number are labels. Kinds that
can hold missing values do.
"""

import datetime as dt
import decimal
import fractions
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

N = 600  # 599 is a prime, as is 547: no quantile but the ends is a sample
N_MISSING = 52

_rng = np.random.default_rng(20130101)
_LATENT = _rng.normal(size=N)


def _levels(n: int) -> np.ndarray:
    """As many of each level, in an order that depends on the latent variable."""
    return np.argsort(np.argsort(_LATENT + 0.3 * _rng.normal(size=N))) * n // N


TWO, FEW, MANY = _levels(2), _levels(20), _levels(60)
REAL = np.round(_LATENT * 320) / 8  # float16 and decimals hold them, too
Y = np.digitize(_LATENT + 0.5 * _rng.normal(size=N), [-0.5, 0.5])  # a target of labels
Y_NUMBERS = _LATENT + _rng.normal(size=N)  # and one of numbers
GONE = np.zeros(N, np.bool_)
GONE[_rng.permutation(N)[:N_MISSING]] = True

PAST_FLOATS = 1 << 60  # float64 tells no neighbours apart here


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of column."""

    name: str
    library: str  #: of the column: numpy, pandas, polars, pyarrow, duckdb
    make: Callable[[], Any]  #: a new column; of DuckDB a relation of x and y
    plain: np.ndarray  #: the same as float64, NaN where it is missing: levels, or numbers
    is_labels: bool

    @property
    def n_missing(self) -> int:
        """How many are missing."""
        return int(np.isnan(self.plain).sum())

    def __str__(self) -> str:
        return f"{self.library} {self.name}"


KINDS: list[Kind] = []


def _add(
    library: str, name: str, make: Callable[[Any], Any], codes: np.ndarray, labels: bool, gaps: bool
) -> None:
    plain = codes.astype(np.float64)
    values: Any = codes
    if gaps:
        plain[GONE] = np.nan
        values = [None if gone else v for v, gone in zip(codes.tolist(), GONE, strict=True)]
    if not any(kind.library == library and kind.name == name for kind in KINDS):
        KINDS.append(Kind(name, library, lambda: make(values), plain, labels))
        return
    raise ValueError(f"two kinds of {library} have the name {name}")


def whole(library: str, name: str, make: Callable[[Any], Any], *, gaps: bool = True) -> None:
    """Integers or times: of 20 values, which are labels, and of 60, which are numbers."""
    _add(library, f"{name} of few values", make, FEW, True, gaps)
    _add(library, f"{name} of many values", make, MANY, False, gaps)


def widths(library: str, dtypes: Any, make: Callable[[Any], Any], *, gaps: bool = True) -> None:
    """Integers of many widths: in turn of few values and of many."""
    for i, dtype in enumerate(dtypes):
        name = f"{dtype} of {('few', 'many')[i % 2]} values"
        _add(library, name, make(dtype), (FEW, MANY)[i % 2], i % 2 == 0, gaps)


def labels(
    library: str,
    name: str,
    make: Callable[[Any], Any],
    *,
    gaps: bool = True,
    codes: np.ndarray = MANY,
) -> None:
    """Labels: 60 levels are as good as two."""
    _add(library, name, make, codes, True, gaps)


def numbers(library: str, name: str, make: Callable[[Any], Any], *, gaps: bool = True) -> None:
    """What is always binned."""
    _add(library, name, make, REAL, False, gaps)


# What Python has for one level or number; None stays None.


def each(make: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    return lambda values: [None if v is None else make(v) for v in values]


text = each(lambda v: f"level {v:02d}")
blob = each(lambda v: b"level %d" % v)
truth = each(bool)
day = each(lambda v: dt.date(2020, 1, 1) + dt.timedelta(days=v))
moment = each(lambda v: dt.datetime(2020, 1, 1) + dt.timedelta(hours=v))
zoned = each(lambda v: dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=v))
lapse = each(lambda v: dt.timedelta(minutes=v))
clock = each(lambda v: dt.time(v // 60, v % 60))
uuids = each(lambda v: uuid.UUID(int=v + (1 << 100)))
exact = each(lambda v: decimal.Decimal(v))  # of an eighth: exact in float64, too
ratio = each(lambda v: fractions.Fraction(v))
mixed = each(lambda v: (v, f"level {v}", v + 0.5)[v % 3])
# far enough from each other for float64 to tell them apart, and not
huge = each(lambda v: (1 << 70) + v * (1 << 20))
close_by = each(lambda v: PAST_FLOATS + v * (1 << 10))
neighbors = each(lambda v: PAST_FLOATS + v)
interval = each(lambda v: pd.Interval(v, v + 1))
period = each(lambda v: pd.Period("2020-01-01", "D") + v)


def objects(make: Callable[[Any], list[Any]]) -> Callable[[Any], np.ndarray]:
    """As an array of objects."""

    def array(values: Any) -> np.ndarray:
        made = make(values)
        found = np.empty(len(made), object)
        found[:] = made
        return found

    return array


def _not_a_time(dtype: str) -> Callable[[Any], np.ndarray]:
    return lambda values: np.array(["NaT" if v is None else v for v in values], dtype)


def _nan(dtype: Any) -> Callable[[Any], np.ndarray]:
    return lambda values: np.array([np.nan if v is None else v for v in values], dtype)


# NumPy's

widths(
    "numpy",
    ("i1", "i2", "i4", "u1", "u2", "u4", "u8", ">i2", ">i4", ">i8", ">u4"),
    lambda dtype: lambda c: c.astype(dtype),
    gaps=False,
)
whole("numpy", "i8", lambda c: c.astype("i8"), gaps=False)
whole("numpy", "i8 past 2**53", lambda c: c * 1024 + PAST_FLOATS, gaps=False)
whole("numpy", "u8 past 2**63", lambda c: c.astype("u8") * 4096 + np.uint64(1 << 63), gaps=False)
labels("numpy", "neighbors past 2**53", lambda c: c + PAST_FLOATS, codes=FEW, gaps=False)
labels("numpy", "objects: neighbors past 2**53", objects(neighbors), codes=FEW)
for _dtype in ("f2", "f4", "f8", ">f8", "longdouble"):
    numbers("numpy", _dtype, _nan(_dtype))
for _dtype in ("M8[D]", "M8[s]", "M8[ns]", ">M8[s]", "m8[h]", "m8[ns]"):
    whole("numpy", _dtype, _not_a_time(_dtype))
labels("numpy", "bool", lambda c: c.astype(np.bool_), codes=TWO, gaps=False)
labels("numpy", "str", lambda c: np.array(text(c)), gaps=False)
labels("numpy", "bytes", lambda c: np.array(blob(c)), gaps=False)
labels("numpy", "StringDType", lambda c: np.array(text(c), np.dtypes.StringDType()), gaps=False)
labels("numpy", "objects: str", objects(text))
labels("numpy", "objects: mixed", objects(mixed))
labels("numpy", "objects: bool", objects(truth), codes=TWO)
labels("numpy", "objects: UUID", objects(uuids))
labels("numpy", "objects: Interval", objects(interval))
numbers("numpy", "objects: float", objects(list))
numbers("numpy", "objects: Decimal", objects(exact))
numbers("numpy", "objects: Fraction", objects(ratio))
whole("numpy", "objects: int", objects(list))
whole("numpy", "objects: int past 2**53", objects(close_by))
whole("numpy", "objects: int past 2**64", objects(huge))
whole("numpy", "objects: date", objects(day))
whole("numpy", "objects: datetime with zone", objects(zoned))
whole("numpy", "objects: timedelta", objects(lapse))
whole("numpy", "objects: time", objects(clock))
whole("numpy", "objects: Period", objects(period))
labels("numpy", "list of str", text)
whole("numpy", "list of int", list)
numbers("numpy", "list of float", lambda c: _nan("f8")(c).tolist())

# pandas'


def _series(dtype: Any, make: Callable[[Any], Any] = list) -> Callable[[Any], pd.Series]:
    return lambda values: pd.Series(make(values), dtype=dtype)


def _arrow_series(kind: pa.DataType, make: Callable[[Any], Any] = list) -> Callable[[Any], Any]:
    return lambda values: pd.Series(pd.array(pa.array(make(values), kind), pd.ArrowDtype(kind)))


def _codes_of_pandas(values: list[Any], categories: Any, **options: Any) -> pd.Series:
    codes = [-1 if v is None else v for v in values]
    return pd.Series(pd.Categorical.from_codes(codes, categories, **options))


widths("pandas", ("Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32", "UInt64"), _series)
whole("pandas", "Int64", _series("Int64"))
whole("pandas", "Int64 past 2**53", _series("Int64", close_by))
labels("pandas", "neighbors past 2**53", _series("Int64", neighbors), codes=FEW)
whole("pandas", "int64", _series("int64"), gaps=False)
for _dtype in ("float32", "float64", "Float32", "Float64"):
    numbers("pandas", _dtype, _series(_dtype))
labels("pandas", "bool", _series("bool"), codes=TWO, gaps=False)
labels("pandas", "boolean", _series("boolean", truth), codes=TWO)
for _dtype in ("str", "string[python]", "string[pyarrow]", "object"):
    labels("pandas", f"strings as {_dtype}", _series(_dtype, text))
labels("pandas", "categories: str", lambda v: _codes_of_pandas(v, text(range(60))))
labels("pandas", "categories: int", lambda v: _codes_of_pandas(v, np.arange(60) * 3))
labels("pandas", "categories: float", lambda v: _codes_of_pandas(v, np.arange(60) / 8))
labels(
    "pandas", "categories: datetime", lambda v: _codes_of_pandas(v, pd.to_datetime(day(range(60))))
)
labels(
    "pandas", "categories: ordered", lambda v: _codes_of_pandas(v, text(range(60)), ordered=True)
)
labels("pandas", "categories: unused", lambda v: _codes_of_pandas(v, text(range(90))))
labels("pandas", "cut", lambda v: pd.cut(_series("float64")(v), np.arange(61) - 0.5))
labels("pandas", "qcut", lambda v: pd.Series(pd.qcut(MANY, 6)), codes=MANY // 10, gaps=False)
labels("pandas", "Interval", lambda v: pd.Series(pd.arrays.IntervalArray(objects(interval)(v))))
whole("pandas", "Period of days", lambda v: pd.Series(period(v), dtype="period[D]"))
whole(
    "pandas",
    "Period of months",
    lambda v: pd.Series(each(lambda k: pd.Period("2020-01", "M") + k)(v), dtype="period[M]"),
)
whole("pandas", "datetime64[s]", _series("datetime64[s]", moment))
whole("pandas", "datetime64[ns]", _series("datetime64[ns]", moment))
whole("pandas", "datetime with UTC", _series("datetime64[us, UTC]", zoned))
whole(
    "pandas",
    "datetime with a zone",
    lambda v: _series("datetime64[us, UTC]", zoned)(v).dt.tz_convert("America/New_York"),
)
whole("pandas", "timedelta64[ns]", _series("timedelta64[ns]", lapse))
numbers("pandas", "Sparse of float", _series(pd.SparseDtype("float64", np.nan)))
numbers(
    "pandas",
    "Sparse of float filled with 0",
    lambda v: pd.Series(pd.arrays.SparseArray(_nan("f8")(v), fill_value=0.0)),
)
whole("pandas", "Sparse of int", _series(pd.SparseDtype("int64", 0)), gaps=False)
labels(
    "pandas", "Sparse of bool", _series(pd.SparseDtype("bool", False), truth), codes=TWO, gaps=False
)
labels("pandas", "objects: mixed", _series(object, mixed))
labels("pandas", "objects: UUID", _series(object, uuids))
labels("pandas", "objects: bytes", _series(object, blob))
labels("pandas", "objects: bool", _series(object, truth), codes=TWO)
labels("pandas", "objects: Interval", lambda v: pd.Series(objects(interval)(v), dtype=object))
numbers("pandas", "objects: Decimal", _series(object, exact))
numbers("pandas", "objects: Fraction", _series(object, ratio))
whole("pandas", "objects: int", _series(object))
whole("pandas", "objects: int past 2**64", _series(object, huge))
whole("pandas", "objects: date", _series(object, day))
whole("pandas", "objects: time", _series(object, clock))
whole("pandas", "objects: Period", lambda v: pd.Series(objects(period)(v), dtype=object))
widths("pandas", map(pa.type_for_alias, ("int8", "uint32")), _arrow_series)
whole("pandas", "Arrow int64", _arrow_series(pa.int64()))
whole("pandas", "Arrow int64 past 2**53", _arrow_series(pa.int64(), close_by))
whole("pandas", "Arrow date32", _arrow_series(pa.date32(), day))
whole("pandas", "Arrow date64", _arrow_series(pa.date64(), day))
whole("pandas", "Arrow time64", _arrow_series(pa.time64("us"), clock))
whole("pandas", "Arrow timestamp", _arrow_series(pa.timestamp("ms"), moment))
whole("pandas", "Arrow timestamp with zone", _arrow_series(pa.timestamp("us", "UTC"), zoned))
whole("pandas", "Arrow duration", _arrow_series(pa.duration("us"), lapse))
for _type in (pa.float16(), pa.float32(), pa.float64()):
    numbers("pandas", f"Arrow {_type}", _arrow_series(_type))
numbers("pandas", "Arrow decimal128", _arrow_series(pa.decimal128(12, 4), exact))
labels("pandas", "Arrow bool", _arrow_series(pa.bool_(), truth), codes=TWO)
labels("pandas", "Arrow string", _arrow_series(pa.string(), text))
labels("pandas", "Arrow large_string", _arrow_series(pa.large_string(), text))
labels("pandas", "Arrow binary", _arrow_series(pa.binary(), blob))
labels("pandas", "Arrow dictionary", _arrow_series(pa.dictionary(pa.int8(), pa.string()), text))

# Polars'


def _polars(dtype: Any, make: Callable[[Any], Any] = list) -> Callable[[Any], pl.Series]:
    return lambda values: pl.Series(make(values), dtype=dtype)


widths("polars", (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64), _polars)
whole("polars", "Int64", _polars(pl.Int64))
for _name in ("Int128", "UInt128"):
    if hasattr(pl, _name):
        whole("polars", _name, _polars(getattr(pl, _name)))
whole("polars", "Int64 past 2**53", _polars(pl.Int64, close_by))
labels("polars", "neighbors past 2**53", _polars(pl.Int64, neighbors), codes=FEW)
whole("polars", "Int128 past 2**64", _polars(pl.Int128, huge))
for _name in ("Float16", "Float32", "Float64"):
    if hasattr(pl, _name):
        numbers("polars", _name, _polars(getattr(pl, _name)))
numbers("polars", "Decimal", _polars(pl.Decimal(12, 4), exact))
labels("polars", "Boolean", _polars(pl.Boolean, truth), codes=TWO)
labels("polars", "String", _polars(pl.String, text))
labels("polars", "Binary", _polars(pl.Binary, blob))
labels("polars", "Categorical", _polars(pl.Categorical, text))
labels("polars", "Enum", _polars(pl.Enum(text(range(90))), text))
labels("polars", "Object: mixed", _polars(pl.Object, mixed))
labels("polars", "Object: UUID", _polars(pl.Object, uuids))
numbers("polars", "Object: Fraction", _polars(pl.Object, ratio))
whole("polars", "Object: int past 2**64", _polars(pl.Object, huge))
whole("polars", "Date", _polars(pl.Date, day))
for _unit in ("ms", "us", "ns"):
    whole("polars", f"Datetime {_unit}", _polars(pl.Datetime(_unit), moment))
    whole("polars", f"Duration {_unit}", _polars(pl.Duration(_unit), lapse))
whole("polars", "Datetime with zone", _polars(pl.Datetime("us", "UTC"), zoned))
whole("polars", "Time", _polars(pl.Time, clock))

# Arrow's


def _arrow(kind: Any, make: Callable[[Any], Any] = list) -> Callable[[Any], pa.Array]:
    return lambda values: pa.array(make(values), kind)


def _dictionary(values: list[Any], levels: Any, index: Any = None) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(values, index or pa.int32()), levels)


def _null_among_levels(values: list[Any]) -> pa.DictionaryArray:
    """Half of those that are missing by a null index, half by a null level."""
    levels = pa.array([*text(range(60)), None])
    gaps = np.cumsum([v is None for v in values]) % 2 == 0
    codes = [60 if v is None and gap else v for v, gap in zip(values, gaps, strict=True)]
    return _dictionary(codes, levels)


def _chunks_of_their_own(values: list[Any]) -> pa.ChunkedArray:
    """Three chunks, each with its own levels in its own order."""
    cut = [text(values[i : i + N // 3]) for i in range(0, N, N // 3)]
    return pa.chunked_array([pa.array(part).dictionary_encode() for part in cut])


def _narrow_codes(values: list[Any]) -> pa.ChunkedArray:
    """Three chunks of up to 120 levels, with codes of int8: those of all would not fit."""
    chunks = []
    for k, start in enumerate(range(0, N, N // 3)):
        part = values[start : start + N // 3]
        unused = [f"of chunk {k}: {i}" for i in range(60)]
        levels = pa.array(unused + text(range(60)))
        codes = [None if v is None else v + 60 for v in part]
        chunks.append(_dictionary(codes, levels, pa.int8()))
    return pa.chunked_array(chunks)


def _run_ends(values: pa.Array) -> pa.RunEndEncodedArray:
    return pa.RunEndEncodedArray.from_arrays(np.arange(1, N + 1, dtype=np.int32), values)


def _extension(kind: Any, storage: Callable[[Any], pa.Array]) -> Callable[[Any], pa.Array]:
    return lambda values: pa.ExtensionArray.from_storage(kind, storage(values))


widths(
    "pyarrow",
    map(pa.type_for_alias, ("int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64")),
    _arrow,
)
whole("pyarrow", "int64", _arrow(pa.int64()))
whole("pyarrow", "int64 past 2**53", _arrow(pa.int64(), close_by))
labels("pyarrow", "neighbors past 2**53", _arrow(pa.int64(), neighbors), codes=FEW)
for _type in ("float16", "float32", "float64"):
    numbers("pyarrow", _type, _arrow(getattr(pa, _type)()))
numbers("pyarrow", "decimal32", _arrow(pa.decimal32(9, 3), exact))
numbers("pyarrow", "decimal64", _arrow(pa.decimal64(18, 3), exact))
numbers("pyarrow", "decimal128", _arrow(pa.decimal128(12, 6), exact))
numbers("pyarrow", "decimal256", _arrow(pa.decimal256(50, 6), exact))
# Seven of them, next to each other: labels, or numbers with a bin each.
labels(
    "pyarrow",
    "decimal128 past 2**53",
    _arrow(pa.decimal128(38, 0), each(lambda v: decimal.Decimal(PAST_FLOATS + v))),
    codes=FEW // 3,
)
labels(
    "pyarrow",
    "decimal256 past 2**53",
    _arrow(pa.decimal256(60, 0), each(lambda v: decimal.Decimal((1 << 70) + v))),
    codes=FEW // 3,
)
whole("pyarrow", "date32", _arrow(pa.date32(), day))
whole("pyarrow", "date64", _arrow(pa.date64(), day))
whole("pyarrow", "time32", _arrow(pa.time32("s"), clock))
whole("pyarrow", "time64", _arrow(pa.time64("ns"), clock))
whole("pyarrow", "timestamp in s", _arrow(pa.timestamp("s"), moment))
whole("pyarrow", "timestamp in ns", _arrow(pa.timestamp("ns"), moment))
whole("pyarrow", "timestamp with zone", _arrow(pa.timestamp("us", "Europe/Berlin"), zoned))
whole("pyarrow", "duration", _arrow(pa.duration("ms"), lapse))
labels(
    "pyarrow",
    "month_day_nano_interval",
    _arrow(pa.month_day_nano_interval(), each(lambda v: pa.MonthDayNano([v % 7, v % 3, v]))),
    codes=FEW,
)
labels("pyarrow", "bool", _arrow(pa.bool_(), truth), codes=TWO)
for _type in ("string", "large_string", "string_view"):
    labels("pyarrow", _type, _arrow(getattr(pa, _type)(), text))
for _type in ("binary", "large_binary", "binary_view"):
    labels("pyarrow", _type, _arrow(getattr(pa, _type)(), blob))
labels("pyarrow", "binary of fixed size", _arrow(pa.binary(2), each(lambda v: b"%02d" % v)))
labels("pyarrow", "string in chunks", lambda v: pa.chunked_array([text(v[:100]), text(v[100:])]))
labels("pyarrow", "dictionary", lambda v: _dictionary(v, text(range(60))))
labels("pyarrow", "dictionary with a null level", _null_among_levels)
labels("pyarrow", "dictionary that differs by chunk", _chunks_of_their_own)
labels("pyarrow", "dictionary past int8 in chunks", _narrow_codes)
labels("pyarrow", "dictionary of int64", lambda v: _dictionary(v, np.arange(60) * 3))
labels("pyarrow", "dictionary of float64", lambda v: _dictionary(v, np.arange(60) / 8))
labels("pyarrow", "run ends of string", lambda v: _run_ends(pa.array(text(v))))
numbers("pyarrow", "run ends of float64", lambda v: _run_ends(pa.array(v)))
whole("pyarrow", "run ends of int32", lambda v: _run_ends(pa.array(v, pa.int32())))
labels(
    "pyarrow",
    "uuid",
    _extension(pa.uuid(), _arrow(pa.binary(16), each(lambda v: uuid.UUID(int=v).bytes))),
)
labels(
    "pyarrow", "json", _extension(pa.json_(), _arrow(pa.string(), each(lambda v: f'{{"a": {v}}}')))
)
labels("pyarrow", "bool8", _extension(pa.bool8(), _arrow(pa.int8())), codes=TWO)

# DuckDB's


def _relation(expression: str) -> Callable[[Any], duckdb.DuckDBPyRelation]:
    """Relation of x, which is an expression of v, the level or number, and of y."""

    def make(values: Any) -> duckdb.DuckDBPyRelation:
        connection = duckdb.connect()
        connection.execute("set timezone = 'UTC'")
        connection.register("source", pa.table({"v": pa.array(values), "y": Y}))
        return connection.sql(f"select {expression} as x, y from source")

    return make


widths(
    "duckdb",
    ("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
    lambda name: _relation(f"v::{name}"),
)
whole("duckdb", "BIGINT", _relation("v::BIGINT"))
for _type in ("HUGEINT", "UHUGEINT"):  # decimals to Arrow: seven, as those
    labels("duckdb", _type, _relation(f"(v + {PAST_FLOATS})::{_type}"), codes=FEW // 3)
for _type in ("FLOAT", "DOUBLE", "DECIMAL(12, 3)", "DECIMAL(30, 3)"):
    numbers("duckdb", _type, _relation(f"v::{_type}"))
whole("duckdb", "DATE", _relation("DATE '2020-01-01' + v::INTEGER"))
whole("duckdb", "TIME", _relation("(TIME '00:00:00' + to_minutes(v))::TIME"))
for _type in ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_NS", "TIMESTAMPTZ"):
    whole("duckdb", _type, _relation(f"(TIMESTAMP '2020-01-01' + to_hours(v))::{_type}"))
labels("duckdb", "INTERVAL", _relation("to_minutes(v)"), codes=FEW)
labels("duckdb", "BOOLEAN", _relation("v::BOOLEAN"), codes=TWO)
labels("duckdb", "VARCHAR", _relation("'level ' || v"))
labels("duckdb", "BLOB", _relation("('level ' || v)::BLOB"))
labels("duckdb", "BIT", _relation("v::INTEGER::BIT"))
labels("duckdb", "UUID", _relation("lpad(v::VARCHAR, 32, '0')::UUID"))
labels(
    "duckdb",
    "ENUM",
    _relation(f"('level ' || v)::ENUM({', '.join(repr(f'level {v}') for v in range(60))})"),
)

# What is no column of labels or numbers

_TRIPLES = [[int(v), int(v) + 1, 0] for v in FEW]

#: Columns that hold columns: left out of tables, refused as a variable.
NESTED: dict[str, Callable[[], Any]] = {
    "numpy objects: list": lambda: objects(list)(_TRIPLES),
    "numpy objects: dict": lambda: objects(each(lambda v: {"a": v}))(FEW),
    "numpy objects: array": lambda: objects(each(np.array))(_TRIPLES),
    "pandas objects: list": lambda: pd.Series(_TRIPLES, dtype=object),
    "pandas objects: dict": lambda: pd.Series([{"a": v} for v in FEW.tolist()], dtype=object),
    "pandas Arrow list": lambda: _arrow_series(pa.list_(pa.int64()))(_TRIPLES),
    "polars List": lambda: pl.Series(_TRIPLES, dtype=pl.List(pl.Int64)),
    "polars Array": lambda: pl.Series(_TRIPLES, dtype=pl.Array(pl.Int64, 3)),
    "polars Struct": lambda: pl.Series([{"a": v} for v in FEW.tolist()]),
    "pyarrow list": lambda: pa.array(_TRIPLES),
    "pyarrow large_list": lambda: pa.array(_TRIPLES, pa.large_list(pa.int64())),
    "pyarrow list_view": lambda: pa.array(_TRIPLES, pa.list_view(pa.int64())),
    "pyarrow list of fixed size": lambda: pa.array(_TRIPLES, pa.list_(pa.int64(), 3)),
    "pyarrow struct": lambda: pa.array([{"a": v} for v in FEW.tolist()]),
    "pyarrow map": lambda: pa.array(
        [[("a", v)] for v in FEW.tolist()], pa.map_(pa.string(), pa.int64())
    ),
    "pyarrow dictionary of lists": lambda: pa.DictionaryArray.from_arrays(
        pa.array(FEW), pa.array(_TRIPLES[:20])
    ),
}

#: What no function takes, in a table or not.
REFUSED: dict[str, Callable[[], Any]] = {
    "numpy complex": lambda: REAL + 1j,
    "numpy complex64": lambda: (REAL + 1j).astype(np.complex64),
    "numpy objects: complex": lambda: (REAL + 1j).astype(object),
    "numpy masked": lambda: np.ma.masked_array(REAL, GONE),
    "numpy masked integers": lambda: np.ma.masked_array(FEW, GONE),
    "numpy records": lambda: np.array([(v, v) for v in FEW.tolist()], [("a", "i8"), ("b", "i8")]),
    "pandas complex": lambda: pd.Series(REAL + 1j),
    "pandas objects: complex": lambda: pd.Series((REAL + 1j).astype(object)),
}

#: Columns that hold nothing but missing values.
EMPTY: dict[str, Callable[[], Any]] = {
    "numpy float": lambda: np.full(N, np.nan),
    "numpy objects": lambda: np.full(N, None),
    "numpy NaT": lambda: np.full(N, "NaT", "M8[s]"),
    "pandas float": lambda: pd.Series(np.full(N, np.nan)),
    "pandas objects": lambda: pd.Series([None] * N, dtype=object),
    "pandas Int64": lambda: pd.Series([None] * N, dtype="Int64"),
    "pandas str": lambda: pd.Series([None] * N, dtype="str"),
    "pandas category": lambda: pd.Series([None] * N, dtype="category"),
    "pandas Arrow null": lambda: _arrow_series(pa.null())([None] * N),
    "polars Null": lambda: pl.Series([None] * N),
    "polars Int32": lambda: pl.Series([None] * N, dtype=pl.Int32),
    "polars String": lambda: pl.Series([None] * N, dtype=pl.String),
    "pyarrow null": lambda: pa.nulls(N),
    "pyarrow int32": lambda: pa.nulls(N, pa.int32()),
    "pyarrow float64": lambda: pa.nulls(N, pa.float64()),
    "pyarrow string": lambda: pa.nulls(N, pa.string()),
    "pyarrow dictionary": lambda: pa.nulls(N, pa.dictionary(pa.int32(), pa.string())),
}
