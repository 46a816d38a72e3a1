"""The library's functions inside ``@numba.njit``, by their public names.

``fastinfo.entropy(p)`` and the others of :data:`FUNCTIONS` compile in functions of yours, for
arrays, with the options that make sense there. They run in the calling thread, give what the call
from Python gives to 1e-13, and raise the same kinds of errors with shorter messages. One default
differs: the dtype decides what is a label. Integers are, however many values they have, unless
``discrete=False`` is given.

Nothing needs to be imported or registered: numba learns from the function itself what it compiles
to.
"""

from __future__ import annotations

__all__ = ["FUNCTIONS"]

#: Names of the functions that compile.
FUNCTIONS = (
    "conditional_entropy",
    "conditional_mutual_information",
    "cross_entropy",
    "entropy",
    "histogram",
    "histogram2d",
    "joint_entropy",
    "js_divergence",
    "kl_divergence",
    "log_softmax",
    "logsumexp",
    "mutual_info_score",
    "mutual_information",
    "sigmoid_cross_entropy",
    "softmax",
    "softmax_cross_entropy",
    "variation_of_information",
)
