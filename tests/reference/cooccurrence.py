"""Slow twins of the measures of association: one cell after the other, with exact fractions."""

from __future__ import annotations

from fractions import Fraction

import mpmath

MEASURES = ("pmi", "ppmi", "npmi", "g2", "log-ratio", "t")


def _log(x):
    return mpmath.log(mpmath.mpf(x.numerator)) - mpmath.log(mpmath.mpf(x.denominator))


def _term(observed, expected):
    return mpmath.mpf(0) if observed == 0 else float_of(observed) * _log(observed / expected)


def float_of(x):
    return mpmath.mpf(x.numerator) / mpmath.mpf(x.denominator)


def g2_of_cells(count, row, column, n, cells=4):
    """Signed G² of a table of two rows and columns, or of its first two cells."""
    table = [(count, row, column), (row - count, row, n - column)]
    table += [(column - count, n - row, column), (n - row - column + count, n - row, n - column)]
    total = 2 * sum(_term(o, r * c / n) for o, r, c in table[:cells])
    return total if count * n >= row * column else -total


@mpmath.workdps(60)
def association(table, measure, base=None, smoothing=0.0, shift=0.0, min_count=0):
    """The measure of each cell of a table of at least one count."""
    counts = [[Fraction(float(count)) for count in row] for row in table]
    rows = [sum(row) for row in counts]
    columns = [sum(column) for column in zip(*counts, strict=True)]
    n = sum(rows)
    divisor = mpmath.mpf(1) if base is None else mpmath.log(base)
    powers = [float_of(c) ** mpmath.mpf(smoothing or 1.0) if c else 0 for c in columns]
    shares = [power / sum(powers) for power in powers] if n else powers

    def value(i, j):
        o, r, c = counts[i][j], rows[i], columns[j]
        if not r or not c:
            return mpmath.nan
        unseen = o == 0 or o < min_count
        if measure == "g2":
            return mpmath.nan if o < min_count else g2_of_cells(o, r, c, n)
        if unseen:
            return {"ppmi": 0.0, "npmi": -1.0}.get(measure, -mpmath.inf)
        if measure == "t":
            return float_of(o - r * c / n) / mpmath.sqrt(float_of(o))
        if measure == "log-ratio":
            other = r - o or Fraction(1, 2)
            return _log(o * (n - c) / (c * other)) / divisor if n > c else mpmath.nan
        if measure == "npmi":
            return _log(o * n / (r * c)) / _log(n / o) if n > o else 1.0
        pointwise = mpmath.log(float_of(o / r) / shares[j]) / divisor - shift
        return max(pointwise, 0.0) if measure == "ppmi" else pointwise

    return [[float(value(i, j)) for j in range(len(columns))] for i in range(len(rows))]


@mpmath.workdps(60)
def keyness(a, b, formula="dunning"):
    """Signed G², and the logarithm of the ratio of the shares in base 2, of two lists of counts."""
    total_a, total_b = Fraction(sum(a)), Fraction(sum(b))
    found = []
    for x, y in zip(map(Fraction, a), map(Fraction, b), strict=True):
        cells = 4 if formula == "dunning" else 2
        g2 = g2_of_cells(x, x + y, total_a, total_a + total_b, cells) if x + y else mpmath.nan
        shares = (x or Fraction(1, 2)) / total_a, (y or Fraction(1, 2)) / total_b
        ratio = _log(shares[0] / shares[1]) / mpmath.log(2) if x + y else mpmath.nan
        found.append((float(g2), float(ratio)))
    return found
