"""Labels of rows, which pandas has, and by which it would pair rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastinfo._core.checks import library_of
from fastinfo._core.messages import warn


def warn_of_other_order(variables: Sequence[Any], names: Sequence[str]) -> None:
    """Warn where a variable has the row labels of the first one in another order."""
    labels = [_labels_of(variable) for variable in variables]
    if labels[0] is None:
        return
    for other, name in zip(labels[1:], names[1:], strict=True):
        if other is not None and _are_in_other_order(labels[0], other):
            warn(
                f"the rows of {names[0]} and {name} have the same index in another order, and are "
                f"paired by position. To pair them by index, use {name}.reindex({names[0]}.index). "
                f"If the position is right, pass {name}.to_numpy()"
            )


def _labels_of(variable: Any) -> Any:
    kind = type(variable)
    if library_of(kind) != "pandas" or kind.__name__ not in ("DataFrame", "Series"):
        return None
    return variable.index


def _are_in_other_order(a: Any, b: Any) -> bool:
    if a is b or len(a) != len(b) or a.equals(b):
        return False
    return bool(a.is_unique and b.is_unique and b.isin(a).all())
