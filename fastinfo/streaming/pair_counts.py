"""Counts of all pairs of columns, for data in parts, from which a matrix follows."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._bins.surveys import Survey, check_streamed_bins
from fastinfo._columns.code_matrix import MOST_LEVELS, CodeMatrix
from fastinfo._columns.matrix.information_matrix import InformationMatrix, labelled
from fastinfo._columns.matrix.matrix_labels import MatrixLabels
from fastinfo._columns.notes import notes_of_samples, warn_of_notes
from fastinfo._columns.pairs.all_pairs import count_all
from fastinfo._columns.pairs.panels import Panel
from fastinfo._core.as_json import counted
from fastinfo._core.checks import Array, base_divisor, choice, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._core.limits import check_memory
from fastinfo._core.threads import run_in_order
from fastinfo._counts.as_json import table_sums
from fastinfo._counts.dense import unmoved
from fastinfo._counts.dense_or_sparse import STREAMED_PAIRS
from fastinfo._counts.table import Table
from fastinfo._measures.chance import Sizes, size_weights
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.information import AVERAGES, measure_pair
from fastinfo._measures.misleading import tell_chance_in_pairs
from fastinfo._tables.parts import as_part, check_column_names, rows_of_part
from fastinfo.kernels.information.pair_tables import open_table
from fastinfo.streaming.stored_counts import StoredCounts, columns_from_plain
from fastinfo.streaming.streamed_column import Part, StreamedColumn

_ROWS_AT_ONCE = 1 << 17
_TABLE = 600  # bytes of the table of a pair, apart from its cells


class PairCounts(StoredCounts):
    """
    Counts of all pairs of columns, for data that arrives in parts.

    Counts can be added: parts of the data, counted in any order and on any machine, give the counts
    of the whole, and the same matrix as :func:`mutual_information_matrix`. Each pair has a table of
    counts. With the rule "mi", its size grows with the square root of the number of rows; with a
    fixed number of `bins`, it does not grow.

    Parameters
    ----------
    names : sequence of str
        Names of the columns. Parts that are arrays must have them in this order.
    bins : int, edges or str, or a list of those, optional
        Bins of numbers: a number of bins, edges, or a rule that needs only the number of samples:
        "mi" (default), "sqrt", "sturges" or "rice". A list has one entry for each column.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    discrete : {"auto", True, False} or mapping of str to bool, optional
        Which columns are labels, as in :func:`rank_features`.
    surveys : mapping of str to Survey, optional
        Survey of each column of numbers, from :func:`fastinfo.streaming.survey`. It determines the
        bins, unless `bins` are edges.

    Attributes
    ----------
    n_rows : int
        Number of rows so far.

    Examples
    --------
    >>> from fastinfo.streaming import PairCounts
    >>> counts = PairCounts(["a", "b"])
    >>> _ = counts.update([[0, 0], [0, 1]]).update([[1, 0], [1, 1]])
    >>> counts.matrix(base=2)
            a       b
    a  1.0000  0.0000
    b  0.0000  1.0000
    [2 x 2, bits, entropies on the diagonal]
    """

    _kind = "PairCounts"

    def __init__(
        self,
        names: Sequence[str],
        *,
        bins: Any = "mi",
        strategy: str = EQUAL_COUNTS,
        discrete: Any = "auto",
        surveys: Mapping[str, Survey] | None = None,
    ) -> None:
        check_column_names(names)
        surveys = {} if surveys is None else surveys
        binning = Binning(bins, strategy, discrete=discrete)
        binning.check_names(names)
        options = binning.columns(names)
        for own in options:
            check_streamed_bins(own.bins, strategy)
        self.columns = [
            StreamedColumn(n, own.bins, own.said, surveys.get(n), strategy)
            for n, own in zip(names, options, strict=True)
        ]
        self.n_rows = 0
        self._pending: list[list[Part]] = []
        self._tables: dict[tuple[int, int], Table] = {}
        self.know({})

    def update(self, X: Any) -> Self:
        """
        Add a part of the data, and return the object itself.

        `X` is an array or any table that :func:`rank_features` accepts. ``TypeError`` or
        ``ValueError`` is raised if a column is missing or has another type than before, or if the
        tables exceed the memory.
        """
        values = as_part(X, [column.name for column in self.columns])
        n = rows_of_part(values)
        if not n:
            return self

        columns = [column.copy() for column in self.columns]  # if the part is invalid

        def code(i: int) -> Part:
            return columns[i].take(columns[i].read(values[i]))

        parts = run_in_order(code, range(len(values)))
        _check_growth(self.columns, columns)
        changes = [part.before is not None or part.now is not None for part in parts]
        if any(changes):
            self._count_pending()
        self.columns = columns
        self.n_rows += n
        if any(changes):
            self._place([part.before for part in parts])
        self._pending.append(parts)
        if any(changes) or sum(len(p[0].coded.codes) for p in self._pending) >= _ROWS_AT_ONCE:
            self._count_pending()
        return self

    def _count_pending(self) -> None:
        """Count the parts that wait for others, because counting many rows at a time is faster."""
        pending, self._pending = self._pending, []
        if len(pending) > 1:
            columns = [[parts[i].coded for parts in pending] for i in range(len(self.columns))]
            self._count([Part(_joined(coded), None, None) for coded in columns])
        elif pending:
            self._count(pending[0])

    def _place(self, before: Sequence[Array | None]) -> None:
        """Make room for new levels; return the new places of the known codes."""
        most = min(self.n_rows, STREAMED_PAIRS)
        for (i, j), table in self._tables.items():
            self._tables[i, j] = table.placed(before[i], before[j], self._shape(i, j), most)

    def _shape(self, i: int, j: int) -> tuple[int, int]:
        return self.columns[i].n_codes, self.columns[j].n_codes

    def _count(self, parts: Sequence[Part]) -> None:
        """Add the counts of the codes of some parts."""
        n = len(parts[0].coded.codes)
        now = [unmoved(part.now, part.coded.n_levels) for part in parts]
        levels = np.array([part.coded.n_levels for part in parts], np.int64)
        narrow = np.flatnonzero(levels <= MOST_LEVELS)
        codes = np.empty((narrow.size, n), np.uint8)
        for row, i in zip(codes, narrow.tolist(), strict=True):
            row[:] = parts[i].coded.codes
        places = np.full(levels.size, -1, np.int64)
        places[narrow] = np.arange(narrow.size)
        nothing = np.zeros(levels.size, np.bool_)
        matrix = CodeMatrix(
            [column.name for column in self.columns],
            read_only(codes),
            read_only(places),
            read_only(levels),
            nothing,
            np.zeros(levels.size, np.int64),
            nothing,
            {i: part.coded for i, part in enumerate(parts) if places[i] < 0},
            {},
        )

        def use(x: Panel, y: Panel, same: bool, by_planes: bool, counts: Array) -> None:
            layouts = x.layout(by_planes), y.layout(by_planes)
            for a, i in enumerate(x.columns.tolist()):
                for b in range(a if same else 0, y.columns.size):
                    j = int(y.columns[b])
                    shape = int(x.levels[a]), int(y.levels[b])
                    cells, *margins = (np.empty(m) for m in (shape[0] * shape[1], *shape))
                    open_table(counts, layouts[0], a, layouts[1], b, cells, *margins)
                    self._add(now, i, j, Table.of(cells.astype(np.int64).reshape(shape)))

        count_all(matrix, None, use)
        for i, j in self._tables:
            if places[i] < 0 or places[j] < 0:
                x, y = matrix.column(i), matrix.column(j)
                self._add(now, i, j, Table.count(x, y))

    def _add(self, now: Sequence[Array | None], i: int, j: int, table: Table) -> None:
        if i > j:
            i, j, table = j, i, table.T
        self._tables[i, j].add(table, now[i], now[j])

    def merge(self, other: PairCounts) -> Self:
        """Add the counts of other rows in place; names, options, types and edges must be equal."""
        if not isinstance(other, PairCounts):
            raise TypeError(f"other must be PairCounts, got {type(other).__name__}")
        mine, theirs = ([c.name for c in counts.columns] for counts in (self, other))
        if mine != theirs:
            raise ValueError(f"other must have the same columns, {mine}, got {theirs}")
        self._count_pending()
        other._count_pending()
        columns = [column.copy() for column in self.columns]
        places = [c.join(d) for c, d in zip(columns, other.columns, strict=True)]
        self.columns = columns
        self.n_rows += other.n_rows
        self._place([before for before, _ in places])
        for (i, j), table in self._tables.items():
            table.add(other._tables[i, j], places[i][1], places[j][1])
        return self

    def know(self, ranges: Mapping[int, Survey]) -> None:
        """Set the ranges of columns by their places, before anything is counted."""
        before = [column.copy() for column in self.columns] if self._tables else []
        for i, one in ranges.items():
            self.columns[i].know(one)
        _check_growth(before, self.columns)
        n = len(self.columns)
        pairs: Iterable[tuple[int, int]] = _pairs(n)
        if self._tables:
            pairs = ((min(i, j), max(i, j)) for i in ranges for j in range(n))
        self._tables.update({pair: Table.empty(*self._shape(*pair)) for pair in pairs})

    def streamed(self) -> list[StreamedColumn]:
        """The columns."""
        return list(self.columns)

    def _settled(self) -> PairCounts:
        """A copy in which columns with few distinct numbers are binned, by all of their values."""
        self._count_pending()
        columns = [column.copy() for column in self.columns]
        places = [c.settle(self._tables[i, i].margin(0)) for i, c in enumerate(columns)]
        if all(one is None for one in places):
            return self
        _check_growth([], columns)
        found = copy.copy(self)
        found.columns = columns
        found._tables = {
            (i, j): table.placed(places[i], places[j], found._shape(i, j), STREAMED_PAIRS)
            for (i, j), table in self._tables.items()
        }
        return found

    def dropped(self) -> list[tuple[int, int]]:
        """For each column, the number of samples outside the edges, and of missing samples."""
        self._count_pending()
        sums = [self._tables[i, i].margin(0) for i in range(len(self.columns))]
        return [(int(counts[-2]), int(counts[-1])) for counts in sums]

    def matrix(
        self,
        *,
        base: float | None = None,
        correction: str | float | None = None,
        normalized: str | None = None,
        nan_policy: str = "omit",
        missing: str | None = None,
    ) -> InformationMatrix:
        """
        Return the mutual information of all pairs of columns, with entropies on the diagonal.

        The options are those of :func:`mutual_information_matrix`. ``ValueError`` is raised if
        there are no rows, or an option is unknown.
        """
        base_divisor(base)
        correction = check_correction(correction, of_information=True)
        choice(normalized, "normalized", (None, *AVERAGES))
        asked = Binning(missing=missing, nan_policy=nan_policy)
        if not self.n_rows:
            raise ValueError("X must have at least one row, got none")
        return self._settled()._matrix(asked, base, correction, normalized)

    def _matrix(
        self, asked: Binning, base: float | None, correction: Any, normalized: str | None
    ) -> InformationMatrix:
        nan_policy, missing = asked.nan_policy, asked.missing
        gone = [self._tables[i, i].last for i in range(len(self.columns))]
        kept = []
        for column, n_missing in zip(self.columns, gone, strict=True):
            asked.refuse(column.name, n_missing)
            kept.append(column.kept(missing == "category" and n_missing > 0))

        def measure(pair: tuple[int, int]) -> float:
            i, j = pair
            table = self._tables[pair].placed(kept[i], kept[j])
            left_out = nan_policy == "propagate" and missing is None and (gone[i] or gone[j])
            if not table.n or left_out:
                return float("nan")
            return measure_pair(table, i == j, correction, normalized)

        pairs = list(self._tables)
        out = np.empty((len(self.columns),) * 2)
        for (i, j), value in zip(pairs, run_in_order(measure, pairs), strict=True):
            out[i, j] = out[j, i] = value
        self.warn_of_outside()
        own = [self._tables[i, i].placed(places, places) for i, places in enumerate(kept)]
        levels = self._warn(own)
        if correction is None and normalized is None:
            tell_chance_in_pairs(out, self.n_rows, levels)
        if normalized is None:
            out /= base_divisor(base)
        names = [column.name for column in self.columns]
        sizes = Sizes(
            np.array([size_weights(table.x_counts) for table in own]),
            np.array([float(table.n) for table in own]) / self.n_rows,
        )
        options = base, correction, normalized
        labels = MatrixLabels(names, names, True, *options, (sizes, sizes), self.n_rows)
        return labelled(out, labels)

    def _warn(self, own: list[Table]) -> list[tuple[str, int]]:
        """Warn about columns with notes; return the columns with their number of values."""
        notes, levels = {}, []
        for i, column in enumerate(self.columns):
            table = own[i]
            found = int(table.occurring[0]), int(table.n), self.n_rows
            labels = column.edges is None and not column.discrete
            notes[column.name] = notes_of_samples(*found, labels=labels)
            levels.append((column.name, found[0] if column.edges is None else 0))
        warn_of_notes(notes)
        return levels

    def _check_sums(self) -> None:
        """Raise an error for tables that don't count the same rows."""
        own = [self._tables[i, i] for i in range(len(self.columns))]
        sums = [table_sums(table, 0) for table in own]
        for table in own:
            rows, columns, _ = table.cells()
            if table.n != self.n_rows or not np.array_equal(rows, columns):
                raise ValueError("each row must be counted once in each table")
        for (i, j), table in self._tables.items():
            if table_sums(table, 0) != sums[i] or table_sums(table, 1) != sums[j]:
                raise ValueError("tables must have the same sums for each column")

    def _stored(self) -> list[Table]:
        return list(self._tables.values())

    def _plain(self) -> dict[str, Any]:
        self._count_pending()
        return {"n_rows": self.n_rows, "columns": [column.to_dict() for column in self.columns]}

    @classmethod
    def _read(cls, data: Any, read_tables: Callable[..., list[Table]]) -> Self:
        columns = columns_from_plain(data["columns"])
        found = cls.__new__(cls)
        found.columns, found._pending = columns, []
        found.n_rows = counted(data["n_rows"], "n_rows")
        n = len(columns)
        shapes = (found._shape(*pair) for pair in _pairs(n))
        tables = read_tables(data["tables"], n * (n + 1) // 2, shapes)
        found._tables = dict(zip(_pairs(n), tables, strict=True))
        found._check_sums()
        return found


def _pairs(n: int) -> Iterator[tuple[int, int]]:
    """The places of all pairs of columns, including each column with itself."""
    return itertools.combinations_with_replacement(range(n), 2)


def _check_growth(before: Sequence[StreamedColumn], now: Sequence[StreamedColumn]) -> None:
    """Raise an error if the tables would grow beyond the memory."""
    check_memory(
        _bytes_of(now) - _bytes_of(before),
        f"the tables of all pairs of {len(now)} columns",
        "use fewer columns, or fewer bins (bins=)",
    )


def _bytes_of(columns: Sequence[StreamedColumn]) -> float:
    """Bytes of the tables of all pairs."""
    sizes = np.array([min(c.n_codes, MOST_LEVELS) for c in columns], np.float64)
    cells = (sizes.sum() ** 2 + (sizes**2).sum()) / 2.0
    return float(8 * cells + _TABLE * sizes.size * (sizes.size + 1) / 2)


def _joined(parts: Sequence[Coded]) -> Coded:
    """Codes of one column, one part after another."""
    codes = np.concatenate([coded.codes for coded in parts])
    return Coded(codes, max(coded.n_levels for coded in parts))
