"""
The kernels: serial, without the GIL, callable from any ``@njit`` function.

Arrays in, numbers or filled arrays out. Nothing is checked: each module says what it expects. The
functions listed here are for users; what else the modules of this package hold may change.
"""

from fastinfo.kernels.binning.edges import codes_from_edges, equal_edges, grid, uniform_codes
from fastinfo.kernels.counting.tables import count_codes, count_pairs
from fastinfo.kernels.distributions.divergences import (
    cross_entropy,
    entropy,
    js_divergence,
    kl_divergence,
)
from fastinfo.kernels.elementary.scalar import exp, log, xlogx
from fastinfo.kernels.elementary.special import digamma
from fastinfo.kernels.fused import count_between, count_labels
from fastinfo.kernels.information.corrections import entropy_grassberger, entropy_miller_madow
from fastinfo.kernels.information.plug_in import entropy_from_counts, margins, mutual_information
from fastinfo.kernels.log_domain.row_sums import logsumexp
from fastinfo.kernels.log_domain.softmax import log_softmax_rows, softmax_rows
from fastinfo.kernels.neighbors.ksg import ksg, ross
from fastinfo.kernels.neighbors.mixed import mixed

__all__ = [
    "codes_from_edges",
    "count_between",
    "count_codes",
    "count_labels",
    "count_pairs",
    "cross_entropy",
    "digamma",
    "entropy",
    "entropy_from_counts",
    "entropy_grassberger",
    "entropy_miller_madow",
    "equal_edges",
    "exp",
    "grid",
    "js_divergence",
    "kl_divergence",
    "ksg",
    "log",
    "log_softmax_rows",
    "logsumexp",
    "margins",
    "mixed",
    "mutual_information",
    "ross",
    "softmax_rows",
    "uniform_codes",
    "xlogx",
]
