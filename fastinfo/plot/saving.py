"""Pictures in files, whole or not at all, and the figures that are drawn for them."""

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
    Draw a result on a figure of its own, which needs no display and no closing.

    Parameters
    ----------
    result : Ranking, InformationMatrix, JointCounts, or a two-dimensional array
        What to draw; an array is a matrix of mutual information.
    **options
        Those of :func:`plot_ranking`, :func:`plot_matrix` or :func:`plot_joint`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, which pyplot does not know: for files and pages, and safe in any thread.

    Raises
    ------
    ImportError, ValueError
        Where those functions raise them.

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
    Write a picture to a file.

    Parameters
    ----------
    drawn : Ranking, InformationMatrix, JointCounts, matplotlib.axes.Axes or Figure
        What to write: a result, which :func:`figure_of` draws, or a figure, or the figure that some
        axes are on.
    path : str or path-like
        The file to write; its suffix says the kind of picture.
    dpi : float, default 150
        Dots per inch, in pictures that are made of dots.
    **options
        Options of the picture of a result, as ``top=20``.

    Raises
    ------
    OSError, ValueError
        If the file can't be written, if something lies there that is neither empty nor a picture
        that this function wrote (a link and a pipe, too), or matplotlib knows no such kind of
        picture.
    TypeError
        If there are options beside a figure.

    Notes
    -----
    A picture takes the place of an earlier one when it is complete. Pictures of kinds that can't
    say what made them (``.gif``, ``.pgf``, ``.raw``, ``.rgba``) are not replaced. Letters that no
    installed font has are boxes.
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
    Raise as :func:`save` when a picture can't be written to `path`, before any work is done.

    Errors call the path by the name `what`.
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
