"""All about two columns: how they are counted, what is measured of that, and how it is shown."""

from __future__ import annotations

import json
import math
import shutil
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

import fastinfo
from fastinfo._columns.information_units import unit_name
from fastinfo._columns.notes import warn_of_infinite
from fastinfo._columns.shortened_names import cells_of, shortened
from fastinfo._core.messages import shown_name
from fastinfo.cli.tables import named, open_table
from fastinfo.files.formats.file import unknown_column
from fastinfo.files.sources import Source

if TYPE_CHECKING:
    from fastinfo._core.checks import Array
    from fastinfo.information.joint_counts import JointCounts

_MOST_CELLS = 12  # levels of a table of numbers; larger ones are shown as shades
_MOST_SHADES = 40  # rows and columns of a picture of shades
_MOST_KEPT = 1 << 20  # cells of a table in JSON
_SHADES = " ░▒▓█", " .:*#"
_PLAIN_WIDTH = 100  # of a picture in a pipe
_NOT_CUT = 1 << 20


@dataclass(frozen=True)
class TwoColumns:
    """Two columns as they were read."""

    names: tuple[str, str]
    x: Any
    y: Any
    discrete: dict[str, bool] | str


def read(
    files: Sequence[str],
    x: str,
    y: str,
    *,
    labels: Sequence[str] | None = None,
    numbers: Sequence[str] | None = None,
    reading: Mapping[str, Any] | None = None,
) -> TwoColumns:
    """Read two columns of files."""
    source = open_table(files, in_parts=True, reading=reading)
    assert isinstance(source, Source)
    for name in (x, y):
        if name in source.nested:
            raise ValueError(f"column {name!r} must hold numbers or labels, got nested values")
        if name not in source.names:
            raise ValueError(f"{files[0]!r} has {unknown_column(name, source.names)}")
    said: dict[str, bool] = {}
    for words, word, option in ((labels, True, "--labels"), (numbers, False, "--numbers")):
        for name in named(words, [x, y], option, "the pair"):
            said["x" if name == x else "y"] = word
    table = source.table([x, y])
    infinite: dict[str, int] = {}
    columns = [_finite(table.column(name), name, infinite) for name in (x, y)]
    warn_of_infinite(infinite)
    return TwoColumns((x, y), columns[0], columns[1], said or "auto")


def _finite(column: Any, name: str, infinite: dict[str, int]) -> Any:
    """A column whose infinite values are missing; their number is noted."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_floating(column.type):
        return column
    there = pc.fill_null(pc.is_inf(column), False)
    n = pc.sum(there).as_py() or 0
    if not n:
        return column
    infinite[name] = n
    return pc.if_else(there, pa.scalar(None, column.type), column)


def measure(
    columns: TwoColumns,
    *,
    bins: int | str,
    strategy: str,
    base: float | None,
    estimator: str | None,
    confidence: float,
    seed: int | None,
) -> Pair:
    """Count two columns, and measure the counts."""
    given: dict[str, Any] = {"bins": bins, "strategy": strategy, "discrete": columns.discrete}
    x, y = columns.x, columns.y
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what the result shows: what is taken as a number
        counts = fastinfo.JointCounts.from_samples(x, y, **given)
    if not counts.n:
        raise ValueError(
            f"{columns.names[0]!r} and {columns.names[1]!r} have no row in which both have a value"
        )
    information = counts.mutual_information(base)
    interval = fastinfo.bootstrap_interval(
        counts, confidence=confidence, base=base, correction="chance", seed=seed
    )
    measures = {
        "information": information,
        "above_chance": counts.mutual_information(base, "chance"),
        "normalized": counts.normalized_mutual_information(),
        "entropy_x": counts.entropy_x(base),
        "entropy_y": counts.entropy_y(base),
        "joint_entropy": counts.joint_entropy(base),
        "conditional_entropy_x": counts.conditional_entropy("x|y", base),
        "conditional_entropy_y": counts.conditional_entropy("y|x", base),
        "variation_of_information": counts.variation_of_information(base),
    }
    if estimator is not None:
        measures[estimator] = fastinfo.mutual_information(
            x, y, estimator=estimator, discrete=columns.discrete, base=base, nan_policy="omit"
        )
    test, pvalue = "", math.nan
    if measures["entropy_y"] > 0.0:
        row = fastinfo.rank_features(
            {columns.names[0]: x},
            y,
            bins=bins,
            strategy=strategy,
            discrete=_pairwise(columns.discrete),
        )[0]
        test, pvalue = row.test, float(row.pvalue)
    return Pair(
        columns.names,
        counts,
        unit_name(base),
        {name: float(value) for name, value in measures.items()},
        test,
        pvalue,
        confidence,
        (float(interval.low), float(interval.high)),
    )


def _pairwise(discrete: dict[str, bool] | str) -> Any:
    """What is said of the two, as a ranking takes it."""
    if isinstance(discrete, str):
        return discrete
    return tuple(discrete.get(side, "auto") for side in ("x", "y"))


#: How measures are called for people, with the two columns for {x} and {y}.
_SHOWN = {
    "information": "information I",
    "above_chance": "above chance",
    "normalized": "normalized",
    "entropy_x": "H({x})",
    "entropy_y": "H({y})",
    "joint_entropy": "H({x}, {y})",
    "conditional_entropy_x": "H({x} | {y})",
    "conditional_entropy_y": "H({y} | {x})",
    "variation_of_information": "variation of information",
}
_TESTS = {"g": "G-test", "permutation": "permutations", "": "no test"}


@dataclass(frozen=True)
class Pair:
    """What was found."""

    names: tuple[str, str]
    counts: JointCounts
    unit: str
    measures: dict[str, float]
    test: str
    pvalue: float
    confidence: float
    interval: tuple[float, float]

    def columns(self) -> dict[str, list[Any]]:
        """As columns of a file: a row for each measure."""
        found = self.measures | {
            "pvalue": self.pvalue,
            "interval_low": self.interval[0],
            "interval_high": self.interval[1],
        }
        return {"measure": list(found), "value": list(found.values())}

    def json(self) -> str:
        """As a JSON object, with null for what is not finite."""
        counts = self.counts
        whole: dict[str, Any] = {
            "x": self.names[0],
            "y": self.names[1],
            "unit": self.unit,
            "n": int(counts.n),
            "n_missing": int(counts.n_missing),
            "measures": {name: _finite_or_none(v) for name, v in self.measures.items()},
            "test": self.test,
            "pvalue": _finite_or_none(self.pvalue),
            "confidence": self.confidence,
            "interval": [_finite_or_none(end) for end in self.interval],
        }
        for side, edges, levels in self._sides():
            whole[f"{side}_edges"] = None if edges is None else edges.tolist()
            whole[f"{side}_levels"] = None if levels is None else [_plain(v) for v in levels]
        small = math.prod(counts.shape) <= _MOST_KEPT
        whole["table"] = counts.table.tolist() if small else None
        return json.dumps(whole, indent=2, allow_nan=False, default=str)

    def _sides(self) -> list[tuple[str, Array | None, Array | None]]:
        c = self.counts
        return [("x", c.x_edges, c.x_levels), ("y", c.y_edges, c.y_levels)]

    def text(self) -> str:
        """As text: on a terminal no wider than that, elsewhere with names that are not cut."""
        on_terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if on_terminal else _PLAIN_WIDTH
        room = width if on_terminal else _NOT_CUT
        x, y = _beside_each_other(*map(shown_name, self.names), room=max(room - 40, 16))
        lines = [
            f"{x} and {y}: {self.counts.n:,} rows with both, {self.counts.n_missing:,} without"
        ]
        for name, (_, edges, levels) in zip((x, y), self._sides(), strict=True):
            lines.append(f"  {name}: {_kind(edges, levels)}")
        short = dict(zip("xy", _beside_each_other(x, y, room=max(room - 30, 8)), strict=True))
        rows = [
            (_SHOWN.get(name, f"I, {name}").format(**short), f"{value:z.4f}")
            for name, value in self.measures.items()
        ]
        low, high = self.interval
        place = list(self.measures).index("above_chance") + 1  # of which it is the interval
        said = f"  {self.confidence:.0%} interval, bootstrap"
        rows.insert(place, (said, f"{low:z.4f} to {high:z.4f}"))
        pvalue = "<1e-300" if self.pvalue < 1e-300 else f"{self.pvalue:.3g}"
        rows.append((f"p-value ({_TESTS[self.test]})", pvalue))
        first = max(cells_of(label) for label, _ in rows)
        lines += ["", f"in {self.unit}"]
        lines += [label + " " * (first - cells_of(label) + 2) + value for label, value in rows]
        return "\n".join([*lines, "", *self._picture(width, x, y)])

    def _picture(self, width: int, x: str, y: str) -> list[str]:
        """The joint counts: numbers where there are few, shades where there are many."""
        if math.prod(self.counts.shape) > _MOST_KEPT:
            return []
        table = np.asarray(self.counts.table)
        x_shown, y_shown = (_level_names(edges, levels) for _, edges, levels in self._sides())
        sizes = table.shape
        rows = _kept(table, 0, _MOST_CELLS if max(sizes) <= _MOST_CELLS else _MOST_SHADES)
        cells = [max(cells_of(name), 5) for name in y_shown]
        first = min(max(map(cells_of, x_shown), default=0), max(width // 4, 8))
        if max(sizes) <= _MOST_CELLS and first + sum(cells) + 2 * len(cells) <= width:
            head = " " * first + "".join(name.rjust(w + 2) for name, w in _zip(y_shown, cells))
            lines = [f"rows: {x}; columns: {y}", head]
            for i in rows:
                counts = "".join(f"{int(c):>{w + 2}}" for c, w in _zip(table[i].tolist(), cells))
                lines.append(_padded(x_shown[i], first) + counts)
            return lines
        columns = _kept(table, 1, min(_MOST_SHADES, (width - first - 2) // 2))
        some = table[np.ix_(rows, columns)].astype(np.float64)
        most = some.max() or 1.0
        shades = _shades()
        between = _range_of(y_shown, (width - 42) // 2)
        lines = [f"rows: {x}; columns: {y}", f"columns{between}; darker: more rows"]
        for i, row in zip(rows, some.tolist(), strict=True):
            drawn = "".join(2 * shades[math.ceil(4 * c / most)] for c in row)
            lines.append(_padded(x_shown[i], first) + "  " + drawn.rstrip())
        left = sizes[0] - len(rows), sizes[1] - len(columns)
        if any(left):
            lines.append(f"the largest levels; {left[0]} rows and {left[1]} columns are not shown")
        return lines


def _beside_each_other(x: str, y: str, *, room: int) -> tuple[str, str]:
    """Two names in so many cells: a short one leaves more for the other."""
    half = room // 2
    return (
        shortened(x, max(half, room - cells_of(y))),
        shortened(y, max(half, room - cells_of(x))),
    )


def _zip(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return zip(a, b, strict=True)


def _padded(name: str, width: int) -> str:
    name = shortened(name, width)
    return name + " " * (width - cells_of(name))


def _shades() -> str:
    """Letters from light to dark that stdout can write."""
    try:
        _SHADES[0].encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeError:
        return _SHADES[1]
    return _SHADES[0]


def _kept(table: Array, axis: int, most: int) -> list[int]:
    """The largest levels along an axis, in their order."""
    sums = table.sum(axis=1 - axis)
    if sums.size <= most:
        return list(range(sums.size))
    return sorted(np.argsort(-sums, kind="stable")[: max(most, 1)].tolist())


def _kind(edges: Array | None, levels: Array | None) -> str:
    if edges is None:
        n = 0 if levels is None else len(levels)
        return f"{n} label{'s' * (n != 1)}"
    return f"numbers, {edges[0]:.6g} to {edges[-1]:.6g}, in {len(edges) - 1} bins"


def _level_names(edges: Array | None, levels: Array | None) -> list[str]:
    """What the rows or columns of the table are called."""
    if edges is None:
        return [shown_name(str(level)) for level in (() if levels is None else levels)]
    ends = [f"{edge:.0f}" if 1e3 <= abs(edge) < 1e7 else f"{edge:.4g}" for edge in edges.tolist()]
    return [f"{a}..{b}" for a, b in pairwise(ends)]


def _range_of(names: Sequence[str], width: int) -> str:
    ends = [shortened(name, width) for name in (names[0], names[-1])] if names else []
    return f" from {' to '.join(ends)}" if ends else ""


def _plain(value: Any) -> Any:
    """A level as JSON has it."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
