"""Permutation tests, conditional independence, bootstrap intervals and multiple testing."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo.significance.adjusting": "adjust_pvalues",
        "fastinfo.significance.bootstrapping": "BootstrapInterval bootstrap_interval",
        "fastinfo.significance.conditional": (
            "ConditionalIndependenceTest conditional_independence_test"
        ),
        "fastinfo.significance.permuting": "PermutationTest permutation_test",
    },
)
