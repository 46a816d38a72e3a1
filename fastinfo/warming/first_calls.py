"""Calls that compile each public function, with small arguments of the common types."""

from __future__ import annotations

import functools
import importlib.util
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo import capi
from fastinfo._core.checks import read_only
from fastinfo.cooccurrence.associating import association
from fastinfo.cooccurrence.two_groups import keyness
from fastinfo.describing.each_column import describe
from fastinfo.distributions.entropies import cross_entropy, entropy, js_divergence, kl_divergence
from fastinfo.distributions.log_sums import logsumexp
from fastinfo.distributions.normalized_exponentials import log_softmax, softmax
from fastinfo.drifting.comparing import drift
from fastinfo.entropy_estimators import entropy_from_counts
from fastinfo.histograms.discretizing import discretize
from fastinfo.histograms.one_variable import histogram, histogram_bin_edges
from fastinfo.histograms.supervised import supervised_splits
from fastinfo.histograms.two_variables import contingency_table, histogram2d
from fastinfo.images.at_shifts.by_shift import information_by_shift
from fastinfo.images.at_shifts.coded_images import CodedImage
from fastinfo.images.joint_histograms import joint_histogram
from fastinfo.images.mutual import mutual_information as information_of_images
from fastinfo.images.normalizing import normalized_mutual_information
from fastinfo.images.shifts import shift_map
from fastinfo.information import conditional, homogeneity, labels
from fastinfo.information.continuous import mutual_info_classif, mutual_info_regression
from fastinfo.information.densities import differential_entropy
from fastinfo.information.entropies import (
    conditional_entropy,
    entropy_of_samples,
    joint_entropy,
    variation_of_information,
)
from fastinfo.information.joint_counts import JointCounts
from fastinfo.information.local import local_mutual_information
from fastinfo.information.mutual import mutual_information
from fastinfo.kernels.information import resampling, strata
from fastinfo.losses.binary_losses import binary_cross_entropy, sigmoid_cross_entropy
from fastinfo.losses.log_losses import log_loss
from fastinfo.losses.softmax_loss import softmax_cross_entropy
from fastinfo.pairwise.matrices import mutual_information_matrix
from fastinfo.pairwise.networks import network
from fastinfo.pairwise.strongest import strongest_pairs
from fastinfo.pairwise.trees import chow_liu_tree
from fastinfo.pairwise.triples import conditional_independence_tests
from fastinfo.ranking.features import rank_features
from fastinfo.selection.selecting import select_features
from fastinfo.significance.bootstrapping import bootstrap_interval
from fastinfo.significance.conditional import conditional_independence_test
from fastinfo.significance.permuting import permutation_test
from fastinfo.time_series.first_minimum import first_minimum_lag
from fastinfo.time_series.lagged import lagged_mutual_information
from fastinfo.time_series.local_transfer import local_transfer_entropy
from fastinfo.time_series.transfer import transfer_entropy
from fastinfo.time_series.transfer_matrix import transfer_entropy_matrix
from fastinfo.time_series.transfer_test import transfer_entropy_test

#: Rows of the arguments: few, which go to kernels that do all in one call, and enough for the
#: kernels of large inputs.
_SIZES = (12, 20_000)
_MANY = 300_000  # rows of files: bins of equal counts are cut between cells of a grid
_DTYPES: tuple[type[np.floating], ...] = (np.float64, np.float32)


@dataclass(frozen=True)
class Arguments:
    """Arguments with a given number of rows and precision."""

    x: npt.NDArray[np.floating]  #: three vectors of numbers
    y: npt.NDArray[np.floating]
    z: npt.NDArray[np.floating]
    p: npt.NDArray[np.floating]  #: two vectors of probabilities, and two matrices of them
    q: npt.NDArray[np.floating]
    ps: npt.NDArray[np.floating]
    qs: npt.NDArray[np.floating]
    X: npt.NDArray[np.floating]  #: columns, or rows of logits
    i: npt.NDArray[np.int64]  #: three vectors of labels from 0 to 3, and a column of 0 and 1
    j: npt.NDArray[np.int64]
    k: npt.NDArray[np.int64]
    t: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]  #: columns of labels


def _arguments(n: int, dtype: type[np.floating]) -> Arguments:
    rng = np.random.default_rng(n)
    x, y, z = rng.normal(size=(3, n)).astype(dtype)
    p, q = rng.uniform(0.1, 0.9, (2, n)).astype(dtype)
    ps, qs = rng.uniform(0.1, 0.9, (2, n, 4)).astype(dtype)
    i, j, k = labels = np.arange(n) * np.array([[1], [2], [3]]) // 3 % 4
    return Arguments(
        *(x, y, z, p, q, ps, qs, rng.normal(size=(n, 4)).astype(dtype)),
        *(i, j, k, i % 2, np.ascontiguousarray(labels.T)),
    )


def _of_rows(function: Callable[..., Any], a: Arguments) -> None:
    """Call a function of the log domain for a whole array and along each axis."""
    for axis in (None, 0, 1):
        function(a.X, axis=axis)


def _of_one(function: Callable[..., Any], a: Arguments) -> None:
    function(a.p)
    for axis in (0, 1):
        function(a.ps, axis=axis)


def _of_two(function: Callable[..., Any], a: Arguments) -> None:
    function(a.p, a.q)
    for axis in (0, 1):
        function(a.ps, a.qs, axis=axis)


def _of_pair(function: Callable[..., Any], a: Arguments) -> None:
    """Call a measure of two variables: with numbers, with labels, and with one of each."""
    function(a.x, a.y)
    function(a.i, a.j)
    function(a.x, a.j)


def _mutual_information(a: Arguments) -> None:
    _of_pair(mutual_information, a)
    mutual_information(a.x, a.y, estimator="ksg")
    mutual_information(a.x, a.y, estimator="ksg2")
    mutual_information(a.x, a.y, estimator="mixed")
    mutual_information(a.x, a.j, estimator="ksg")


def _images(a: Arguments) -> None:
    for parzen in (True, False):
        joint_histogram(a.x, a.y, parzen=parzen)
    information_of_images(a.x, a.y, mask=a.x < 0.0, return_grad=True)
    normalized_mutual_information(a.x, a.y)
    shift_map(a.x, a.y, max_shift=1)
    image = CodedImage.of(np.arange(18, dtype=np.uint8).reshape(2, 3, 3) % 2, 2)
    information_by_shift(image, image, (1, 2, 2), "transforms")


def _differential_entropy(a: Arguments) -> None:
    differential_entropy(a.x)
    differential_entropy(a.X)


def _of_three(function: Callable[..., Any], a: Arguments) -> None:
    function(a.x, a.y, a.z)
    function(a.i, a.j, a.k)
    function(a.x, a.y, a.k)


def _conditional_independence_test(a: Arguments) -> None:
    for m in ("auto", 10):
        conditional_independence_test(a.x, a.y, a.z, n_permutations=m, seed=1)
        conditional_independence_test(a.i, a.j, a.k, n_permutations=m, seed=1)
    starts, sizes = (read_only(np.array(own)) for own in ([0, 2], [3, 4]))
    key = read_only(np.zeros(2, np.uint64))
    strata.drawn_strata(starts, sizes, starts, sizes, 1.0, key, 0, np.empty(1, np.int64))


def _permutation_test(a: Arguments) -> None:
    permutation_test(a.i, a.j, n_permutations=10, seed=1)
    sizes, key = read_only(np.array([3, 4])), read_only(np.zeros(2, np.uint64))
    resampling.table_sums_in_step(sizes, sizes, key, 0, np.empty(1))  # of tables of many cells


def _of_labels(function: Callable[..., Any], a: Arguments) -> None:
    function(a.i, a.j)


def _softmax_cross_entropy(a: Arguments) -> None:
    for gradient in (False, True):
        softmax_cross_entropy(a.X, a.i, return_grad=gradient)
    softmax_cross_entropy(a.X, a.ps)


def _sigmoid_cross_entropy(a: Arguments) -> None:
    for gradient in (False, True):
        sigmoid_cross_entropy(a.x, a.t.astype(a.x.dtype), return_grad=gradient)


def _joint_counts(a: Arguments) -> None:
    counts = JointCounts.from_samples(a.x, a.y)
    counts.update(a.y, a.x)
    counts.mutual_information()
    counts.normalized_mutual_information()
    counts.pointwise_mutual_information()
    counts.independence_test()
    of_labels = JointCounts.from_labels(a.i, a.j)
    (of_labels + of_labels).mutual_information()


def _entropy_from_counts(a: Arguments) -> None:
    counts = np.bincount(a.i, minlength=5)
    for correction in (None, "miller-madow", "grassberger", "chao-shen", "shrinkage"):
        entropy_from_counts(counts, correction=correction)


def _cooccurrence(a: Arguments) -> None:
    whole = contingency_table(a.i, a.j)[0]
    tables: list[Any] = [whole, whole.astype(a.x.dtype)]
    if importlib.util.find_spec("scipy") is not None:
        from scipy.sparse import coo_array

        tables += [coo_array(table).asformat(kind) for table in tables for kind in ("coo", "csr")]
    for table in tables:
        association(table)
        association(table, measure="g2")
    keyness(np.bincount(a.i), np.bincount(a.j))


def _rank_features(a: Arguments) -> None:
    for y in (a.j, a.z):
        rank_features(a.X, y)
        rank_features(a.labels, y)


def _table(a: Arguments) -> dict[str, npt.NDArray[Any]]:
    """Columns as in files: numbers (also missing, repeated and whole ones), and labels."""
    x, gaps, often = (a.y.astype(np.float64) for _ in range(3))
    gaps[::7] = np.nan
    often[::3] = 0.0  # fills a bin
    whole = np.arange(a.i.size) * 7 % 101
    words = np.array([f"word {i}" for i in range(300)])[np.arange(a.i.size) % 300]
    numbers = {"x": x, "often": often, "whole": whole, "gaps": gaps}
    return numbers | {"i": a.i, "t": a.t, "words": words}


def _rank_files(a: Arguments) -> None:
    table = _table(a)
    for y in (a.j, a.x.astype(np.float64)):
        rank_features(table, y)


def _matrix_of_files(a: Arguments) -> None:
    table = _table(a)
    mutual_information_matrix(table)
    for name in ("gaps", "words"):  # what is complete and has few levels is counted otherwise
        del table[name]
        mutual_information_matrix(table)
    mutual_information_matrix(table, correction="chance")  # as the command does


def _matrix(a: Arguments) -> None:
    mutual_information_matrix(a.X)
    mutual_information_matrix(a.labels)
    mutual_information_matrix(a.X, a.labels)


def _strongest_pairs(a: Arguments) -> None:
    gaps = a.X.copy()
    gaps[::7] = np.nan
    for X in (a.X, a.labels, gaps):
        strongest_pairs(X)
    strongest_pairs(a.X, n_permutations=2, adjustment="max-statistic", seed=1)


def _chow_liu_tree(a: Arguments) -> None:
    chow_liu_tree(a.X)
    chow_liu_tree(a.labels)


def _network(a: Arguments) -> None:
    matrix = mutual_information_matrix(a.X)
    for method in ("clr", "apc", "aracne"):
        network(matrix, method)


def _select_features(a: Arguments) -> None:
    for method in ("mim", "mrmr", "jmi", "cmim"):
        select_features(a.X, a.j, 2, method=method)


def _each(
    kind: Callable[..., None], *functions: Callable[..., Any]
) -> dict[str, Callable[[Arguments], None]]:
    """Calls of several functions of the same kind, by the names of the functions."""
    return {function.__name__: functools.partial(kind, function) for function in functions}


#: How each public function that compiles anything is called, and "capi": the C functions.
FIRST_CALLS: dict[str, Callable[[Arguments], Any]] = {
    **_each(_of_one, entropy),
    **_each(_of_two, cross_entropy, kl_divergence, js_divergence),
    **_each(_of_rows, logsumexp, softmax, log_softmax),
    **_each(_of_pair, joint_entropy, conditional_entropy),
    **_each(_of_pair, variation_of_information, entropy_of_samples),
    "mutual_information": _mutual_information,
    "softmax_cross_entropy": _softmax_cross_entropy,
    "sigmoid_cross_entropy": _sigmoid_cross_entropy,
    "binary_cross_entropy": lambda a: binary_cross_entropy(a.p, a.t.astype(a.p.dtype)),
    "log_loss": lambda a: log_loss(a.i, a.ps / a.ps.sum(axis=1, keepdims=True)),
    "JointCounts": _joint_counts,
    "bootstrap_interval": lambda a: bootstrap_interval(a.i, a.j, n_resamples=10, seed=1),
    "capi": lambda a: capi.address(),
    "conditional_independence_test": _conditional_independence_test,
    "differential_entropy": _differential_entropy,
    "conditional_independence_tests": lambda a: conditional_independence_tests(
        a.labels, [("x0", "x1", "x2")]
    ),
    "discretize": lambda a: discretize(a.X),
    "supervised_splits": lambda a: supervised_splits(a.x, a.j),
    "entropy_from_counts": _entropy_from_counts,
    "histogram": lambda a: histogram(a.x),
    "describe": lambda a: describe(_table(a)),
    "drift": lambda a: drift(_table(a), _table(a)),
    "histogram2d": lambda a: histogram2d(a.x, a.y),
    "histogram_bin_edges": lambda a: histogram_bin_edges(a.x, "fd"),
    "fastinfo.cooccurrence": _cooccurrence,
    "fastinfo.images": _images,
    "local_mutual_information": lambda a: local_mutual_information(a.x, a.y, estimator="ksg"),
    "local_transfer_entropy": lambda a: local_transfer_entropy(a.x, a.y),
    "lagged_mutual_information": lambda a: lagged_mutual_information(a.x, a.y, [1]),
    "mutual_info_classif": lambda a: mutual_info_classif(a.X, a.j, random_state=0),
    "mutual_info_regression": lambda a: mutual_info_regression(a.X, a.y, random_state=0),
    "mutual_information_matrix": _matrix,
    "strongest_pairs": _strongest_pairs,
    "chow_liu_tree": _chow_liu_tree,
    "network": _network,
    "rank of files": _rank_files,
    "matrix of files": _matrix_of_files,
    "permutation_test": _permutation_test,
    "rank_features": _rank_features,
    "select_features": _select_features,
    "total_correlation": lambda a: conditional.total_correlation(a.labels),
    "first_minimum_lag": lambda a: first_minimum_lag(a.x, 3),
    "transfer_entropy": lambda a: transfer_entropy(a.x, a.y),
    "transfer_entropy_matrix": lambda a: transfer_entropy_matrix(a.X),
    "transfer_entropy_test": lambda a: transfer_entropy_test(a.x, a.y, n_permutations=5, seed=1),
    **_each(
        _of_three,
        conditional.conditional_mutual_information,
        conditional.interaction_information,
    ),
    "expected_mutual_information": lambda a: labels.expected_mutual_information(
        contingency_table(a.i, a.j)[0], a.i.size
    ),
    **_each(
        _of_labels,
        contingency_table,
        labels.adjusted_mutual_info_score,
        homogeneity.completeness_score,
        homogeneity.homogeneity_completeness_v_measure,
        homogeneity.homogeneity_score,
        labels.mutual_info_score,
        labels.normalized_mutual_info_score,
        homogeneity.v_measure_score,
    ),
}


def call_first(name: str) -> None:
    """Make one of FIRST_CALLS with arguments of each common type."""
    of_files = name.endswith("of files")  # whose numbers are float64, and there may be many
    sizes = (*_SIZES, _MANY) if of_files else _SIZES
    dtypes = (np.float64,) if of_files else _DTYPES
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what these numbers happen to be
        for n in sizes:
            for dtype in dtypes:
                FIRST_CALLS[name](_arguments(n, dtype))
