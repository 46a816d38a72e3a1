"""Matrices that are computed from a matrix of information, and keep its names."""

from __future__ import annotations

from fastinfo._columns.matrix.information_matrix import InformationMatrix, labelled
from fastinfo._core.checks import Array


def derived_from(matrix: InformationMatrix, values: Array) -> InformationMatrix | Array:
    """An array of other values, with the names of a matrix if it has any."""
    if not matrix.labelled:
        return values
    return labelled(values, matrix._known._replace(changed=True, sizes=None))
