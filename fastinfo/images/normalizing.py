"""Normalised mutual information of two images, as scikit-image computes it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, as_numeric, read_only
from fastinfo._core.messages import warn
from fastinfo.images.counting import count_in_bins
from fastinfo.images.edges import edges_of, numbers_of_bins
from fastinfo.images.samples import Samples
from fastinfo.kernels.information.plug_in import entropy_from_counts


def normalized_mutual_information(
    image0: npt.ArrayLike, image1: npt.ArrayLike, *, bins: Any = 100
) -> float:
    r"""
    Normalised mutual information of two images, with the same values as scikit-image.

    This is the measure of Studholme, Hill & Hawkes (1999), computed from a joint histogram. It is 1
    if the images are independent, and 2 if each of them determines the other. It has no unit.

    Parameters
    ----------
    image0, image1 : array_like of real numbers
        Images with the same number of dimensions. If their shapes differ, zeros are appended along
        each axis up to the larger length, as in scikit-image. These zeros count as samples. To
        compare only the part that both images cover, crop them.
    bins : int or (int, int), optional
        Number of bins of equal width, from the smallest to the largest value, for both images or
        for each.

    Returns
    -------
    float
        The normalised mutual information, from 1 to 2. NaN if both images are constant, or there is
        only one bin.

    Raises
    ------
    TypeError
        If an image does not hold real numbers, or a number of bins is not an integer.
    ValueError
        If the numbers of dimensions differ, an image is empty or holds NaN or infinity, or there
        are no bins.

    Warns
    -----
    RuntimeWarning
        If both images are constant, or there is only one bin: the value is then 0 / 0.

    See Also
    --------
    fastinfo.mutual_information : Samples of two variables, with ``normalized=``.

    Notes
    -----
    The value is computed from the entropies of the histogram and of its margins:

    .. math::

        \frac{H(X) + H(Y)}{H(X, Y)}

    scikit-image's function is ``skimage.metrics.normalized_mutual_information``. Unlike it, this
    function also accepts images of float16 and longdouble.

    References
    ----------
    Studholme, C., Hill, D. L. G. & Hawkes, D. J. (1999), An overlap invariant entropy measure of 3D
    medical image alignment, Pattern Recognition 32, 71-86.
    https://doi.org/10.1016/S0031-3203(98)00091-0

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> image = np.arange(64.0).reshape(8, 8)
    >>> fastinfo.images.normalized_mutual_information(image, 255 - image, bins=8)
    2.0
    """
    x, y = as_numeric(image0, "image0"), as_numeric(image1, "image1")
    if x.ndim != y.ndim:
        raise ValueError(
            f"NMI requires images of same number of dimensions. "
            f"Got {x.ndim}D for `image0` and {y.ndim}D for `image1`."
        )
    nx, ny = numbers_of_bins(bins)
    if x.shape != y.shape and x.size and y.size:
        shape = tuple(map(max, x.shape, y.shape))
        x, y = _padded(x, shape), _padded(y, shape)
    samples = Samples(x, y, names=("image0", "image1"))
    x_range, y_range = samples.ranges
    edges = edges_of(nx, samples.common, x_range), edges_of(ny, samples.common, y_range)
    table = count_in_bins(samples, edges).astype(np.float64)
    widths = [_widths(e) for e in edges]
    table /= widths[0][:, None] * widths[1]  # a density: rounded edges are not quite equal
    h0, h1, h01 = (_entropy(part) for part in (table.sum(axis=1), table.sum(axis=0), table))
    if h01 == 0.0:
        warn(
            "image0 and image1 are both constant, or there is one bin: their normalised mutual "
            "information is 0 / 0, NaN is returned",
            RuntimeWarning,
        )
        return math.nan
    return float((h0 + h1) / h01)


def _padded(image: Array, shape: tuple[int, ...]) -> Array:
    return np.pad(image, [(0, s - i) for s, i in zip(shape, image.shape, strict=True)])


def _widths(edges: Array) -> Array:
    """Relative widths of bins, the largest near 1; 1 if both edges round to the same number."""
    widths = np.diff(edges)
    scaled = np.ldexp(widths, -np.frexp(widths.max())[1]).astype(np.float64)
    return np.where(scaled > 0.0, scaled, 1.0)


def _entropy(counts: Array) -> float:
    return float(entropy_from_counts(read_only(counts.reshape(-1))))
