"""Cuts by minimum description length (Fayyad & Irani 1993), written down as the paper has them."""

from __future__ import annotations

import itertools
import math
from collections import Counter


def bits(labels):
    """Entropy of labels, in bits."""
    n = len(labels)
    return math.fsum(c / n * math.log2(n / c) for c in Counter(labels).values())


def boundaries(pairs):
    """Before which of the sorted pairs the class may change, from one value to the next."""
    values = sorted({value for value, _ in pairs})
    classes = {value: {c for v, c in pairs if v == value} for value in values}
    found = []
    for below, above in itertools.pairwise(values):
        if classes[below] != classes[above] or len(classes[below]) > 1:
            found.append(next(i for i, (value, _) in enumerate(pairs) if value == above))
    return found


def mean_entropy(labels, place):
    """Of the labels on both sides of a place, in bits."""
    left, right = labels[:place], labels[place:]
    return (len(left) * bits(left) + len(right) * bits(right)) / len(labels)


def accepted(labels, place):
    """Whether a cut gains more than it costs."""
    n = len(labels)
    left, right = labels[:place], labels[place:]
    k, k1, k2 = (len(set(part)) for part in (labels, left, right))
    gain = bits(labels) - mean_entropy(labels, place)
    delta = math.log2(3**k - 2) - (k * bits(labels) - k1 * bits(left) - k2 * bits(right))
    return gain > (math.log2(n - 1) + delta) / n


def best_cut(pairs):
    """The lowest of the best cuts; None where none is accepted."""
    labels = [c for _, c in pairs]
    found = [(mean_entropy(labels, place), place) for place in boundaries(pairs)]
    if not found:
        return None
    least = min(entropy for entropy, _ in found)
    place = next(p for entropy, p in found if entropy <= least + 1e-11)
    return place if accepted(labels, place) else None


def mdl_cuts(x, y, most=math.inf):
    """The pairs of neighbouring values between which samples are cut, from the lowest on."""
    intervals = [sorted(zip(x, y, strict=True), key=lambda pair: pair[0])]
    found = []
    while len(found) < most:
        options = []
        for part in intervals:
            place = best_cut(part)
            if place is not None:
                labels = [c for _, c in part]
                gain = len(part) * (bits(labels) - mean_entropy(labels, place))
                options.append((gain, part, place))
        if not options:
            break
        largest = max(gain for gain, _, _ in options)
        _, part, place = min(
            (o for o in options if o[0] >= largest - 1e-9), key=lambda o: o[1][o[2]][0]
        )
        found.append((part[place - 1][0], part[place][0]))
        intervals.remove(part)
        intervals += [part[:place], part[place:]]
    return sorted(found)
