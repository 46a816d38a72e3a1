"""Counts of many columns against a target, for data in parts, from which a ranking follows."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._bins.surveys import Survey, check_streamed_bins
from fastinfo._columns.ranked import Measured, Ranking, RankOptions, measure_counts, ranking_of
from fastinfo._core.as_json import counted
from fastinfo._core.checks import Array
from fastinfo._core.threads import run_in_order
from fastinfo._counts.as_json import table_sums
from fastinfo._counts.dense_or_sparse import STREAMED_PAIRS
from fastinfo._counts.table import Table
from fastinfo._tables.parts import as_part, check_column_names, rows_of_part
from fastinfo._tables.targets import read_target
from fastinfo.files.formats.file import unknown_column
from fastinfo.streaming.stored_counts import StoredCounts, columns_from_plain
from fastinfo.streaming.streamed_column import Part, StreamedColumn

if TYPE_CHECKING:
    from fastinfo.histograms.supervised import SupervisedSplits


class ColumnCounts(StoredCounts):
    """
    Counts of columns against a target, for data that arrives in parts.

    Counts can be added: parts of the data, counted in any order and on any machine, give the counts
    of the whole, and the same ranking as :func:`rank_features`.

    Parameters
    ----------
    names : sequence of str
        Names of the columns. Parts that are arrays must have them in this order.
    target : str
        Name of the target.
    bins : int, edges or str, optional
        Bins of numbers: a number of bins, edges, or a rule that needs only the number of samples:
        "mi" (default), "sqrt", "sturges" or "rice".
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths. With more than 100,000 samples,
        equal counts are off by at most a twentieth, or a warning says by how much.
    discrete : {"auto", True, False}, a pair of those, or mapping of str to bool, optional
        Which columns are labels, and whether the target is, as in :func:`rank_features`.
    surveys : mapping of str to Survey, optional
        Survey of each column of numbers, from :func:`fastinfo.streaming.survey`. It determines the
        bins, unless `bins` are edges. A column without a survey may have up to 32 different
        numbers.
    target_survey : Survey, optional
        Survey of the target, if `surveys` does not contain it under its name.

    Attributes
    ----------
    n_rows : int
        Number of rows so far.

    Examples
    --------
    >>> import numpy as np
    >>> from fastinfo.streaming import ColumnCounts
    >>> counts = ColumnCounts(["a", "b"], "t", bins=np.linspace(0, 1, 5))
    >>> rng = np.random.default_rng(0)
    >>> for _ in range(3):
    ...     X = rng.random((1000, 2))
    ...     _ = counts.update(X, X[:, 1] > rng.random(1000))
    >>> counts.ranking()[0].name, counts.n_rows
    ('b', 3000)
    """

    _kind = "ColumnCounts"

    def __init__(
        self,
        names: Sequence[str],
        target: str = "y",
        *,
        bins: Any = "mi",
        strategy: str = EQUAL_COUNTS,
        discrete: Any = "auto",
        surveys: Mapping[str, Survey] | None = None,
        target_survey: Survey | None = None,
    ) -> None:
        check_streamed_bins(bins, strategy)
        check_column_names(names)
        binning = Binning(bins, strategy, discrete=discrete)
        binning.check_names([*names, target])
        surveys = {} if surveys is None else surveys
        self.columns = [
            StreamedColumn(n, bins, binning.said_of(n, 0), surveys.get(n), strategy) for n in names
        ]
        survey = surveys.get(target) if target_survey is None else target_survey
        self.target = StreamedColumn(target, bins, binning.said_of(target, 1), survey, strategy)
        self.n_rows = 0
        self._tables: list[Table] = []
        self.know({})

    def update(self, X: Any, y: Any = None) -> Self:
        """
        Add a part of the data, and return the object itself.

        `X` is an array or any table that :func:`rank_features` accepts. `y` is the target; by
        default, it is the column of `X` with the name of the target. ``TypeError`` or
        ``ValueError`` is raised if a column is missing, has another type than before, or has
        another length.
        """
        names = [column.name for column in self.columns]
        if y is None:
            *values, target = as_part(X, [*names, self.target.name])
        else:
            values = as_part(X, names)
            if not (rows_of_part(values) or len(y)):
                return self
            target = read_target(y)[0]
        if any(len(v) != len(target) for v in values):
            raise ValueError(
                f"X and y must have the same length, got {rows_of_part(values)} and {len(target)}"
            )
        if not len(target):
            return self
        # Code and count everything before anything changes, so that an invalid part adds nothing.
        *columns, goal = (column.copy() for column in self.streamed())
        y_part = goal.take(goal.read(target))

        def count(i: int) -> tuple[Part, Table]:
            part = columns[i].take(columns[i].read(values[i]))
            return part, Table.count(part.coded, y_part.coded)

        counted = run_in_order(count, range(len(columns)))
        n = self.n_rows + len(target)
        most = min(n, STREAMED_PAIRS)
        tables = [
            table.placed(part.before, y_part.before, (column.n_codes, goal.n_codes), most)
            for table, column, (part, _) in zip(self._tables, columns, counted, strict=True)
        ]
        self.columns, self.target, self._tables, self.n_rows = columns, goal, tables, n
        for table, (part, found) in zip(tables, counted, strict=True):
            table.add(found, part.now, y_part.now)
        return self

    def merge(self, other: ColumnCounts) -> Self:
        """Add the counts of other rows in place; names, options, types and edges must be equal."""
        if not isinstance(other, ColumnCounts):
            raise TypeError(f"other must be ColumnCounts, got {type(other).__name__}")
        mine, theirs = (
            [column.name for column in (*counts.columns, counts.target)] for counts in (self, other)
        )
        if mine != theirs:
            raise ValueError(f"other must have the same columns, {mine}, got {theirs}")
        *columns, goal = (column.copy() for column in self.streamed())
        y_before, y_now = goal.join(other.target)
        places = [c.join(d) for c, d in zip(columns, other.columns, strict=True)]
        self.columns, self.target = columns, goal
        self.n_rows += other.n_rows
        most = min(self.n_rows, STREAMED_PAIRS)
        for i, (before, now) in enumerate(places):
            shape = columns[i].n_codes, goal.n_codes
            self._tables[i] = self._tables[i].placed(before, y_before, shape, most)
            self._tables[i].add(other._tables[i], now, y_now)
        return self

    def counts(self, i: int, *, missing: str | None = None) -> tuple[Table, int, int]:
        """
        Return the counts of column `i` against the target.

        The result has three parts: the table; the number of rows that are omitted because the
        column or the target is missing; and the number of these rows in which the column itself is
        missing. With ``missing="category"``, missing values form a level of their own.
        """
        return self.settled()._counted(i, missing)

    def _counted(self, i: int, missing: str | None) -> tuple[Table, int, int]:
        """Counts of a column, after all columns have their final codes."""
        table, sides = self._tables[i], (self.columns[i], self.target)
        alone, y_missing = int(table.margin(0)[-1]), int(table.margin(1)[-1])
        as_level = missing == "category"
        kept = [
            side.kept(as_level and gone > 0)
            for side, gone in zip(sides, (alone, y_missing), strict=True)
        ]
        n_missing = 0 if as_level else alone + y_missing - table.last
        return table.placed(kept[0], kept[1]), n_missing, alone

    def supervised_splits(
        self, name: str, *, max_bins: int | None = None, base: float | None = None
    ) -> SupervisedSplits:
        """
        Join bins of a column so that they separate the classes of the target.

        The edges of the counted bins are the possible cuts. With many bins, for example
        ``bins=2000``, cuts are off by one bin at most. If a column has few different numbers, cuts
        are exact. The options and the result are those of :func:`fastinfo.supervised_splits`.
        ``ValueError`` is raised if there is no such column or nothing was counted, and
        ``TypeError`` if the column is labels.
        """
        from fastinfo.histograms.supervised import splits_of_counts

        found = self.settled()
        names = [column.name for column in found.columns]
        if name not in names:
            raise ValueError(f"the counts have {unknown_column(name, names)}")
        i = names.index(name)
        edges = _candidates(found.columns[i])
        return splits_of_counts(found._counted(i, None)[0], edges, max_bins, base)

    def know(self, ranges: Mapping[int, Survey]) -> None:
        """Set the ranges of columns by their places, before anything is counted."""
        columns = self.streamed()
        for i, one in ranges.items():
            columns[i].know(one)
        n = self.target.n_codes
        if not self._tables or len(self.columns) in ranges:
            self._tables = [Table.empty(x.n_codes, n) for x in self.columns]
            return
        for i in ranges:
            self._tables[i] = Table.empty(columns[i].n_codes, n)

    def streamed(self) -> list[StreamedColumn]:
        """The columns; the target is the last one."""
        return [*self.columns, self.target]

    def settled(self) -> ColumnCounts:
        """A copy in which columns with few distinct numbers are binned, by all of their values."""
        *columns, goal = (column.copy() for column in self.streamed())
        y = goal.settle(self._tables[0].margin(1))
        x = [c.settle(t.margin(0)) for c, t in zip(columns, self._tables, strict=True)]
        if y is None and all(places is None for places in x):
            return self
        found = copy.copy(self)
        found.columns, found.target = columns, goal
        found._tables = [
            table.placed(places, y, (column.n_codes, goal.n_codes), STREAMED_PAIRS)
            for table, places, column in zip(self._tables, x, columns, strict=True)
        ]
        return found

    def dropped(self) -> list[tuple[int, int]]:
        """For each column, the number of samples outside the edges, and of missing samples."""
        sums = [table.margin(0) for table in self._tables]
        sums.append(self._tables[0].margin(1))
        return [(int(counts[-2]), int(counts[-1])) for counts in sums]

    def ranking(
        self,
        *,
        base: float | None = None,
        correction: str | float | None = None,
        n_permutations: int | str = "auto",
        seed: Any = None,
        alpha: float = 0.05,
        nan_policy: str = "omit",
        missing: str | None = None,
    ) -> Ranking:
        """
        Rank the columns by their information about the target, with the best first.

        The options are those of :func:`rank_features`. ``ValueError`` is raised if there are no
        rows, the target has a single value, or an option is unknown.
        """
        asked = RankOptions.of(base, correction, n_permutations, seed, alpha, nan_policy)
        return self.ranked(asked, Binning(missing=missing, nan_policy=nan_policy))

    def ranked(self, asked: RankOptions, binning: Binning) -> Ranking:
        """Rank the columns by options that are checked."""
        missing = binning.missing
        if not self.n_rows:
            raise ValueError("X must have at least one row, got none")
        settled = self.settled()
        settled._check_target(missing)
        settled.warn_of_outside()
        absent = int(self._tables[0].margin(1)[-1])
        n_target = self.n_rows if missing == "category" else self.n_rows - absent

        def measure(i: int) -> Measured:
            table, n_missing, alone = settled._counted(i, missing)
            name = self.columns[i].name
            binning.refuse(name, alone)
            labels = settled.columns[i].edges is None
            stream = asked.stream(i)
            return measure_counts(
                name, table, n_missing, asked, stream, n_rows=n_target, labels=labels
            )

        found = run_in_order(measure, range(len(self.columns)))
        return ranking_of(
            found, asked, target=self.target.name, n_rows=self.n_rows, n_target=n_target
        )

    def _check_target(self, missing: str | None) -> None:
        sums = self._tables[0].margin(1)
        if missing != "category":
            sums = sums[:-1]
        occurring = int(np.count_nonzero(sums[: self.target.n_levels]))
        occurring += int(missing == "category" and sums[-1] > 0)
        if occurring < 2:
            raise ValueError(
                f"the target {self.target.name!r} must have at least two values, "
                f"got {'one' if occurring else 'only missing ones'}: no column can predict it"
            )

    def _stored(self) -> list[Table]:
        return self._tables

    def _plain(self) -> dict[str, Any]:
        return {
            "n_rows": self.n_rows,
            "target": self.target.to_dict(),
            "columns": [column.to_dict() for column in self.columns],
        }

    @classmethod
    def _read(cls, data: Any, read_tables: Callable[..., list[Table]]) -> Self:
        found = cls(["x"])
        found.target = StreamedColumn.from_dict(data["target"])
        found.columns = columns_from_plain(data["columns"])
        shapes = [(column.n_codes, found.target.n_codes) for column in found.columns]
        found._tables = read_tables(data["tables"], len(shapes), shapes)
        found.n_rows = counted(data["n_rows"], "n_rows")
        sums = table_sums(found._tables[0], 1)
        for table in found._tables:
            if table.n != found.n_rows or table_sums(table, 1) != sums:
                raise ValueError("each row must be counted once in each table")
        return found


def _candidates(column: StreamedColumn) -> Array:
    """Edges of the bins of a column, or edges between its levels if these are numbers."""
    from fastinfo.histograms.class_cuts import edges_of_values

    if column.edges is not None:
        edges, origin = column.edges.values, column.edges.origin
        if origin:
            edges = np.array([math.ceil(e) + origin for e in edges.tolist()])
    elif column.kind in (None, "labels") or column.discrete or column.levels is None:
        raise TypeError(
            f"column {column.name!r} must hold numbers to be split, got labels or no values"
        )
    else:
        levels = column.levels
        edges = edges_of_values(levels.astype(np.float64) if levels.dtype == object else levels)
    if column.kind == "numbers" or column.kind is None:
        return edges
    return np.ceil(edges).astype(np.int64).view(column.kind)  # for integers
