"""Histograms of one or two variables, contingency tables, and bin numbers of samples."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo.histograms.discretizing": "Codes discretize",
        "fastinfo.histograms.one_variable": "histogram histogram_bin_edges",
        "fastinfo.histograms.supervised": "SupervisedSplits supervised_splits",
        "fastinfo.histograms.two_variables": "contingency_table histogram2d",
    },
)
