"""Shorten long names in the middle to fit a width."""

from __future__ import annotations

import unicodedata

_CUT = "…"


def cells_of(text: str) -> int:
    """How many cells of a terminal a text takes: wide characters two, combining marks none."""
    return sum(map(_width, text))


def shortened(name: str, width: int) -> str:
    """
    Return a name that fits into `width` cells; "…" replaces its middle.

    Names in a table often differ only at their ends, so both ends are kept.
    """
    if cells_of(name) <= width:
        return name
    room = width - 1
    if room < 0:
        return ""
    head = _fitting(name, room - room // 2)
    return head + _CUT + _fitting(name[::-1], room - cells_of(head))[::-1].lstrip(_marks(name))


def _fitting(text: str, room: int) -> str:
    """As many characters from the beginning as fit, with the marks on the last one."""
    for place, letter in enumerate(text):
        room -= _width(letter)
        if room < 0:
            return text[:place]
    return text


def _marks(text: str) -> str:
    """Combining marks at the beginning, whose base character may have been cut off."""
    return "".join({letter for letter in text if not _width(letter)})


def _width(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
