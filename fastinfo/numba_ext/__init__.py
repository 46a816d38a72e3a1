"""Support for calling public functions of the library inside ``@numba.njit``.

``fastinfo.entropy(p)`` and the other functions in :data:`FUNCTIONS` can be called in your own
compiled functions, with arrays and the options that are useful there. They run in the calling
thread, agree with calls from Python to 1e-13, and raise the same kinds of errors with shorter
messages. One default differs: the dtype decides which variables are labels. Integers are labels,
however many values they have, unless you pass ``discrete=False``.

Nothing needs to be imported or registered: the functions tell numba how to compile them.
"""

from __future__ import annotations

__all__ = ["FUNCTIONS"]

#: Names of the functions that can be called in compiled code.
FUNCTIONS = (
    "conditional_entropy",
    "conditional_mutual_information",
    "cross_entropy",
    "entropy",
    "histogram",
    "histogram2d",
    "interaction_information",
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
    "transfer_entropy",
    "variation_of_information",
)
