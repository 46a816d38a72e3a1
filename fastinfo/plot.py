"""Pictures of the library's results, with matplotlib: ``pip install "fastinfo[plot]"``."""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from fastinfo._columns.information_units import unit_name
from fastinfo._core.messages import printable, shown_name
from fastinfo._core.own_files import check_place, not_ours, replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fastinfo._core.checks import Array
    from fastinfo.information.joint_counts import JointCounts
    from fastinfo.ranking import Ranking

__all__ = ["check_picture", "plot_joint", "plot_matrix", "plot_ranking", "save"]

_SIGNIFICANT: dict[str, Any] = {"color": "#33608c"}
_NOT_SIGNIFICANT: dict[str, Any] = {"color": "#d9d9d9", "edgecolor": "#8c8c8c", "hatch": "///"}
_LONGEST_NAME = 40
_MOST_NAMES = 80

_MARK = "fastinfo.plot, Matplotlib"  # in pictures, which are written over others that have it
_MARKED_AT = 1 << 16  # bytes from the begin or the end of a picture within which the mark stands
_SOFTWARE = 0x0131  # Exif's tag of what made a picture


def plot_ranking(ranking: Ranking, *, ax: Axes | None = None, top: int | None = 30) -> Axes:
    """
    Draw the columns that are most informative about the target, as horizontal bars.

    Parameters
    ----------
    ranking : Ranking
        What `fastinfo.rank_features` returns.
    ax : matplotlib.axes.Axes, optional
        Where to draw. By default a new figure outside of pyplot, which needs no display and no
        closing; ``ax.figure`` is that figure, and `save` writes it.
    top : int or None, default 30
        How many columns to draw, the best first; None draws all.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on. A bar's length is the mutual information above chance, at least 0;
        beside it stands the share of the target that the column decides, and its note. A bar is
        hatched when the adjusted p-value is above the ranking's ``alpha``. A column without
        complete pairs has no bar.

    Raises
    ------
    ImportError, ValueError
        If matplotlib is not installed, the ranking has no rows, or `top` is less than 1.

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> from fastinfo.plot import plot_ranking
    >>> x = np.arange(1000) % 7
    >>> ranking = fastinfo.rank_features(np.column_stack([x // 2, x // 3]), x)
    >>> plot_ranking(ranking).get_xlabel()
    'mutual information above chance (nats)'
    """
    if top is not None and top < 1:
        raise ValueError(f"top must be at least 1, got {top}")
    rows = list(ranking)[:top]
    if not rows:
        raise ValueError("the ranking has no rows to draw")
    if ax is None:
        ax = _new_figure(len(rows)).subplots()

    lengths = [0.0 if math.isnan(row.above_chance) else max(row.above_chance, 0.0) for row in rows]
    sure = [row.adjusted_pvalue <= ranking.alpha for row in rows]
    for style, wanted in ((_SIGNIFICANT, True), (_NOT_SIGNIFICANT, False)):
        places = [place for place, is_sure in enumerate(sure) if is_sure is wanted]
        if places:
            comparison = "≤" if wanted else ">"
            label = f"adjusted p {comparison} {ranking.alpha:g}"
            ax.barh(places, [lengths[place] for place in places], label=label, **style)
    for place, row in enumerate(rows):
        beside = "no data" if math.isnan(row.above_chance) else f"{max(row.share, 0.0):.1%}"
        beside += f"  {_cut(printable(row.note))}" if row.note else ""
        ax.annotate(
            beside,
            (lengths[place], place),
            xytext=(4, 0),
            textcoords="offset points",
            verticalalignment="center",
            fontsize="small",
        )

    about = "" if ranking.target is None else f" about {_short(ranking.target)}"
    ax.set_title("Columns by information" + about, parse_math=False)
    ax.set_xlabel(f"mutual information above chance ({unit_name(ranking.base)})")
    ax.set_yticks(range(len(rows)), labels=[_short(row.name) for row in rows], parse_math=False)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 1.12 * max(lengths) or 1)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="lower right", title="beside the bars: share, notes")
    return ax


def plot_matrix(
    matrix: Any,
    names: Sequence[str] | None = None,
    *,
    ax: Axes | None = None,
    clustered: bool = False,
    diagonal: bool = False,
    unit: str = "nats",
) -> Axes:
    """
    Draw a matrix of mutual information, as colours.

    Parameters
    ----------
    matrix : (f, g) array_like
        What `fastinfo.mutual_information_matrix` returns.
    names : sequence of str, optional
        The columns, of a square matrix.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure, as in :func:`plot_ranking`.
    clustered : bool, default False
        Order the columns of a square matrix so that those with much mutual information stand side
        by side: average linkage of the distance to the largest mutual information. Needs SciPy.
    diagonal : bool, default False
        Colour the diagonal of a square matrix too. Entropies are larger than any mutual
        information, and leave few colours for it.
    unit : str, default "nats"
        What the colour bar says.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on. NaN, and the diagonal, are grey.

    Raises
    ------
    ImportError, ValueError
        If matplotlib (or SciPy, if `clustered`) is not installed, `matrix` is not two-dimensional,
        or not square where that is needed, or `names` are not as many as columns.

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> from fastinfo.plot import plot_matrix
    >>> X = np.random.default_rng(0).integers(0, 3, (100, 4))
    >>> plot_matrix(fastinfo.mutual_information_matrix(X), list("abcd")).get_title()
    'Mutual information'
    """
    values = np.array(matrix, np.float64)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"matrix must be two-dimensional and not empty, got shape {values.shape}")
    square = values.shape[0] == values.shape[1]
    if names is not None and (not square or len(names) != len(values)):
        raise ValueError(
            f"names must be those of a square matrix, got {len(names)} for shape {values.shape}"
        )
    labels = None if names is None else [_short(str(name)) for name in names]
    if clustered:
        order = _order(values)
        values = values[np.ix_(order, order)]
        labels = None if labels is None else [labels[i] for i in order]
    if square and not diagonal:
        np.fill_diagonal(values, np.nan)
    if ax is None:
        ax = _new_figure(max(values.shape)).subplots()
    ax.set_facecolor("#bfbfbf")
    shown = np.nan_to_num(values, nan=0.0)
    image = ax.imshow(values, vmin=0.0, vmax=float(shown.max()) or 1.0, cmap="viridis")
    ax.figure.colorbar(image, ax=ax, label=f"mutual information ({unit})")
    if labels is not None and len(labels) <= _MOST_NAMES:
        ax.set_xticks(range(len(labels)), labels=labels, rotation=90, parse_math=False)
        ax.set_yticks(range(len(labels)), labels=labels, parse_math=False)
    ax.set_title("Mutual information")
    return ax


def _order(values: Array) -> list[int]:
    """Order of the columns by hierarchical clustering."""
    try:
        from scipy.cluster.hierarchy import leaves_list, linkage
        from scipy.spatial.distance import squareform
    except ImportError as error:
        raise ImportError('a clustered matrix needs SciPy: pip install "fastinfo[plot]"') from error
    if values.shape[0] != values.shape[1]:
        raise ValueError(f"a clustered matrix must be square, got shape {values.shape}")
    if len(values) < 3:
        return list(range(len(values)))
    between = np.nan_to_num(values, nan=0.0)
    np.fill_diagonal(between, 0.0)
    distance = between.max() - (between + between.T) / 2.0
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), "average", optimal_ordering=True)
    order: list[int] = leaves_list(tree).tolist()
    return order


def plot_joint(counts: JointCounts, *, names: tuple[str, str] = ("x", "y")) -> Axes:
    """
    Draw counts of pairs as colours, with the counts of each variable beside them.

    Parameters
    ----------
    counts : JointCounts
        The counts.
    names : (str, str), default ("x", "y")
        What the axes are called.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the pairs, x to the right; ``ax.figure`` is a new figure outside of pyplot,
        with the axes of both variables too.

    Raises
    ------
    ImportError, ValueError
        If matplotlib is not installed, or there are no counts.

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> from fastinfo.plot import plot_joint
    >>> x, y = np.random.default_rng(0).normal(size=(2, 1000))
    >>> plot_joint(fastinfo.JointCounts.from_samples(x, y, bins=10)).get_xlabel()
    'x'
    """
    table = np.asarray(counts.table, np.float64)
    if not table.any():
        raise ValueError("counts must not be empty, got no pair")
    figure = _new_figure(20)
    grid = figure.add_gridspec(2, 2, width_ratios=(4, 1), height_ratios=(1, 4))
    ax = figure.add_subplot(grid[1, 0])
    above = figure.add_subplot(grid[0, 0], sharex=ax)
    beside = figure.add_subplot(grid[1, 1], sharey=ax)
    x_edges = _edges(counts.x_edges, table.shape[0])
    y_edges = _edges(counts.y_edges, table.shape[1])
    image = ax.pcolormesh(x_edges, y_edges, np.where(table > 0.0, table, np.nan).T, cmap="viridis")
    figure.colorbar(image, ax=beside, label="pairs")
    above.stairs(table.sum(axis=1), x_edges, fill=True, **_SIGNIFICANT)
    beside.stairs(table.sum(axis=0), y_edges, fill=True, orientation="horizontal", **_SIGNIFICANT)
    for axis, levels, name in ((ax.xaxis, counts.x_levels, 0), (ax.yaxis, counts.y_levels, 1)):
        axis.set_label_text(_short(names[name]), parse_math=False)
        if levels is not None and len(levels) <= _MOST_NAMES:
            axis.set_ticks(
                range(len(levels)), labels=[_short(str(v)) for v in levels], parse_math=False
            )
    above.tick_params(labelbottom=False)
    beside.tick_params(labelleft=False)
    for side in (above, beside):
        side.spines[["top", "right"]].set_visible(False)
    return ax


def _edges(edges: Array | None, size: int) -> Array:
    """Edges of cells: those of bins, or around the numbers of levels."""
    return np.arange(size + 1) - 0.5 if edges is None else np.asarray(edges, np.float64)


def save(drawn: Axes | Figure, path: str | os.PathLike[str], *, dpi: float = 150) -> None:
    """
    Write a figure, or the figure that some axes are on, to a file.

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
    OSError, ValueError
        If the file can't be written, if something lies there that is neither empty nor a picture
        that this function wrote (a link and a pipe, too), or matplotlib knows no such kind of
        picture.

    Notes
    -----
    A picture takes the place of an earlier one when it is complete. Pictures of kinds that can't
    say what made them (``.gif``, ``.pgf``, ``.raw``, ``.rgba``) are not replaced.
    """
    check_picture(path)
    figure: Any = drawn if hasattr(drawn, "savefig") else drawn.figure
    kind = _kind(path)
    with replacing(path) as new:
        figure.savefig(new, format=kind, dpi=dpi, **_marking(kind))


def check_picture(path: str | os.PathLike[str], what: str = "path") -> None:
    """
    Raise as :func:`save` when a picture can't be written to `path`, before any work is done.

    Errors call the path by the name `what`.
    """
    _require_matplotlib()
    from matplotlib.backend_bases import FigureCanvasBase

    name = os.fspath(path)
    check_place(name, what)
    kinds = sorted(FigureCanvasBase.get_supported_filetypes())
    if _kind(name) not in kinds:
        known = ", ".join("." + kind for kind in kinds)
        raise ValueError(
            f"{what} must end in one of {known}, got {name!r}, no known kind of picture"
        )
    if not _is_own(name):
        raise not_ours(name, what, "a picture that fastinfo made")


def _kind(path: str | os.PathLike[str]) -> str:
    return os.path.splitext(os.fspath(path))[1].removeprefix(".").lower()


def _marking(kind: str) -> dict[str, Any]:
    """Options of matplotlib that put the mark into a picture, if its kind can have it."""
    import matplotlib as mpl

    mark = f"{_MARK} version {mpl.__version__}, https://matplotlib.org"
    if kind == "png":
        return {"metadata": {"Software": mark}}
    if kind in ("eps", "pdf", "ps", "svg", "svgz"):
        return {"metadata": {"Creator": mark}}
    if kind in ("avif", "jpeg", "jpg", "tif", "tiff", "webp"):
        from PIL.Image import Exif

        exif = Exif()
        exif[_SOFTWARE] = mark
        return {"pil_kwargs": {"exif": exif}}
    return {}


def _is_own(name: str) -> bool:
    """Whether there is no file of this name, an empty one, or a picture with the mark."""
    try:
        with open(name, "rb") as file:
            begin = file.read(_MARKED_AT)
            file.seek(max(file.seek(0, os.SEEK_END) - _MARKED_AT, 0))
            end = file.read()
    except FileNotFoundError:
        return True
    if _kind(name) == "svgz":
        with suppress(zlib.error):
            begin = zlib.decompressobj(wbits=31).decompress(begin, _MARKED_AT)
    return not end or _MARK.encode() in begin + end


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
    return _cut(shown_name(name))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"
