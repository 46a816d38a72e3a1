"""Count the columns of two tables: at once if they are in memory, else part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastinfo._bins.sketches import KEPT, Sketch
from fastinfo._bins.surveys import Survey
from fastinfo._core.messages import printable, warn
from fastinfo._core.threads import run_in_order, spans
from fastinfo._tables.features import Features
from fastinfo._tables.parts import as_part
from fastinfo.drifting.two_columns import TwoColumns
from fastinfo.files.sources import Source
from fastinfo.streaming.folds import Inside, Ranges, refined
from fastinfo.streaming.runs import each_part
from fastinfo.streaming.streamed_column import StreamedColumn

Report = Callable[[int, int], None] | None
Table = Features | Source

_SAMPLES_AT_ONCE = 1 << 26  # that are kept at most, of the columns that are looked at together


class Counting:
    """Two tables and the counts of their columns; errors are stored for each column."""

    def __init__(
        self,
        tables: Sequence[Table],
        names: Sequence[Sequence[str]],
        shown: Sequence[str],
        said: Sequence[bool | None],
        bins: Any,
        strategy: str,
        report: Report,
    ) -> None:
        self.tables = tables
        self.names = names  #: of the same columns in each table
        self.shown = shown  #: what they are called
        self.columns = [
            TwoColumns(name, word, bins, strategy) for name, word in zip(shown, said, strict=True)
        ]
        self.unreadable: dict[str, str] = {}
        self.n_rows = [0, 0]
        self._said, self._bins, self._strategy = said, bins, strategy
        self._report, self._done = report, 0.0

    def run(self) -> None:
        """Count all columns, a group of them at a time."""
        for first, last in spans(len(self.columns), _SAMPLES_AT_ONCE // KEPT):
            group = range(first, last)
            share = (last - first) / len(self.columns)
            self._learn(group, 0.5 * share)
            for which in (0, 1):
                self._count(which, group, share * (0.5 if which == 0 else 1.0))
        for table in self.tables:
            if isinstance(table, Source) and table.changed:
                warn(
                    f"{table.label} was not the same when it was read again, so the result mixes "
                    f"different data: pass a table in memory, or write it to a file and open that"
                )

    def _each(self, which: int, group: Sequence[int], use: Callable[[list[Any], int], None]) -> int:
        """Call `use` on columns of a table, at once or by parts; return the number of rows."""
        table, names = self.tables[which], [self.names[which][i] for i in group]
        if isinstance(table, Features):
            use([table.values(i) for i in table.places_of(names)], table.n_rows)
            return table.n_rows
        n = 0

        def use_part(part: Any) -> None:
            nonlocal n
            n += part.num_rows
            use(as_part(part, names), part.num_rows)

        each_part(table, names, 0, use_part)
        return n

    def _count(self, which: int, group: Sequence[int], share: float) -> None:
        def use(values: list[Any], n: int) -> None:
            self._try(group, lambda k: self.columns[group[k]].add(which, values[k]))
            self._tell(share * n)

        self.n_rows[which] = self._each(which, group, use)

    def _try(self, group: Sequence[int], work: Callable[[int], None]) -> None:
        """Call `work` for each readable column; omit columns from then on if it fails."""

        def attempt(k: int) -> str | None:
            i = group[k]
            if self.shown[i] in self.unreadable:
                return None
            try:
                work(k)
            except (TypeError, ValueError) as error:
                if self._said[i] is not None:
                    raise
                return printable(str(error).splitlines()[0])
            return None

        for k, reason in enumerate(run_in_order(attempt, range(len(group)))):
            if reason is not None:
                self.unreadable[self.shown[group[k]]] = reason

    def _learn(self, group: Sequence[int], share: float) -> None:
        """Pass to each column what its edges depend on in the reference."""
        columns = [
            StreamedColumn(self.shown[i], self._bins, self._said[i], None, self._strategy)
            for i in group
        ]
        ranges = Ranges(columns, range(len(group)))
        found: dict[int, Survey] = {}

        def measure(values: list[Any], n: int) -> None:
            def add(k: int) -> None:
                known = found.get(k)
                one = ranges.of(k, values[k], known) if columns[k].needs_survey else None
                if one is not None:
                    found[k] = one if known is None else known | one

            self._try(group, add)
            self._tell(share * n)

        self._each(0, group, measure)
        while not (inside := Inside(columns, found)).idle:
            found = refined(found, inside, self._look(group, inside))
        for k, survey in found.items():
            self.columns[group[k]].know(survey)

    def _look(self, group: Sequence[int], inside: Inside) -> dict[int, Sketch]:
        """Sketches of the cells of the reference in which edges lie."""
        found: dict[int, Sketch] = {}

        def look(values: list[Any], n: int) -> None:
            def add(k: int) -> None:
                one = inside.of(k, values[k]) if k in inside.within else None
                if one is not None:
                    found[k] = found[k] | one if k in found else one

            self._try(group, add)

        self._each(0, group, look)
        return found

    def _tell(self, rows: float) -> None:
        """Report more rows; the reference is read twice, and each reading counts half."""
        self._done += rows
        if self._report is not None:
            sizes = [table.n_rows for table in self.tables]
            total = 0 if None in sizes else sum(n or 0 for n in sizes)
            self._report(round(self._done), total)
