"""What a column of samples holds, whatever library it came from: values, or codes of categories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fastinfo._core.checks import Array


@dataclass(frozen=True)
class Values:
    """A value for each sample."""

    array: Array  #: (n,) booleans, integers, floats, times, strings or objects
    missing: Array | None = None  #: where there is none, beside NaN, NaT and objects like None
    real: bool = False  #: whether integers are numbers however few differ, as decimals are

    @property
    def size(self) -> int:
        """Number of samples."""
        return self.array.size


@dataclass(frozen=True)
class Categories:
    """The place of each sample's category in a list of them."""

    codes: Array  #: (n,) integers, -1 where there is none
    names: Array  #: (k,) of any dtype; some may be missing, and some the same
    in_order: bool = False  #: whether they rise, and each occurs

    @property
    def size(self) -> int:
        """Number of samples."""
        return self.codes.size


Form = Values | Categories


def nothing(n: int) -> Categories:
    """A column of which every sample is missing."""
    return Categories(np.full(n, -1, np.int64), np.empty(0, object))
