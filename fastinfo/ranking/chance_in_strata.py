"""What chance gives many columns in the same strata of a target, where rows have like sizes."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import read_only
from fastinfo._counts.distinct_sizes import Distinct
from fastinfo._measures.strata import Strata
from fastinfo.kernels.information.expected import expected_rows

_KEPT = 4  # strata of a target that are kept: columns with gaps have some of their own
_MOST_ROWS = 1 << 14  # of all strata of a column


class _Stratum(NamedTuple):
    columns: Distinct
    rows: dict[int, float]  #: what chance gives a row, by its size


class ChanceInStrata:
    """
    The mean of the sum of ``n I`` over the tables with the margins of strata, column by column.

    A row adds what depends on its size and on the margin of the target. The target is the same for
    all columns, and bins of equal counts have few sizes in each stratum: each is computed once.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, list[_Stratum]] = {}

    def mean(self, strata: Strata) -> float:
        """That of a column, in whole counts."""
        x, y = strata.x, strata.y
        if x.sizes.size > _MOST_ROWS:
            return strata.mean
        key = y.starts.tobytes() + y.sizes.tobytes()
        each = self._known.get(key)
        if each is None:
            each = [_Stratum(columns, {}) for columns in y.distinct()]
            if len(self._known) < _KEPT:
                self._known[key] = each
        sizes, total = x.sizes.tolist(), 0.0
        spans = itertools.pairwise(x.starts.tolist())
        for stratum, (first, last) in zip(each, spans, strict=True):
            own = sizes[first:last]
            known, n = stratum.rows, float(sum(own))
            new = sorted({size for size in own if size not in known})
            if new:
                out = np.empty(len(new))
                expected_rows(read_only(np.array(new, np.float64)), *stratum.columns, n, out)
                known.update(zip(new, out.tolist(), strict=True))
            total += n * sum(known[size] for size in own)
        return total
