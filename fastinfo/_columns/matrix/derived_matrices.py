"""Matrices that are computed of a matrix of information, with its names."""

from __future__ import annotations

from fastinfo._columns.matrix.information_matrix import InformationMatrix, labelled
from fastinfo._core.checks import Array


def derived_from(matrix: InformationMatrix, values: Array) -> InformationMatrix | Array:
    """Values in the place of those of a matrix: with its names, if it has any."""
    if not matrix.labelled:
        return values
    return labelled(values, matrix._known._replace(changed=True, sizes=None))
