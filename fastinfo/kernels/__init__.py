"""
The kernels: serial, without the GIL, callable from any ``@njit`` function.

Arrays in, numbers or filled arrays out. Nothing is checked: each module says what it expects.
"""

from fastinfo.kernels import (
    binning,
    columns,
    counting,
    distributions,
    encoding,
    information,
    reductions,
    scalar,
    softmax,
    special,
)

__all__ = [
    "binning",
    "columns",
    "counting",
    "distributions",
    "encoding",
    "information",
    "reductions",
    "scalar",
    "softmax",
    "special",
]
