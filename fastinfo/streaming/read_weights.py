"""Weights of the rows of a table that is read part by part: values, or a column."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._core.checks import Array, as_numeric, as_weights
from fastinfo._tables.parts import as_part
from fastinfo.files.sources import Source
from fastinfo.streaming.runs import check_names, each_part


def names_beside(source: Source, sample_weight: Any, target: str | None = None) -> list[str]:
    """Names of the columns of a source, without the target and the weights."""
    if isinstance(sample_weight, str):
        check_names([sample_weight], source.names)
        if sample_weight == target:
            raise ValueError(f"sample_weight must not name the target {target!r}")
    apart = {target, sample_weight if isinstance(sample_weight, str) else None}
    names = [name for name in source.names if name not in apart]
    if not names:
        raise ValueError("X must have at least one column beside the weights, got none")
    return names


def weights_of_source(source: Source, sample_weight: Any, n_rows: int) -> Array | None:
    """The weights of all rows of a source."""
    if isinstance(sample_weight, str):
        name, parts = sample_weight, list[Array]()

        def use(part: Any) -> None:
            parts.append(weights_of_part(part, name))

        each_part(source, [name], 0, use)
        sample_weight = np.concatenate(parts)
    return as_weights(sample_weight, n_rows)


def weights_of_part(part: Any, name: str) -> Array:
    """The weights of the rows of one part."""
    (values,) = as_part(part, [name])
    return as_numeric(values, "sample_weight").astype(np.float64)


def refuse_checkpoint_of_codes(checkpoint: Any, option: str) -> None:
    """Raise an error for a checkpoint if an option requires codes of all rows instead of counts."""
    if checkpoint is not None:
        raise ValueError(
            f"checkpoint must be None with {option}, got {checkpoint!r}: such a run keeps codes "
            f"of the rows in memory, and has no counts to continue from"
        )
