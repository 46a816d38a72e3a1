"""Information of three variables inside ``@njit``."""

from __future__ import annotations

import numpy as np

from fastinfo._bins.coded_variables import MANY_BINS
from fastinfo._core.in_njit import jitable, typed_as
from fastinfo.information.conditional import (
    conditional_mutual_information,
    interaction_information,
)
from fastinfo.kernels.elementary.memory import new_zeros
from fastinfo.numba_ext import bins as coding
from fastinfo.numba_ext import counts as counting
from fastinfo.numba_ext.arguments import is_complete
from fastinfo.numba_ext.types import (
    absent,
    in_base,
    left_out,
    narrow,
    number_or_none,
    plan_of,
)

__all__: list[str] = []


@jitable
def _check_three(x, y, z):
    if x.size != y.size or y.size != z.size:
        raise ValueError("x, y and z must have the same length")
    if x.size == 0:
        raise ValueError("x, y and z must hold at least one sample")


@typed_as(conditional_mutual_information)
def _conditional_mutual_information(
    x, y, z, bins="mi", strategy="quantile", range=None, discrete="auto", base=None, correction=None
):
    function = "conditional_mutual_information"
    plan = plan_of(function, {"x": x, "y": y, "z": z}, bins, strategy, discrete)
    left_out(function, range=range)
    number_or_none(function, "base", base)
    numbers = [a for a, label in zip((x, y, z), plan.labels, strict=True) if not label]
    wide = not narrow(*numbers)  # NumPy joins the numbers in one array
    gaps = absent(correction)
    x_codes, y_codes, z_codes = (
        coding.codes_by(label, kind, plan.by_counts, i, bins, MANY_BINS, 3, wide, gaps)
        for i, (label, kind) in enumerate(zip(plan.labels, plan.kinds, strict=True))
    )
    measure = counting.conditional_by(function, correction)
    scaled = in_base(base)

    def measured(
        x,
        y,
        z,
        bins="mi",
        strategy="quantile",
        range=None,
        discrete="auto",
        base=None,
        correction=None,
    ):
        _check_three(x, y, z)
        if not (is_complete(x) and is_complete(y) and is_complete(z)):
            return np.nan
        p, nx = x_codes(x, bins)
        q, ny = y_codes(y, bins)
        r, nz = z_codes(z, bins)
        return scaled(measure(p, nx, q, ny, r, nz, correction), base)

    return measured


@typed_as(interaction_information)
def _interaction_information(
    x, y, z, bins="mi", strategy="quantile", range=None, discrete="auto", base=None
):
    function = "interaction_information"
    plan = plan_of(function, {"x": x, "y": y, "z": z}, bins, strategy, discrete)
    left_out(function, range=range)
    number_or_none(function, "base", base)
    numbers = [a for a, label in zip((x, y, z), plan.labels, strict=True) if not label]
    wide = not narrow(*numbers)
    x_codes, y_codes, z_codes = (
        coding.codes_by(label, kind, plan.by_counts, i, bins, MANY_BINS, 3, wide, True)
        for i, (label, kind) in enumerate(zip(plan.labels, plan.kinds, strict=True))
    )
    measure = counting.conditional_by(function, None)
    scaled = in_base(base)

    def measured(x, y, z, bins="mi", strategy="quantile", range=None, discrete="auto", base=None):
        _check_three(x, y, z)
        if not (is_complete(x) and is_complete(y) and is_complete(z)):
            return np.nan
        p, nx = x_codes(x, bins)
        q, ny = y_codes(y, bins)
        r, nz = z_codes(z, bins)
        p, q, r = counting.kept(p, nx, q, ny, r, nz)  # both terms are of the same rows
        if p.size == 0:
            return np.nan
        known = measure(p, nx, q, ny, r, nz, None)
        none = new_zeros(p.size, np.uint32)
        return scaled(known - measure(p, nx, q, ny, none, 1, None), base)

    return measured
