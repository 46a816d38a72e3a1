"""Whole random numbers of two laws that resampling of counts needs: hypergeometric and binomial.

Where the mean is small the distribution function is inverted from 0 on; else a rejection, whose
cost does not grow with the mean.

Contract: counts are int64 and not negative, a sample is not larger than its population, a
probability lies between 0 and 1; this is not checked.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.random.substreams import uniform

_TABULATED = 256
_LOG_FACTORIALS = np.array([math.lgamma(k + 1.0) for k in range(_TABULATED)])
_HALF_LOG_2PI = 0.9189385332046727
_SMALL_MEAN = 10.0
_FAR = 200  # no number is so large where the mean is small
_LARGE = 1048576.0  # from here on a difference of logarithms of factorials loses digits
_MODERATE = 6.7e7  # up to here enough of them are left: a chance is right to 1e-6
_D1 = 2.0 * math.sqrt(2.0 / math.e)
_D2 = 3.0 - 2.0 * math.sqrt(3.0 / math.e)


@kernel
def log_factorial(k):
    """``log(k!)`` of a whole number: tabulated, then Stirling's series (DLMF 5.11.1)."""
    if k < _TABULATED:
        return _LOG_FACTORIALS[np.uint64(k)]
    x = np.float64(k)
    r = 1.0 / x
    z = r * r
    series = r * (1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0)))
    return (x + 0.5) * math.log(x) - x + _HALF_LOG_2PI + series


@kernel
def _stirling_rest(x):
    """``log(x!) - (x + 1/2) log(x) + x - log(2 pi) / 2`` of a large number."""
    r = 1.0 / x
    return r * (1.0 / 12.0 - r * r * (1.0 / 360.0))


@kernel
def log_factorial_step(a, d):
    """
    ``log((a + d)! / a!) - d log(a)``, where neither number is negative and `a` is at least 1.

    Of large numbers the factorials' own logarithms would lose all digits of their difference.
    """
    x = np.float64(a)
    y = np.float64(a + d)
    step = np.float64(d)
    if max(x, y) < _LARGE or min(x, y) < _TABULATED:
        return log_factorial(a + d) - log_factorial(a) - step * math.log(x)
    rest = _stirling_rest(y) - _stirling_rest(x)
    return (y + 0.5) * math.log1p(step / x) - step + rest


@kernel
def _log_falling(n, k):
    """``log(n! / (n - k)!) - k log(n)``."""
    return -log_factorial_step(n, -k)


@kernel(inline=True)
def _log_ways(k, few, many, sample):
    return (
        log_factorial(k)
        + log_factorial(few - k)
        + log_factorial(sample - k)
        + log_factorial(many - sample + k)
    )


@kernel
def _log_first(few, many, sample):
    """Logarithm of the probability of 0."""
    total = few + many
    if np.float64(total) < _MODERATE:
        return (
            log_factorial(many)
            - log_factorial(many - sample)
            + log_factorial(total - sample)
            - log_factorial(total)
        )
    k = min(few, sample)  # the law is the same with the two exchanged
    rest = total - max(few, sample)
    shrink = np.float64(k) * math.log1p(-np.float64(total - rest) / np.float64(total))
    return shrink + _log_falling(rest, k) - _log_falling(total, k)


@kernel
def _hypergeometric_inverted(few, many, sample, state):
    """By inversion, for a small mean; ``sample <= many``."""
    first = math.exp(_log_first(few, many, sample))
    while True:
        p = first
        u = uniform(state)
        k = 0
        while u > p and k < _FAR:
            u -= p
            ways = np.float64(few - k) * np.float64(sample - k)
            p *= ways / (np.float64(k + 1) * np.float64(many - sample + k + 1))
            k += 1
        if k < _FAR and k <= min(few, sample):  # else the rest that rounding leaves: once more
            return k


@kernel
def _hypergeometric_rejected(few, many, sample, state):
    """
    By ratios of uniforms with a table mountain that holds for all of these laws.

    Stadlober 1990, The ratio of uniforms approach for generating discrete random variates,
    https://doi.org/10.1016/0377-0427(90)90349-5.
    """
    n = np.float64(few + many)
    share = np.float64(few) / n
    mean = np.float64(sample) * share
    variance = mean * (1.0 - share) * (n - np.float64(sample)) / (n - 1.0)
    centre = mean + 0.5
    spread = math.sqrt(variance + 0.5)
    width = _D1 * spread + _D2
    mode = np.int64((np.float64(sample) + 1.0) * (np.float64(few) + 1.0) / (n + 2.0))
    mode = min(mode, min(few, sample) - 1)
    slope = math.log(
        (np.float64(mode) / np.float64(few - mode))
        * (np.float64(many - sample + mode) / np.float64(sample - mode))
    )
    moderate = n < _MODERATE
    at_mode = _log_ways(mode, few, many, sample) if moderate else 0.0
    end = min(np.float64(min(few, sample)) + 1.0, math.floor(centre + 16.0 * spread))
    while True:
        u = uniform(state)
        x = centre + width * (uniform(state) - 0.5) / u
        if x < 0.0 or x >= end:
            continue
        k = np.int64(x)
        if moderate:
            t = at_mode - _log_ways(k, few, many, sample)
        else:
            d = k - mode
            t = -(
                np.float64(d) * slope
                + log_factorial_step(mode, d)
                + log_factorial_step(few - mode, -d)
                + log_factorial_step(sample - mode, -d)
                + log_factorial_step(many - sample + mode, d)
            )
        if u * (4.0 - u) - 3.0 <= t:
            return k
        if u * (u - t) < 1.0 and 2.0 * math.log(u) <= t:
            return k


@kernel
def hypergeometric(good, bad, sample, state):
    """How many of `good` are in a sample without replacement from `good` and `bad`."""
    if sample == 0 or good == 0:
        return np.int64(0)
    if bad == 0:
        return np.int64(sample)
    total = good + bad
    drawn = min(sample, total - sample)  # what is left out is such a sample, too
    few = min(good, bad)
    if np.float64(drawn) * (np.float64(few) / np.float64(total)) < _SMALL_MEAN:
        k = np.int64(_hypergeometric_inverted(few, total - few, drawn, state))
    else:
        k = np.int64(_hypergeometric_rejected(few, total - few, drawn, state))
    if good > bad:
        k = drawn - k
    return k if drawn == sample else good - k


@kernel
def _binomial_inverted(n, p, state):
    """By inversion, for a small mean."""
    odds = p / (1.0 - p)
    first = math.exp(np.float64(n) * math.log1p(-p))
    while True:
        f = first
        u = uniform(state)
        k = 0
        while u > f and k < _FAR:
            u -= f
            f *= odds * (np.float64(n - k) / np.float64(k + 1))
            k += 1
        if k < _FAR and k <= n:
            return k


@kernel
def _binomial_rejected(n, p, state):
    """
    By transformed rejection with squeeze, for ``p <= 1 / 2`` and a mean of at least 10.

    Hoermann 1993, The generation of binomial random variates,
    https://doi.org/10.1080/00949659308811496.
    """
    whole = np.float64(n)
    deviation = math.sqrt(whole * p * (1.0 - p))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = whole * p + 0.5
    alpha = (2.83 + 5.1 / b) * deviation
    mode = min(np.int64((whole + 1.0) * p), n - 1)
    log_odds = math.log(p / (1.0 - p))
    slope = math.log(p / (1.0 - p) * (np.float64(n - mode) / np.float64(mode)))
    at_mode = log_factorial(mode) + log_factorial(n - mode)
    while True:
        u = uniform(state) - 0.5
        v = uniform(state)
        us = 0.5 - abs(u)
        x = math.floor((2.0 * a / us + b) * u + c)
        if x < 0.0 or x > whole:
            continue
        k = np.int64(x)
        if us >= 0.07 and v <= 0.92 - 4.2 / b:
            return k
        d = k - mode
        if whole < _MODERATE:
            steps = log_factorial(k) + log_factorial(n - k) - at_mode
            bound = np.float64(d) * log_odds - steps
        else:
            steps = log_factorial_step(mode, d) + log_factorial_step(n - mode, -d)
            bound = np.float64(d) * slope - steps
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return k


@kernel
def binomial(n, p, state):
    """How often one of probability `p` happens in `n` tries."""
    if n == 0 or p <= 0.0:
        return np.int64(0)
    if p >= 1.0:
        return np.int64(n)
    small = min(p, 1.0 - p)
    if np.float64(n) * small < _SMALL_MEAN:
        k = np.int64(_binomial_inverted(n, small, state))
    else:
        k = np.int64(_binomial_rejected(n, small, state))
    return k if p <= 0.5 else n - k
