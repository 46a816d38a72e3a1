"""Rules for the number of bins, from the number, spread and correlation of samples."""

from __future__ import annotations

from fastinfo._bins.rules import (
    MOST_BINS,
    MOST_MI_BINS,
    NUMPY_RULES,
    mi_bins,
    mi_bins_of_one,
    rule_bins,
)

__all__ = ["MOST_BINS", "MOST_MI_BINS", "NUMPY_RULES", "mi_bins", "mi_bins_of_one", "rule_bins"]
