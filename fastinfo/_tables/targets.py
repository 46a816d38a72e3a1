"""The target among the columns of a table, or beside them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from fastinfo._column_readers.row_labels import warn_of_other_order
from fastinfo._core.checks import same_length
from fastinfo._core.messages import printable
from fastinfo._tables.features import Features
from fastinfo._tables.table_readers import (
    as_listed,
    as_native,
    is_series,
    is_tabular,
    nested_type,
    read_features,
)


def _is_name(y: Any, features: Features) -> bool:
    """Whether a target is the name of a column, and not its values."""
    if isinstance(y, tuple):  # a sequence of labels, too
        return y in features.keys
    array = any(hasattr(y, name) for name in ("__array__", "__dlpack__", "__iter__"))
    values = array or is_series(y) or is_tabular(y)
    return isinstance(y, Hashable) and (isinstance(y, str | np.generic) or not values)


def split_target(X: Any, y: Any) -> tuple[Features, Any, str | None]:
    """Columns, the target, and its name where it has one; `y` may name a column of a table."""
    features = read_features(X)
    if not _is_name(y, features):
        _refuse_names(y, features)
        target, name = read_target(y)
        if features.is_matrix:
            same_length(range(features.n_rows), target, "X", "y")
        elif len(target) != features.n_rows:
            raise ValueError(
                f"X and y must have the same length, got {features.n_rows} and {len(target)} rows"
            )
        warn_of_other_order((features.labelled, target), ("X", "y"))
        return features, target, name
    if features.is_matrix:
        raise ValueError(
            f"y can name a column of a table only, got {y!r} with an array: pass the values of the "
            f"target"
        )
    place = features.places_of([y])[0]
    others = features.without(place)
    if not others.names:
        raise ValueError("X must have at least one column beside the target, got none")
    return others, features.columns[place], features.names[place]


def _refuse_names(y: Any, features: Features) -> None:
    """Raise where a list of names is meant to be a target."""
    if not isinstance(y, list | tuple) or not y or len(y) == features.n_rows:
        return
    known = {*features.keys, *features.names}
    if all(isinstance(name, Hashable) and name in known for name in y):
        hint = f": y={y[0]!r}" if len(y) == 1 else ""
        raise ValueError(f"y must be the name of one column, got a list of {len(y)}{hint}")


def read_target(y: Any) -> tuple[Any, str | None]:
    """A target, and its name where it has one."""
    y = as_native(y)
    if is_tabular(y):
        table = read_features(y, "y")
        if len(table.names) != 1 or table.nested:
            n = len(table.names) + len(table.nested)
            raise ValueError(f"y must be one column, got a table of {n}")
        return table.columns[0], table.names[0]
    kind = nested_type(y)
    if kind is not None:
        raise TypeError(f"y must hold numbers or labels, got {printable(kind)}")
    if is_series(y):
        name = getattr(y, "name", None)
        return y, None if name is None else str(name)
    return as_listed(y, "y"), None
