"""Random integers from the two distributions that resampling needs: hypergeometric and binomial.

If the mean is small, the distribution function is inverted, beginning at 0. Otherwise a rejection
method is used, whose cost does not grow with the mean.

Numbers of `MODERATE` and more need other formulas, because logarithms of factorials would lose
digits. If `large` is None, there are no such numbers, and the code for them is not compiled.
Otherwise it is True.

What the kernels expect: counts are int64 and not negative, a sample is not larger than its
population, and a probability lies between 0 and 1. This is not checked.
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
_FAR = 200  # if the mean is small, numbers are below this
_LARGE = 1048576.0  # from here on, differences of logarithms of factorials lose digits
MODERATE = 6.7e7  #: up to here enough digits are left for a probability right to 1e-6
_D1 = 2.0 * math.sqrt(2.0 / math.e)
_D2 = 3.0 - 2.0 * math.sqrt(3.0 / math.e)


@kernel
def log_factorial(k):
    """``log(k!)`` of an integer: from a table, or by Stirling's series (DLMF 5.11.1)."""
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
    ``log((a + d)! / a!) - d log(a)``, if neither number is negative and `a` is at least 1.

    For large numbers, the logarithms of the factorials themselves would lose all digits of their
    difference.
    """
    x = np.float64(a)
    y = np.float64(a + d)
    step = np.float64(d)
    low = x if x < y else y
    high = y if x < y else x
    if high < _LARGE or low < _TABULATED:
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
def _log_first_of_large(few, many, sample):
    """Logarithm of the hypergeometric probability of 0."""
    total = few + many
    k = min(few, sample)  # the distribution is the same if the two are exchanged
    rest = total - max(few, sample)
    shrink = np.float64(k) * math.log1p(-np.float64(total - rest) / np.float64(total))
    return shrink + _log_falling(rest, k) - _log_falling(total, k)


@kernel
def _log_ratio_of_large(k, mode, few, many, sample):
    """Logarithm of the hypergeometric probability of k, divided by that of the mode."""
    slope = math.log(
        (np.float64(mode) / np.float64(few - mode))
        * (np.float64(many - sample + mode) / np.float64(sample - mode))
    )
    d = k - mode
    return -(
        np.float64(d) * slope
        + log_factorial_step(mode, d)
        + log_factorial_step(few - mode, -d)
        + log_factorial_step(sample - mode, -d)
        + log_factorial_step(many - sample + mode, d)
    )


@kernel
def hypergeometric(good, bad, sample, state, large):
    """
    How many of `good` are in a sample without replacement from `good` and `bad`.

    Inversion if the mean is small. Otherwise ratios of uniforms with a table mountain that covers
    all of these distributions: Stadlober 1990, The ratio of uniforms approach for generating
    discrete random variates, https://doi.org/10.1016/0377-0427(90)90349-5.
    """
    if sample == 0 or good == 0:
        return np.int64(0)
    if bad == 0:
        return np.int64(sample)
    total = good + bad
    n = np.float64(total)
    rest = total - sample
    drawn = sample if sample < rest else rest  # the rest of the population is a sample as well
    few = good if good < bad else bad
    many = total - few
    most = few if few < drawn else drawn
    share = np.float64(few) / n
    mean = np.float64(drawn) * share
    k = np.int64(0)
    if mean < _SMALL_MEAN:
        log_first = (
            log_factorial(many)
            - log_factorial(many - drawn)
            + log_factorial(total - drawn)
            - log_factorial(total)
        )
        if large is not None and n >= MODERATE:
            log_first = _log_first_of_large(few, many, drawn)
        first = math.exp(log_first)
        while True:
            p = first
            u = uniform(state)
            k = np.int64(0)
            while u > p and k < _FAR:
                u -= p
                ways = np.float64(few - k) * np.float64(drawn - k)
                p *= ways / (np.float64(k + 1) * np.float64(many - drawn + k + 1))
                k += 1
            if k < _FAR and k <= most:  # else rounding left a remainder: draw again
                break
    else:
        variance = mean * (1.0 - share) * (n - np.float64(drawn)) / (n - 1.0)
        centre = mean + 0.5
        spread = math.sqrt(variance + 0.5)
        width = _D1 * spread + _D2
        mode = np.int64((np.float64(drawn) + 1.0) * (np.float64(few) + 1.0) / (n + 2.0))
        mode = mode if mode < most - 1 else most - 1
        at_mode = _log_ways(mode, few, many, drawn)
        end = centre + 16.0 * spread
        end = math.floor(end) if end < np.float64(most) + 1.0 else np.float64(most) + 1.0
        while True:
            u = uniform(state)
            x = centre + width * (uniform(state) - 0.5) / u
            if x < 0.0 or x >= end:
                continue
            k = np.int64(x)
            t = at_mode - _log_ways(k, few, many, drawn)
            if large is not None and n >= MODERATE:
                t = _log_ratio_of_large(k, mode, few, many, drawn)
            if u * (4.0 - u) - 3.0 <= t:
                break
            if u * (u - t) < 1.0 and 2.0 * math.log(u) <= t:
                break
    if good > bad:
        k = drawn - k
    return k if drawn == sample else good - k


@kernel
def _log_steps_of_large(k, mode, n, p):
    """Logarithm of the binomial probability of k, divided by that of the mode."""
    slope = math.log(p / (1.0 - p) * (np.float64(n - mode) / np.float64(mode)))
    d = k - mode
    steps = log_factorial_step(mode, d) + log_factorial_step(n - mode, -d)
    return np.float64(d) * slope - steps


@kernel
def binomial(n, p, state, large):
    """
    Number of successes of probability `p` in `n` trials.

    Inversion if the mean is small. Otherwise transformed rejection with squeeze: Hoermann 1993, The
    generation of binomial random variates, https://doi.org/10.1080/00949659308811496.
    """
    if n == 0 or p <= 0.0:
        return np.int64(0)
    if p >= 1.0:
        return np.int64(n)
    whole = np.float64(n)
    small = p if p < 1.0 - p else 1.0 - p
    odds = small / (1.0 - small)
    k = np.int64(0)
    if whole * small < _SMALL_MEAN:
        first = math.exp(whole * math.log1p(-small))
        while True:
            f = first
            u = uniform(state)
            k = np.int64(0)
            while u > f and k < _FAR:
                u -= f
                f *= odds * (np.float64(n - k) / np.float64(k + 1))
                k += 1
            if k < _FAR and k <= n:
                break
    else:
        deviation = math.sqrt(whole * small * (1.0 - small))
        b = 1.15 + 2.53 * deviation
        a = -0.0873 + 0.0248 * b + 0.01 * small
        c = whole * small + 0.5
        alpha = (2.83 + 5.1 / b) * deviation
        mode = np.int64((whole + 1.0) * small)
        mode = mode if mode < n - 1 else n - 1
        log_odds = math.log(odds)
        at_mode = log_factorial(mode) + log_factorial(n - mode)
        while True:
            u = uniform(state) - 0.5
            v = uniform(state)
            us = 0.5 - abs(u)
            x = (2.0 * a / us + b) * u + c
            if x < 0.0 or x >= whole + 1.0:
                continue
            k = np.int64(x)
            if us >= 0.07 and v <= 0.92 - 4.2 / b:
                break
            steps = log_factorial(k) + log_factorial(n - k) - at_mode
            bound = np.float64(k - mode) * log_odds - steps
            if large is not None and whole >= MODERATE:
                bound = _log_steps_of_large(k, mode, n, small)
            if math.log(v * alpha / (a / (us * us) + b)) <= bound:
                break
    return k if p <= 0.5 else n - k
