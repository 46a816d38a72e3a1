"""Code sparse columns at a cost that depends on the stored samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._codes.label_or_number import MOST_LABELS
from fastinfo._column_readers.sparse_columns import SparseColumn, SparseColumns
from fastinfo._columns.sparse.edges import bin_column
from fastinfo._columns.sparse.sparse_codes import SparseCodes
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._core.threads import run_in_order
from fastinfo.kernels.encoding import sparse_levels as kernels

_STORED = 1 << 20  # samples that are coded at a time, approximately
_COLUMNS = 1 << 12  # the most columns at a time
_LARGEST = 2**53  # float64 represents all integers up to this

#: A function that codes one column with all its rows, for what :func:`code_sparse` does not code.
CodeWhole = Callable[[int], tuple[Coded, int, Array | None]]


@dataclass
class CodedParts:
    """Everything about each column once it is coded; columns in `wide` are not among the codes."""

    codes: SparseCodes
    n_levels: Array
    n_missing: Array
    labels: Array
    incomplete: Array
    wide: dict[int, Coded] = field(default_factory=dict)
    absent: dict[int, Array] = field(default_factory=dict)
    infinite: dict[str, int] = field(default_factory=dict)


def runs_of(columns: Sequence[SparseColumn]) -> list[SparseColumns]:
    """Neighbouring columns of the same dtype and fill, side by side."""
    if isinstance(columns, SparseColumns):
        return [columns]
    runs: list[list[SparseColumn]] = []
    last = None
    for column in columns:
        fill = None if column.fill != column.fill else column.fill
        if (column.dtype, fill) != last:
            runs.append([])
        last = column.dtype, fill
        runs[-1].append(column)
    return [SparseColumns.join(run) for run in runs]


def _words(options: Sequence[Binning]) -> list[bool | None]:
    """What the user says about each column; most columns have the same options."""
    out: list[bool | None] = []
    last, said = None, None
    for own in options:
        if own is not last:
            last, said = own, own.said
        out.append(said)
    return out


class _Coder:
    """Columns of one dtype and fill value, whose codes are a part of all codes."""

    def __init__(
        self,
        columns: SparseColumns,
        names: Sequence[str],
        options: Sequence[Binning],
        whole: CodeWhole,
        most_levels: int,
        first: int,
    ) -> None:
        self.columns, self._names, self._options, self._whole = columns, names, options, whole
        self._most_levels, self.first = most_levels, first
        self._said = _words(options)
        f = len(columns)
        self.codes = np.zeros(columns.values.size, np.uint8)
        self.usual = np.zeros(f, np.uint8)
        self.n_levels = np.full(f, -1, np.int64)
        self.n_missing = np.zeros(f, np.int64)
        self.labels = np.ones(f, np.bool_)
        self.incomplete = np.zeros(f, np.bool_)
        self.wide: dict[int, Coded] = {}
        self.absent: dict[int, Array] = {}
        self.infinite: dict[str, int] = {}

    def spans(self) -> list[tuple[int, int]]:
        """Columns that are coded together."""
        starts, f = self.columns.starts, len(self.columns)
        out = []
        first = 0
        while first < f:
            last = int(np.searchsorted(starts, starts[first] + _STORED, side="right")) - 1
            last = min(max(last, first + 1), first + _COLUMNS, f)
            out.append((first, last))
            first = last
        return out

    def code(self, span: tuple[int, int]) -> None:
        """Code the columns of a span."""
        first, last = span
        words = set(self._said[first:last])
        kind = self.columns.values.dtype.kind
        for word in words:
            most = self._most_labels(word, kind)
            if most:
                others = [i for i in range(first, last) if self._said[i] is not word]
                self._code_labels(first, last, most, others)
        for i in range(first, last):
            if self.n_levels[i] < 0:
                self._code_one(i, kind)
            elif self.n_missing[i]:
                self._place_missing(i)

    def _most_labels(self, said: bool | None, kind: str) -> int:
        """Up to how many distinct values are labels; 0 if they are numbers."""
        if said is False or (said is None and kind == "f"):
            return 0
        return self._most_levels - 1 if said or kind == "b" else MOST_LABELS

    @staticmethod
    def _inexact(part: SparseColumns) -> list[int]:
        """Which columns have values that float64 can't distinguish."""
        values, m = part.values, len(part)
        if values.dtype.kind not in "iu" or values.itemsize < 8 or not values.size:
            return []
        if abs(int(part.fill)) >= _LARGEST:
            return list(range(m))
        if max(-int(values.min()), int(values.max())) < _LARGEST:
            return []
        large = values >= _LARGEST
        if values.dtype.kind == "i":
            large |= values <= -_LARGEST
        places = np.searchsorted(part.starts, np.flatnonzero(large), side="right") - 1
        return list(np.unique(places).tolist())

    def _code_labels(self, first: int, last: int, most: int, others: Sequence[int]) -> None:
        """Code the columns with few values, except `others`, whose options differ."""
        part = self.columns[first:last]
        m = len(part)
        sizes, levels = np.empty(m, np.int64), np.empty(m * most)
        sides = read_only(part.starts), read_only(part.values.astype(np.float64))
        fill = float(part.fill)
        kernels.few_levels(*sides, part.n_rows, fill, most, levels, sizes)
        sizes[self._inexact(part)] = -1
        sizes[[i - first for i in others]] = -1
        own = slice(int(self.columns.starts[first]), int(self.columns.starts[last]))
        codes, usual = self.codes[own], self.usual[first:last]
        missing = np.zeros(m, np.int64)
        kernels.codes_of_levels(
            *sides, part.n_rows, fill, most, levels, sizes, codes, usual, missing
        )
        found = sizes >= 0
        self.n_levels[first:last][found] = sizes[found]
        self.n_missing[first:last][found] = missing[found]
        self.incomplete[first:last][found] = missing[found] > 0

    def _place_missing(self, i: int) -> None:
        """Treat the missing labels of a column as requested."""
        own = self._options[i]
        own.refuse(self._names[i], int(self.n_missing[i]))
        if own.missing != "category":
            return
        if self.n_levels[i] + 1 >= self._most_levels:
            self._code_whole(i)
            return
        self.n_levels[i] += 1  # missing samples already have its code
        self.n_missing[i], self.incomplete[i] = 0, False

    def _code_one(self, i: int, kind: str) -> None:
        """A column of numbers, or of many labels."""
        own, name = self._options[i], self._names[i]
        said = self._said[i]
        numbers = said is False or (said is None and kind != "b")
        found = None
        if numbers:
            try:
                found = bin_column(self.columns[i], own)
            except ValueError as error:
                raise ValueError(f"column {name!r}: {error}") from error
        if found is None or found.n_levels + 1 >= self._most_levels:
            self._code_whole(i)
            return
        n_missing = int(np.count_nonzero(found.missing))
        fill_missing = bool(self.columns.fill != self.columns.fill)
        if fill_missing:
            n_missing += self.columns.n_rows - found.missing.size
        own.refuse(name, n_missing)
        if found.n_infinite:
            self.infinite[name] = found.n_infinite
        levels, codes, usual = found.n_levels, found.codes, found.usual
        if own.missing == "category" and n_missing:
            codes = np.where(codes == levels, levels + 1, codes)
            codes[found.missing] = levels
            usual = levels if fill_missing else usual + (usual == levels)
            levels, n_missing = levels + 1, 0
        elif n_missing and (own.edges_given or found.n_infinite):
            mask = np.full(self.columns.n_rows, fill_missing)
            mask[self.columns[i].rows] = found.missing
            self.absent[i] = mask
        own_part = slice(int(self.columns.starts[i]), int(self.columns.starts[i + 1]))
        self.codes[own_part] = codes
        self.usual[i], self.n_levels[i], self.n_missing[i] = usual, levels, n_missing
        self.labels[i] = False
        implied = found.missing.size < self.columns.n_rows
        self.incomplete[i] = bool((codes == levels).any()) or (implied and usual == levels)

    def _code_whole(self, i: int) -> None:
        """Code a column with all its rows, like any dense column."""
        coded, self.n_missing[i], mask = self._whole(self.first + i)
        if mask is not None:
            self.absent[i] = mask
        self.n_levels[i], self.labels[i] = coded.n_levels, coded.edges is None
        self.incomplete[i] = bool((coded.codes == coded.n_levels).any())
        if coded.n_levels >= self._most_levels:
            self.wide[i] = coded
            return
        rows = self.columns[i].rows
        others = np.ones(self.columns.n_rows, np.bool_)
        others[rows] = False
        place = int(others.argmax())
        self.usual[i] = coded.codes[place] if others[place] else 0
        part = slice(int(self.columns.starts[i]), int(self.columns.starts[i + 1]))
        self.codes[part] = coded.codes[rows]


def code_by_distance(columns: SparseColumns, most_levels: int) -> CodedParts | None:
    """
    Code integers by their difference from the smallest number of their column.

    None if a column has a range above `most_levels`. Levels are all integers in the range, as for
    an array of integers.
    """
    values, starts = columns.values, columns.starts
    values = values.view(np.uint8) if values.dtype.kind == "b" else values
    fill = values.dtype.type(columns.fill)
    f, sizes = len(columns), np.diff(starts)
    least, most = np.full(f, fill), np.full(f, fill)
    kept = np.flatnonzero(sizes)
    if kept.size:
        low, high = (way.reduceat(values, starts[kept]) for way in (np.minimum, np.maximum))
        full = sizes[kept] == columns.n_rows
        least[kept] = np.where(full, low, np.minimum(low, fill))
        most[kept] = np.where(full, high, np.maximum(high, fill))
    low_end, high_end = int(least.min()), int(most.max())
    if high_end - low_end >= most_levels:
        spread = [int(b) - int(a) + 1 for a, b in zip(least.tolist(), most.tolist(), strict=True)]
        if max(spread) > most_levels:
            return None
        n_levels = np.array(spread, np.int64)
    else:
        n_levels = most.astype(np.int64) - least.astype(np.int64) + 1
    codes = (values - np.repeat(least, sizes)).astype(np.uint8)
    usual = np.where(sizes < columns.n_rows, fill - least, 0).astype(np.uint8)
    stored = SparseCodes(
        read_only(starts),
        read_only(columns.rows),
        read_only(codes),
        read_only(usual),
        columns.n_rows,
    )
    none = np.zeros(f, np.int64)
    return CodedParts(stored, n_levels, none, np.ones(f, np.bool_), np.zeros(f, np.bool_))


def code_sparse(
    columns: Sequence[SparseColumn],
    names: Sequence[str],
    options: Sequence[Binning],
    whole: CodeWhole,
    most_levels: int,
) -> CodedParts:
    """
    Codes of sparse columns.

    Columns with `most_levels` or more levels are wide. ``whole(i)`` codes one with all its rows.
    """
    coders = []
    first = 0
    for run in runs_of(columns):
        last = first + len(run)
        coders.append(
            _Coder(run, names[first:last], options[first:last], whole, most_levels, first)
        )
        first = last
    tasks = [(coder, span) for coder in coders for span in coder.spans()]
    run_in_order(lambda task: task[0].code(task[1]), tasks)
    runs = [coder.columns for coder in coders]
    bounds = np.cumsum([0, *(run.values.size for run in runs)])
    starts = np.concatenate(
        [[0], *(run.starts[1:] + b for run, b in zip(runs, bounds, strict=False))]
    )
    rows = runs[0].rows if len(runs) == 1 else np.concatenate([run.rows for run in runs])
    codes, usual, n_levels, n_missing, labels, incomplete = (
        np.concatenate([getattr(coder, name) for coder in coders])
        for name in ("codes", "usual", "n_levels", "n_missing", "labels", "incomplete")
    )
    stored = SparseCodes(
        read_only(starts.astype(np.int64)),
        read_only(rows),
        read_only(codes),
        read_only(usual),
        runs[0].n_rows,
    )
    found = CodedParts(stored, n_levels, n_missing, labels, incomplete)
    for coder in coders:
        found.wide |= {coder.first + i: own for i, own in coder.wide.items()}
        found.absent |= {coder.first + i: own for i, own in coder.absent.items()}
        found.infinite |= coder.infinite
    return found
