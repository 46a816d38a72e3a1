"""
Lengths, roots of unity and error bounds of Fourier transforms of images.

Bailey, D. H. (1990), FFTs in external or hierarchical memory, Journal of Supercomputing 4, 23-35.
https://doi.org/10.1007/BF00162341

Percival, C. (2003), Rapid multiplication modulo the sum and difference of highly composite numbers,
Mathematics of Computation 72, 387-395. https://doi.org/10.1090/S0025-5718-02-01419-9

Brent, R., Percival, C. & Zimmermann, P. (2007), Error bounds on complex floating-point
multiplication, Mathematics of Computation 76, 1469-1481.
https://doi.org/10.1090/S0025-5718-07-01931-X

Higham, N. J. (2002), Accuracy and stability of numerical algorithms, 2nd ed., SIAM.
https://doi.org/10.1137/1.9780898718027
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastinfo._core.checks import Array
from fastinfo.kernels.elementary.lanes import LANES
from fastinfo.kernels.images.butterflies import ROW

_EPSILON = 2.0**-53
_ROOT = 2.0  # error of a root of unity, in units of _EPSILON, at most
_PRODUCT = math.sqrt(5)  # of two complex numbers
_STEPS = {2: 1.0, 3: 10.0, 5: 16.0}  # of sums over 2, 3 and 5 numbers, relative to their 2-norm


def fast_length(n: int, least: int) -> int:
    """Smallest length of at least n that is `least` times 1, 3 or 5 times a power of two."""
    found = []
    for factor in (1, 3, 5):
        length = factor * least
        while length < n:
            length *= 2
        found.append(length)
    return min(found)


def _factors(n: int) -> tuple[int, int]:
    """Split n into an odd factor (1, 3 or 5) and the exponent of two."""
    exponent = (n & -n).bit_length() - 1
    return n >> exponent, exponent


def roots_of_unity(k: Array, n: int) -> Array:
    """
    ``exp(-2 pi i k / n)`` for integers `k`, as (…, 2) real and imaginary parts.

    Integers reduce the angle to below pi / 4, so that a large angle is never rounded.
    """
    eighths, rest = np.divmod(8 * (np.asarray(k, np.int64) % n), n)
    angle = (np.where(eighths % 2, n - rest, rest) * (math.pi / 4)) / n
    cos, sin = np.cos(angle), np.sin(angle)
    # within each eighth of a turn: swapped if odd, as mirrored at the diagonal
    turned = (eighths + 1) // 2 % 4
    swapped = eighths % 2 == 1
    x = cos
    y = np.where(swapped, -sin, sin)
    real = np.choose(turned, [x, -y, -x, y])
    imaginary = np.choose(turned, [y, x, -y, -x])
    return np.stack([real, -imaginary], axis=-1)


@functools.lru_cache(maxsize=64)
def steps(n: int) -> tuple[Array, Array]:
    """Steps of a transform of `n` rows: the plan and the roots for its kernel."""
    odd, exponent = _factors(n)
    fours = {0: 0, 1: 2, 2: 1}[exponent % 3]
    radices = [odd] * (odd > 1) + [4] * fours + [8] * ((exponent - 2 * fours) // 3)
    plan, roots, at, size = [], [], 0, n
    for radix in radices:
        plan.append((radix, at))
        k = np.arange(size // radix)[:, None] * np.arange(1, radix)
        roots.append(roots_of_unity(k, size).ravel())
        at += roots[-1].size
        size //= radix
    return (
        np.array(plan, np.int64).reshape(-1, 2),
        np.concatenate(roots) if roots else np.empty(0),
    )


def order(n: int) -> Array:
    """Frequencies of the rows in the order in which a transform of `n` rows leaves them."""
    found = np.zeros(1, np.int64)
    for radix in steps(n)[0][::-1, 0]:
        found = (found * radix + np.arange(radix)[:, None]).ravel()
    return found


def _error(n: int) -> float:
    """Relative error of a transform of length `n` in the 2-norm, in units of _EPSILON."""
    odd, exponent = _factors(n)
    one = _PRODUCT + _ROOT
    return exponent * (_STEPS[2] + one) + (_STEPS[odd] + one if odd > 1 else 0.0)


@dataclass(frozen=True)
class Plan:
    """
    How to transform images of some size, as (outer, y, x).

    A one-dimensional image is split into y and x. Its transform along y is multiplied by `twist`,
    the roots of unity (Bailey 1990). For other images `twist` is empty.
    """

    lengths: tuple[int, ...]  # of the outer dimensions, y and x
    one_dimension: bool

    @classmethod
    def of(cls, lengths: Sequence[int]) -> Plan:
        """The plan for at least these lengths, in one or more dimensions."""
        if len(lengths) > 1:
            outer = [1 if n == 1 else fast_length(n, 4) for n in lengths[:-2]]
            return cls((*outer, *(fast_length(n, LANES) for n in lengths[-2:])), False)
        n = fast_length(lengths[0], LANES * LANES)
        y = LANES
        while y * y * 4 <= n and n % (2 * y * LANES) == 0:
            y *= 2
        return cls((y, n // y), True)

    @property
    def outer(self) -> int:
        """Number of positions of all outer dimensions together."""
        return math.prod(self.lengths[:-2])

    @property
    def size(self) -> int:
        """Number of positions of an image."""
        return math.prod(self.lengths)

    @property
    def bytes(self) -> int:
        """Memory of one transform."""
        return 8 * self.size * (ROW // LANES)

    def twist(self) -> Array:
        """Conjugated roots of unity in the order of an image's rows."""
        y, x = self.lengths[-2:]
        if not self.one_dimension:
            return np.empty(0)
        k = order(y)[:, None] * np.arange(x)
        roots = roots_of_unity(k, self.size)  # (y, x, 2)
        roots[..., 1] *= -1.0
        rows = roots.reshape(y, x // LANES, LANES, 2).transpose(1, 0, 3, 2)
        return np.ascontiguousarray(rows).ravel()

    def error(self) -> float:
        """
        Bound of the error of a correlation, relative to the product of the 2-norms of both images.

        Each step rotates and sums numbers. Rounding changes the 2-norm of its result by a relative
        amount, and the two forward transforms add these amounts up. By Cauchy and Schwarz, the
        magnitudes of the products sum to at most the product of the norms. In the inverse
        transform, each rounding changes a result relative to the term that it adds (Percival 2003;
        Brent, Percival & Zimmermann 2007). Steps of 4 and 8 numbers are made of steps of two. Steps
        of 3 and 5 are sums of products with constants, and are bounded directly (Higham 2002,
        section 3.1).
        """
        each = sum(_error(n) for n in self.lengths)
        each += _PRODUCT + _ROOT if self.one_dimension else 0.0
        return math.expm1((3.0 * each + _PRODUCT + 2.0) * _EPSILON)
