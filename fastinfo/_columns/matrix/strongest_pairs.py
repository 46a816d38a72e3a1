"""The strongest entries of a matrix, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from fastinfo._columns.named_rows import NamedRows
from fastinfo._core.checks import Array, integer


class PairInformation(NamedTuple):
    """
    Two columns and their mutual information.

    Attributes
    ----------
    x, y : str
        Names of the columns.
    information : float
        The entry of the matrix.
    """

    x: str
    y: str
    information: float


class Pairs(NamedRows[PairInformation]):
    """
    Pairs of columns, with the strongest first: a sequence of :class:`PairInformation`.

    Parameters
    ----------
    rows : sequence of PairInformation
        The pairs.
    about : str
        Unit of the information.
    """

    _fields = PairInformation._fields
    _formats: ClassVar[dict[str, str]] = {"information": "z.6f"}
    _named = ("x", "y")

    def __init__(self, rows: Sequence[PairInformation], *, about: str = "") -> None:
        super().__init__(rows)
        self.about = about

    def _with_rows(self, rows: Sequence[PairInformation]) -> Pairs:
        return Pairs(rows, about=self.about)

    def _summary(self) -> str:
        return f"{len(self.rows)} pairs; information in {self.about}"


def strongest_pairs(
    values: Array, names: Sequence[str], names_y: Sequence[str], k: int | None, unit: str
) -> Pairs:
    """Find the `k` largest values, or all, in descending order; NaN is left out."""
    k = values.size if k is None else integer(k, "k", least=1)
    flat = values.reshape(-1)
    there = np.flatnonzero(~np.isnan(flat))
    if there.size > k:
        there = np.sort(there[np.argpartition(-flat[there], k - 1)[:k]])
    order = there[np.argsort(-flat[there], kind="stable")]
    places = zip(*(found.tolist() for found in np.divmod(order, values.shape[1])), strict=True)
    rows = [PairInformation(names[i], names_y[j], float(values[i, j])) for i, j in places]
    return Pairs(rows, about=unit)
