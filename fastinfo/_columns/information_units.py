"""The names of the units of information."""

import math


def unit_name(base: float | None) -> str:
    """Name the unit of a base: ``"nats"``, ``"bits"``, or ``"base 10"`` and the like."""
    if base is None or base == math.e:
        return "nats"
    return "bits" if base == 2 else f"base {base:g}"
