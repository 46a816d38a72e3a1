"""Compare estimators of mutual information on distributions with known mutual information.

:func:`run` measures time, bias and spread of :func:`estimators` on :func:`distributions`.
:func:`register` adds an estimator of your own.
"""

from __future__ import annotations

from fastinfo.benchmark.known_distributions import Distribution
from fastinfo.benchmark.known_estimators import Estimator
from fastinfo.benchmark.plots import plot_error, plot_pareto, plot_time
from fastinfo.benchmark.results import Results
from fastinfo.benchmark.running import distributions, estimators, load, quick_options, register, run

__all__ = [
    "Distribution",
    "Estimator",
    "Results",
    "distributions",
    "estimators",
    "load",
    "plot_error",
    "plot_pareto",
    "plot_time",
    "quick_options",
    "register",
    "run",
]
