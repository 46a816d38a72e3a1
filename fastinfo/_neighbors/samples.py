"""Read the samples of a variable for the estimators without bins: numbers, or labels."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastinfo._bins.coded_variables import GIVEN_UNIQUE, any_of
from fastinfo._codes.column import BY_CHANCE, Column, Numbers
from fastinfo._core.checks import Array, same_length
from fastinfo._core.coded_variable import Coded
from fastinfo._neighbors.numbers import as_float64
from fastinfo._neighbors.options import NEIGHBORS

#: What labels mean that are almost all different: of a variable, and of a given one.
_IF_UNIQUE = (
    f'{BY_CHANCE}. estimator="histogram" with correction="chance" subtracts that',
    GIVEN_UNIQUE,
)


GIVEN = ("z", "given")  #: names of given variables


class Group(NamedTuple):
    """Samples of one variable: columns of numbers, or codes of labels, or both if given."""

    numbers: Array | None  #: (n, d) float64
    codes: Array | None
    missing: npt.NDArray[np.bool_] | None


def read_group(columns: list[Any], name: str, said: list[bool | None], estimator: str) -> Group:
    """
    Read a variable; z, or given, may have several columns of labels and of numbers.

    `said` is what the user says: whether columns are labels, for each or for all of them.
    """
    gaussian = estimator not in NEIGHBORS
    if gaussian and True in said:
        raise ValueError(
            f"discrete must not be True for {name} with estimator={estimator!r}, which takes "
            f"numbers only"
        )
    numbers_read: list[Array] = []
    labels: list[Coded] = []
    words = said if len(said) == len(columns) else said * len(columns)
    for column, discrete in zip(columns, words, strict=True):
        found = Column.of(column, name).read(discrete, if_unique=_IF_UNIQUE[name in GIVEN])
        if isinstance(found, Numbers):
            numbers_read.append(as_float64(found.values)[0])
        elif gaussian:
            raise ValueError(
                f"{name} must hold numbers with estimator={estimator!r}, got labels: take "
                f"estimator='histogram', or discrete=False for integers that are numbers"
            )
        elif len(columns) > 1 and name not in GIVEN:
            raise ValueError(
                f"{name} must be one column if it holds labels, got {len(columns)} columns: "
                f"discrete=False treats integers as numbers"
            )
        else:
            labels.append(found)
    codes = functools.reduce(_together, [found.codes for found in labels]) if labels else None
    missing = any_of([found.invalid for found in labels])
    if not numbers_read:
        return Group(None, codes, missing)
    for samples in [*numbers_read[1:], *([] if codes is None else [codes])]:
        same_length(numbers_read[0], samples, name, name)
    out = np.empty((numbers_read[0].size, len(numbers_read)))
    for j, samples in enumerate(numbers_read):
        out[:, j] = samples
    missing = any_of([missing, np.asarray(np.isnan(out).any(axis=1))])
    if np.isinf(out).any():
        raise ValueError(
            f"{name} must hold finite numbers with estimator={estimator!r}, got infinity"
        )
    return Group(out, codes, missing)


def _together(a: Array, b: Array) -> Array:
    """Codes of the combinations of two codes that occur."""
    same_length(a, b, "z", "z")
    key = a.astype(np.int64) * (int(b.max(initial=0)) + 1) + b
    found: Array = np.unique(key, return_inverse=True)[1]
    return found
