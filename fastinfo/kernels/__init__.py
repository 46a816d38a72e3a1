"""
The kernels: serial, without the GIL, callable from any ``@njit`` function.

Arrays in, numbers or filled arrays out. Nothing is checked: each module says what it expects.
"""

from fastinfo.kernels import (
    binary_losses,
    binning,
    columns,
    corrections,
    counting,
    distributions,
    encoding,
    expected,
    exponentials,
    hashing,
    information,
    log_loss,
    losses,
    nsb,
    reductions,
    row_sums,
    scalar,
    searching,
    softmax,
    softmax_parts,
    sorting,
    special,
    weighted_sums,
)

__all__ = [
    "binary_losses",
    "binning",
    "columns",
    "corrections",
    "counting",
    "distributions",
    "encoding",
    "expected",
    "exponentials",
    "hashing",
    "information",
    "log_loss",
    "losses",
    "nsb",
    "reductions",
    "row_sums",
    "scalar",
    "searching",
    "softmax",
    "softmax_parts",
    "sorting",
    "special",
    "weighted_sums",
]
