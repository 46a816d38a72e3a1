"""Histograms of one variable and of two, contingency tables, and samples as codes to keep."""

from __future__ import annotations

from fastinfo.histograms.discretizing import Codes, discretize
from fastinfo.histograms.one_variable import histogram, histogram_bin_edges
from fastinfo.histograms.two_variables import contingency_table, histogram2d

__all__ = [
    "Codes",
    "contingency_table",
    "discretize",
    "histogram",
    "histogram2d",
    "histogram_bin_edges",
]
