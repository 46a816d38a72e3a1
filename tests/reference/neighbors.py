"""Slow, readable twins of the estimators from distances of neighbours, by the formulas."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma

TIE = 2.0**-30  # distances that differ by less, of themselves, are the same


def standard(x):
    """Columns in units of their standard deviations; those that do not vary are left out."""
    x = np.column_stack([x]).astype(float)
    return np.column_stack([c / c.std() for c in x.T if (c != c[0]).any()])


def distances(*columns):
    """Distance of each sample from each other: the largest over all columns."""
    points = np.column_stack(columns).astype(float)
    return np.abs(points[:, None, :] - points[None, :, :]).max(axis=2)


def kth_distance(d, k):
    """Distance of the k-th neighbour, the sample itself left out."""
    return np.array([np.sort(np.delete(row, i))[k - 1] for i, row in enumerate(d)])


def counts_nearer(d, reach):
    """How many others are strictly nearer than the distance of each."""
    least = reach * (1 - TIE)
    return np.array([(np.delete(row, i) < least[i]).sum() for i, row in enumerate(d)])


def counts_within(d, reach):
    """How many others are no farther than the distance of each."""
    most = reach * (1 + TIE)
    return np.array([(np.delete(row, i) <= most[i]).sum() for i, row in enumerate(d)])


def tied(d, k):
    """Whether more than k others are within the k-th distance, or that is 0."""
    reach = kth_distance(d, k)
    return (counts_within(d, reach) > k) | (reach == 0)


def ksg(x, y, k=3):
    """Kraskov, Stögbauer & Grassberger 2004, equation 8, of standardized columns."""
    x, y = standard(x), standard(y)
    reach = kth_distance(distances(x, y), k)
    nx, ny = (counts_nearer(distances(a), reach) for a in (x, y))
    return digamma(k) + digamma(len(reach)) - np.mean(digamma(nx + 1) + digamma(ny + 1))


def ksg2(x, y, k=3):
    """
    Kraskov, Stögbauer & Grassberger 2004, equation 9, of standardized columns.

    All that are as far as the k-th neighbour are in the rectangle.
    """
    x, y = standard(x), standard(y)
    d = distances(x, y)
    near = d <= kth_distance(d, k)[:, None] * (1 + TIE)
    np.fill_diagonal(near, False)
    sides = [np.where(near, distances(a), 0.0).max(axis=1) for a in (x, y)]
    nx, ny = (counts_within(distances(a), e) for a, e in zip((x, y), sides, strict=True))
    return digamma(k) - 1 / k + digamma(len(d)) - np.mean(digamma(nx) + digamma(ny))


def normalized_ksg(x, y, k, average):
    """Nagel, Diez & Stock 2024: entropies in units of the mean volume, as their `normi`."""
    x, y = standard(x), standard(y)
    n, dx, dy = len(x), x.shape[1], y.shape[1]
    reach = kth_distance(distances(x, y), k)
    nx, ny = (counts_nearer(distances(a), reach) for a in (x, y))
    level = np.mean(np.log(reach / np.mean(reach ** (dx + dy)) ** (1 / (dx + dy))))
    hx, hy = (
        digamma(n) - np.mean(digamma(m + 1)) + width * level for m, width in ((nx, dx), (ny, dy))
    )
    joint = digamma(n) - digamma(k) + (dx + dy) * level
    means = {
        "arithmetic": (hx + hy) / 2,
        "geometric": np.sqrt(hx * hy),
        "min": min(hx, hy),
        "max": max(hx, hy),
        "joint": joint,
    }
    return min(max(ksg(x, y, k), 0.0) / means[average], 1.0)


def conditional_ksg(x, y, z, k=3):
    """Frenzel & Pompe 2007, equation 5, of standardized columns."""
    x, y, z = standard(x), standard(y), standard(z)
    reach = kth_distance(distances(x, y, z), k)
    nxz, nyz, nz = (counts_nearer(distances(*a), reach) for a in ((x, z), (y, z), (z,)))
    return digamma(k) + np.mean(digamma(nz + 1) - digamma(nxz + 1) - digamma(nyz + 1))


def true_k(counts, k):
    """From digamma of k, where no more are within the distance, to that of m + 1 where many are."""
    return digamma(counts) + (counts - k) / counts**2


def about(d, reach):
    """What digamma is taken of: those within, and one more where none is just there, or at 0."""
    counts = counts_within(d, reach)
    return counts + ((counts_nearer(d, reach) == counts) | (reach == 0))


def mixed(x, y, k=3):
    """
    Gao, Kannan, Oh & Viswanath 2017, algorithm 1, k the true number wherever distances are tied.

    Digamma stands for each logarithm, of counts as Kraskov and others take them, so that it is
    their estimate without ties.
    """
    x, y = standard(x), standard(y)
    d = distances(x, y)
    reach = kth_distance(d, k)
    terms = true_k(counts_within(d, reach), k)
    return digamma(len(d)) + np.mean(
        terms - sum(digamma(about(distances(a), reach)) for a in (x, y))
    )


def conditional_mixed(x, y, z, k=3):
    """Mesner & Shalizi 2020, algorithm 1, the counts as in `mixed`."""
    x, y, z = standard(x), standard(y), standard(z)
    d = distances(x, y, z)
    reach = kth_distance(d, k)
    nxz, nyz, nz = (digamma(about(distances(*a), reach)) for a in ((x, z), (y, z), (z,)))
    return np.mean(true_k(counts_within(d, reach), k) + nz - nxz - nyz)


def conditional_of_labels(x, y, z, k=3, labels=(True, False)):
    """
    Mesner & Shalizi's estimate where x or y or both are labels, infinitely far where they differ.

    Samples whose labels occur once are left out; of small ones all others are neighbours.
    """
    chosen = [a for a, is_label in zip((x, y), labels, strict=True) if is_label]
    key = list(zip(*chosen, strict=True))
    kept = np.array([key.count(own) > 1 for own in key])

    def far(a, is_label):
        if not is_label:
            return distances(standard(a)[kept])
        a = np.asarray(a)[kept]
        return np.where(a[:, None] == a[None, :], 0.0, np.inf)

    dx, dy = (far(a, is_label) for a, is_label in zip((x, y), labels, strict=True))
    dz = distances(standard(z)[kept])
    d = np.maximum(np.maximum(dx, dy), dz)
    own_k = np.array([min(k, np.isfinite(np.delete(row, i)).sum()) for i, row in enumerate(d)])
    reach = np.array([np.sort(np.delete(row, i))[own_k[i] - 1] for i, row in enumerate(d)])
    parts = (np.maximum(dx, dz), np.maximum(dy, dz), dz)
    nxz, nyz, nz = (digamma(about(part, reach)) for part in parts)
    return np.mean(true_k(counts_within(d, reach), own_k) + nz - nxz - nyz)


def mixed_of_the_authors(x, y, k):
    """The program that goes with the paper: github.com/wgao9/mixed_KSG, `Mixed_KSG`."""
    n = len(x)
    d, dx, dy = distances(x, y), distances(x), distances(y)
    total = 0.0
    for i, rho in enumerate(kth_distance(d, k)):
        reach, own = (1e-15, (d[i] <= 1e-15).sum()) if rho == 0 else (rho - 1e-15, k)
        nx, ny = (dx[i] <= reach).sum(), (dy[i] <= reach).sum()
        total += digamma(own) + np.log(n) - digamma(nx) - digamma(ny)
    return total / n


def ross(x, labels, k=3):
    """
    Ross 2014, equation 2, k the true number where distances are tied.

    Labels that occur once are left out. Groups of columns are standardized.
    """
    labels = np.asarray(labels)
    x = standard(x)
    kept = np.array([(labels == label).sum() > 1 for label in labels])
    x, labels = x[kept], labels[kept]
    terms = []
    d = distances(x)
    for i, label in enumerate(labels):
        others = np.delete(d[i], i)
        same = np.delete(labels == label, i)
        own_k = min(k, same.sum())
        reach = np.sort(others[same])[own_k - 1]
        near = others <= reach * (1 + TIE)
        own, m = (near & same).sum(), near.sum()
        share = (own - own_k) / own  # as true_k
        terms.append(digamma(own) + share / own - digamma(m) - share / m - digamma(same.sum() + 1))
    return digamma(len(x)) + np.mean(terms)


def gaussian(x, y):
    """Half the logarithm of the ratio of determinants of the correlations."""
    x, y = np.column_stack([x]), np.column_stack([y])
    both = np.corrcoef(np.column_stack([x, y]), rowvar=False)
    d = x.shape[1]
    parts = both[:d, :d], both[d:, d:], both
    dx, dy, dxy = (np.linalg.det(part) for part in parts)
    return 0.5 * np.log(dx * dy / dxy)


def gaussian_bias(dx, dy, n, dz=0):
    """What gcmi's `biascorrect` takes off (Ince et al. 2017, equation 20)."""

    def terms(d):
        return sum(digamma((n - i) / 2) for i in range(1, d + 1)) / 2

    return terms(dx + dz) + terms(dy + dz) - terms(dx + dy + dz) - terms(dz)


def differential_entropy(x, k=3):
    """Kraskov, Stögbauer & Grassberger 2004, equation 20, max norm, of columns that vary."""
    x = np.column_stack([x]).astype(float)
    reach = kth_distance(distances(standard(x)), k)
    n, d = x.shape
    scale = np.log(x.std(axis=0)).sum()
    return digamma(n) - digamma(k) + d * np.mean(np.log(2 * reach)) + scale
