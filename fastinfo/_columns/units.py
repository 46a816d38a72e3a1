"""The names of the units of information."""

import math


def unit_name(base: float | None) -> str:
    """Name the unit that goes with the base of the logarithm.

    Parameters
    ----------
    base : float or None
        The base; None is e.

    Returns
    -------
    str
        ``"nats"``, ``"bits"``, or ``"base 10"`` and the like.
    """
    if base is None or base == math.e:
        return "nats"
    return "bits" if base == 2 else f"base {base:g}"
