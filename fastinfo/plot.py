"""Pictures of the library's results, with matplotlib: ``pip install "fastinfo[plot]"``."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

from fastinfo._units import unit_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fastinfo.ranking import Ranking

__all__ = ["check_picture", "plot_ranking", "save"]

_SIGNIFICANT: dict[str, Any] = {"color": "#33608c"}
_NOT_SIGNIFICANT: dict[str, Any] = {"color": "#d9d9d9", "edgecolor": "#8c8c8c", "hatch": "///"}
_LONGEST_NAME = 40


def plot_ranking(ranking: Ranking, *, ax: Axes | None = None, top: int | None = 30) -> Axes:
    """Draw the columns that tell most about the target, as horizontal bars.

    Parameters
    ----------
    ranking : Ranking
        What `fastinfo.rank_features` returns.
    ax : matplotlib.axes.Axes, optional
        Where to draw. By default a new figure that pyplot knows nothing of, so that it needs no
        display and no closing; ``ax.figure`` is that figure, and `save` writes it.
    top : int or None, default 30
        How many columns to draw, the best first; None draws all.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on. A bar's length is the mutual information, the number beside it the
        normalised mutual information. A bar is hatched when the adjusted p-value is above the
        ranking's ``alpha``. A column without complete pairs has no bar.

    Raises
    ------
    ImportError
        When matplotlib is not installed.
    ValueError
        When the ranking has no rows, or `top` is less than 1.

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> from fastinfo.plot import plot_ranking
    >>> x = np.arange(1000) % 7
    >>> ranking = fastinfo.rank_features(np.column_stack([x, x // 2]), x)
    >>> plot_ranking(ranking).get_xlabel()
    'mutual information (nats)'
    """
    if top is not None and top < 1:
        raise ValueError(f"top must be at least 1, got {top}")
    rows = list(ranking)[:top]
    if not rows:
        raise ValueError("the ranking has no rows to draw")
    if ax is None:
        ax = _new_figure(len(rows)).subplots()

    lengths = [0.0 if math.isnan(row.mi) else row.mi for row in rows]
    sure = [row.adjusted_pvalue <= ranking.alpha for row in rows]
    for style, wanted in ((_SIGNIFICANT, True), (_NOT_SIGNIFICANT, False)):
        places = [place for place, is_sure in enumerate(sure) if is_sure is wanted]
        if places:
            comparison = "≤" if wanted else ">"
            label = f"adjusted p {comparison} {ranking.alpha:g}"
            ax.barh(places, [lengths[place] for place in places], label=label, **style)
    for place, row in enumerate(rows):
        beside = "no data" if math.isnan(row.mi) else f"{row.normalized_mi:.2g}"
        ax.annotate(
            beside,
            (lengths[place], place),
            xytext=(4, 0),
            textcoords="offset points",
            verticalalignment="center",
            fontsize="small",
        )

    about = "" if ranking.target is None else f" with {_short(ranking.target)}"
    ax.set_title("Columns by mutual information" + about, parse_math=False)
    ax.set_xlabel(f"mutual information ({unit_name(ranking.base)})")
    ax.set_yticks(range(len(rows)), labels=[_short(row.name) for row in rows], parse_math=False)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 1.12 * max(lengths) or 1)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="lower right", title="beside the bars: normalised MI")
    return ax


def save(drawn: Axes | Figure, path: str | os.PathLike[str], *, dpi: float = 150) -> None:
    """Write a figure, or the figure that some axes are on, to a file.

    Parameters
    ----------
    drawn : matplotlib.axes.Axes or matplotlib.figure.Figure
        What to write.
    path : str or path-like
        The file to write; its suffix says the kind of picture.
    dpi : float, default 150
        Dots per inch, in pictures that are made of dots.

    Raises
    ------
    ValueError
        When matplotlib knows no such kind of picture.
    OSError
        When the folder does not exist or may not be written to.
    """
    check_picture(path)
    figure: Any = drawn if hasattr(drawn, "savefig") else drawn.figure
    figure.savefig(path, dpi=dpi)


def check_picture(path: str | os.PathLike[str]) -> None:
    """Raise when no picture can be written to a file, before any work is done.

    Parameters
    ----------
    path : str or path-like
        The file to write.

    Raises
    ------
    ImportError
        When matplotlib is not installed.
    ValueError
        When matplotlib knows no such kind of picture.
    OSError
        When the folder does not exist.
    """
    _require_matplotlib()
    from matplotlib.backend_bases import FigureCanvasBase

    name = os.fspath(path)
    kinds = sorted(FigureCanvasBase.get_supported_filetypes())
    if os.path.splitext(name)[1].removeprefix(".").lower() not in kinds:
        known = ", ".join("." + kind for kind in kinds)
        raise ValueError(f"{name!r} is no known kind of picture: give it one of {known}")
    folder = os.path.dirname(name) or "."
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"no such folder: {folder!r}; make it before writing {name!r}")
    if os.path.isdir(name):
        raise IsADirectoryError(f"{name!r} is a directory: give the name of a file in it")


def _new_figure(bars: int) -> Figure:
    """Return a figure with room for so many bars, outside pyplot."""
    _require_matplotlib()
    from matplotlib.figure import Figure

    return Figure(figsize=(8, max(2.8, 1.2 + 0.28 * bars)), layout="constrained")


def _require_matplotlib() -> None:
    """Raise one line that says what to install when matplotlib is not there."""
    try:
        import matplotlib as mpl  # noqa: F401
    except ImportError as error:
        raise ImportError('pictures need matplotlib: pip install "fastinfo[plot]"') from error


def _short(name: str) -> str:
    """Return a name that fits beside a bar, on one line."""
    flat = "".join(letter if letter.isprintable() else "�" for letter in name)
    return flat if len(flat) <= _LONGEST_NAME else flat[: _LONGEST_NAME - 1] + "…"
