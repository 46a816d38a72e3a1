"""Runs over a table in parts: first edges, then counts, with checkpoints in between."""

from __future__ import annotations

import contextlib
import copy
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from fastinfo._bins.sketches import KEPT
from fastinfo._bins.surveys import Survey
from fastinfo._core.as_json import counted
from fastinfo._core.threads import run_in_order
from fastinfo.files.formats.file import unknown_column
from fastinfo.files.sources import ReadAgainError, Source, again
from fastinfo.streaming.checkpoints import Checkpoint
from fastinfo.streaming.folds import Counts, Fold, Inside, Ranges, refined
from fastinfo.streaming.returned_memory import OFTEN, give_back_memory
from fastinfo.streaming.streamed_column import StreamedColumn

_SAMPLES_AT_ONCE = 1 << 26  # the most samples of columns that are processed together
_OF_A_RANGE = 1 << 20  # the most bytes of a column's survey


def _ahead(parts: Iterator[Any], use: Callable[[Any], None]) -> None:
    """Process each part while the next one is read."""

    def read() -> Any:
        return next(parts, None)

    part = read()
    while part is not None:
        jobs: list[Callable[[], Any]] = [functools.partial(use, part), read]
        _, part = run_in_order(lambda job: job(), jobs)


def check_names(names: Sequence[str], known: Sequence[str]) -> None:
    """Raise an error for names of columns that do not exist."""
    there = set(known)
    for name in names:
        if name not in there:
            raise ValueError(f"the data has {unknown_column(name, known)}")


def survey_stream(source: Any, names: list[str]) -> dict[str, Survey]:
    """Survey each column of numbers of a table in memory, or of a source by reading it."""
    ranges = Ranges([StreamedColumn(name, "mi") for name in names])
    if isinstance(source, Source):
        found = again(lambda: _fold(source, ranges, names))
    else:
        found = ranges.add(ranges.start(), source) if source.n_rows else {}
    return {names[i]: one for i, one in found.items()}


def count_stream(
    source: Source,
    empty: Counts,
    checkpoint: Any = None,
    options: Any = None,
    report: Callable[[int, int], None] | None = None,
) -> Any:
    """
    Count a table that arrives in parts, continuing from its checkpoint if there is one.

    `options` are plain values on which the counts depend, in addition to the data. `report` is
    called with the number of rows done and their total (0 while it is unknown). A row that was read
    only for ranges is half done.

    Edges of equal width depend on the range and the number of samples. If the statistics of a file
    contain these, it is read once, otherwise twice. Statistics may be wrong, for example because
    they ignore NaN that is not null. If the counts show this, the columns are read for their ranges
    after all. Edges of equal counts need the order of the samples. This takes one pass, and more if
    many samples lie close together. If a column has another type than its first rows suggested, the
    file is counted again.
    """

    def count() -> Any:
        kept = Checkpoint(checkpoint, lambda: [source.identity(), options])
        try:
            return _count(source, empty, kept, report)
        except ReadAgainError:
            kept.remove()
            raise

    return again(count)


def _count(
    source: Source,
    empty: Counts,
    kept: Checkpoint,
    report: Callable[[int, int], None] | None,
) -> Any:
    columns = empty.streamed()
    names = [column.name for column in columns]
    state = kept.load()
    if state is None:
        state = {}
        kept.save(state)  # so that a file that can't be written is noticed at once
    with kept.damage():
        trusted, counts = bool(state.get("trusted", True)), copy.deepcopy(empty)
        if "counts" in state:
            counts = empty._from_state(state["counts"])
            if counts.n_rows > (source.n_rows or counts.n_rows):
                raise ValueError("the stored counts are of more rows than the data has")
            if [column.name for column in counts.streamed()] != names:
                raise ValueError("the stored counts are of other columns")
        survey = _Survey.from_plain(state["survey"], len(names)) if "survey" in state else _Survey()
    with kept.kept_at_the_end():
        while True:
            learnt = 0
            if not counts.n_rows:
                learnt = _learn(source, counts, survey, kept, trusted, report)
            n_rows, share = source.n_rows or learnt, 0.5 if learnt else 1.0

            def use(
                part: Any,
                counts: Counts = counts,
                trusted: bool = trusted,
                n_rows: int = n_rows,
                share: float = share,
            ) -> None:
                kept.withdraw()
                _update(counts, part, source)
                kept.offer(lambda: _state(counts, trusted), counts._size)
                if report is not None:
                    before = (1.0 - share) * max(n_rows, counts.n_rows)
                    report(round(before + share * counts.n_rows), n_rows)

            each_part(source, names, counts.n_rows, use)
            if _fits(counts, trusted):
                break
            kept.withdraw()
            trusted, counts, survey = False, copy.deepcopy(empty), _Survey()
    kept.remove()
    return counts


def _state(counts: Counts, trusted: bool) -> dict[str, Any]:
    return {"trusted": trusted, "counts": counts._to_state()}


def each_part(source: Source, names: list[str], start: int, use: Callable[[Any], None]) -> None:
    """Process some columns of a source part by part, from row `start` on, reading ahead."""
    n = 0

    def used(part: Any) -> None:
        nonlocal n
        use(part)
        n += 1
        if n % OFTEN == 0:
            give_back_memory()

    with contextlib.closing(_closable(source.parts(names, start))) as parts:
        _ahead(parts, used)


def _closable(parts: Iterator[Any]) -> Any:
    yield from parts


def _fold(source: Source, fold: Fold, names: list[str]) -> Any:
    """The result of one pass over some columns."""
    state = fold.start()

    def use(part: Any) -> None:
        nonlocal state
        state = fold.add(state, part)

    each_part(source, names, 0, use)
    return state


class _Survey(NamedTuple):
    """Progress of reading columns for their ranges, some columns at a time."""

    first: int = 0  #: first of the columns that are read now
    last: int = 0  #: end of these columns
    n_rows: int = 0
    ranges: Mapping[int, Survey] = MappingProxyType({})  #: of the rows read so far

    def to_plain(self) -> list[Any]:
        plain = {str(i): one.to_plain() for i, one in self.ranges.items()}
        return [self.first, self.n_rows, plain, self.last]

    @classmethod
    def from_plain(cls, plain: Any, n: int) -> _Survey:
        first, n_rows, ranges, last = plain
        found = {int(i): Survey.from_plain(one) for i, one in ranges.items()}
        if not all(0 <= i < n for i in found):
            raise ValueError("the stored ranges are of other columns")
        first, last = counted(first, "first"), counted(last, "last")
        if not first < last:
            raise ValueError(f"first must be less than last, {last}, got {first}")
        return cls(first, last, counted(n_rows, "n_rows"), found)


def _learn(
    source: Source,
    counts: Counts,
    survey: _Survey,
    kept: Checkpoint,
    trusted: bool,
    report: Callable[[int, int], None] | None,
) -> int:
    """
    Set the ranges of columns, from statistics, from an earlier run, or by reading the columns.

    Returns the number of rows that were read, or 0.
    """
    columns = counts.streamed()
    plain = {c.name: i for i, c in enumerate(columns) if c.needs_survey and not c.by_counts}
    said = source.surveys(list(plain)).items()
    known = {plain[k]: one for k, one in said if k in plain and one.is_finite}
    if trusted:
        counts.know(known)
    chosen = [i for i, c in enumerate(columns) if c.needs_survey and not (trusted and i in known)]

    def state_of(survey: _Survey) -> dict[str, Any]:
        plain = {"trusted": trusted, "survey": survey.to_plain()}
        return plain | ({"counts": counts._to_state()} if survey.first else {})

    n_rows = source.n_rows
    now = survey
    while now.first < len(chosen):
        if not now.last:
            now = now._replace(last=now.first + _columns_at_once(n_rows))
        group = chosen[now.first : now.last]
        ranges = Ranges(columns, group)
        names = [columns[i].name for i in group]

        def use(part: Any, ranges: Ranges = ranges, n_rows: int | None = n_rows) -> None:
            nonlocal now
            found = ranges.add(now.ranges, part)
            now = now._replace(n_rows=now.n_rows + part.num_rows, ranges=found)
            kept.offer(functools.partial(state_of, now), _OF_A_RANGE * len(found))
            if report is not None:
                rows = now.n_rows if n_rows is None else n_rows
                together = min(now.last, len(chosen)) - now.first
                columns_done = now.first + together * now.n_rows / max(rows, 1)
                report(int(0.5 * rows * columns_done / len(chosen)), source.n_rows or 0)

        each_part(source, names, now.n_rows, use)
        closer = _look_closer(source, columns, now.ranges)
        n_rows = now.n_rows
        kept.withdraw()
        counts.know(closer)
        now = _Survey(now.last, now.last + _columns_at_once(n_rows))
        kept.offer(functools.partial(state_of, now), counts._size)
    return n_rows if n_rows is not None and chosen else 0


def _columns_at_once(n_rows: int | None) -> int:
    """Number of columns to process together; larger if a table has few rows."""
    kept = KEPT if n_rows is None else min(max(n_rows, 1), KEPT)
    return max(_SAMPLES_AT_ONCE // kept, 1)


def _look_closer(
    source: Source, columns: list[StreamedColumn], ranges: Mapping[int, Survey]
) -> Mapping[int, Survey]:
    """Ranges that are precise enough for the edges, after as many passes as needed."""
    while True:
        inside = Inside(columns, ranges)
        if not inside.within:
            return ranges
        found = _fold(source, inside, [columns[i].name for i in inside.within])
        ranges = refined(ranges, inside, found)


def _update(counts: Counts, part: Any, source: Source) -> None:
    """Add a part; errors say which rows it has."""
    first = counts.n_rows
    try:
        counts.update(part)
    except (TypeError, ValueError) as error:
        rows = f"rows {first:,} to {first + part.num_rows - 1:,} of {source.label}"
        raise type(error)(f"{error} (in {rows})") from error


def _fits(counts: Counts, trusted: bool) -> bool:
    """Whether edges from statistics are those that the samples require."""
    if not trusted:
        return True
    found = counts.dropped()
    for column, (dropped, missing) in zip(counts.streamed(), found, strict=True):
        if column.edges is None or column.survey is None or column.given:
            continue
        actual = column.survey._replace(n=counts.n_rows - missing)
        if dropped or (actual.n != column.survey.n and not _same_edges(column, actual)):
            return False
    return True


def _same_edges(column: StreamedColumn, survey: Survey) -> bool:
    if column.edges is None or column.by_counts:
        return False
    return survey.edges(column.name, column.bins).n_bins == column.edges.n_bins
