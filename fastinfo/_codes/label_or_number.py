"""Decide what is a label and what is a number: by the distinct values, or by the user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from fastinfo._core.checks import Array, as_block, shown
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.threads import spans
from fastinfo.kernels.encoding import integers as kernels

MOST_LABELS = 32  #: integers and times of more distinct values than this are numbers


def few_values(a: Array) -> bool:
    """Whether integers or times have so few distinct values that they are labels."""
    if a.dtype.kind in "mM":
        a = a.astype(a.dtype.newbyteorder("="), copy=False)[~np.isnat(a)].view(np.int64)
    return distinct_numbers(a, MOST_LABELS) is not None


def distinct_numbers(a: Array, limit: int) -> Array | None:
    """Sorted distinct numbers without NaN, or None if there are more than `limit`."""
    if a.dtype.kind in "iu" and a.size and max(-int(a.min()), int(a.max())) >= 2**53:
        # float64 can't distinguish them: use the differences from the smallest, if they are small.
        least = int(a.min())
        if int(a.max()) - least < 2**53:
            few = distinct_numbers(a - a.dtype.type(least), limit)
            return None if few is None else few.astype(a.dtype) + a.dtype.type(least)
        if np.unique(a[:4096]).size > limit:
            return None
        levels = np.unique(a)
        return levels if levels.size <= limit else None
    values = np.empty(limit)
    slots = np.full(1025, -1, np.int64)
    slots[-1] = n = 0
    for start, stop in spans(a.size, CHUNK):
        n = kernels.distinct(as_block(a[start:stop], np.float64), limit, values, slots)
        if n > limit:
            return None
    levels = np.sort(values[:n])
    return levels.astype(a.dtype) if a.dtype.kind in "iu" else levels


def said_discrete(discrete: Any, place: int, names: Sequence[str] = ("x", "y")) -> bool | None:
    """What the user says about a variable: labels (True), not labels (False), or None."""
    if isinstance(discrete, Mapping):
        check_names_said(discrete, names)
        word = discrete.get(names[place], "auto")
        return None if isinstance(word, str) else bool(word)
    pair = isinstance(discrete, (tuple, list)) and len(discrete) == 2
    words = discrete if pair else (discrete, discrete)
    if not all(map(_is_word, words)):
        raise ValueError(
            f"discrete must be 'auto', True, False, a pair of those, or a mapping of names to "
            f"those, got {shown(discrete)}"
        )
    word = words[place]
    return None if isinstance(word, str) else bool(word)


def _is_word(word: Any) -> bool:
    return isinstance(word, (bool, np.bool_)) or (isinstance(word, str) and word == "auto")


def check_names_said(discrete: Mapping[Any, Any], names: Iterable[str]) -> None:
    """Raise an error if a mapping contains an unknown name or an unknown word."""
    known = dict.fromkeys(names)
    for name, word in discrete.items():
        if name not in known:
            listed = ", ".join(map(repr, list(known)[:20])) + (", ..." if len(known) > 20 else "")
            raise ValueError(f"discrete must name columns that are there, {listed}, got {name!r}")
        if not _is_word(word):
            raise ValueError(
                f"discrete must say 'auto', True or False of {name!r}, got {shown(word)}"
            )
