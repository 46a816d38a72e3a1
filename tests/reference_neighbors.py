"""Slow, readable twins of the estimators from distances of neighbours, by the formulas."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma


def distances(*columns):
    """Distance of each sample from each other: the largest over all columns."""
    points = np.column_stack(columns).astype(float)
    return np.abs(points[:, None, :] - points[None, :, :]).max(axis=2)


def kth_distance(d, k):
    """Distance of the k-th neighbour, the sample itself left out."""
    return np.array([np.sort(np.delete(row, i))[k - 1] for i, row in enumerate(d)])


def counts_nearer(d, reach):
    """How many others are strictly nearer than the distance of each."""
    return np.array([(np.delete(row, i) < reach[i]).sum() for i, row in enumerate(d)])


def ksg(x, y, k=3):
    """Kraskov, Stögbauer & Grassberger 2004, equation 8."""
    reach = kth_distance(distances(x, y), k)
    nx, ny = (counts_nearer(distances(a), reach) for a in (x, y))
    return digamma(k) + digamma(len(reach)) - np.mean(digamma(nx + 1) + digamma(ny + 1))


def conditional_ksg(x, y, z, k=3):
    """Frenzel & Pompe 2007, equation 5."""
    reach = kth_distance(distances(x, y, z), k)
    nxz, nyz, nz = (counts_nearer(distances(*a), reach) for a in ((x, z), (y, z), (z,)))
    return digamma(k) + np.mean(digamma(nz + 1) - digamma(nxz + 1) - digamma(nyz + 1))


def ross(x, labels, k=3):
    """Ross 2014, equation 2; labels that occur once are left out."""
    x, labels = np.asarray(x), np.asarray(labels)
    kept = np.array([(labels == label).sum() > 1 for label in labels])
    x, labels = x[kept], labels[kept]
    terms = []
    d = distances(x)
    for i, label in enumerate(labels):
        others = np.delete(d[i], i)
        same = np.delete(labels == label, i)
        own_k = min(k, same.sum())
        reach = np.sort(others[same])[own_k - 1]
        m = (others <= reach).sum()
        terms.append(digamma(own_k) - digamma(same.sum() + 1) - digamma(m))
    return digamma(len(x)) + np.mean(terms)


def gaussian(x, y):
    """Half the logarithm of the ratio of determinants of the correlations."""
    x, y = np.column_stack([x]), np.column_stack([y])
    both = np.corrcoef(np.column_stack([x, y]), rowvar=False)
    d = x.shape[1]
    parts = both[:d, :d], both[d:, d:], both
    dx, dy, dxy = (np.linalg.det(part) for part in parts)
    return 0.5 * np.log(dx * dy / dxy)
