"""
The kernels: serial, without the GIL, callable from any ``@njit`` function.

Arrays in, numbers or filled arrays out. Nothing is checked: each module says what it expects.
"""

from fastinfo.kernels import (
    binary_losses,
    binning,
    columns,
    counting,
    distributions,
    encoding,
    exponentials,
    information,
    log_loss,
    losses,
    reductions,
    row_sums,
    scalar,
    softmax,
    special,
    weighted_sums,
)

__all__ = [
    "binary_losses",
    "binning",
    "columns",
    "counting",
    "distributions",
    "encoding",
    "exponentials",
    "information",
    "log_loss",
    "losses",
    "reductions",
    "row_sums",
    "scalar",
    "softmax",
    "special",
    "weighted_sums",
]
