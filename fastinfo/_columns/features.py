"""Columns of an array or table, and a target: coded once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.edges import STRATEGIES
from fastinfo._bins.extents import find_range
from fastinfo._bins.options import Binning
from fastinfo._codes.column import Column
from fastinfo._codes.labels import MOST_LABELS, check_names_said, said_discrete
from fastinfo._columns.code_matrix import MOST_LEVELS, CodeMatrix, with_missing_level
from fastinfo._core.checks import Array, as_array, choice, read_only
from fastinfo._core.coded import Coded
from fastinfo._core.threads import run_in_order, spans
from fastinfo._tables.inputs import Features
from fastinfo.histograms.discretizing import bins_of_columns, discretize
from fastinfo.kernels.binning.turning import column_ranges, turn_to_bytes

NAN_POLICIES = ("omit", "propagate", "raise")

_BATCH = 1 << 28  # codes of columns that are counted and forgotten
_FEWEST_COLUMNS = 16
_FEWEST_ROWS = 10  # of a target whose labels may all differ without a word
_TURNED = 1 << 13  # rows of whole numbers that are turned at a time


class Coding(NamedTuple):
    """How columns are coded: the options of the functions, as they were given."""

    bins: Any
    strategy: str
    discrete: Any
    missing: str | None
    nan_policy: str

    @classmethod
    def for_all(
        cls, bins: Any, strategy: str, discrete: Any, missing: str | None, nan_policy: str
    ) -> Coding:
        """The same bins for each column: a list is edges, even with an entry for each column."""
        if isinstance(bins, (list, tuple)) and not any(isinstance(b, str) for b in bins):
            bins = as_array(bins, "bins")
        return cls(bins, strategy, discrete, missing, nan_policy)

    def check(self) -> None:
        """Raise for options that are unknown."""
        choice(self.strategy, "strategy", STRATEGIES)
        choice(self.nan_policy, "nan_policy", NAN_POLICIES)
        choice(self.missing, "missing", (None, "category"))

    def of(self, i: int, n_columns: int) -> Coding:
        """The same with the bins of one of the columns."""
        return self._replace(bins=bins_of_columns(self.bins, n_columns)[i])

    def check_names(self, names: Iterable[str]) -> None:
        """Raise where `discrete` names a column that is not there."""
        if isinstance(self.discrete, Mapping):
            check_names_said(self.discrete, names)

    def said(self, name: str, place: int) -> bool | None:
        """Whether the user says that a column is labels; None where its values decide."""
        if isinstance(self.discrete, Mapping):
            word = self.discrete.get(name, "auto")
            return None if isinstance(word, str) else bool(word)
        return said_discrete(self.discrete, place)

    def refuse(self, name: str, n_missing: int) -> None:
        """Raise for missing samples where they are not to be there."""
        if self.nan_policy == "raise" and self.missing is None and n_missing:
            raise ValueError(
                f"The input contains nan values: {name} must have no missing samples under "
                f"nan_policy='raise', got {n_missing}"
            )


def batch_size(features: Features) -> int:
    """Number of columns to code at a time, so that their codes take at most 256 MB."""
    return min(max(_BATCH // features.n_rows, _FEWEST_COLUMNS), len(features.names))


def code_target(values: Any, name: str, coding: Coding, *, stacklevel: int) -> CodeMatrix:
    """
    Codes of a target, as a matrix of one column; it must have two values at least.

    Labels that are nearly all different are warned of.
    """
    column = Features([name], None, [values])
    target = _code_apart(column, range(1), coding, 1)
    coded = target.column(0)
    sizes = np.bincount(coded.codes, minlength=coded.n_levels + 1)[: coded.n_levels]
    occurring, n = int(np.count_nonzero(sizes)), int(sizes.sum())
    if occurring < 2:
        raise ValueError(
            f"the target {name!r} must have at least two values, "
            f"got {'one' if occurring else 'only missing ones'}: nothing can tell about it"
        )
    if target.labels[0] and 2 * occurring > n >= _FEWEST_ROWS:
        warnings.warn(
            f"the target {name!r} has {occurring} different labels among {n} rows: as a "
            f"label it can't be learned from",
            stacklevel=stacklevel + 1,
        )
    return target


def code_one(values: Any, name: str, coding: Coding, place: int) -> tuple[Coded, Array]:
    """
    Codes of one column, of labels or in bins of its own range, and where it is missing.

    The mask is empty where nothing is missing.
    """
    found = Column.of(values, f"column {name!r}").read(
        coding.said(name, place), moved=not _edges_given(coding.bins)
    )
    if isinstance(found, Coded):
        missing = found.invalid
        return found, missing if missing.any() else np.zeros(0, np.bool_)
    samples = found.values
    extent = find_range(samples)
    try:
        coded = Binning(coding.bins, coding.strategy).code(samples, extent=extent)
    except ValueError as error:
        raise ValueError(f"column {name!r}: {error}") from error
    return coded, np.isnan(samples) if extent[2] < samples.size else np.zeros(0, np.bool_)


def code_features(
    features: Features,
    coding: Coding,
    place: int = 0,
    done: Callable[[int], None] | None = None,
) -> CodeMatrix:
    """Codes of all columns, once."""
    array = features.array
    words = {coding.said(name, place) for name in features.names}
    apart = array is None or len(words) > 1 or array.dtype.itemsize > 8
    if array is not None and not apart:
        said = words.pop()
        if array.dtype.kind in "biu" and said is not False:
            return _code_whole_numbers(features, array, coding, place, said)
        if array.dtype.kind in "biuf" and not said:
            return _code_numbers(features, array, coding, place)
    return _code_apart(features, range(len(features.names)), coding, place, done)


def _matrix(
    features: Features,
    coded: list[Coded],
    n_missing: list[int],
    labels: list[bool],
    absent: dict[int, Array],
) -> CodeMatrix:
    """Columns that were coded one by one, side by side."""
    narrow = [i for i, c in enumerate(coded) if c.n_levels <= MOST_LEVELS]
    codes = np.empty((len(narrow), features.n_rows), np.uint8)
    for row, i in zip(codes, narrow, strict=True):
        row[:] = coded[i].codes
    return _assemble(
        features,
        codes,
        narrow,
        [c.n_levels for c in coded],
        n_missing,
        labels,
        {i: c for i, c in enumerate(coded) if c.n_levels > MOST_LEVELS},
        absent,
    )


def _assemble(
    features: Features,
    codes: Array,
    narrow: list[int],
    n_levels: list[int],
    n_missing: list[int],
    labels: list[bool],
    wide: dict[int, Coded],
    absent: dict[int, Array],
) -> CodeMatrix:
    places = np.full(len(features.names), -1, np.int64)
    places[narrow] = np.arange(len(narrow))
    levels = np.array(n_levels, np.int64)
    incomplete = np.zeros(places.size, np.bool_)
    for i in range(places.size):
        found = wide[i].codes if i in wide else codes[places[i]]
        incomplete[i] = bool(found.max(initial=0) == levels[i])
    return CodeMatrix(
        features.names,
        read_only(codes),
        read_only(places),
        read_only(levels),
        incomplete,
        np.array(n_missing, np.int64),
        np.array(labels, np.bool_),
        wide,
        absent,
    )


def _code_apart(
    features: Features,
    chosen: Any,
    coding: Coding,
    place: int,
    done: Callable[[int], None] | None = None,
) -> CodeMatrix:
    """Each column on its own."""
    given = _edges_given(coding.bins)
    settings = bins_of_columns(coding.bins, len(features.names))
    masks: dict[int, Array] = {}

    def code(i: int) -> tuple[Coded, int, bool]:
        name = features.names[i]
        own = coding._replace(bins=settings[i])
        coded, absent = code_one(features.values(i), name, own, place)
        labels = coded.edges is None
        if len(coded.codes) != features.n_rows:
            raise ValueError(
                f"column {name!r} must have {features.n_rows} rows, got {len(coded.codes)}"
            )
        n_missing = int(np.count_nonzero(absent))
        coding.refuse(name, n_missing)
        if coding.missing == "category":
            return with_missing_level(coded, absent), 0, labels
        if given and n_missing and not labels:
            masks[i] = absent
        return coded, n_missing, labels

    found = run_in_order(code, list(chosen), done=done)
    coded, n_missing, labels = (list(part) for part in zip(*found, strict=True))
    return _matrix(features, coded, n_missing, labels, masks)


def _code_numbers(features: Features, array: Array, coding: Coding, place: int) -> CodeMatrix:
    """Numbers in bins, by parts of the rows in which the columns lie together."""
    try:
        found = discretize(array, coding.bins, strategy=coding.strategy)
    except ValueError:
        settings = bins_of_columns(coding.bins, len(features.names))
        for i, name in enumerate(features.names):  # which column is it?
            code_one(features.values(i), name, coding._replace(bins=settings[i]), place)
        raise
    n_levels = [int(n) for n in found.n_levels]
    given = _edges_given(coding.bins)
    masks: dict[int, Array] = {}
    n_missing = [0] * len(n_levels)
    coded: list[Coded] = []
    for i, name in enumerate(features.names):
        codes = found.codes[:, i]
        column = Coded(codes, n_levels[i])
        if codes.max() == n_levels[i]:
            absent = np.isnan(array[:, i]) if given or coding.missing else column.invalid
            n_missing[i] = int(np.count_nonzero(absent))
            coding.refuse(name, n_missing[i])
            if coding.missing == "category":
                column, n_missing[i] = with_missing_level(column, absent), 0
            elif given and n_missing[i]:
                masks[i] = absent
        coded.append(column)
    if found.codes.dtype == np.uint8 and all(
        c.codes.base is found.codes and c.n_levels <= MOST_LEVELS for c in coded
    ):
        columns = list(range(len(coded)))
        labels = [False] * len(coded)
        return _assemble(features, found.codes.T, columns, n_levels, n_missing, labels, {}, masks)
    return _matrix(features, coded, n_missing, [False] * len(coded), masks)


def _edges_given(bins: Any) -> bool:
    """Whether edges are given, for any column."""
    apart = isinstance(bins, (list, tuple)) and any(np.ndim(b) or isinstance(b, str) for b in bins)
    return any(not isinstance(b, str) and np.ndim(b) > 0 for b in (bins if apart else [bins]))


def _code_whole_numbers(
    features: Features, array: Array, coding: Coding, place: int, said: bool | None
) -> CodeMatrix:
    """Whole numbers and booleans: their distances from the least one, where those are small."""
    a = array.view(np.uint8) if array.dtype.kind == "b" else array
    least, most = _ranges(a)
    spread = [int(high) - int(low) + 1 for low, high in zip(least, most, strict=True)]
    if max(spread) > (MOST_LEVELS if said else MOST_LABELS):
        return _code_apart(features, range(len(features.names)), coding, place)
    n, f = a.shape
    names = list(range(f))
    if a.dtype == np.uint8 and not least.any() and a.T.flags.c_contiguous:
        codes = a.T
    else:
        codes = np.empty((f, n), np.uint8)

        def turn(span: tuple[int, int]) -> None:
            part = slice(*span)
            turn_to_bytes(_native(a[part]), read_only(least), codes[:, part])

        run_in_order(turn, spans(n, _TURNED))
    return _assemble(features, codes, names, spread, [0] * f, [True] * f, {}, {})


def _native(a: Array) -> Array:
    """A part of a matrix as a kernel takes it: aligned, in the machine's byte order, read-only."""
    return read_only(np.require(a, a.dtype.newbyteorder("="), ["A"]))


def _ranges(a: Array) -> tuple[Array, Array]:
    """Least and largest number of each column of whole numbers."""
    if abs(a.strides[0]) < abs(a.strides[1]):
        return a.min(axis=0), a.max(axis=0)

    def measure(span: tuple[int, int]) -> tuple[Array, Array]:
        part = _native(a[slice(*span)])
        low, high = part[0].copy(), part[0].copy()
        column_ranges(part, low, high, np.zeros(low.size, np.int64))
        return low, high

    lows, highs = zip(*run_in_order(measure, spans(len(a), _TURNED)), strict=True)
    return np.min(lows, axis=0), np.max(highs, axis=0)
