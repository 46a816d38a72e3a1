"""Cross-entropy and mutual information over millions of samples, at the speed of memory."""

from fastinfo import kernels as kernels
from fastinfo._threads import get_num_threads, num_threads, set_num_threads
from fastinfo._versions import show_versions
from fastinfo.counting import contingency_table, histogram2d
from fastinfo.distributions import cross_entropy, entropy, js_divergence, kl_divergence
from fastinfo.information import mutual_information
from fastinfo.joint_counts import JointCounts
from fastinfo.losses import (
    binary_cross_entropy,
    log_loss,
    sigmoid_cross_entropy,
    softmax_cross_entropy,
)
from fastinfo.ranking import Ranking
from fastinfo.reductions import log_softmax, logsumexp, softmax
from fastinfo.selection import rank_features

__version__ = "0.1.0.dev0"

__all__ = [
    "JointCounts",
    "Ranking",
    "__version__",
    "binary_cross_entropy",
    "contingency_table",
    "cross_entropy",
    "entropy",
    "get_num_threads",
    "histogram2d",
    "js_divergence",
    "kl_divergence",
    "log_loss",
    "log_softmax",
    "logsumexp",
    "mutual_information",
    "num_threads",
    "rank_features",
    "set_num_threads",
    "show_versions",
    "sigmoid_cross_entropy",
    "softmax",
    "softmax_cross_entropy",
]
