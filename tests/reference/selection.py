"""Slow twins of greedy selection: tables by np.unique, entropies of rows, and sums of those.

What chance gives is summed up over the hypergeometric law of each cell. p-values are of the tests
that the library has, of tables and strata that are counted here.
"""

from __future__ import annotations

import functools
import hashlib
import math

import numpy as np

from fastinfo._counts.distinct_sizes import distinct_sizes
from fastinfo._counts.table import Table
from fastinfo._measures.independence import (
    gamma_tail,
    mean_of,
    test_independence,
    variance_of,
)
from reference import benjamini_hochberg, equal_count_edges

METHODS = ("mrmr", "mrmr-quotient", "mim", "jmi", "jmim", "cmim", "disr")

#: Scores that are closer are equal: the column that comes first has them.
TIE = 1e-12


def remembered(function):
    """The function, which computes nothing twice of the same columns of codes."""
    found: dict = {}

    @functools.wraps(function)
    def call(*columns):
        key = b"".join(hashlib.sha256(c.dtype.str.encode() + c.tobytes()).digest() for c in columns)
        if key not in found:
            found[key] = function(*columns)
        return found[key]

    return call


def number_of_bins(n):
    """Hacine-Gharbi & Ravier (2018), for a correlation of 0."""
    return round(math.sqrt((1 + math.sqrt(1 + 24 * n)) / 2))


def edges_of(x, bins="mi", strategy=None):
    """Edges of bins of the samples that are there; of one of NumPy's rules they are its own."""
    x = x[~np.isnan(x)]
    if np.ndim(bins):
        return np.asarray(bins, float)
    if strategy is None:
        strategy = "uniform" if isinstance(bins, str) and bins != "mi" else "quantile"
    if bins == "mi":
        bins = number_of_bins(x.size)
    elif isinstance(bins, str) and strategy == "quantile":
        bins = np.histogram_bin_edges(x, bins).size - 1
    return equal_count_edges(x, bins) if strategy == "quantile" else np.histogram_bin_edges(x, bins)


def binned(x, bins="mi", strategy=None):
    """Bins of samples, the last one closed; -1 for NaN and outside."""
    x = np.asarray(x, float)
    if np.isnan(x).all():
        return np.full(x.size, -1)
    edges = np.asarray(edges_of(x, bins, strategy))
    codes = np.searchsorted(edges, x, side="right") - 1
    codes[x == edges[-1]] = edges.size - 2
    codes[np.isnan(x) | (x < edges[0]) | (x > edges[-1])] = -1
    return codes


def labelled(values):
    """Places of labels in the order in which they are found; -1 for None and NaN."""
    places: dict = {}
    return np.array(
        [-1 if v is None or v != v else places.setdefault(v, len(places)) for v in values]
    )


def entropy(*columns):
    """Plug-in entropy in nats of the rows that columns of codes make."""
    counts = np.unique(together(*columns), return_counts=True)[1]
    return float(np.sum(counts / counts.sum() * np.log(counts.sum() / counts)))


def together(*columns):
    """One column of several: a number for each row that occurs."""
    joined = np.zeros(columns[0].size, np.int64)
    for column in columns:
        joined = np.unique(joined * (int(column.max()) + 1) + column, return_inverse=True)[1]
    return joined


def complete(*columns):
    """The rows in which no column is missing."""
    kept = np.all([column >= 0 for column in columns], axis=0)
    return [column[kept] for column in columns]


def information(x, y):
    """``I(x; y) = H(x) + H(y) - H(x, y)``; NaN without a complete row."""
    x, y = complete(x, y)
    return entropy(x) + entropy(y) - entropy(x, y) if x.size else math.nan


def joint_information(x, w, y):
    """``I(x, w; y) = H(x, w) + H(y) - H(x, w, y)``."""
    x, w, y = complete(x, w, y)
    return entropy(x, w) + entropy(y) - entropy(x, w, y) if x.size else math.nan


def conditional_information(x, y, w):
    """``I(x; y | w) = H(x, w) + H(y, w) - H(x, y, w) - H(w)``."""
    x, y, w = complete(x, y, w)
    if not x.size:
        return math.nan
    return entropy(x, w) + entropy(y, w) - entropy(x, y, w) - entropy(w)


@functools.cache
def chance_of_cell(a, b, n):
    """Mean of ``k / n log(n k / (a b))`` where k of n samples are in a row of a, a column of b."""
    k = np.arange(max(0, a + b - n), min(a, b) + 1, dtype=float)
    ratios = (a - k[:-1]) * (b - k[:-1]) / ((k[:-1] + 1) * (n - a - b + k[:-1] + 1))
    logs = np.concatenate([[0.0], np.cumsum(np.log(ratios))])
    p = np.exp(logs - logs.max())
    some = k > 0
    terms = k[some] / n * np.log(n * k[some] / (a * b))
    return float(np.sum(p[some] * terms) / np.sum(p))


def chance_of_margins(x_sizes, y_sizes):
    """Mean information over all tables with these margins."""
    n = int(np.sum(x_sizes))
    rows, columns = (np.unique(sizes, return_counts=True) for sizes in (x_sizes, y_sizes))
    return math.fsum(
        int(i) * int(j) * chance_of_cell(int(a), int(b), n)
        for a, i in zip(*rows, strict=True)
        for b, j in zip(*columns, strict=True)
    )


def sizes(codes):
    """How often each code is there."""
    return np.unique(codes, return_counts=True)[1]


def chance(x, y):
    """What chance gives of ``I(x; y)``, of complete rows."""
    return chance_of_margins(sizes(x), sizes(y))


def strata(x, y, w):
    """Sizes of x and of y in each stratum of w, of complete rows."""
    return [(sizes(x[w == s]), sizes(y[w == s])) for s in np.unique(w)]


def above(information, expected):
    """Information above chance, at least 0."""
    return max(information - expected, 0.0)


@remembered
def information_above(x, y):
    """``max(0, I(x; y) - E[I])``; NaN without a complete row."""
    x, y = complete(x, y)
    return above(information(x, y), chance(x, y)) if x.size else math.nan


@remembered
def joint_above(x, w, y):
    """The same of the pair (x, w) and y."""
    x, w, y = complete(x, w, y)
    if not x.size:
        return math.nan
    return above(joint_information(x, w, y), chance(together(x, w), y))


@remembered
def conditional_above(x, y, w):
    """``max(0, I(x; y | w) - E[I])``, where y is permuted within each stratum of w."""
    x, y, w = complete(x, y, w)
    if not x.size:
        return math.nan
    expected = sum(a.sum() / x.size * chance_of_margins(a, b) for a, b in strata(x, y, w))
    return above(conditional_information(x, y, w), expected)


@remembered
def pvalue(x, y):
    """p-value of independence; NaN without a complete row."""
    x, y = complete(x, y)
    if not x.size:
        return math.nan
    table = np.zeros((int(x.max()) + 1, int(y.max()) + 1), np.int64)
    np.add.at(table, (x, y), 1)
    return test_independence(Table.of(table)).pvalue


@remembered
def conditional_pvalue(x, y, w):
    """p-value of conditional independence; 1 without a complete row."""
    x, y, w = complete(x, y, w)
    if not x.size:
        return 1.0
    varying = [(a, b) for a, b in strata(x, y, w) if a.size > 1 and b.size > 1]
    moments = []
    for a, b in varying:
        margins = [distinct_sizes(side.astype(float)) for side in (a, b)]
        moments.append([f(*margins, float(a.sum())) for f in (mean_of, variance_of)])
    mean, variance = (math.fsum(m[i] for m in moments) for i in (0, 1))
    if variance < 1e-10:  # all tables have the same information
        return 1.0
    return gamma_tail(x.size * conditional_information(x, y, w), mean, variance)


@remembered
def share(x, w, y):
    """``I(x, w; y) / H(x, w, y)`` above chance; 0 where nothing varies."""
    joint = complete(x, w, y)
    if not joint[0].size:
        return math.nan
    return joint_above(x, w, y) / entropy(*joint) if entropy(*joint) > TIE else 0.0


def term(method, x, s, y):
    """What a method takes of a column, one that is chosen, and the target."""
    if method in ("mrmr", "mrmr-quotient"):
        return information_above(x, s)
    if method == "cmim":
        return conditional_above(x, y, s)
    return share(x, s, y) if method == "disr" else joint_above(x, s, y)


def score_of(method, relevance, terms):
    """The score of a column from its information and its terms, one for each that is chosen."""
    if method == "mim" or not terms:
        return relevance
    if math.isnan(relevance) or any(map(math.isnan, terms)):
        return math.nan
    if method in ("jmim", "cmim"):
        return min(terms)
    if method in ("jmi", "disr"):
        return sum(terms)
    mean = sum(terms) / len(terms)
    if method == "mrmr":
        return relevance - mean
    if relevance == 0:
        return 0.0
    return relevance / mean if mean > 0 else math.inf


@remembered
def is_decided(x, w):
    """Whether x has one value for each value of w, in the complete rows."""
    x, w = complete(x, w)
    return all(np.unique(x[w == value]).size == 1 for value in np.unique(w))


#: p-values up to here are significant.
ALPHA = 0.05

#: So many of the best columns are tested.
TRIED = 64


def varies(codes):
    """Whether a column has two values: others are never chosen."""
    return np.unique(codes[codes >= 0]).size > 1


class Candidates:
    """Columns of codes, -1 where missing, of which some are chosen, and what the others score."""

    def __init__(self, columns, y, method):
        self.columns, self.y, self.method = columns, y, method
        self.terms = {i: [] for i, x in enumerate(columns) if varies(x)}
        self.relevances = {i: information_above(columns[i], y) for i in self.terms}
        found = {i: pvalue(columns[i], y) for i in self.terms}
        known = {i: p for i, p in found.items() if p == p}
        adjusted = dict(zip(known, benjamini_hochberg(list(known.values())), strict=True))
        self.relevant = {i for i, p in adjusted.items() if p <= ALPHA}
        self.given = {i: [] for i in self.terms}
        self.decided = set()  # by a column that is chosen

    def scores(self):
        """Scores by place of the columns that are left."""
        return {i: score_of(self.method, self.relevances[i], t) for i, t in self.terms.items()}

    def is_significant(self, i):
        """Whether a column that is left adds something by the test."""
        pvalues = self.given[i]
        if not pvalues:
            return i in self.relevant and i not in self.decided
        limit = ALPHA / len(self.terms)
        if self.method in ("jmim", "cmim") or i in self.relevant:
            return max(pvalues) <= limit
        return min(pvalues) * len(pvalues) <= limit

    def best(self):
        """The place of the column that comes next: the best that adds something, if any does."""
        left, first = self.scores(), None
        for _ in range(min(TRIED, len(left))):
            best = first_of_best(left)
            if self.is_significant(best):
                return best
            first = best if first is None else first
            del left[best]
        return first

    def choose(self, best):
        """Take a column, and hold the others against it."""
        del self.terms[best]
        if self.method == "mim":
            return
        for i, terms in self.terms.items():
            terms.append(term(self.method, self.columns[i], self.columns[best], self.y))
            if self.method.startswith("mrmr"):
                if is_decided(self.columns[i], self.columns[best]):
                    self.decided.add(i)
            else:
                self.given[i].append(
                    conditional_pvalue(self.columns[i], self.y, self.columns[best])
                )


def first_of_best(scores):
    """The first place with the largest score, or the first one where there is no score."""
    known = [score for score in scores.values() if not math.isnan(score)]
    if not known:
        return next(iter(scores))
    least = max(known) - TIE * max([1.0, *(abs(s) for s in known if math.isfinite(s))])
    return next(i for i, s in scores.items() if s == max(known) or s >= least)


def select(columns, y, k, method):
    """Places, scores and information of k columns, chosen one by one; and how many of them add."""
    candidates = Candidates(columns, y, method)
    found, significant = [], 0
    for _ in range(k):
        best = candidates.best()
        significant += candidates.is_significant(best)
        found.append((best, candidates.scores()[best], candidates.relevances[best]))
        candidates.choose(best)
    return found, significant
