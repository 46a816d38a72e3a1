"""Slow, readable twins of the entropy estimators, each as its paper defines it, with mpmath."""

from __future__ import annotations

from fractions import Fraction

import mpmath
from mpmath import mp

precise = mp.workdps(40)


@precise
def plug_in(counts):
    """The sum of p log(1 / p)."""
    n = sum(counts)
    return -mpmath.fsum(mp.mpf(c) / n * mp.log(mp.mpf(c) / n) for c in counts if c)


@precise
def miller_madow(counts):
    """Plug-in and (occupied cells - 1) / (2 n)."""
    return plug_in(counts) + mp.mpf(sum(c > 0 for c in counts) - 1) / (2 * sum(counts))


@precise
def jackknife(counts):
    """The mean over samples of the plug-in without that sample."""
    n = sum(counts)
    if n == 1:
        return mp.mpf(0)
    without = [
        c * plug_in([*counts[:i], c - 1, *counts[i + 1 :]]) for i, c in enumerate(counts) if c
    ]
    return n * plug_in(counts) - mp.mpf(n - 1) / n * mpmath.fsum(without)


@precise
def grassberger(counts):
    """With G(c) of 2003, equations 27 to 30: digamma and an alternating term."""
    n = sum(counts)

    def g(c):
        halves = mp.digamma(mp.mpf(c + 1) / 2) - mp.digamma(mp.mpf(c) / 2)
        return mp.digamma(c) + mp.mpf(-1) ** c / 2 * halves

    return mp.log(n) - mpmath.fsum(c * g(c) for c in counts if c) / n


@precise
def zhang(counts):
    """The sum of 1 / v Z(v), where Z(v) is without bias for the sum of p (1 - p)**v."""
    n = sum(counts)
    total = Fraction(0)
    for c in filter(None, counts):
        product = Fraction(c, n)
        for v in range(1, n - c + 1):
            product *= Fraction(n - c - v + 1, n - v)
            total += product / v
    return mp.mpf(total.numerator) / total.denominator


@precise
def chao_shen(counts):
    """Horvitz-Thompson: each term by the chance that its cell is seen."""
    n = sum(counts)
    singletons = sum(c == 1 for c in counts)
    coverage = 1 - mp.mpf(n - 1 if singletons == n else singletons) / n
    ps = [coverage * c / n for c in counts if c]
    return -mpmath.fsum(p * mp.log(p) / (1 - (1 - p) ** n) for p in ps)


@precise
def shrinkage_intensity(counts):
    """The weight of the target 1 / cells."""
    n, t = mp.mpf(sum(counts)), mp.mpf(1) / len(counts)
    ps = [c / n for c in counts]
    distance = mpmath.fsum((t - p) ** 2 for p in ps)
    if n == 1 or distance == 0:
        return mp.mpf(1)
    return min((1 - mpmath.fsum(p * p for p in ps)) / ((n - 1) * distance), mp.mpf(1))


@precise
def shrinkage(counts):
    """Plug-in of the shrunk probabilities."""
    n, t, weight = sum(counts), mp.mpf(1) / len(counts), shrinkage_intensity(counts)
    return plug_in([weight * t + (1 - weight) * c / n for c in counts])


@precise
def dirichlet(counts, a):
    """Plug-in with a pseudo-count in each cell."""
    return plug_in([c + mp.mpf(a) for c in counts])


@precise
def nsb(counts, n_cells, step=0.125, tail=25):
    """
    Posterior mean and deviation: the ratio of integrals over log(kappa), as sums.

    Moments for one beta as in Wolpert & Wolf 1995, equations for i = j and i != j apart.
    """
    counts = [c for c in counts if c]
    n, k = sum(counts), mp.mpf(n_cells)
    weights, firsts, seconds = [], [], []
    for i in range(int(-tail / step), int((mp.log(k) + tail) / step)):
        kappa = mp.exp(mp.mpf(i) * step)
        beta = kappa / k
        whole = n + kappa
        cells = [(c + beta, 1) for c in counts] + [(beta, k - len(counts))]
        log_likelihood = mp.loggamma(kappa) - mp.loggamma(whole)
        log_likelihood += sum(mp.loggamma(c + beta) - mp.loggamma(beta) for c in counts)
        prior = mp.psi(1, kappa + 1) - mp.psi(1, beta + 1) / k
        weights.append(mp.exp(log_likelihood) * prior * kappa)
        last = mp.digamma(whole + 1)
        firsts.append(sum(m * a / whole * (last - mp.digamma(a + 1)) for a, m in cells))
        last, curve = mp.digamma(whole + 2), mp.psi(1, whole + 2)
        terms = [(a, m, a * (mp.digamma(a + 1) - last)) for a, m in cells]
        unequal = sum(m * t for a, m, t in terms) ** 2 - sum(m * t * t for a, m, t in terms)
        unequal -= curve * (whole**2 - sum(m * a * a for a, m, t in terms))
        equal = sum(
            m * a * (a + 1) * ((mp.digamma(a + 2) - last) ** 2 + mp.psi(1, a + 2) - curve)
            for a, m in cells
        )
        seconds.append((unequal + equal) / (whole * (whole + 1)))
    total = mpmath.fsum(weights)
    mean = mpmath.fdot(weights, firsts) / total
    return mean, mp.sqrt(mpmath.fdot(weights, seconds) / total - mean**2)
