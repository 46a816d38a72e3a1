"""Expectation by chance for many columns in the same strata of a target."""

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
    Mean of the sum of ``n I`` over the strata, for tables with the same margins.

    The term of a row depends only on its size and on the margin of the target. The target is the
    same for all columns, and bins of equal counts have few different sizes in each stratum. So the
    term of each size is computed once.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, list[_Stratum]] = {}

    def mean(self, strata: Strata) -> float:
        """The mean for a column, with whole counts."""
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
