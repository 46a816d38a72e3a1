"""Names of ``fastinfo.histograms`` for type checkers; each is imported when it is used."""

from fastinfo.histograms.discretizing import Codes as Codes
from fastinfo.histograms.discretizing import discretize as discretize
from fastinfo.histograms.one_variable import histogram as histogram
from fastinfo.histograms.one_variable import histogram_bin_edges as histogram_bin_edges
from fastinfo.histograms.supervised import SupervisedSplits as SupervisedSplits
from fastinfo.histograms.supervised import supervised_splits as supervised_splits
from fastinfo.histograms.two_variables import contingency_table as contingency_table
from fastinfo.histograms.two_variables import histogram2d as histogram2d

__all__ = [
    "Codes",
    "SupervisedSplits",
    "contingency_table",
    "discretize",
    "histogram",
    "histogram2d",
    "histogram_bin_edges",
    "supervised_splits",
]
