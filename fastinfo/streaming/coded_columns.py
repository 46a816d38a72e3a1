"""Codes of a table that arrives in parts: one byte per sample instead of eight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Self

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._bins.surveys import Survey, check_streamed_bins
from fastinfo._columns.code_matrix import MOST_LEVELS, CodeMatrix
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import Coded, code_dtype
from fastinfo._core.limits import check_memory
from fastinfo._core.messages import warn
from fastinfo._core.threads import run_in_order
from fastinfo._tables.parts import as_part, rows_of_part
from fastinfo.files.sources import Source
from fastinfo.streaming.runs import count_stream
from fastinfo.streaming.streamed_column import DROPPED, MISSING, Part, StreamedColumn


class _Coded(NamedTuple):
    """Codes of a part of a column, and the number of changes of the levels before this part."""

    codes: Array
    now: Array | None  #: new places of the codes after those changes
    version: int


class CodedColumns:
    """Codes of columns, to which parts can be added: see :class:`.folds.Counts`."""

    def __init__(self, columns: Sequence[StreamedColumn]) -> None:
        self.columns = list(columns)
        self.n_rows = 0
        self._parts: list[list[_Coded]] = [[] for _ in columns]
        self._changes: list[list[Array]] = [[] for _ in columns]  # of the levels so far, in order

    def streamed(self) -> list[StreamedColumn]:
        """The columns."""
        return list(self.columns)

    def know(self, ranges: Mapping[int, Survey]) -> None:
        """Set the ranges of columns by their places, before anything is coded."""
        for i, one in ranges.items():
            self.columns[i].know(one)

    def update(self, X: Any) -> Self:
        """Add a part."""
        values = as_part(X, [column.name for column in self.columns])
        n = rows_of_part(values)
        if not n:
            return self
        _check_size(self.n_rows + n, n, len(self.columns))
        columns = [column.copy() for column in self.columns]  # if the part is invalid

        def code(i: int) -> Part:
            return columns[i].take(columns[i].read(values[i]))

        for i, part in enumerate(run_in_order(code, range(len(values)))):
            if part.before is not None:
                self._changes[i].append(part.before)
            codes = np.array(part.coded.codes)  # a copy, not the part itself
            self._parts[i].append(_Coded(codes, part.now, len(self._changes[i])))
        self.columns = columns
        self.n_rows += n
        return self

    def dropped(self) -> list[tuple[int, int]]:
        """For each column, the number of samples outside the edges, and of missing samples."""
        found = []
        for i, column in enumerate(self.columns):
            beyond = self._codes(i) - column.n_levels
            found.append((int((beyond == DROPPED).sum()), int((beyond == MISSING).sum())))
        return found

    @property
    def _size(self) -> int:
        return sum(part.codes.nbytes for parts in self._parts for part in parts)

    def merge(self, other: Any) -> Self:
        """Not supported: a table is coded in one run."""
        raise TypeError("codes of parts are not merged")

    def _to_state(self) -> dict[str, Any]:
        raise TypeError("codes are not written to a checkpoint")

    @classmethod
    def _from_state(cls, state: Any) -> Self:
        raise TypeError("codes are not written to a checkpoint")

    def _codes(self, i: int) -> Array:
        """Codes of all rows of a column, including the codes for missing and outside."""
        column, changes = self.columns[i], self._changes[i]
        out = np.empty(self.n_rows, code_dtype(column.n_codes))
        places: Array | None = None  # places of an earlier version's codes in the last version
        version, last = len(changes), self.n_rows
        for part in reversed(self._parts[i]):
            while version > part.version:
                version -= 1
                places = changes[version] if places is None else places[changes[version]]
            codes, first = part.codes, last - part.codes.size
            now = part.now
            if places is not None:
                now = places if now is None else places[now]
            out[first:last] = codes if now is None else now[codes]
            last = first
        return out

    def _take(self, i: int) -> tuple[StreamedColumn, Array]:
        """Return a column in its final form, and its codes; release the codes of its parts."""
        column, codes = self.columns[i].copy(), self._codes(i)
        self._parts[i] = []
        places = column.settle(np.bincount(codes, minlength=column.n_codes))
        if places is not None:
            codes = places[codes].astype(code_dtype(column.n_codes))
        return column, codes

    def matrix(self, options: Sequence[Binning]) -> CodeMatrix:
        """Return the codes of all columns in one matrix, and release the parts."""
        n_levels: list[int] = []
        n_missing: list[int] = []
        labels: list[bool] = []
        narrow: list[int] = []
        wide: dict[int, Coded] = {}
        absent: dict[int, Array] = {}
        infinite: dict[str, int] = {}
        rows = np.empty((len(self.columns), self.n_rows), np.uint8)
        for i, own in enumerate(options):
            column, codes = self._take(i)
            levels = column.n_levels
            dropped, missing = (codes == levels + k for k in (DROPPED, MISSING))
            lost, outside = int(np.count_nonzero(missing)), int(np.count_nonzero(dropped))
            levels = max(levels, 1)  # also for a column without values, as in memory
            own.refuse(column.name, lost)
            if outside and not column.given:
                infinite[column.name] = outside
            as_level = own.missing == "category" and lost > 0
            if as_level:
                codes = codes.astype(code_dtype(levels + 1), copy=False)
                codes[missing], codes[dropped] = levels, levels + 1
                levels, lost = levels + 1, 0
            else:
                codes[missing | dropped] = levels
                if lost and outside:
                    absent[i] = missing
            n_levels.append(levels)
            n_missing.append(lost)
            labels.append(column.edges is None)
            if levels <= MOST_LEVELS:
                rows[len(narrow)] = codes
                narrow.append(i)
            else:
                wide[i] = Coded(read_only(codes), levels)
        names = [column.name for column in self.columns]
        sides = rows[: len(narrow)], narrow, n_levels, n_missing, labels
        return CodeMatrix.of(names, *sides, wide, absent, infinite)


def code_source(
    source: Source,
    names: Sequence[str],
    binning: Binning,
    target: str | None = None,
    report: Callable[[int, int], None] | None = None,
) -> tuple[CodeMatrix, CodeMatrix | None]:
    """Codes of the columns of a source, and of a target if there is one."""
    options = binning.columns(names)
    given = list(names)
    if target is not None:
        given.append(target)
        options = [*options, *binning.columns([target], 1)]
    if source.n_rows is not None:
        _check_size(source.n_rows, source.n_rows, len(given))
    columns = [
        StreamedColumn(name, own.bins, own.said, None, own.strategy)
        for name, own in zip(given, options, strict=True)
    ]
    coded: CodedColumns = count_stream(source, CodedColumns(columns), report=report)
    if source.changed:
        warn(
            f"{source.label} was not the same when it was read again, so the result mixes "
            f"different data: pass a table in memory, or write it to a file and open that"
        )
    if not coded.n_rows:
        raise ValueError("X must have at least one row, got none")
    matrix = coded.matrix(options)
    if target is None:
        return matrix, None
    infinite, last = dict(matrix.infinite), len(names)
    own = {target: infinite.pop(target)} if target in infinite else {}
    x, y = (matrix.chosen(places) for places in (np.arange(last), np.array([last])))
    return replace(x, infinite=infinite), replace(y, infinite=own)


def can_code(binning: Binning) -> bool:
    """Whether edges can be found for samples that arrive in parts."""
    bins = binning.bins
    try:
        for own in bins if isinstance(bins, (list, tuple)) else (bins,):
            check_streamed_bins(own, binning.strategy)
    except (TypeError, ValueError):  # the error comes when they are needed
        return False
    return True


def _check_size(n_rows: int, n_new: int, n_columns: int) -> None:
    """Raise an error if the codes don't fit into memory after `n_new` more rows."""
    what = f"codes of {n_columns} columns of {n_rows:,} rows"
    check_memory(float(n_new) * n_columns, what, "use fewer columns or rows")
