"""What a matrix knows of its rows and columns."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastinfo._measures.chance import Sizes


class MatrixLabels(NamedTuple):
    """What is known of a matrix beside its values."""

    keys: Sequence[Hashable]  #: of the rows: names as the table has them, which may be no strings
    keys_y: Sequence[Hashable]  #: of the columns
    of_one_table: bool  #: whether these are the same
    base: float | None
    correction: str | float | None
    normalized: str | None
    sizes: tuple[Sizes, Sizes] | None  #: of the levels of rows and columns, if they are known
    n_rows: int  #: of the table
    changed: bool = False  #: whether values were written into it since


def by_name(keys: Sequence[Hashable]) -> dict[Hashable, int]:
    """Places by names, as they are and written out."""
    written = {str(key): i for i, key in enumerate(keys)}
    return written | {key: i for i, key in enumerate(keys)}


def is_name(key: Any) -> bool:
    """Whether a key can be nothing but a name."""
    return isinstance(key, str)


def is_plain(key: Any) -> bool:
    """Whether a key of an array holds no names."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(isinstance(part, _PLAIN) or part is None or part is Ellipsis for part in parts)


def place_of(key: Any, side: dict[Hashable, int]) -> Any:
    """The place of a name, or of each of a list of names; None for what is none or unknown."""
    if isinstance(key, list) and key and all(map(is_name, key)):
        places = [side.get(name) for name in key]
        return None if None in places else places
    if isinstance(key, (*_PLAIN, list)):
        return key
    try:
        return side.get(key)
    except TypeError:  # it has no hash
        return None


_PLAIN = (int, np.integer, slice, np.ndarray)
