"""Weights of the rows of a table: values, or the name of one of its columns."""

from __future__ import annotations

from typing import Any

from fastinfo._column_readers.row_labels import warn_of_other_order
from fastinfo._core.checks import Array, as_weights
from fastinfo._counts.weight_units import unless_equal
from fastinfo._tables.features import Features


def split_weights(features: Features, sample_weight: Any) -> tuple[Features, Array | None]:
    """Columns, and the weights of the rows, which may be a column of a table by its name."""
    if isinstance(sample_weight, str):
        if features.is_matrix:
            raise ValueError(
                f"sample_weight can name a column of a table only, got {sample_weight!r} with an "
                f"array: pass the weights"
            )
        place = features.places_of([sample_weight], "sample_weight")[0]
        sample_weight = features.columns[place]
        features = features.without(place)
        if not features.names:
            raise ValueError("X must have at least one column beside the weights, got none")
    weights = as_weights(sample_weight, features.n_rows)
    warn_of_other_order((features.labelled, sample_weight), ("X", "sample_weight"))
    if weights is not None and weights.size and not weights.any():
        raise ValueError(
            f"sample_weight must be positive for one row at least, got {weights.size} zeros"
        )
    return features, unless_equal(weights)


def refuse_permutations(n_permutations: int | str, sample_weight: Any) -> None:
    """Raise where weights are to be permuted."""
    if sample_weight is not None and not isinstance(n_permutations, str) and n_permutations:
        raise ValueError(
            f"n_permutations must be 'auto' or 0 with sample_weight, since weights have no "
            f"permutations, got {n_permutations}"
        )
