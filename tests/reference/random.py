"""Slow twins of what random numbers are for: generators in integers, laws by their definition."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import scipy.stats

_WORD = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def splitmix64(seed: int) -> Iterator[int]:
    """Numbers of Steele, Lea & Flood's SplitMix64, after the public code by Vigna."""
    while True:
        seed = (seed + _GOLDEN) & _WORD
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
        yield z ^ (z >> 31)


def _turned(x: int, k: int) -> int:
    return ((x << k) | (x >> (64 - k))) & _WORD


def xoshiro256plusplus(state: list[int]) -> Iterator[int]:
    """Numbers of Blackman & Vigna's xoshiro256++, after their public code."""
    s = list(state)
    while True:
        yield (_turned((s[0] + s[3]) & _WORD, 23) + s[0]) & _WORD
        t = (s[1] << 17) & _WORD
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = _turned(s[3], 45)


def stream(key: tuple[int, int], number: int) -> list[int]:
    """State that a stream begins with: SplitMix64 twice, for the number and for the state."""
    before = (key[1] + (number - 1) * _GOLDEN) & _WORD
    fill = splitmix64(key[0] ^ next(splitmix64(before)))
    return [next(fill) for _ in range(4)]


def _from_ratios(first: int, ratios: np.ndarray) -> tuple[int, np.ndarray]:
    """Probabilities of whole numbers in a row, from each one's ratio to the one before."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(ratios))])
    p = np.exp(logs - logs.max())
    return first, p / p.sum()


def _window(mean: float, deviation: float, least: int, most: int) -> np.ndarray:
    """Whole numbers that have all of the probability but for 1e-16."""
    reach = 12 * deviation + 60
    return np.arange(max(least, math.floor(mean - reach)), min(most, math.ceil(mean + reach)) + 1)


def hypergeometric_law(good: int, bad: int, sample: int) -> tuple[int, np.ndarray]:
    """The first number that can be met, and the probabilities from there on."""
    n = good + bad
    mean = sample * good / n
    variance = mean * (bad / n) * (n - sample) / max(n - 1, 1)
    k = _window(mean, math.sqrt(variance), max(0, sample - bad), min(good, sample))
    before = k[:-1].astype(float)
    up = (good - before) / (before + 1)
    return _from_ratios(int(k[0]), up * ((sample - before) / (bad - sample + before + 1)))


def binomial_law(n: int, p: float) -> tuple[int, np.ndarray]:
    """The first number that can be met, and the probabilities from there on."""
    k = _window(n * p, math.sqrt(n * p * (1 - p)), 0, n)
    before = k[:-1].astype(float)
    return _from_ratios(int(k[0]), (n - before) / (before + 1) * (p / (1 - p)))


def law_pvalue(drawn: np.ndarray, first: int, probabilities: np.ndarray) -> float:
    """
    p-value of numbers under a law, by Pearson's chi-squared test in at most 50 classes.

    0 if a number is outside of what the law lists.
    """
    places = np.asarray(drawn) - first
    if places.min() < 0 or places.max() >= probabilities.size:
        return 0.0
    expected = probabilities * drawn.size
    least = max(drawn.size / 50, 10.0)
    # Classes of neighbours, each with at least so many; what is left joins the last.
    classes = np.floor((np.cumsum(expected) - expected / 2) / least).astype(int)
    classes = np.unique(classes, return_inverse=True)[1]
    sizes = np.bincount(classes, expected)
    while sizes.size > 1 and sizes.min() < 5.0:  # with the neighbour
        thin = int(sizes.argmin())
        classes[classes >= max(thin, 1)] -= 1
        sizes = np.bincount(classes, expected)
    found = np.bincount(classes[places], minlength=sizes.size)
    if sizes.size == 1:
        return 1.0
    statistic = float(((found - sizes) ** 2 / sizes).sum())
    return float(scipy.stats.chi2.sf(statistic, sizes.size - 1))


def _rows_below(total: int, limits: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """All rows of a sum whose entries are not above these."""
    if len(limits) == 1:
        if total <= limits[0]:
            yield (total,)
        return
    for k in range(min(total, limits[0]) + 1):
        for rest in _rows_below(total - k, limits[1:]):
            yield (k, *rest)


def tables_with_margins(rows: list[int], columns: list[int]) -> Iterator[tuple[tuple[int, ...]]]:
    """All tables of counts with these sums of rows and columns."""
    if len(rows) == 1:
        yield (tuple(columns),)
        return
    for row in _rows_below(rows[0], tuple(columns)):
        left = [c - k for c, k in zip(columns, row, strict=True)]
        for rest in tables_with_margins(rows[1:], left):
            yield (row, *rest)


def _product(numbers: Iterator[int]) -> int:
    return math.prod(numbers)


def probability_of_table(table: tuple[tuple[int, ...], ...]) -> Fraction:
    """Probability of a table among those with its margins, where the variables are independent."""
    rows = [sum(row) for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    ways = _product(math.factorial(c) for c in (*rows, *columns))
    cells = _product(math.factorial(c) for row in table for c in row)
    return Fraction(ways, math.factorial(sum(rows)) * cells)


def _power_product(table) -> int:
    """``prod(c**c)``: its logarithm is the mutual information but for a factor and a constant."""
    return _product(c**c for row in table for c in row)


def exact_pvalue(table) -> Fraction:
    """Probability of at least as much mutual information, given the margins; ties are exact."""
    table = [[int(c) for c in row] for row in table]
    rows = [sum(row) for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    observed = _power_product(table)
    return sum(
        probability_of_table(other)
        for other in tables_with_margins(rows, columns)
        if _power_product(other) >= observed
    )


def bootstrap_deviation(table) -> float:
    """Standard error of the mutual information by the delta method, in nats."""
    p = np.asarray(table, float) / np.sum(table)
    independent = p.sum(1, keepdims=True) * p.sum(0, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        pointwise = np.where(p > 0, np.log(p / independent), 0.0)
    mean = (p * pointwise).sum()
    return math.sqrt(((p * pointwise**2).sum() - mean**2) / np.sum(table))
