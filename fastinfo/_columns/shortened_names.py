"""Names that are too long for the room they have: cut in the middle."""

from __future__ import annotations

import unicodedata

_CUT = "…"


def width_of(text: str) -> int:
    """Number of cells that a text takes on a terminal: two for each wide letter."""
    return len(text) if text.isascii() else sum(map(_width, text))


def shortened(name: str, width: int) -> str:
    """
    Return a name in at most so many cells of a terminal, with an ellipsis where it is cut.

    What is cut is the middle: names that differ in their beginnings or ends alone still differ.

    Examples
    --------
    >>> from fastinfo._columns.shortened_names import shortened
    >>> shortened("temperature_of_the_sensor_17", 16)
    'temperat…nsor_17'
    """
    if width_of(name) <= width:
        return name
    room = width - len(_CUT)
    if room < 0:
        return ""
    head = _begin(name, room - room // 2)
    tail = _begin(name[::-1], room - width_of(head))[::-1]
    return f"{head}{_CUT}{tail}"


def _begin(text: str, room: int) -> str:
    """As many letters from the begin as fit into so many cells."""
    taken = 0
    for i, letter in enumerate(text):
        taken += _width(letter)
        if taken > room:
            return text[:i]
    return text


def _width(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):  # marks on the letter before
        return 0
    return 1 + (unicodedata.east_asian_width(letter) in ("W", "F"))
