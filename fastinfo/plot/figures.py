"""Figures and axes to draw on, and texts to write on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from fastinfo._columns.shortened_names import shortened
from fastinfo._core.messages import missing_packages, shown_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Makes a figure of a width and a height in inches.
NewFigure: TypeAlias = "Callable[[float, float], Figure]"

SURE: dict[str, Any] = {"color": "#33608c"}
UNSURE: dict[str, Any] = {"color": "#d9d9d9", "edgecolor": "#8c8c8c", "hatch": "///"}
NOTHING = "#d0d0d0"  #: where there is no value

SMALLEST = 6.0  #: points: what is smaller can't be read
LETTER = 0.6  #: width of a letter of a size of 1

#: Fonts of other scripts, of which those are used that are installed.
_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans CJK KR",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Tamil",
    "Noto Sans Thai",
    "Noto Sans Symbols2",
    "Arial Unicode MS",
    "Hiragino Sans",
    "PingFang SC",
    "Apple SD Gothic Neo",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Nirmala UI",
    "Leelawadee UI",
    "Segoe UI Symbol",
    "Droid Sans Fallback",
    "WenQuanYi Zen Hei",
    "Unifont",
)
_OTHER_SCRIPTS = 0x0590  # the first letter that matplotlib's own font may lack


def require_matplotlib() -> None:
    """Raise an error that says what to install if matplotlib is missing."""
    try:
        import matplotlib as mpl  # noqa: F401
    except ImportError as error:
        raise missing_packages("pictures need", "matplotlib", extra="plot") from error


def shown_figure(width: float, height: float) -> Figure:
    """Make a pyplot figure, which notebooks and ``pyplot.show()`` display."""
    require_matplotlib()
    import matplotlib.pyplot as plt

    return plt.figure(figsize=(width, height), layout="constrained")


def own_figure(width: float, height: float) -> Figure:
    """Make a figure for files, which needs no display and does not have to be closed."""
    require_matplotlib()
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def size_of(ax: Axes) -> tuple[float, float]:
    """Width and height of axes in inches, before the figure is drawn."""
    place = ax.get_position()
    figure: Any = ax.figure.canvas.figure
    return place.width * figure.get_figwidth(), place.height * figure.get_figheight()


def written(name: str, width: int) -> str:
    """Return a name as it is written in a plot: on one line, and at most `width` letters long."""
    return shortened(shown_name(name), width)


def fonts_for(texts: Iterable[str]) -> dict[str, Any]:
    """Text options that add installed fonts for other scripts, if the texts need them."""
    if all(letter < chr(_OTHER_SCRIPTS) or letter in "…−≤" for text in texts for letter in text):
        return {}
    import matplotlib as mpl
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    found = [font for font in _FONTS if font in there]
    return {"fontfamily": [*mpl.rcParams["font.family"], *found]} if found else {}


def label_ticks(axis: Any, places: Iterable[float], texts: list[str], **options: Any) -> None:
    """Write texts at places of an axis, without parsing them as mathematics."""
    axis.set_ticks(list(places), labels=texts, parse_math=False, **options, **fonts_for(texts))
