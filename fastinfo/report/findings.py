"""The content of a report: description and ranking of a table, and counts of its best columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.options import Binning
from fastinfo._codes.column import Column
from fastinfo._columns.coding import code_features, code_one
from fastinfo._columns.pairs.pair_measures import measure_pairs
from fastinfo._columns.ranked import RankedFeature, Ranking, RankOptions
from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import Coded
from fastinfo._core.messages import no_warnings
from fastinfo._core.threads import run_in_order
from fastinfo._counts.table import Table
from fastinfo._measures.resampling import bootstrapped_information, seed_key
from fastinfo._tables.features import Features
from fastinfo._tables.targets import split_target
from fastinfo.describing.description import Description
from fastinfo.describing.each_column import describe
from fastinfo.files.sources import Source
from fastinfo.ranking.features import rank_features
from fastinfo.report.joint_histograms import Joint, Side
from fastinfo.streaming.rank_and_matrix import count_columns, count_pairs
from fastinfo.streaming.streamed_column import StreamedColumn

CONFIDENCE = 0.95
RESAMPLES = 199
MOST_CELLS = 20_000  #: of a table of which bootstrap samples are drawn
MOST_IN_MATRIX = 60
MOST_PAIRS = 20

Progress = bool | Callable[[int, int], None]


@dataclass(frozen=True)
class Asked:
    """Options of a report."""

    binning: Binning
    alpha: float
    seed: int
    top: int
    pictured: int
    progress: Progress


class Matrix(NamedTuple):
    """Information above chance of all pairs, in nats and as a share of the smaller entropy."""

    names: list[str]
    above: Array
    share: Array


class Pair(NamedTuple):
    """Two columns and the information that they share."""

    x: str
    y: str
    above: float
    share: float


@dataclass(frozen=True)
class Findings:
    """The content of a report."""

    target: str
    description: Description
    ranking: Ranking
    n_target: int  #: rows with a target
    in_parts: bool
    intervals: dict[str, tuple[float, float]]
    joints: list[Joint]
    matrix: Matrix | None
    pairs: list[Pair]
    alerts: dict[str, str]

    @property
    def best(self) -> RankedFeature | None:
        """The best column, if it is significant."""
        found = self.ranking.significant()
        return found[0] if len(found) else None


def find_out(data: Features | Source, target: Any, asked: Asked) -> Findings:
    """Describe, rank and count the columns of a table."""
    if isinstance(data, Source):
        look: _OfParts | _OfTable = _OfParts(data, target, asked)
    else:
        look = _OfTable(data, target, asked)
    ranking = look.ranking
    description = describe(data, discrete=asked.binning.discrete, progress=asked.progress)
    best = ranking.significant() if len(ranking.significant()) else ranking
    shown = ranking[: asked.top].names
    pictured = [name for name in best.names[: asked.pictured] if ranking[name].n]
    joints = {name: look.joint(name) for name in dict.fromkeys([*shown, *pictured])}
    matrix = look.matrix([*ranking.significant().names[:MOST_IN_MATRIX]])
    return Findings(
        look.target,
        description,
        ranking,
        look.n_target,
        isinstance(data, Source),
        _intervals(joints, ranking, asked.seed),
        [joints[name] for name in pictured],
        matrix,
        [] if matrix is None else _strongest(matrix, look.target),
        _alerts(description, ranking),
    )


class _OfTable:
    """The ranking and counts of a table in memory."""

    def __init__(self, data: Features, target: Any, asked: Asked) -> None:
        self._features, self._y, name = split_target(data, target)
        self.target = name or "y"
        self._asked = asked
        binning = asked.binning
        self.ranking = rank_features(
            data,
            target,
            bins=binning.bins,
            strategy=binning.strategy,
            discrete=binning.discrete,
            alpha=asked.alpha,
            progress=asked.progress,
        )
        self._side, self._coded = self._code(self._y, self.target, 1)
        self.n_target = int(np.count_nonzero(~self._coded.invalid))

    def _code(self, values: Any, name: str, place: int) -> tuple[Side, Coded]:
        (own,) = self._asked.binning.columns([name], place)
        coded = code_one(values, name, own)[0]
        kind = Column.of(values, f"column {name!r}").kind
        return Side(name, kind, coded.edges, coded.levels), coded

    def _values(self, name: str) -> Any:
        return self._features.values(self._features.names.index(name))

    def joint(self, name: str) -> Joint:
        side, coded = self._code(self._values(name), name, 0)
        return Joint(Table.count(coded, self._coded), side, self._side)

    def matrix(self, names: Sequence[str]) -> Matrix | None:
        if not names:
            return None
        both = [*names, self.target]
        values = [*map(self._values, names), self._y]
        coded = code_features(Features(both, None, values), self._asked.binning)
        above, share = (measure_pairs(coded, None, "chance", norm) for norm in (None, "min"))
        return Matrix(both, above, share)


class _OfParts:
    """The ranking and counts of a table that is read part by part."""

    def __init__(self, data: Source, target: Any, asked: Asked) -> None:
        self._data, self._asked, self.target = data, asked, target
        counts = count_columns(data, target, asked.binning, asked.progress)
        options = RankOptions.of(None, None, "auto", None, asked.alpha, asked.binning.nan_policy)
        self.ranking = counts.ranked(options, asked.binning)
        self._counts = counts.settled()
        self.n_target = counts.n_rows - counts.dropped()[-1][1]

    def joint(self, name: str) -> Joint:
        columns = self._counts.columns
        i = next(i for i, column in enumerate(columns) if column.name == name)
        table, _, _ = self._counts.counts(i)
        return Joint(table, _side_of(columns[i]), _side_of(self._counts.target))

    def matrix(self, names: Sequence[str]) -> Matrix | None:
        if not names:
            return None
        both = [*names, self.target]
        asked = self._asked
        counts = count_pairs(self._data, both, asked.binning, asked.progress)
        with no_warnings():  # the page has the notes
            above, share = (
                np.asarray(counts.matrix(correction="chance", normalized=norm))
                for norm in (None, "min")
            )
        return Matrix(both, above, share)


def _side_of(column: StreamedColumn) -> Side:
    edges = column.edges
    values = None if edges is None else edges.values + float(edges.origin)
    return Side(column.name, column.kind, values, column.levels)


def _intervals(
    joints: dict[str, Joint], ranking: Ranking, seed: int
) -> dict[str, tuple[float, float]]:
    """
    Confidence intervals of the information above chance, from bootstrap samples of the tables.

    Bootstrap samples have more information than the table, just as the table has more than the
    truth. So only their spread about their mean is used.
    """
    key = seed_key(seed)
    tail = (1.0 - CONFIDENCE) / 2.0

    def measure(name: str) -> tuple[float, float] | None:
        table = joints[name].table
        if table.n < 2 or np.count_nonzero(table.values) > MOST_CELLS:
            return None
        found = bootstrapped_information(table, RESAMPLES, key, None)
        ends = np.quantile(found - found.mean(), [tail, 1.0 - tail])
        low, high = (ends + ranking[name].above_chance).tolist()
        return low, high

    found = run_in_order(measure, list(joints))
    return {name: ends for name, ends in zip(joints, found, strict=True) if ends is not None}


def _strongest(matrix: Matrix, target: str) -> list[Pair]:
    """Pairs of columns that share most information, without the target."""
    f = len(matrix.names) - 1
    pairs = [
        Pair(
            matrix.names[i],
            matrix.names[j],
            float(matrix.above[i, j]),
            min(float(matrix.share[i, j]), 1.0),
        )
        for i in range(f)
        for j in range(i + 1, f)
        if matrix.above[i, j] > 0.0  # not NaN
    ]
    pairs.sort(key=lambda pair: (-round(pair.share, 6), -round(pair.above, 9)))
    return pairs[:MOST_PAIRS]


def _alerts(description: Description, ranking: Ranking) -> dict[str, str]:
    """Alerts by column name: those of the description, and the notes of the ranking."""
    of_ranks = {row.name: row.note for row in ranking}
    found = {}
    for row in description:
        said = [*row.alerts.split("; "), *of_ranks.get(row.name, "").split("; ")]
        said = [phrase for phrase in dict.fromkeys(said) if phrase]
        if said:
            found[row.name] = "; ".join(said)
    return found
