"""Plot of the joint histogram of two variables, with the margins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fastinfo._core.checks import Array
from fastinfo.plot.figures import (
    SURE,
    NewFigure,
    fonts_for,
    label_ticks,
    shown_figure,
    written,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAME, _LEVEL = 40, 18  # letters of the longest
_UNEQUAL = 1.5  # times the narrowest bin: from there on bins are drawn equally wide
_MOST_TICKS = 12  # edges that are written
_STEEP = 50.0  # times the median: counts are coloured by their logarithm then
_LEVELS = 40  # that are drawn
_CROWD, _SMALL = 20, 6.5  # names from which on they are small, and their size in points


class _Side(NamedTuple):
    """How one variable is drawn."""

    kept: Array  #: rows or columns of the table that are drawn
    edges: Array  #: where cells begin and end
    ticks: list[float] | None  #: None where the axis is one of numbers
    labels: list[str]
    remark: str  #: what is left out, in brackets


def plot_joint(
    counts: Any,
    *,
    names: tuple[str, str] = ("x", "y"),
    dates: tuple[str | None, str | None] = (None, None),
) -> Axes:
    """
    Draw a joint histogram as colours, with the histogram of each variable beside it.

    Parameters
    ----------
    counts : JointCounts
        The counts.
    names : (str, str), default ("x", "y")
        Labels of the axes.
    dates : (str or None, str or None), default (None, None)
        Units of the edges of variables that are dates, such as "D" or "ns", since counts store
        dates as numbers.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the joint histogram, with x to the right. ``ax.figure`` is a new pyplot figure
        that also has the axes of both variables. Cells without pairs are white. Bins of unequal
        width, such as bins of equal counts, are drawn equally wide, with their edges as labels. If
        more than 40 labels occur, the 40 most frequent ones are drawn.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If there are no counts.

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> x, y = np.random.default_rng(0).normal(size=(2, 1000))
    >>> counts = fastinfo.JointCounts.from_samples(x, y, bins=10)
    >>> fastinfo.plot.plot_joint(counts, names=("height", "weight")).get_xlabel()
    'height'
    """
    return draw_joint(counts, shown_figure, names=names, dates=dates)


def draw_joint(
    counts: Any,
    new_figure: NewFigure,
    *,
    names: tuple[str, str] = ("x", "y"),
    dates: tuple[str | None, str | None] = (None, None),
) -> Axes:
    """Draw counts on a figure that is made by `new_figure`."""
    if not counts.n:
        raise ValueError("counts must not be empty, got no pair")
    whole = counts._table
    x = _side(_dated(counts.x_edges, dates[0]), counts.x_levels, whole.x_counts)
    y = _side(_dated(counts.y_edges, dates[1]), counts.y_levels, whole.y_counts)
    table = _part(whole.cells(), whole.shape, x.kept, y.kept)

    width = max((len(text) for text in y.labels), default=6)
    figure = new_figure(6.6 + 0.06 * width, 5.6)
    grid = figure.add_gridspec(2, 2, width_ratios=(5, 1), height_ratios=(1, 5))
    ax = figure.add_subplot(grid[1, 0])
    above = figure.add_subplot(grid[0, 0], sharex=ax)
    beside = figure.add_subplot(grid[1, 1], sharey=ax)
    norm, how = _norm(table)
    image = ax.pcolormesh(
        x.edges, y.edges, np.where(table > 0.0, table, np.nan).T, cmap="viridis", norm=norm
    )
    figure.colorbar(image, ax=beside, label="pairs" + how)
    above.stairs(table.sum(axis=1), x.edges, fill=True, **SURE)
    beside.stairs(table.sum(axis=0), y.edges, fill=True, orientation="horizontal", **SURE)
    for axis, side, name in ((ax.xaxis, x, names[0]), (ax.yaxis, y, names[1])):
        text = written(name, _NAME) + side.remark
        axis.set_label_text(text, parse_math=False, **fonts_for([text]))
        if side.ticks is not None:
            turned = axis is ax.xaxis and sum(map(len, side.labels)) > 50
            size = _SMALL if len(side.labels) > _CROWD else None
            label_ticks(axis, side.ticks, side.labels, rotation=90 if turned else 0, fontsize=size)
    above.tick_params(labelbottom=False)
    beside.tick_params(labelleft=False, axis="y")
    beside.tick_params(axis="x", rotation=90)
    for edge in (above, beside):
        edge.spines[["top", "right"]].set_visible(False)
        edge.locator_params(axis="y" if edge is above else "x", nbins=3)
    information = counts.mutual_information()
    figure.suptitle(
        f"{_count(counts.n)} pairs, mutual information {information:.3f} nats "
        f"({counts.mutual_information(correction='chance'):z.3f} above chance)",
        fontsize="medium",
    )
    return ax


def _dated(edges: Array | None, unit: str | None) -> Array | None:
    """Convert edges to dates if a unit is given; they are then numbers of this unit since 1970."""
    if edges is None or unit is None or edges.dtype.kind in "mM":
        return edges
    return edges.astype(np.int64).astype(f"M8[{unit}]")


def _side(edges: Array | None, levels: Array | None, sizes: Array) -> _Side:
    """Choose how to draw a variable."""
    everything = np.arange(len(sizes))
    if edges is not None:
        dates = edges.dtype.kind in "mM"
        widths = np.diff(edges).astype(np.float64)
        finite = dates or bool(np.isfinite(edges).all())
        even = finite and widths.max() <= _UNEQUAL * widths.min()
        if even and not dates:
            return _Side(everything, np.asarray(edges, np.float64), None, [], "")
        at = np.unique(np.linspace(0, len(edges) - 1, min(len(edges), _MOST_TICKS)).astype(int))
        return _Side(
            everything,
            np.arange(len(edges), dtype=np.float64),
            at.astype(np.float64).tolist(),
            _edge_texts(edges[at]),
            "" if even else " (bins drawn equally wide)",
        )
    kept, remark = everything, ""
    occurring = int(np.count_nonzero(sizes))
    if occurring > _LEVELS:
        kept = np.sort(np.argsort(-sizes, kind="stable")[:_LEVELS])
        remark = f" (the {_LEVELS} most frequent of {occurring:,} levels)"
    elif occurring < len(sizes):
        kept = np.flatnonzero(sizes)
    names = everything if levels is None else levels
    dates = names.dtype.kind in "mM"
    texts = _edge_texts(names[kept]) if dates else [written(str(names[i]), _LEVEL) for i in kept]
    return _Side(
        kept,
        np.arange(kept.size + 1) - 0.5,
        [float(i) for i in range(kept.size)],
        texts,
        remark,
    )


def _edge_texts(edges: Array) -> list[str]:
    """Texts of edges, with the smallest number of digits that keeps them different."""
    if edges.dtype.kind in "mM":
        for unit in ("D", "m", "s"):
            coarse = edges.astype(f"{edges.dtype.kind}8[{unit}]")
            if np.unique(coarse).size == edges.size:
                return [str(edge).replace("T", " ") for edge in coarse]
        return [str(edge) for edge in edges]
    for digits in range(4, 17):
        texts = [f"{edge:.{digits}g}" for edge in edges.tolist()]
        if len(set(texts)) == len(texts):
            break
    return texts


def _part(
    cells: tuple[Array, Array, Array], shape: tuple[int, int], rows: Array, columns: Array
) -> Array:
    """Return some rows and columns of a table, which is given by its non-zero cells."""
    places = [np.full(size, -1, np.int64) for size in shape]
    for place, kept in zip(places, (rows, columns), strict=True):
        place[kept] = np.arange(kept.size)
    i, j = places[0][cells[0]], places[1][cells[1]]
    inside = (i >= 0) & (j >= 0)
    out = np.zeros((rows.size, columns.size))
    out[i[inside], j[inside]] = cells[2][inside]
    return out


def _norm(table: Array) -> tuple[Any, str]:
    """Colour scale of counts; logarithmic if the largest count is far above the median."""
    from matplotlib.colors import LogNorm, Normalize

    there = table[table > 0.0]
    most = float(there.max(initial=0.0))
    if there.size and most > _STEEP * float(np.median(there)):
        return LogNorm(float(there.min()), most), " (logarithmic colours)"
    return Normalize(0.0, most or 1.0), ""


def _count(n: float) -> str:
    return f"{n:,}" if isinstance(n, int) else f"{n:,.6g}"
