"""What type checkers read of ``fastinfo.significance``, whose names are imported when used."""

from fastinfo.significance.adjusting import adjust_pvalues as adjust_pvalues
from fastinfo.significance.bootstrapping import BootstrapInterval as BootstrapInterval
from fastinfo.significance.bootstrapping import bootstrap_interval as bootstrap_interval
from fastinfo.significance.conditional import (
    ConditionalIndependenceTest as ConditionalIndependenceTest,
)
from fastinfo.significance.conditional import (
    conditional_independence_test as conditional_independence_test,
)
from fastinfo.significance.permuting import PermutationTest as PermutationTest
from fastinfo.significance.permuting import permutation_test as permutation_test

__all__ = [
    "BootstrapInterval",
    "ConditionalIndependenceTest",
    "PermutationTest",
    "adjust_pvalues",
    "bootstrap_interval",
    "conditional_independence_test",
    "permutation_test",
]
