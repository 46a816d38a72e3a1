"""Plot of a ranking: bars of information, with whiskers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastinfo._columns.information_units import unit_name
from fastinfo._columns.shortened_names import cells_of
from fastinfo._core.messages import printable
from fastinfo.plot.figures import (
    LETTER,
    SURE,
    UNSURE,
    NewFigure,
    fonts_for,
    label_ticks,
    shown_figure,
    written,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAME, _NOTE = 36, 40  # letters of the longest
_ROW = 0.24  # inches
_MOST_INCHES = 200.0  # a picture of 150 dots an inch has at most 2**16 of them a side
_SPREAD = 1.96  # standard errors of a whisker


def plot_ranking(ranking: Any, *, ax: Axes | None = None, top: int | None = 30) -> Axes:
    """
    Draw the most informative columns of a ranking as horizontal bars.

    Parameters
    ----------
    ranking : Ranking
        A ranking, as `fastinfo.rank_features` returns it.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; by default, a new pyplot figure, which notebooks show.
    top : int or None, default 30
        Maximum number of columns to draw, with the best first. None draws all.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the plot. A bar shows the mutual information above chance, or 0 if that is
        negative. The number beside it can be negative, and the note of the column follows. A bar is
        hatched if the adjusted p-value is above the ``alpha`` of the ranking. A column without
        complete pairs has no bar. Whiskers extend 1.96 of the ranking's ``standard_errors`` to both
        sides: about 95 of 100 tables with as many rows would have a number within this distance.
        Whiskers are not confidence intervals of the true information, since `above_chance` is below
        it if many levels determine the target.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If the ranking has no rows, or `top` is less than 1.

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> x = np.arange(1000) % 7
    >>> ranking = fastinfo.rank_features(np.column_stack([x // 2, x // 3]), x)
    >>> fastinfo.plot.plot_ranking(ranking).get_xlabel()
    'mutual information above chance (nats)'
    """
    return draw_ranking(ranking, shown_figure, ax=ax, top=top)


def draw_ranking(
    ranking: Any, new_figure: NewFigure, *, ax: Axes | None = None, top: int | None = 30
) -> Axes:
    """Draw a ranking on the axes, or on a figure that is made by `new_figure`."""
    if top is not None and top < 1:
        raise ValueError(f"top must be at least 1, got {top}")
    rows = list(ranking)[:top]
    if not rows:
        raise ValueError("the ranking has no rows to draw")
    names = [written(row.name, _NAME) for row in rows]
    if ax is None:
        height = min(1.6 + _ROW * len(rows), _MOST_INCHES)
        ax = new_figure(6.2 + LETTER * 0.14 * max(map(cells_of, names)), height).subplots()

    lengths = [0.0 if math.isnan(row.above_chance) else max(row.above_chance, 0.0) for row in rows]
    ends = _draw_bars(ax, ranking, rows, lengths)
    for place, row in enumerate(rows):
        beside = "no data" if math.isnan(row.above_chance) else _number(row.above_chance)
        beside += f"  {written(printable(row.note), _NOTE)}" if row.note else ""
        ax.annotate(
            beside,
            (ends[place], place),
            xytext=(4, 0),
            textcoords="offset points",
            verticalalignment="center",
            fontsize="small",
            parse_math=False,
            **fonts_for([beside]),
        )
    title = "Columns by information"
    title += "" if ranking.target is None else f" about {written(ranking.target, _NAME)}"
    total = len(ranking)
    title += f": {len(rows)} of {total:,} columns" if len(rows) < total else ""
    ax.set_title(title, parse_math=False, **fonts_for([title]))
    ax.set_xlabel(f"mutual information above chance ({unit_name(ranking.base)})")
    label_ticks(ax.yaxis, range(len(rows)), names)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 1.12 * max(ends) or 1)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _draw_bars(
    ax: Axes, ranking: Any, rows: Sequence[Any], lengths: Sequence[float]
) -> list[float]:
    """Draw bars, whiskers and legend; return where each row ends."""
    from matplotlib.transforms import ScaledTranslation

    for style, wanted in ((SURE, True), (UNSURE, False)):
        places = [
            i for i, row in enumerate(rows) if (row.adjusted_pvalue <= ranking.alpha) is wanted
        ]
        if places:
            comparison = "≤" if wanted else ">"
            label = f"adjusted p {comparison} {ranking.alpha:g}"
            ax.barh(places, [lengths[place] for place in places], label=label, **style)
    errors: dict[str, float] = getattr(ranking, "standard_errors", {})
    ends = list(lengths)
    whiskers = [
        (i, row.above_chance, _SPREAD * errors[row.name])
        for i, row in enumerate(rows)
        if math.isfinite(errors.get(row.name, math.nan)) and lengths[i] > 0.0
    ]
    if whiskers:
        at, centers, reach = zip(*whiskers, strict=True)
        # a line that leaves the axes below 0 would be clipped without its cap
        below = [min(r, c) for c, r in zip(centers, reach, strict=True)]
        ax.errorbar(
            centers,
            at,
            xerr=[below, reach],
            fmt="none",
            ecolor="#1a1a1a",
            elinewidth=0.9,
            capsize=2.0,
            label="± 1.96 standard errors",
        )
        for i, center, r in whiskers:
            ends[i] = center + r
    figure: Any = ax.figure.canvas.figure
    below_axes = ScaledTranslation(0.0, -0.5, figure.dpi_scale_trans)
    ax.legend(
        loc="upper right",
        bbox_to_anchor=(1.0, 0.0),
        bbox_transform=ax.transAxes + below_axes,
        ncols=3,
        fontsize="small",
        frameon=False,
    )
    return ends


def _number(value: float) -> str:
    """Return a number with three or four decimals."""
    if abs(value) >= 0.01 or not value:
        return f"{value:.3f}"
    return f"{value:.4f}" if abs(value) >= 0.00005 else "0.0000"
