"""Plot of a matrix of mutual information, with a coloured square for each pair of columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fastinfo._columns.shortened_names import cells_of
from fastinfo._core.checks import Array
from fastinfo._core.messages import missing_packages
from fastinfo.plot.figures import (
    LETTER,
    NOTHING,
    SMALLEST,
    NewFigure,
    label_ticks,
    shown_figure,
    size_of,
    written,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAME = 28  # letters of the longest
_LARGE, _LEAST, _MOST = 0.4, 2.4, 12.0  # inches: of a cell, and of the side of a matrix
_SIZE, _SMALL = 9.0, 8.0  # points: of names, and beside the bar of colours
_BAR = 0.14  # inches, width of the bar of colours
_MOST_COLUMNS = 300
_FEW = 5  # rows and columns, of which all colours are for the strongest pair
_FAR = 3.0  # times the next strongest: pairs of few columns far above all others are cut off
_LITTLE = 0.02  # of the strongest pair: what is less than that need not be seen


class _Drawn(NamedTuple):
    """The values to draw, with the names of rows and columns if there are any."""

    values: Array
    rows: list[str] | None
    columns: list[str] | None
    own: bool  #: whether the rows are the columns

    def chosen(self, rows: Array, columns: Array) -> _Drawn:
        """Return some rows and columns."""
        names, names_y = (
            None if known is None else [known[i] for i in places]
            for known, places in ((self.rows, rows), (self.columns, columns))
        )
        return _Drawn(self.values[np.ix_(rows, columns)], names, names_y, self.own)


def plot_matrix(
    matrix: Any,
    names: Sequence[str] | None = None,
    *,
    ax: Axes | None = None,
    clustered: bool = False,
    diagonal: bool = False,
    unit: str | None = None,
    top: int | None = _MOST_COLUMNS,
) -> Axes:
    """
    Draw a matrix of mutual information as colours.

    Parameters
    ----------
    matrix : (f, g) array_like
        A matrix, as `fastinfo.mutual_information_matrix` returns it. From plug-in information, the
        approximate expectation by chance is subtracted if the matrix can compute it
        (`InformationMatrix.above_chance`). A matrix with ``correction="chance"`` is drawn as it is,
        and is exact.
    names : sequence of str, optional
        Names of the columns of a square matrix; by default, those of the matrix.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; by default, a new pyplot figure with square cells, which become smaller if
        there are many.
    clustered : bool, default False
        Order the columns of a square matrix so that columns with much mutual information are next
        to each other. This uses average linkage; the distance of two columns is the largest mutual
        information of all pairs minus theirs. Needs SciPy.
    diagonal : bool, default False
        Colour the diagonal of a square matrix too. The entropies there are larger than any mutual
        information, so that few colours remain for the pairs.
    unit : str, optional
        Unit to write at the colour bar; by default, the unit of the matrix, or "nats".
    top : int or None, default 300
        Maximum number of columns to draw: those with the strongest pairs. None draws all.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the plot. NaN and the diagonal are grey, and negative values are drawn as 0. If
        very few columns have pairs far above all others, the colour scale ends below these pairs,
        as the colour bar shows. If not all names fit, every second, third, and so on is written.

    Raises
    ------
    ImportError
        If matplotlib (or SciPy, with `clustered`) is not installed.
    ValueError
        If `matrix` is not two-dimensional, or not square although an option needs that, `names` and
        columns differ in number, or `top` is less than 2.

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> X = np.random.default_rng(0).integers(0, 3, (100, 4))
    >>> matrix = fastinfo.mutual_information_matrix(X)
    >>> fastinfo.plot.plot_matrix(matrix, list("abcd")).get_title()
    'Mutual information'
    """
    return draw_matrix(
        matrix,
        shown_figure,
        names,
        ax=ax,
        clustered=clustered,
        diagonal=diagonal,
        unit=unit,
        top=top,
    )


def draw_matrix(
    matrix: Any,
    new_figure: NewFigure,
    names: Sequence[str] | None = None,
    *,
    ax: Axes | None = None,
    clustered: bool = False,
    diagonal: bool = False,
    unit: str | None = None,
    top: int | None = _MOST_COLUMNS,
) -> Axes:
    """Draw a matrix on the axes, or on a figure that is made by `new_figure`."""
    if top is not None and top < 2:
        raise ValueError(f"top must be at least 2, got {top}")
    drawn = _read(matrix, names)
    shape = drawn.values.shape
    if clustered and not drawn.own:
        raise ValueError(f"a clustered matrix must be square, of one table, got shape {shape}")
    strengths = np.nan_to_num(np.maximum(drawn.values, 0.0), nan=0.0)
    if drawn.own:
        np.fill_diagonal(strengths, 0.0)
    if top is not None and max(shape) > top:
        strongest = (np.argsort(-strengths.max(axis=axis), kind="stable")[:top] for axis in (1, 0))
        rows, columns = map(np.sort, strongest)
        drawn, strengths = drawn.chosen(rows, columns), strengths[np.ix_(rows, columns)]
    if clustered:
        order = np.array(_order(strengths))
        drawn, strengths = drawn.chosen(order, order), strengths[np.ix_(order, order)]
    values = drawn.values.copy()
    if drawn.own and not diagonal:
        np.fill_diagonal(values, np.nan)
    most = float(np.nan_to_num(values, nan=0.0).max())
    end = most if diagonal else _robust_top(strengths)

    ax, size = _axes(drawn, new_figure) if ax is None else (ax, size_of(ax))
    ax.set_facecolor(NOTHING)
    image = ax.imshow(values, vmin=0.0, vmax=end or 1.0, cmap="viridis", aspect="equal")
    _draw_bar(ax, size, image, _meaning(matrix, unit), end, most)
    _write_names(ax, size, drawn)
    ax.set_title(_title(shape, values.shape))
    return ax


def _read(matrix: Any, names: Sequence[str] | None) -> _Drawn:
    """Return the values to draw with names: the given ones, or those of the matrix."""
    values = np.array(matrix, np.float64)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"matrix must be two-dimensional and not empty, got shape {values.shape}")
    labelled = getattr(matrix, "labelled", False)
    if labelled and matrix.knows_chance:
        values = np.array(matrix.above_chance())
    own = values.shape[0] == values.shape[1]
    if names is not None:
        if not own or len(names) != len(values):
            raise ValueError(
                f"names must hold one name for each row of a square matrix, got {len(names)} for "
                f"shape {values.shape}"
            )
        texts = [written(str(name), _NAME) for name in names]
        return _Drawn(values, texts, texts, own)
    if not labelled:
        return _Drawn(values, None, None, own)
    rows, columns = (
        [written(name, _NAME) for name in found] for found in (matrix.names, matrix.names_y)
    )
    return _Drawn(values, rows, columns, matrix.of_one_table)


def _meaning(matrix: Any, unit: str | None) -> str:
    """Return the label of the colour bar."""
    if not getattr(matrix, "labelled", False):
        return f"mutual information ({unit or 'nats'})"
    what = "mutual information"
    if matrix.unit == "changed values":
        return unit or matrix.unit
    if matrix.normalized:
        what = f"normalized {what}"
    if matrix.correction == "chance":
        what += " above chance"
    elif matrix.knows_chance:
        what += " above chance, approximate"
    return f"{what} ({unit or matrix.unit})"


def _robust_top(strengths: Array) -> float:
    """
    Upper end of the colours: the strongest pair, ignoring a few columns far above all others.

    In each step, one column of the strongest pair is left out: the one that shares more with all
    other columns.
    """
    left = strengths.copy()
    symmetric = left.shape[0] == left.shape[1] and np.array_equal(left, left.T)
    tops = [float(left.max())]
    for _ in range(max(min(left.shape) // 8, 1) if min(left.shape) >= _FEW else 0):
        i, j = np.unravel_index(int(left.argmax()), left.shape)
        if left[i].mean() >= left[:, j].mean():
            left[i] = 0.0
            if symmetric:
                left[:, i] = 0.0
        else:
            left[:, j] = 0.0
            if symmetric:
                left[j] = 0.0
        tops.append(float(left.max()))
    found = tops[0]
    for before, after in pairwise(tops):
        if after < before / _FAR and after >= _LITTLE * tops[0]:
            found = after
    return found


def _axes(drawn: _Drawn, new_figure: NewFigure) -> tuple[Axes, tuple[float, float]]:
    """Axes of a new figure with space for square cells, names and bar, and their size in inches."""
    shape = drawn.values.shape
    cell = min(_LARGE, _MOST / max(shape))
    height, width = (max(cell * size, _LEAST if size == max(shape) else 0.3) for size in shape)
    letter = LETTER * _SIZE / 72.0
    left, below = (
        0.3 if names is None else 0.3 + letter * max(map(cells_of, names))
        for names in (drawn.rows, drawn.columns)
    )
    ax = new_figure(left + width + 1.3, below + height + 0.5).subplots()
    return ax, (width, height)


def _draw_bar(
    ax: Axes, size: tuple[float, float], image: Any, meaning: str, end: float, most: float
) -> None:
    """Draw a colour bar that is as tall as the matrix."""
    width, height = (max(side, 0.1) for side in size)
    beside = ax.inset_axes((1.0 + 0.1 / width, 0.0, _BAR / width, 1.0))
    cut = most > end
    figure: Any = ax.figure.canvas.figure
    bar = figure.colorbar(image, cax=beside, extend="max" if cut else "neither", extendfrac=0.03)
    lines = [meaning] + [f"colours end at {end:.3g}, the strongest pair has {most:.3g}"] * cut
    room = int(height / (LETTER * _SMALL / 72.0))
    bar.set_label("\n".join(fill(line, max(room, 12)) for line in lines), fontsize=_SMALL)


def _write_names(ax: Axes, inches: tuple[float, float], drawn: _Drawn) -> None:
    """Write the names of rows and columns, or every k-th name if there is not enough space."""
    width, height = inches
    n_rows, n_columns = drawn.values.shape
    cell = 72.0 * min(width / n_columns, height / n_rows)  # points
    size = min(_SIZE, max(0.8 * cell, SMALLEST))
    step = max(math.ceil(1.2 * size / cell), 1)
    for axis, names, turned in ((ax.xaxis, drawn.columns, 90), (ax.yaxis, drawn.rows, 0)):
        if names is None:
            axis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
            continue
        places = range(0, len(names), step)
        label_ticks(axis, places, [names[i] for i in places], rotation=turned, fontsize=size)
        if len(names) > 1 and cell < 8.0:
            axis.set_tick_params(length=1.5)


def _title(whole: tuple[int, int], shown: tuple[int, int]) -> str:
    title = "Mutual information"
    if whole == shown:
        return title
    if whole[0] == whole[1]:
        return f"{title}: the {shown[0]} of {whole[0]:,} columns with the strongest pairs"
    return f"{title}: the strongest {shown[0]} x {shown[1]} of {whole[0]:,} x {whole[1]:,}"


def _order(strengths: Array) -> list[int]:
    """Return the order of the columns by hierarchical clustering."""
    try:
        from scipy.cluster.hierarchy import leaves_list, linkage
        from scipy.spatial.distance import squareform
    except ImportError as error:
        raise missing_packages("a clustered matrix needs", "scipy", extra="plot") from error
    if len(strengths) < 3:
        return list(range(len(strengths)))
    distance = strengths.max() - (strengths + strengths.T) / 2.0
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), "average", optimal_ordering=True)
    order: list[int] = leaves_list(tree).tolist()
    return order
