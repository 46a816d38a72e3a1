"""Write plots to files, completely or not at all, and make the figures for them."""

from __future__ import annotations

import os
import warnings
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from fastinfo._core.own_files import check_place, not_ours, replacing
from fastinfo.plot.figures import own_figure, require_matplotlib
from fastinfo.plot.joint import draw_joint
from fastinfo.plot.matrices import draw_matrix
from fastinfo.plot.rankings import draw_ranking

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARK = "fastinfo.plot, Matplotlib"  # in pictures, which are written over others that have it
_MARKED_AT = 1 << 16  # bytes from the begin or the end of a picture within which the mark stands
_SOFTWARE = 0x0131  # Exif's tag of what made a picture


def figure_of(result: Any, **options: Any) -> Figure:
    """
    Draw a result on a new figure that needs no display and does not have to be closed.

    Parameters
    ----------
    result : Ranking, InformationMatrix, JointCounts, or a two-dimensional array
        The result to draw; an array is a matrix of mutual information.
    **options
        Options of :func:`plot_ranking`, :func:`plot_matrix` or :func:`plot_joint`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, which pyplot does not manage. It can be used in any thread.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If the result cannot be drawn, or an option of its plot is not valid.

    Examples
    --------
    >>> import fastinfo
    >>> counts = fastinfo.JointCounts.from_labels([0, 0, 1, 1], ["a", "a", "b", "b"])
    >>> len(fastinfo.plot.figure_of(counts).axes)  # the pairs, both margins, the bar of colours
    4
    """
    if hasattr(result, "x_edges"):
        return _figure_under(draw_joint(result, own_figure, **options))
    if isinstance(result, np.ndarray):
        return _figure_under(draw_matrix(result, own_figure, **options))
    return _figure_under(draw_ranking(result, own_figure, **options))


def _figure_under(ax: Any) -> Figure:
    figure: Figure = ax.figure.canvas.figure
    return figure


def save(drawn: Any, path: str | os.PathLike[str], *, dpi: float = 150, **options: Any) -> None:
    """
    Write a plot to a file.

    Parameters
    ----------
    drawn : Ranking, InformationMatrix, JointCounts, matplotlib.axes.Axes or Figure
        What to write: a result, which is drawn by :func:`figure_of`, a figure, or axes, whose
        figure is written.
    path : str or path-like
        The file to write. Its suffix determines the format.
    dpi : float, default 150
        Dots per inch, for raster formats.
    **options
        Options of the plot of a result, such as ``top=20``.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    OSError, ValueError
        If the file cannot be written, matplotlib does not support the format, or `path` exists and
        is neither empty nor a plot that this function wrote (also if it is a link or a pipe).
    TypeError
        If there are options, but `drawn` is not a result.

    Notes
    -----
    An earlier plot is replaced only when the new one is complete. Plots in formats that cannot
    store which program wrote them (``.gif``, ``.pgf``, ``.raw``, ``.rgba``) are not replaced.
    Letters that no installed font has are drawn as boxes.
    """
    check_picture(path)
    if not (hasattr(drawn, "savefig") or hasattr(drawn, "get_figure")):
        drawn = figure_of(drawn, **options)
    elif options:
        raise TypeError(f"options must be left out beside a figure, got {sorted(options)}")
    figure: Any = drawn if hasattr(drawn, "savefig") else _figure_under(drawn)
    kind = _kind(path)
    with replacing(path) as new, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        figure.savefig(new, format=kind, dpi=dpi, **_marking(kind))


def check_picture(path: str | os.PathLike[str], what: str = "path") -> None:
    """
    Raise the errors of :func:`save` if a plot cannot be written to `path`, before any work.

    Errors name the path as `what`.
    """
    require_matplotlib()
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
    """Options of matplotlib that store the mark in a file, if its format allows that."""
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
    """Whether the file does not exist, is empty, or is a plot with the mark."""
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
