"""
The kernels: serial, without the GIL, callable from any ``@njit`` function.

Arrays in, numbers or filled arrays out. Nothing is checked: each module says what it expects.
"""

from fastinfo.kernels import fused
from fastinfo.kernels.binning import edges as binning
from fastinfo.kernels.binning import searching, sketches, turning
from fastinfo.kernels.counting import bit_planes, packing
from fastinfo.kernels.counting import tables as counting
from fastinfo.kernels.distributions import columns
from fastinfo.kernels.distributions import divergences as distributions
from fastinfo.kernels.elementary import scalar, special
from fastinfo.kernels.encoding import hashing, ordering, sorting
from fastinfo.kernels.encoding import integers as encoding
from fastinfo.kernels.information import (
    corrections,
    expected,
    independence,
    nsb,
    pair_tables,
    resampling,
    triples,
)
from fastinfo.kernels.information import plug_in as information
from fastinfo.kernels.log_domain import (
    exponentials,
    row_sums,
    softmax,
    softmax_parts,
    weighted_sums,
)
from fastinfo.kernels.log_domain import sums as reductions
from fastinfo.kernels.losses import binary_losses, log_loss
from fastinfo.kernels.losses import softmax_loss as losses
from fastinfo.kernels.neighbors import ksg, mixed, normal, scaling, strips, trees
from fastinfo.kernels.neighbors import neighbor_counts as marginals
from fastinfo.kernels.random import substreams as streams
from fastinfo.kernels.random import variates

__all__ = [
    "binary_losses",
    "binning",
    "bit_planes",
    "columns",
    "corrections",
    "counting",
    "distributions",
    "encoding",
    "expected",
    "exponentials",
    "fused",
    "hashing",
    "independence",
    "information",
    "ksg",
    "log_loss",
    "losses",
    "marginals",
    "mixed",
    "normal",
    "nsb",
    "ordering",
    "packing",
    "pair_tables",
    "reductions",
    "resampling",
    "row_sums",
    "scalar",
    "scaling",
    "searching",
    "sketches",
    "softmax",
    "softmax_parts",
    "sorting",
    "special",
    "streams",
    "strips",
    "trees",
    "triples",
    "turning",
    "variates",
    "weighted_sums",
]
