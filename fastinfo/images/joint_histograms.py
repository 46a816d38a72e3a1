"""Joint histograms of two images, by plain bins or with Parzen windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array
from fastinfo.images.counting import count_in_bins
from fastinfo.images.edges import edges_of, numbers_of_bins, split_range
from fastinfo.images.samples import Samples
from fastinfo.images.windows import LEAST, PADDING, Windows


def joint_histogram(
    fixed: npt.ArrayLike,
    moving: npt.ArrayLike,
    *,
    bins: Any = 32,
    range: Any = None,
    mask: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    parzen: bool = False,
) -> Array:
    """
    Joint histogram of two images with any number of dimensions.

    By default the counts are those of :func:`numpy.histogram2d`, exactly. With `parzen` the table
    is the one that :func:`fastinfo.images.mutual_information` uses.

    Parameters
    ----------
    fixed, moving : array_like of real numbers
        Two images of the same shape, in any memory order. Whole images are never copied. If the
        memory orders of the two differ, one part is copied at a time.
    bins : int or (int, int), optional
        Number of bins of equal width, for both images or for each.
    range : (low, high), a pair of those, or None, optional
        Outermost edges, for both images or for each. None, for both or inside a pair, means from
        the smallest to the largest value that the mask keeps. Pairs with a sample outside are
        dropped.
    mask : array_like of bool or int, optional
        Which samples to count: those where the mask is True, or not 0. It has the shape of the
        images. (In :mod:`numpy.ma`, masks mean the opposite.)
    weight : array_like of real numbers, optional
        Weight of each pair of samples: finite and not negative, in the shape of the images. The
        ranges do not depend on it.
    parzen : bool, optional
        Whether to spread each moving sample over four bins with a cubic B-spline, like Mattes et
        al. (2003). :func:`fastinfo.images.mutual_information` describes these bins.

    Returns
    -------
    (nx, ny) ndarray
        The table, with `fixed` along the first axis: int64 counts, or float64 sums with `weight` or
        `parzen`. The edges of the default bins are ``numpy.linspace(low, high, n + 1)`` for each
        image.

    Raises
    ------
    TypeError
        If an image or the weights are not real numbers, the mask does not hold booleans or
        integers, or a number of bins is not an integer.
    ValueError
        If shapes differ; if there are no samples, or the mask keeps none; if a kept sample is NaN
        (the error says how many), or is infinite and no range is given; if a weight is negative or
        not finite; or if there are no bins, fewer than 5 bins with `parzen`, or more bins than fit
        into memory.

    See Also
    --------
    fastinfo.histogram2d : Samples of two variables; also returns the edges.

    References
    ----------
    Mattes, D., Haynor, D. R., Vesselle, H., Lewellen, T. K. & Eubank, W. (2003), PET-CT image
    registration in the chest using free-form deformations, IEEE Transactions on Medical Imaging 22,
    120-128. https://doi.org/10.1109/TMI.2003.809072

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> fixed = np.array([[0, 0, 1], [1, 2, 2]])
    >>> moving = np.array([[5, 5, 5], [9, 9, 9]])
    >>> fastinfo.images.joint_histogram(fixed, moving, bins=(3, 2))
    array([[2, 0],
           [1, 1],
           [0, 2]])
    >>> mask = np.array([[True, False, True], [True, True, True]])
    >>> int(fastinfo.images.joint_histogram(fixed, moving, bins=(3, 2), mask=mask).sum())
    5
    """
    samples = Samples(fixed, moving, mask, weight)
    if parzen:
        return table_with_windows(samples, bins, range)[0]
    return table_of_bins(samples, bins, range)


def table_of_bins(samples: Samples, bins: Any, given: Any) -> Array:
    """The joint histogram, by plain bins."""
    nx, ny = numbers_of_bins(bins)
    edges = _edges(samples, (nx, ny), given, samples.common)
    table = count_in_bins(samples, edges)
    if samples.weight is None and table.sum() < samples.n:
        samples.check()
    return _finite(table)


def table_with_windows(samples: Samples, bins: Any, given: Any) -> tuple[Array, Windows]:
    """The joint histogram with Parzen windows, and the windows themselves."""
    nx, ny = numbers_of_bins(bins)
    if min(nx, ny) < LEAST:
        raise ValueError(
            f"bins must be at least {LEAST} with Parzen windows, which need {PADDING} empty "
            f"bins at each end, got {min(nx, ny)}"
        )
    inner = nx - 2 * PADDING, ny - 2 * PADDING
    windows = Windows(samples, _edges(samples, inner, given, np.dtype(np.float64)))
    table, n_inside = windows.table()
    if n_inside < samples.n:  # they are left out by a mask or a range, or are NaN
        samples.check()
    return _finite(table), windows


def _edges(
    samples: Samples, numbers: tuple[int, int], given: Any, dtype: np.dtype[Any]
) -> tuple[Array, Array]:
    x_given, y_given = split_range(given)
    both = x_given is not None and y_given is not None
    if samples.weight is not None:
        samples.check()
    x_range, y_range = (None, None) if both else samples.ranges
    return (
        edges_of(numbers[0], dtype, x_range, x_given),
        edges_of(numbers[1], dtype, y_range, y_given),
    )


def _finite(table: Array) -> Array:
    with np.errstate(over="ignore"):
        total = table.sum()
    if not np.isfinite(total):
        raise ValueError(f"weight must hold weights whose sum is finite, got a sum of {total}")
    return table


def check_total(samples: Samples, table: Array) -> float:
    """Return the sum of a table; raise unless it is positive."""
    total = float(table.sum())
    if total > 0.0:
        return total
    if samples.weight is None:
        what = "range must hold at least one pair of samples, got"
    else:
        what = "weight must be positive for at least one pair of samples, got"
    ranges = " and ".join(samples.names)
    raise ValueError(f"{what} none inside the ranges of both {ranges}")
