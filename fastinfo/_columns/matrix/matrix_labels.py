"""What a matrix knows about its rows and columns."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastinfo._measures.chance import Sizes


class MatrixLabels(NamedTuple):
    """What is known about a matrix in addition to its values."""

    keys: Sequence[Hashable]  #: names of the rows as in the table, which need not be strings
    keys_y: Sequence[Hashable]  #: names of the columns
    of_one_table: bool  #: whether rows and columns are the same
    base: float | None
    correction: str | float | None
    normalized: str | None
    sizes: tuple[Sizes, Sizes] | None  #: sizes of the levels of rows and columns, if known
    n_rows: int  #: number of rows of the table
    changed: bool = False  #: whether values have been written into it


def by_name(keys: Sequence[Hashable]) -> dict[Hashable, int]:
    """Places by name, original and as text."""
    written = {str(key): i for i, key in enumerate(keys)}
    return written | {key: i for i, key in enumerate(keys)}


def is_name(key: Any) -> bool:
    """Whether a key can only be a name."""
    return isinstance(key, str)


def is_plain(key: Any) -> bool:
    """Whether a key of an array contains no names."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(isinstance(part, _PLAIN) or part is None or part is Ellipsis for part in parts)


def place_of(key: Any, side: dict[Hashable, int]) -> Any:
    """The place of a name, or places of a list of names; None if it is no known name."""
    if isinstance(key, list) and key and all(map(is_name, key)):
        places = [side.get(name) for name in key]
        return None if None in places else places
    if isinstance(key, (*_PLAIN, list)):
        return key
    try:
        return side.get(key)
    except TypeError:  # the key has no hash
        return None


_PLAIN = (int, np.integer, slice, np.ndarray)
