"""Positions and texts of the parts of pictures, from which the page template draws them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.messages import shown_name
from fastinfo.report.findings import Matrix
from fastinfo.report.joint_histograms import Groups, Joint, small_table

_WIDTH, _HEIGHT = 300.0, 190.0  # of the cells of a histogram
_ABOVE, _GAP, _ALL = 34.0, 6.0, 20.0  # bars above, space, cells of all rows beside
_LETTER = 6.1  # width of one, about
_TICKS = 6  # edges that are labelled, at most


class Cell(NamedTuple):
    """A rectangle of a picture."""

    x: float
    y: float
    width: float
    height: float
    strength: float  #: of its colour, 0 to 1
    title: str


class Tick(NamedTuple):
    """A text beside an axis."""

    place: float
    text: str


@dataclass(frozen=True)
class Picture:
    """A joint histogram, ready to be drawn."""

    name: str
    target: str
    cells: list[Cell]
    bars: list[Cell]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    upright: bool  #: whether ticks of x stand upright
    left: float
    below: float
    largest: float  #: share of the strongest colour
    width: float = _WIDTH
    height: float = _HEIGHT
    above: float = _ABOVE
    beside: float = _GAP + _ALL


def picture_of(joint: Joint) -> Picture:
    """
    Arrange a joint histogram, which shows the distribution of the target in each part of a column.

    Each part adds up to 100 %. Bars above show its number of rows. Cells beside show the
    distribution of the target in all rows.
    """
    small = small_table(joint)
    share = small.share
    total = small.counts.sum(axis=0)
    overall = total / max(total.sum(), 1)
    nx, ny = share.shape
    w, h = _WIDTH / nx, _HEIGHT / ny
    largest = max(float(share.max(initial=0.0)), float(overall.max(initial=0.0))) or 1.0
    cells, sums = [], small.counts.sum(axis=1)
    for i, j in zip(*np.nonzero(small.counts), strict=True):
        title = (
            f"{small.x.labels[i]} | {small.y.labels[j]}: {share[i, j]:.1%} "
            f"({small.counts[i, j]:,} of {sums[i]:,} rows)"
        )
        strength = float(share[i, j]) / largest
        cells.append(Cell(i * w, (ny - 1 - j) * h, w, h, strength, title))
    for j in np.flatnonzero(overall):
        title = f"all rows | {small.y.labels[j]}: {overall[j]:.1%}"
        place = _WIDTH + _GAP, (ny - 1 - j) * h
        cells.append(Cell(*place, _ALL, h, float(overall[j]) / largest, title))
    known = sums[:-1] if small.x.others and nx > 1 else sums  # all others together are many
    tallest = max(int(known.max(initial=0)), 1)
    bars = [
        Cell(i * w, 0.0, w, _ABOVE * min(n / tallest, 1.0), 1.0, f"{small.x.labels[i]}: {n:,} rows")
        for i, n in enumerate(sums.tolist())
    ]
    x_ticks = _ticks(small.x, w, _TICKS)
    upright = bool(not small.x.ends and max(map(len, small.x.labels), default=0) * _LETTER > w)
    if small.x.ends:
        room = _WIDTH / max(len(x_ticks) - 1, 1)
        upright = max(len(tick.text) for tick in x_ticks) * _LETTER > room
    y_ticks = [Tick(_HEIGHT - tick.place, tick.text) for tick in _ticks(small.y, h, 2 * _TICKS)]
    longest = max((len(tick.text) for tick in x_ticks), default=0)
    return Picture(
        shown_name(joint.x.name),
        shown_name(joint.y.name),
        cells,
        bars,
        x_ticks,
        y_ticks,
        upright,
        12.0 + _LETTER * max((len(tick.text) for tick in y_ticks), default=0),
        14.0 + (_LETTER * longest if upright else 10.0),
        largest,
    )


def _ticks(groups: Groups, size: float, most: int) -> list[Tick]:
    """Ticks in the middle of cells for labels, or at (some) edges for bins."""
    if not groups.ends:
        return [Tick((i + 0.5) * size, label) for i, label in enumerate(groups.labels)]
    n = len(groups.ends) - 1
    step = -(-n // (most - 1))
    places = [*range(0, n - step // 2, step), n]
    return [Tick(i * size, groups.ends[i]) for i in places]


@dataclass(frozen=True)
class Squares:
    """A matrix of all pairs of columns, ready to be drawn."""

    cells: list[Cell]
    ticks: list[Tick]
    size: float
    left: float
    largest: float  #: share of the strongest colour


def squares_of(matrix: Matrix) -> Squares:
    """Arrange a matrix so that columns that share much information are next to each other."""
    order = _order(matrix.share)
    names = [shown_name(matrix.names[i]) for i in order]
    n = len(order)
    size = min(max(560.0 / n, 13.0), 44.0)
    apart = matrix.share[~np.eye(n, dtype=bool)]
    largest = min(max(float(np.nan_to_num(apart, nan=0.0).max(initial=0.0)), 0.01), 1.0)
    cells = []
    for a, i in enumerate(order):
        for b, j in enumerate(order):
            share, above = float(matrix.share[i, j]), float(matrix.above[i, j])
            if i == j or not above > 0.0:
                continue
            share = min(max(share, 0.0), 1.0)
            title = f"{names[a][:60]} | {names[b][:60]}: {share:.1%}, {above:.4f} nats"
            cells.append(Cell(b * size, a * size, size, size, share / largest, title))
    ticks = [Tick((k + 0.5) * size, cut_name(name)) for k, name in enumerate(names)]
    longest = max(len(tick.text) for tick in ticks)
    return Squares(cells, ticks, n * size, 10.0 + _LETTER * longest, largest)


def cut_name(name: str, longest: int = 28) -> str:
    """Return a name, without its middle if it is long."""
    return name if len(name) <= longest else f"{name[: longest // 2]}…{name[-longest // 2 + 1 :]}"


def _order(share: Array) -> list[int]:
    """Order of the columns by hierarchical clustering: average linkage, distance 1 - share."""
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(share) < 3:
        return list(range(len(share)))
    near = np.clip(np.nan_to_num(share, nan=0.0), 0.0, 1.0)
    distance = 1.0 - (near + near.T) / 2.0
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), "average", optimal_ordering=True)
    order: list[int] = leaves_list(tree).tolist()
    return order
