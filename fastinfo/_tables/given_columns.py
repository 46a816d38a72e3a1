"""Columns that are given by name: what is known already."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from fastinfo._core.checks import shown
from fastinfo._tables.features import Features


def places_of_given(given: Any, features: Features, target: str | None) -> list[int]:
    """Where the columns are that are given by name: one, or a sequence of them."""
    if hasattr(given, "dtype") and getattr(given, "ndim", 1) > 0 and len(given) == features.n_rows:
        raise TypeError(
            f"given must be names of columns of X, got values: {type(given).__name__} of "
            f"{len(given)}"
        )
    known = {*features.keys, *features.names}
    several = isinstance(given, (list, set, frozenset, np.ndarray)) or (
        isinstance(given, tuple) and given not in known
    )
    wanted = list(given) if several else [given]
    if not wanted:
        raise ValueError(
            "given must name at least one column, got none: leave it out if nothing is given"
        )
    for name in wanted:
        if not isinstance(name, Hashable):
            raise TypeError(f"given must be a name, or a list of names, got {shown(name)}")
        if target is not None and str(name) == target and name not in known:
            raise ValueError(f"given must not name the target {target!r}")
    places = list(dict.fromkeys(features.places_of(wanted, "given")))
    if len(places) == len(features.names):
        raise ValueError("X must have at least one column beside those that are given, got none")
    return places
