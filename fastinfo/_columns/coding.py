"""Code the columns of an array or table, and a target, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.columns_in_rows import extremes_in_rows, lies_in_rows
from fastinfo._bins.columns_of_matrix import code_columns
from fastinfo._bins.options import Binning
from fastinfo._bins.ranges import Range
from fastinfo._codes.column import Column
from fastinfo._codes.label_or_number import MOST_LABELS
from fastinfo._codes.labels import encode_few
from fastinfo._column_readers.sparse_columns import SparseColumn, SparseColumns
from fastinfo._columns.code_matrix import MOST_LEVELS, CodeMatrix, with_missing_level
from fastinfo._columns.numbers_in_rows import NumbersInRows
from fastinfo._columns.sparse.sparse_coding import code_by_distance, code_sparse
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import CHUNK, Coded
from fastinfo._core.limits import check_memory
from fastinfo._core.messages import warn
from fastinfo._core.threads import SMALL, run_in_order, spans
from fastinfo._tables.features import Features

_BATCH = 1 << 28  # codes that are made, counted and forgotten at a time
_FEWEST_COLUMNS = 16
_SPARSE = 1 << 22  # the same for sparse columns: stored samples, approximately
_FEWEST_ROWS = 10  # with fewer rows, the labels of a target may all differ without a warning
_BYTES_OF_CODE = 2  # while columns that were coded one by one are copied into a matrix
_SMALL = 1 << 14  # up to this many integers, NumPy subtracts in one step
_LONG = 1 << 16  # a column with this many rows is looked at separately
_LOOKED_AT = 64  # so many of its numbers are checked for a 0


def batch_size(features: Features) -> int:
    """Number of columns to code at a time, so that their codes take at most 256 MB."""
    if isinstance(features.columns, SparseColumns):
        stored = max(features.columns.values.size // len(features.names), 1)
        return min(max(_SPARSE // stored, _FEWEST_COLUMNS), len(features.names))
    return min(max(_BATCH // features.n_rows, _FEWEST_COLUMNS), len(features.names))


def code_target(values: Any, name: str, binning: Binning) -> CodeMatrix:
    """
    Codes of a target, as a matrix of one column; it must have at least two values.

    There is a warning if its labels are almost all different.
    """
    few = _code_few(values, name, binning)
    if few is not None:
        return few
    target = _code_apart(Features([name], None, [values]), binning, 1, leave_out=False)
    if type(binning.bins) is int and binning.bins == 1 and not target.labels[0]:
        raise ValueError(f"bins must be at least 2 for a target of numbers, {name!r}, got 1")
    check_target(target, name)
    return target


def check_target(target: CodeMatrix, name: str) -> None:
    """Refuse a target with fewer than two values; warn if its labels are almost all different."""
    coded = target.column(0)
    least = int(coded.codes.min(initial=coded.n_levels))
    most = int(coded.codes.max(initial=0))
    many = target.labels[0] and 2 * coded.n_levels > len(coded)
    if least < most < coded.n_levels and not many:
        return
    sizes = np.bincount(coded.codes, minlength=coded.n_levels + 1)[: coded.n_levels]
    occurring, n = int(np.count_nonzero(sizes)), int(sizes.sum())
    if occurring < 2:
        raise ValueError(
            f"the target {name!r} must have at least two values, "
            f"got {'one' if occurring else 'only missing ones'}: no column can predict it"
        )
    if target.labels[0] and 2 * occurring > n >= _FEWEST_ROWS:
        warn(
            f"the target {name!r} has {occurring} different labels among {n} rows: so "
            f"many labels can't be learned from other columns"
        )


def weight_of_target(weights: Array, target: CodeMatrix) -> float:
    """Weight of the rows that have a target; an error if it is 0."""
    coded = target.column(0)
    sums = np.bincount(coded.codes, weights, coded.n_levels + 1)[: coded.n_levels]
    if np.count_nonzero(sums) < 2:
        raise ValueError(
            f"sample_weight must be positive for two values of the target {target.names[0]!r} at "
            f"least, got {np.count_nonzero(sums)}"
        )
    return float(sums.sum())


def _code_few(values: Any, name: str, binning: Binning) -> CodeMatrix | None:
    """Codes of a target of a few integers, some of which are equal; else None."""
    if type(values) is not np.ndarray or binning.said_of(name, 1) is False:
        return None
    few = encode_few(values)
    if few is None or not 2 <= few.n_levels <= min(MOST_LABELS, values.size // 2):
        return None
    sides = few.codes[None], [0], [few.n_levels], [0], [True]
    return CodeMatrix.of([name], *sides, {}, {}, incomplete=[False])


class UnreadableError(TypeError):
    """A column is neither numbers nor labels."""


class CodedColumn(NamedTuple):
    """Codes of one column, and which samples are in no bin or level."""

    coded: Coded
    missing: Array  #: which samples are missing; empty if none is
    n_infinite: int = 0  #: infinite samples, which are outside the bins


def code_one(values: Any, name: str, own: Binning) -> CodedColumn:
    """Codes of one column: labels, or bins over the range of its finite samples."""
    try:
        found = Column.of(values, f"column {name!r}").read(own.said, moved=not own.edges_given)
    except TypeError as error:
        raise UnreadableError(str(error)) from error
    if isinstance(found, Coded):
        missing = found.invalid
        return CodedColumn(found, missing if missing.any() else np.zeros(0, np.bool_))
    samples = found.values
    extent = Range.of(samples)
    missing = np.isnan(samples) if extent.n < samples.size else np.zeros(0, np.bool_)
    n_infinite = 0
    if extent.n and not own.edges_given and not np.isfinite([extent.low, extent.high]).all():
        n_infinite = extent.n
        samples = np.where(np.isinf(samples), np.nan, samples)
        extent = Range.of(samples)
        n_infinite -= extent.n
    try:
        coded = own.code(samples, extent=extent)
    except ValueError as error:
        raise ValueError(f"column {name!r}: {error}") from error
    return CodedColumn(coded, missing, n_infinite)


def code_features(
    features: Features,
    binning: Binning,
    place: int = 0,
    done: Callable[[int], None] | None = None,
) -> CodeMatrix:
    """Codes of all columns, made once."""
    if all_sparse(features):
        return code_sparse_features(features, binning, place)
    check_memory(
        _BYTES_OF_CODE * features.n_rows * len(features.names),
        f"codes of {len(features.names)} columns of {features.n_rows} rows",
        "use fewer columns or rows",
    )
    array, found = features.array, None
    if array is not None:
        found = _code_array(features, array, binning, place)
    return _code_apart(features, binning, place, done) if found is None else found


def all_sparse(features: Features) -> bool:
    """Whether all columns are sparse."""
    columns = features.columns
    known = isinstance(columns, SparseColumns)
    return known or (bool(columns) and all(isinstance(own, SparseColumn) for own in columns))


def code_sparse_features(
    features: Features, binning: Binning, place: int = 0, *, as_array: bool = True
) -> CodeMatrix:
    """
    Codes of sparse columns, at a cost that depends on the stored samples.

    Levels of a few integers are those that an array would have, or those that occur.
    """
    options = binning.columns(features.names, place)
    infinite: dict[str, int] = {}

    def whole(i: int) -> tuple[Coded, int, Array | None]:
        name = features.names[i]
        coded, absent, n_infinite = code_one(np.asarray(features.values(i)), name, options[i])
        if n_infinite:
            infinite[name] = n_infinite
        return _with_missing(options[i], name, coded, absent, n_infinite)

    columns, found = features.columns, None
    words = set(binning.said_of_each(features.names, place))
    said_alike = as_array and len(words) == 1 and False not in words
    if said_alike and isinstance(columns, SparseColumns) and columns.dtype.kind in "biu":
        found = code_by_distance(columns, MOST_LEVELS if True in words else MOST_LABELS)
    if found is None:
        found = code_sparse(columns, features.names, options, whole, MOST_LEVELS + 1)
    known = found.infinite | infinite
    places = np.arange(len(features.names))
    places[list(found.wide)] = -1
    return CodeMatrix(
        features.names,
        found.codes,
        read_only(places),
        read_only(found.n_levels),
        found.incomplete,
        found.n_missing,
        found.labels,
        found.wide,
        found.absent,
        {name: known[name] for name in features.names if name in known},
    )


def _code_array(
    features: Features, array: Array, binning: Binning, place: int
) -> CodeMatrix | None:
    """Codes of all columns of an array together, or None if they must be coded one by one."""
    words = set(binning.said_of_each(features.names, place))
    if len(words) > 1 or array.dtype.itemsize > 8:
        return None
    said = words.pop()
    if array.dtype.kind in "biu" and said is not False:
        return _code_whole_numbers(features, array, said)
    if array.dtype.kind in "biuf" and not said:
        return _code_numbers(features, array, binning.columns(features.names, place))
    return None


def _side_by_side(
    features: Features,
    columns: list[Coded],
    n_missing: list[int],
    absent: dict[int, Array],
    infinite: dict[str, int] | None = None,
    unreadable: dict[str, str] | None = None,
) -> CodeMatrix:
    """A matrix of columns that were coded one by one."""
    narrow = [i for i, c in enumerate(columns) if c.n_levels <= MOST_LEVELS]
    if len(narrow) == 1 and columns[narrow[0]].codes.dtype == np.uint8:
        codes = np.ascontiguousarray(columns[narrow[0]].codes)[None]
    else:
        codes = np.empty((len(narrow), features.n_rows), np.uint8)
        for row, i in zip(codes, narrow, strict=True):
            row[:] = columns[i].codes
    wide = {i: c for i, c in enumerate(columns) if c.n_levels > MOST_LEVELS}
    levels = [c.n_levels for c in columns]
    labels = [c.edges is None for c in columns]
    return CodeMatrix.of(
        *(features.names, codes, narrow, levels, n_missing, labels, wide, absent),
        infinite,
        unreadable,
    )


def _with_missing(
    own: Binning, name: str, coded: Coded, absent: Array, n_infinite: int = 0
) -> tuple[Coded, int, Array | None]:
    """Codes with missing samples as requested; how many, and which, if codes don't show it."""
    n_missing = int(np.count_nonzero(absent))
    own.refuse(name, n_missing)
    if own.missing == "category":
        return replace(with_missing_level(coded, absent), edges=coded.edges), 0, None
    outside = own.edges_given or n_infinite > 0
    unclear = n_missing > 0 and outside and coded.edges is not None
    return coded, n_missing, absent if unclear else None


def _code_apart(
    features: Features,
    binning: Binning,
    place: int,
    done: Callable[[int], None] | None = None,
    *,
    leave_out: bool = True,
) -> CodeMatrix:
    """
    Code each column separately.

    A column of a table that is neither numbers nor labels gets no values and will be left out,
    unless the user says what it is.
    """
    options = binning.columns(features.names, place)
    infinite: dict[str, int] = {}
    unreadable: dict[str, str] = {}

    def code(i: int) -> tuple[Coded, int, Array | None]:
        name = features.names[i]
        try:
            coded, absent, n_infinite = code_one(features.values(i), name, options[i])
        except UnreadableError as error:
            if not leave_out or features.is_matrix or options[i].said is not None:
                raise
            unreadable[name] = str(error)
            n = features.n_rows
            return Coded(np.zeros(n, np.uint8), 0, levels=np.zeros(0)), n, None
        if n_infinite:
            infinite[name] = n_infinite
        if len(coded.codes) != features.n_rows:
            raise ValueError(
                f"column {name!r} must have {features.n_rows} rows, got {len(coded.codes)}"
            )
        return _with_missing(options[i], name, coded, absent, n_infinite)

    small = features.n_rows * len(options) <= SMALL
    found = run_in_order(code, range(len(options)), done=done, small=small)
    columns, n_missing, masks = (list(part) for part in zip(*found, strict=True))
    absent = {i: mask for i, mask in enumerate(masks) if mask is not None}
    infinite = {name: infinite[name] for name in features.names if name in infinite}
    return _side_by_side(features, columns, n_missing, absent, infinite, unreadable)


def _code_numbers(
    features: Features, array: Array, options: Sequence[Binning]
) -> CodeMatrix | None:
    """Codes of numbers in bins, for parts of the rows of a C-ordered matrix."""
    try:
        codes, edges = code_columns(array, options)
    except ValueError:  # for some column: look at each column separately
        return None
    columns, n_missing, absent = [], [], {}
    bins = [len(found) - 1 for found in edges]
    gaps = (codes.max(axis=0) == bins).tolist()
    for i, (name, own) in enumerate(zip(features.names, options, strict=True)):
        column = Coded(codes[:, i], bins[i], edges=edges[i])
        n, mask = 0, None
        if gaps[i]:
            unclear = own.edges_given or own.missing
            missing = np.isnan(array[:, i]) if unclear else column.invalid
            column, n, mask = _with_missing(own, name, column, missing)
        columns.append(column)
        n_missing.append(n)
        if mask is not None:
            absent[i] = mask
    levels = [c.n_levels for c in columns]
    narrow = codes.dtype == np.uint8 and max(levels) <= MOST_LEVELS
    if not narrow or any(c.codes.base is not codes for c in columns):
        return _side_by_side(features, columns, n_missing, absent)
    n, labels = len(columns), [False] * len(columns)
    places = list(range(n))
    sides = places, levels, n_missing, labels
    return CodeMatrix.of(features.names, codes.T, *sides, {}, absent, incomplete=gaps)


def _code_whole_numbers(features: Features, array: Array, said: bool | None) -> CodeMatrix | None:
    """Codes of integers and booleans: differences from the smallest, if these are small."""
    a = array.view(np.uint8) if array.dtype.kind == "b" else array
    in_rows = a.size > _SMALL and lies_in_rows(a)
    least, most = extremes_in_rows(a)[:2] if in_rows else _ranges(a)
    spread = [int(high) - int(low) + 1 for low, high in zip(least, most, strict=True)]
    if max(spread) > (MOST_LEVELS if said else MOST_LABELS):
        return None
    n, f = a.shape
    codes: Array | NumbersInRows
    if in_rows:
        codes = NumbersInRows(a, least)
    elif a.dtype == np.uint8 and not least.any() and a.T.flags.c_contiguous:
        codes = a.T
    else:
        codes = np.empty((f, n), np.uint8)

        def move(span: tuple[int, int]) -> None:
            part = slice(*span)
            np.subtract(a[part].T, least[:, None], out=codes[:, part], casting="unsafe")

        run_in_order(move, spans(n, CHUNK))
    return CodeMatrix.of(
        *(features.names, codes, list(range(f)), spread, [0] * f, [True] * f, {}, {}),
        incomplete=[False] * f,
        spanned=True,
    )


def _ranges(a: Array) -> tuple[Array, Array]:
    """Smallest and largest number of each column of integers in Fortran order."""
    if len(a) < _LONG:
        return a.min(axis=0), a.max(axis=0)
    columns = list(a.T)
    unsigned = a.dtype.kind == "u"
    least = [
        column[0] * 0 if unsigned and not column[:_LOOKED_AT].all() else column.min()
        for column in columns
    ]
    return np.array(least, a.dtype), np.array([column.max() for column in columns], a.dtype)
