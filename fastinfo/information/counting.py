"""Counts of pairs of samples, as the measures of two variables take them."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from fastinfo._bins.coded_variables import (
    refuse_missing,
    unique_means,
)
from fastinfo._bins.edges import STRATEGIES
from fastinfo._bins.options import Binning
from fastinfo._core.checks import check_nan_policy
from fastinfo._counts.samples import count_plain_numbers, count_samples
from fastinfo._counts.small_inputs import count_small
from fastinfo._counts.table import Table
from fastinfo._measures.corrections import check_correction


def count_pair(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    nan_policy: str,
    correction: Any,
    bins: Any,
    strategy: str,
    range: Any,
    discrete: Any,
    sample_weight: Any,
) -> Table | None:
    """Counts of the pairs, for a public function; None where the measures of them are NaN."""
    check_nan_policy(nan_policy)
    check_correction(correction, of_information=True)
    words = isinstance(discrete, str) and isinstance(strategy, str)
    plain = words and discrete == "auto" and strategy in STRATEGIES
    if plain and sample_weight is None:
        table = count_small(x, y, bins, strategy) if range is None else None
        if table is None:
            table = count_plain_numbers(x, y, bins, strategy, range)
        if table is not None:
            return table
    binning = Binning(bins, strategy, range, discrete)
    counted = count_samples(x, y, binning, sample_weight, if_unique=unique_means(correction))
    missing = refuse_missing(counted.n_missing, "x and y", nan_policy, "pairs")
    return None if missing or not counted.table.n else counted.table
