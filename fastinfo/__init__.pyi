"""Names of ``fastinfo`` for type checkers; each is imported when it is used."""

from fastinfo import benchmark as benchmark
from fastinfo import capi as capi
from fastinfo import cooccurrence as cooccurrence
from fastinfo import dask as dask
from fastinfo import describing as describing
from fastinfo import distributions as distributions
from fastinfo import drifting as drifting
from fastinfo import entropy_estimators as entropy_estimators
from fastinfo import files as files
from fastinfo import histograms as histograms
from fastinfo import images as images
from fastinfo import information as information
from fastinfo import kernels as kernels
from fastinfo import losses as losses
from fastinfo import numba_ext as numba_ext
from fastinfo import pairwise as pairwise
from fastinfo import plot as plot
from fastinfo import ranking as ranking
from fastinfo import report as report
from fastinfo import rules as rules
from fastinfo import selection as selection
from fastinfo import significance as significance
from fastinfo import streaming as streaming
from fastinfo import time_series as time_series
from fastinfo import warming as warming
from fastinfo._columns.matrix.information_matrix import InformationMatrix as InformationMatrix
from fastinfo._columns.ranked import Ranking as Ranking
from fastinfo._core.threads import get_num_threads as get_num_threads
from fastinfo._core.threads import num_threads as num_threads
from fastinfo._core.threads import set_num_threads as set_num_threads
from fastinfo._show_versions import show_versions as show_versions
from fastinfo._version import __version__ as __version__
from fastinfo.describing.description import Description as Description
from fastinfo.describing.each_column import describe as describe
from fastinfo.distributions.entropies import cross_entropy as cross_entropy
from fastinfo.distributions.entropies import entropy as entropy
from fastinfo.distributions.entropies import js_divergence as js_divergence
from fastinfo.distributions.entropies import kl_divergence as kl_divergence
from fastinfo.distributions.log_sums import logsumexp as logsumexp
from fastinfo.distributions.normalized_exponentials import log_softmax as log_softmax
from fastinfo.distributions.normalized_exponentials import softmax as softmax
from fastinfo.drifting.comparing import drift as drift
from fastinfo.drifting.table_drift import TableDrift as TableDrift
from fastinfo.entropy_estimators import entropy_from_counts as entropy_from_counts
from fastinfo.histograms.discretizing import Codes as Codes
from fastinfo.histograms.discretizing import discretize as discretize
from fastinfo.histograms.one_variable import histogram as histogram
from fastinfo.histograms.one_variable import histogram_bin_edges as histogram_bin_edges
from fastinfo.histograms.supervised import supervised_splits as supervised_splits
from fastinfo.histograms.two_variables import contingency_table as contingency_table
from fastinfo.histograms.two_variables import histogram2d as histogram2d
from fastinfo.information.conditional import (
    conditional_mutual_information as conditional_mutual_information,
)
from fastinfo.information.conditional import interaction_information as interaction_information
from fastinfo.information.conditional import total_correlation as total_correlation
from fastinfo.information.continuous import mutual_info_classif as mutual_info_classif
from fastinfo.information.continuous import mutual_info_regression as mutual_info_regression
from fastinfo.information.densities import differential_entropy as differential_entropy
from fastinfo.information.entropies import conditional_entropy as conditional_entropy
from fastinfo.information.entropies import entropy_of_samples as entropy_of_samples
from fastinfo.information.entropies import joint_entropy as joint_entropy
from fastinfo.information.entropies import variation_of_information as variation_of_information
from fastinfo.information.homogeneity import completeness_score as completeness_score
from fastinfo.information.homogeneity import (
    homogeneity_completeness_v_measure as homogeneity_completeness_v_measure,
)
from fastinfo.information.homogeneity import homogeneity_score as homogeneity_score
from fastinfo.information.homogeneity import v_measure_score as v_measure_score
from fastinfo.information.joint_counts import JointCounts as JointCounts
from fastinfo.information.labels import adjusted_mutual_info_score as adjusted_mutual_info_score
from fastinfo.information.labels import expected_mutual_information as expected_mutual_information
from fastinfo.information.labels import mutual_info_score as mutual_info_score
from fastinfo.information.labels import normalized_mutual_info_score as normalized_mutual_info_score
from fastinfo.information.local import local_mutual_information as local_mutual_information
from fastinfo.information.mutual import mutual_information as mutual_information
from fastinfo.losses.binary_losses import binary_cross_entropy as binary_cross_entropy
from fastinfo.losses.binary_losses import sigmoid_cross_entropy as sigmoid_cross_entropy
from fastinfo.losses.log_losses import log_loss as log_loss
from fastinfo.losses.softmax_loss import softmax_cross_entropy as softmax_cross_entropy
from fastinfo.pairwise.matrices import mutual_information_matrix as mutual_information_matrix
from fastinfo.pairwise.networks import network as network
from fastinfo.pairwise.pair_rankings import PairRanking as PairRanking
from fastinfo.pairwise.strongest import strongest_pairs as strongest_pairs
from fastinfo.pairwise.trees import chow_liu_tree as chow_liu_tree
from fastinfo.pairwise.triple_tests import ConditionalTests as ConditionalTests
from fastinfo.pairwise.triples import (
    conditional_independence_tests as conditional_independence_tests,
)
from fastinfo.ranking.features import rank_features as rank_features
from fastinfo.selection.selecting import Selection as Selection
from fastinfo.selection.selecting import select_features as select_features
from fastinfo.significance.bootstrapping import bootstrap_interval as bootstrap_interval
from fastinfo.significance.conditional import (
    conditional_independence_test as conditional_independence_test,
)
from fastinfo.significance.permuting import permutation_test as permutation_test
from fastinfo.time_series.first_minimum import first_minimum_lag as first_minimum_lag
from fastinfo.time_series.lagged import lagged_mutual_information as lagged_mutual_information
from fastinfo.time_series.local_transfer import local_transfer_entropy as local_transfer_entropy
from fastinfo.time_series.transfer import transfer_entropy as transfer_entropy
from fastinfo.time_series.transfer_matrix import transfer_entropy_matrix as transfer_entropy_matrix
from fastinfo.time_series.transfer_test import transfer_entropy_test as transfer_entropy_test
from fastinfo.warming.compiling import warmup as warmup

__all__ = [
    "Codes",
    "ConditionalTests",
    "Description",
    "InformationMatrix",
    "JointCounts",
    "PairRanking",
    "Ranking",
    "Selection",
    "TableDrift",
    "__version__",
    "adjusted_mutual_info_score",
    "binary_cross_entropy",
    "bootstrap_interval",
    "chow_liu_tree",
    "completeness_score",
    "conditional_entropy",
    "conditional_independence_test",
    "conditional_independence_tests",
    "conditional_mutual_information",
    "contingency_table",
    "cross_entropy",
    "describe",
    "differential_entropy",
    "discretize",
    "drift",
    "entropy",
    "entropy_from_counts",
    "entropy_of_samples",
    "expected_mutual_information",
    "first_minimum_lag",
    "get_num_threads",
    "histogram",
    "histogram2d",
    "histogram_bin_edges",
    "homogeneity_completeness_v_measure",
    "homogeneity_score",
    "interaction_information",
    "joint_entropy",
    "js_divergence",
    "kl_divergence",
    "lagged_mutual_information",
    "local_mutual_information",
    "local_transfer_entropy",
    "log_loss",
    "log_softmax",
    "logsumexp",
    "mutual_info_classif",
    "mutual_info_regression",
    "mutual_info_score",
    "mutual_information",
    "mutual_information_matrix",
    "network",
    "normalized_mutual_info_score",
    "num_threads",
    "permutation_test",
    "rank_features",
    "select_features",
    "set_num_threads",
    "show_versions",
    "sigmoid_cross_entropy",
    "softmax",
    "softmax_cross_entropy",
    "strongest_pairs",
    "supervised_splits",
    "total_correlation",
    "transfer_entropy",
    "transfer_entropy_matrix",
    "transfer_entropy_test",
    "v_measure_score",
    "variation_of_information",
    "warmup",
]
