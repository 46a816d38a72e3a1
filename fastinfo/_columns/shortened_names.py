"""Long names, cut in the middle to the width that there is for them."""

from __future__ import annotations

import unicodedata

_CUT = "…"


def cells_of(text: str) -> int:
    """How many cells of a terminal a text takes: two for each wide character, none for marks."""
    return sum(map(_width, text))


def shortened(name: str, width: int) -> str:
    """
    Return a name in at most `width` cells of a terminal: "…" stands for what its middle lacks.

    Names of one table often differ at their ends alone, which both stay.
    """
    if cells_of(name) <= width:
        return name
    room = width - 1
    if room < 0:
        return ""
    head = _fitting(name, room - room // 2)
    return head + _CUT + _fitting(name[::-1], room - cells_of(head))[::-1].lstrip(_marks(name))


def _fitting(text: str, room: int) -> str:
    """As many letters from the begin as fit, with the marks on the last of them."""
    for place, letter in enumerate(text):
        room -= _width(letter)
        if room < 0:
            return text[:place]
    return text


def _marks(text: str) -> str:
    """Letters that are no letters by themselves: what they stood on may be cut off."""
    return "".join({letter for letter in text if not _width(letter)})


def _width(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
