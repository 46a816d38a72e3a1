"""Runs over a table that comes in parts: edges first, then counts, with checkpoints between."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from fastinfo._checkpoints import Checkpoint
from fastinfo._parts import as_part
from fastinfo._sources import Source
from fastinfo._streamed_column import StreamedColumn, needs_survey
from fastinfo._surveys import Survey
from fastinfo._threads import run_in_order
from fastinfo.files import unknown_column

__all__ = [
    "Counts",
    "check_names",
    "count_stream",
    "joined_surveys",
    "survey_stream",
    "surveys_of",
]


class Counts(Protocol):
    """What parts are added to."""

    n_rows: int

    def update(self, X: Any) -> Any:
        """Add a part."""

    def streamed(self) -> list[StreamedColumn]:
        """The columns."""

    def dropped(self) -> dict[str, tuple[int, int]]:
        """By column: how many samples were outside the edges, and how many missing."""

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""


def _ahead(parts: Iterator[Any], use: Callable[[Any], None]) -> None:
    """Use each part while the next one is read."""

    def read() -> Any:
        return next(parts, None)

    part = read()
    while part is not None:
        jobs: list[Callable[[], Any]] = [functools.partial(use, part), read]
        _, part = run_in_order(lambda job: job(), jobs)


def surveys_of(part: Any, names: Sequence[str]) -> dict[Any, Survey]:
    """Range of each column of numbers in a part."""
    values = as_part(part, names)

    def measure(i: int) -> Survey | None:
        numbers = StreamedColumn(names[i], 2, False).numbers(values[i])
        return None if numbers is None else Survey.of(numbers)

    found = zip(names, run_in_order(measure, range(len(names))), strict=True)
    return {name: survey for name, survey in found if survey is not None}


def joined_surveys(a: dict[Any, Survey], b: dict[Any, Survey]) -> dict[Any, Survey]:
    """Ranges over the rows of both."""
    return a | {name: a[name] | survey if name in a else survey for name, survey in b.items()}


def check_names(names: Sequence[str], known: Sequence[str]) -> None:
    """Refuse names of columns that are not there."""
    for name in names:
        if name not in known:
            raise ValueError(f"the data has {unknown_column(name, known)}")


def survey_stream(source: Any, names: list[str]) -> dict[str, Survey]:
    """Range of each column of numbers, of a source by statistics or by reading, or of a table."""
    if not isinstance(source, Source):
        return surveys_of(source, names)
    # Statistics of floats count NaN that is no null as samples.
    known = {name: s for name, s in source.surveys(names).items() if s.kind == "i" or not s.n}
    unknown = [name for name in names if name not in known]
    return known | _survey(source, unknown, Checkpoint(None, 0), {}, True)


def count_stream(
    source: Source,
    make: Callable[[dict[str, Survey]], Counts],
    read_counts: Callable[[Any], Counts],
    checkpoint: Any = None,
    options: Any = None,
    report: Callable[[int, int], None] | None = None,
) -> Counts:
    """
    Count a table that comes in parts.

    Parameters
    ----------
    source : Source
        The table.
    make : callable
        Makes empty counts, from the ranges of the columns that are known.
    read_counts : callable
        Reads counts that were written to a checkpoint.
    checkpoint : path-like, optional
        Where to keep what is counted so far. A run that finds it goes on from there.
    options : plain values
        What the counts depend on besides the data.
    report : callable, optional
        Called with the rows that are counted, and their number, 0 where that is not known.

    Returns
    -------
    Counts
        Of all rows.

    Notes
    -----
    Edges go by the least and the largest sample and the number of samples. Where a file has them
    in its statistics, it is read once; else once for these, and once to count. Statistics know
    nothing of NaN that is no null, and may be wrong: what was counted shows it, and then columns
    are read for their ranges after all.
    """
    kept = Checkpoint(checkpoint, [source.identity(), options])
    state = kept.load()
    if state is None:
        state = {}
        kept.save(state)  # a file that can't be written is known at once
    with kept.damage():
        trusted, known = bool(state.get("trusted", True)), _from_plain(state.get("surveys", {}))
        _from_plain(state.get("partial", {}))
        started = read_counts(state["counts"]) if "counts" in state else None
        if started is not None and started.n_rows > (source.n_rows or started.n_rows):
            raise ValueError("more rows are counted than there are")
    wanted = make({}).streamed()
    names = [column.name for column in wanted]
    ranged = [column.name for column in wanted if needs_survey(column)]
    surveys = (source.surveys(ranged) if trusted else {}) | known
    with kept.damage():
        if started is not None and [column.name for column in started.streamed()] != names:
            raise ValueError("other columns are counted")
    while True:
        if started is not None:
            counts = started
        else:
            unknown = [name for name in ranged if name not in surveys]
            surveys |= _survey(source, unknown, kept, state, trusted)
            counts = make(surveys)
        plain = {"surveys": _to_plain(surveys), "trusted": trusted}

        def use(part: Any, counts: Counts = counts, known: Any = plain) -> None:
            _update(counts, part, source)
            if kept.path is not None:
                kept.save(known | {"counts": counts.to_dict()})
            if report is not None:
                report(counts.n_rows, source.n_rows or 0)

        with contextlib.closing(_closable(source.parts(names, counts.n_rows))) as parts:
            _ahead(parts, use)
        if _fits(counts, trusted):
            kept.remove()
            return counts
        surveys, trusted, state, started = {}, False, {}, None


def _closable(parts: Iterator[Any]) -> Any:
    yield from parts


def _update(counts: Counts, part: Any, source: Source) -> None:
    """Add a part; what is wrong with it is said with the rows where it is."""
    first = counts.n_rows
    try:
        counts.update(part)
    except (TypeError, ValueError) as error:
        rows = f"rows {first:,} to {first + part.num_rows - 1:,} of {source.label}"
        raise type(error)(f"{error} (in {rows})") from error


def _to_plain(surveys: dict[str, Survey]) -> dict[str, Any]:
    return {name: survey.to_plain() for name, survey in surveys.items()}


def _from_plain(plain: dict[str, Any]) -> dict[str, Survey]:
    return {name: Survey.from_plain(survey) for name, survey in plain.items()}


def _survey(
    source: Source, names: list[str], kept: Checkpoint, state: dict[str, Any], trusted: bool
) -> dict[str, Survey]:
    """Read columns for their ranges, from where an earlier run was stopped."""
    found = _from_plain(state.get("partial", {}))
    if not names:
        return found
    done = [int(state.get("read", 0))]

    def use(part: Any) -> None:
        found.update(joined_surveys(found, surveys_of(part, names)))
        done[0] += part.num_rows
        if kept.path is not None:
            kept.save({"partial": _to_plain(found), "trusted": trusted, "read": done[0]})

    with contextlib.closing(_closable(source.parts(names, done[0]))) as parts:
        _ahead(parts, use)
    return found


def _fits(counts: Counts, trusted: bool) -> bool:
    """Whether edges by statistics are those that the samples ask for."""
    if not trusted:
        return True
    found = counts.dropped()
    for column in counts.streamed():
        if column.edges is None or column.survey is None or column.given:
            continue
        dropped, missing = found[column.name]
        actual = column.survey._replace(n=counts.n_rows - missing)
        if dropped or (actual.n != column.survey.n and not _same_edges(column, actual)):
            return False
    return True


def _same_edges(column: StreamedColumn, survey: Survey) -> bool:
    edges = survey.edges(column.bins, column.name)
    return column.edges is not None and edges.size == column.edges.size
