"""Mutual information of two images at every shift of one over the other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._bins.edges import is_scalar, split_bins
from fastinfo._core.checks import Array, as_numeric, integer, not_empty, shown
from fastinfo._core.limits import check_memory, check_size
from fastinfo.images.at_shifts.by_shift import information_by_shift
from fastinfo.images.at_shifts.coded_images import CodedImage, coded_image
from fastinfo.images.samples import as_mask

_SHIFT = 64  # bytes of a shift, while the counts of its overlap are made


def shift_map(
    fixed: npt.ArrayLike,
    moving: npt.ArrayLike,
    *,
    bins: Any = 16,
    max_shift: Any = None,
    mask: Any = None,
) -> npt.NDArray[np.float64]:
    """
    Mutual information of two images at every shift by whole pixels.

    The values of each image are binned into levels once. For each shift, the pairs of levels are
    counted exactly where the images overlap. The result is the plug-in estimate from these counts.

    Parameters
    ----------
    fixed, moving : array_like of real numbers
        Images with the same number of dimensions, one or more. Their shapes may differ: `fixed` can
        be a small template to search for in `moving`.
    bins : int, array_like, or a pair of those, optional
        Number of bins of equal width, or the edges of bins, for both images or for each. Bins
        follow the rule of :func:`histogram2d`. A number of bins divides the range from the smallest
        to the largest value that the mask keeps. Values outside given edges are not counted.
    max_shift : int or sequence of int, optional
        Largest shift in both directions, for all dimensions or for each. None means all shifts with
        an overlap: for each dimension, one less than the larger of the two lengths.
    mask : array_like of bool or int, or a tuple of two, optional
        Which pixels to count: those where the mask is True, or not 0. An array is a mask of
        `fixed`. A tuple holds a mask of `fixed` and one of `moving`; either may be None.

    Returns
    -------
    ndarray of float64
        Information in nats, with ``2 * max_shift + 1`` entries along each dimension. The entry at
        ``max_shift`` is for no shift. The entry at ``max_shift + s`` compares ``fixed[i]`` with
        ``moving[i + s]``. NaN if no counted pixels overlap.

    Raises
    ------
    TypeError
        If an image does not hold real numbers, a mask does not hold booleans or integers, or a
        number of bins or a shift is not an integer.
    ValueError
        If the numbers of dimensions differ; if an image is empty, holds NaN (where the mask keeps
        it), or holds infinity and no edges are given; if a mask has another shape than its image,
        or keeps nothing; if the bins or shifts are out of range; or if the result does not fit into
        memory.

    See Also
    --------
    fastinfo.images.mutual_information : One pair of images, with a gradient.

    Notes
    -----
    **Small overlaps are misleading.** A few pixels in many cells look informative by chance. The
    corners of the result, where only a few pixels overlap, often hold its largest values. So look
    for the maximum only among shifts with a large overlap: choose a `max_shift` of at most half the
    image, or exclude entries with a small overlap (see Examples). By chance alone, the information
    of `n` pixels with `r` by `c` levels is about ``(r - 1) * (c - 1) / (2 * n)``.

    There are two ways to count, and the faster one is used. One takes Fourier transforms of the
    images of each level (Öfverstedt, Lindblad & Sladoje 2022). The other counts each overlap
    directly, which is faster for a few shifts. Both give the same bits, for any number of threads.
    A transform holds up to six counts in one complex number, and its results are rounded to
    integers. The number of counts is chosen so that a bound of the rounding error (Brent, Percival
    & Zimmermann 2007) proves the integers exact.

    The time grows with the number of pairs of levels that occur. All shifts of two images of 512 by
    512 pixels take about a second with 16 levels, ten seconds with 64, and two minutes with 256.

    The terms ``c log c`` of the counts are summed as integers in units of ``2**-k``, where k is
    about 60 minus ``log2(n log n)`` of the whole image. The result is exact to about 1e-12 for
    overlaps of a few pixels of an image of 512 by 512, and to the last bits for large overlaps.

    References
    ----------
    Öfverstedt, J., Lindblad, J. & Sladoje, N. (2022), Fast computation of mutual information in the
    frequency domain with applications to global multimodal image alignment, Pattern Recognition
    Letters 159, 196-203. https://doi.org/10.1016/j.patrec.2022.05.022

    Brent, R., Percival, C. & Zimmermann, P. (2007), Error bounds on complex floating-point
    multiplication, Mathematics of Computation 76, 1469-1481.
    https://doi.org/10.1090/S0025-5718-07-01931-X

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> scene = rng.integers(0, 4, (40, 50))
    >>> fixed = scene[:32, :40]
    >>> moving = np.array([7, 0, 9, 2])[scene[5:37, 3:43]]  # other brightness, shifted by (-5, -3)
    >>> found = fastinfo.images.shift_map(fixed, moving, bins=10, max_shift=8)
    >>> found.shape
    (17, 17)
    >>> place = np.unravel_index(found.argmax(), found.shape)
    >>> [int(i) - 8 for i in place]
    [-5, -3]

    Consider all shifts whose overlap is at least a quarter of the image:

    >>> found = fastinfo.images.shift_map(fixed, moving, bins=10)
    >>> kept = [n - abs(np.arange(1 - n, n)) for n in fixed.shape]  # pixels along each dimension
    >>> overlap = np.multiply.outer(*kept)
    >>> large = np.where(overlap >= fixed.size / 4, found, -np.inf)
    >>> [int(i) - n + 1 for i, n in zip(np.unravel_index(large.argmax(), large.shape), fixed.shape)]
    [-5, -3]
    """
    x, y = as_numeric(fixed, "fixed"), as_numeric(moving, "moving")
    for image, name in ((x, "fixed"), (y, "moving")):
        if image.ndim == 0:
            raise ValueError(f"{name} must be an image of one dimension or more, got a number")
        not_empty(image.size, name)
    if x.ndim != y.ndim:
        raise ValueError(
            f"fixed and moving must have the same number of dimensions, got {x.ndim} and {y.ndim}"
        )
    radius = _radius(max_shift, x.shape, y.shape)
    shifts = math.prod(2 * m + 1 for m in radius)
    check_memory(_SHIFT * shifts, f"a map of {shifts} shifts", "choose a smaller max_shift")
    masks = _masks(mask, x.shape, y.shape)
    settings = split_bins(bins)
    names = ("bins", "bins") if settings[0] is bins else ("bins[0]", "bins[1]")
    common = np.result_type(x, y) if x.dtype.kind != "V" != y.dtype.kind else np.dtype(np.float32)
    images: list[CodedImage] = []
    for image, name, setting, label, one in zip(
        (x, y), ("fixed", "moving"), settings, names, masks, strict=True
    ):
        images.append(coded_image(image, name, setting, label, one, common))
    check_size(images[0].levels, images[1].levels)
    return information_by_shift(images[0], images[1], radius)


def _radius(max_shift: Any, x_shape: tuple[int, ...], y_shape: tuple[int, ...]) -> list[int]:
    """Largest shift along each dimension."""
    if max_shift is None:
        return [max(a, b) - 1 for a, b in zip(x_shape, y_shape, strict=True)]
    if is_scalar(max_shift):
        return [integer(max_shift, "max_shift", least=0)] * len(x_shape)
    if len(max_shift) != len(x_shape):
        raise ValueError(
            f"max_shift must be an integer, or one for each of {len(x_shape)} dimensions, got "
            f"{shown(max_shift)}"
        )
    return [integer(m, f"max_shift[{i}]", least=0) for i, m in enumerate(max_shift)]


def _masks(
    mask: Any, x_shape: tuple[int, ...], y_shape: tuple[int, ...]
) -> tuple[Array | None, Array | None]:
    """Masks of both images."""
    if isinstance(mask, tuple):
        if len(mask) != 2:
            raise ValueError(
                f"mask must be an array, or a tuple of two, for fixed and for moving, got a tuple "
                f"of {len(mask)}"
            )
        both = zip(mask, ("mask[0]", "mask[1]"), (x_shape, y_shape), strict=True)
        of_x, of_y = (None if one is None else as_mask(one, name, n) for one, name, n in both)
        return of_x, of_y
    return None if mask is None else as_mask(mask, "mask", x_shape), None
