"""Slow twins of greedy selection: tables by np.unique, entropies of rows, and sums of those."""

from __future__ import annotations

import math

import numpy as np

METHODS = ("mrmr", "mrmr-quotient", "mim", "jmi", "cmim", "disr")

#: Scores that are closer are equal: the column that comes first has them.
TIE = 1e-12


def number_of_bins(n):
    """Hacine-Gharbi & Ravier (2018), for a correlation of 0."""
    return round(math.sqrt((1 + math.sqrt(1 + 24 * n)) / 2))


def edges_of(x, bins="mi", strategy="uniform"):
    """Edges of bins of the samples that are there."""
    x = x[~np.isnan(x)]
    if np.ndim(bins):
        return np.asarray(bins, float)
    if bins == "mi":
        bins = number_of_bins(x.size)
    if strategy == "quantile":
        return np.unique(np.quantile(x, np.linspace(0, 1, bins + 1)))
    return np.histogram_bin_edges(x, bins)


def binned(x, bins="mi", strategy="uniform"):
    """Bins of samples, the last one closed; -1 for NaN and outside."""
    x = np.asarray(x, float)
    if np.isnan(x).all():
        return np.full(x.size, -1)
    edges = edges_of(x, bins, strategy)
    if edges.size == 1:
        return np.where(np.isnan(x), -1, 0)
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


def share(x, w, y):
    """``I(x, w; y) / H(x, w, y)``; 0 where nothing varies."""
    joint = complete(x, w, y)
    if not joint[0].size:
        return math.nan
    return joint_information(x, w, y) / entropy(*joint) if entropy(*joint) > TIE else 0.0


def term(method, x, s, y):
    """What a method takes of a column, one that is chosen, and the target."""
    if method in ("mrmr", "mrmr-quotient"):
        return information(x, s)
    if method == "cmim":
        return conditional_information(x, y, s)
    return joint_information(x, s, y) if method == "jmi" else share(x, s, y)


def score_of(method, relevance, terms):
    """The score of a column from its information and its terms, one for each that is chosen."""
    if method == "mim" or not terms:
        return relevance
    if math.isnan(relevance) or any(map(math.isnan, terms)):
        return math.nan
    if method == "cmim":
        return min(terms)
    if method in ("jmi", "disr"):
        return sum(terms)
    mean = sum(terms) / len(terms)
    if method == "mrmr":
        return relevance - mean
    if relevance < TIE:
        return 0.0
    return relevance / mean if mean > TIE else math.inf


class Candidates:
    """Columns of codes, -1 where missing, of which some are chosen, and what the others score."""

    def __init__(self, columns, y, method):
        self.columns, self.y, self.method = columns, y, method
        self.relevances = [information(x, y) for x in columns]
        self.terms = {i: [] for i in range(len(columns))}

    def scores(self):
        """Scores by place of the columns that are left."""
        return {i: score_of(self.method, self.relevances[i], t) for i, t in self.terms.items()}

    def choose(self, best):
        """Take a column, and hold the others against it."""
        del self.terms[best]
        if self.method != "mim":
            for i, terms in self.terms.items():
                terms.append(term(self.method, self.columns[i], self.columns[best], self.y))


def first_of_best(scores):
    """The first place with the largest score, or the first one where there is no score."""
    known = [score for score in scores.values() if not math.isnan(score)]
    if not known:
        return next(iter(scores))
    return next(i for i, s in scores.items() if s == max(known) or s >= max(known) - TIE)


def select(columns, y, k, method):
    """Places, scores and information of k columns, chosen one by one."""
    candidates = Candidates(columns, y, method)
    found = []
    for _ in range(k):
        scores = candidates.scores()
        best = first_of_best(scores)
        found.append((best, scores[best], candidates.relevances[best]))
        candidates.choose(best)
    return found
