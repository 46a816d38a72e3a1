"""What type checkers read of ``fastinfo.significance``, whose names are imported when used."""

from fastinfo.significance.adjusting import adjust_pvalues as adjust_pvalues
from fastinfo.significance.bootstrapping import BootstrapInterval as BootstrapInterval
from fastinfo.significance.bootstrapping import bootstrap_interval as bootstrap_interval
from fastinfo.significance.permuting import PermutationTest as PermutationTest
from fastinfo.significance.permuting import permutation_test as permutation_test

__all__ = [
    "BootstrapInterval",
    "PermutationTest",
    "adjust_pvalues",
    "bootstrap_interval",
    "permutation_test",
]
