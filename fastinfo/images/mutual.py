"""Mutual information of two images, and its gradient by the samples of the moving one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, choice
from fastinfo._counts.table import Table
from fastinfo._measures.information import AVERAGES, entropies, information_of, share_of
from fastinfo.images.joint_histograms import check_total, table_of_bins, table_with_windows
from fastinfo.images.samples import Samples


def mutual_information(
    fixed: npt.ArrayLike,
    moving: npt.ArrayLike,
    *,
    bins: Any = 32,
    range: Any = None,
    mask: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    parzen: bool = True,
    normalized: str | None = None,
    return_grad: bool = False,
) -> float | tuple[float, Array]:
    """
    Mutual information of two images, in nats, and its gradient by the moving image.

    With Parzen windows, the default, it is smooth in the values of the moving image, as an
    optimiser that registers it needs it (Mattes et al. 2003). ITK's Mattes metric is its negative.

    Parameters
    ----------
    fixed, moving : array_like of real numbers
        Two images of one shape, as in :func:`fastinfo.images.joint_histogram`: the moving one is
        the one that has been transformed, resampled where the samples of the fixed one are.
    bins : int or (int, int), optional
        Number of bins of equal width, for both images or for each. With `parzen` at least 5, of
        which two at either end hold no sample themselves.
    range : (low, high), a pair of those, or None, optional
        The values that the bins divide, for both images or for each; pairs outside are dropped.
        None: from the least to the largest value that the mask keeps. Give the range of the whole
        moving image to an optimiser: one that is found anew at each step moves the bins.
    mask : array_like of bool or int, optional
        Which samples count: those where it is True, or not 0.
    weight : array_like of real numbers, optional
        Weight of each pair of samples: finite, not negative.
    parzen : bool, optional
        Whether each moving sample is spread over four bins by a cubic B-spline. Else samples are
        counted in plain bins, as :func:`numpy.histogram2d` does.
    normalized : {"arithmetic", "geometric", "min", "max", "joint"}, optional
        Divide by this mean of both entropies, or by the joint entropy, as in
        :func:`fastinfo.mutual_information`: 0 to 1, without a unit.
    return_grad : bool, optional
        Return the gradient, too. With `parzen` only.

    Returns
    -------
    information : float
        Never negative. 0 where an image is constant.
    gradient : ndarray
        With `return_grad`: the derivative of `information` by each sample of the moving image, of
        its shape; float32 where it is float32, else float64. 0 where the mask leaves a sample out
        or it is outside of the range. The range itself counts as constant, whether it is given or
        found. Multiply by the gradient of the moving image and the Jacobian of the transform, and
        add up, for the derivative by its parameters.

    Raises
    ------
    TypeError
        As :func:`fastinfo.images.joint_histogram`.
    ValueError
        As there; if no pair of samples is inside of the range, the weights add up to 0,
        `normalized` is unknown, or a gradient is asked for without `parzen`.

    See Also
    --------
    fastinfo.mutual_information : Samples of two variables, with corrections, without bins.

    Notes
    -----
    The bins are those of ITK: their width is ``(high - low) / (bins - 4)`` for either image, and
    bin 2 begins at ``low``. A fixed sample counts in its bin, from 2 to ``bins - 3``; these
    are the bins of :func:`numpy.histogram2d`, the last one closed. A moving sample at ``u`` bins
    from the begin of bin 0 adds the cubic B-spline at ``m - u`` to bin m, for four bins from 1 to
    ``bins - 1``: bin 0 stays empty, as there. So the window is around the lower edges of bins, not
    around their middles, and the sample at ``high`` shares the four bins of the last interval.

    The value differs from ITK's in three things alone. ITK leaves out cells with a share of less
    than 2.2e-16. It divides the samples by the width of a bin before it takes the lower edge off,
    so that samples within rounding of an edge may be in the bin beside it, those of integer images
    among them. And it takes the ranges of the whole images, or of their own masks, also of parts
    that the other image does not overlap: give `range` for those.

    The table and the gradient take one pass each over the samples, without a temporary for each
    sample and bin. Sums are float64, and parts of a fixed size are added in order: value and
    gradient have the same bits for any number of threads.

    References
    ----------
    Mattes, D., Haynor, D. R., Vesselle, H., Lewellen, T. K. & Eubank, W. (2003), PET-CT image
    registration in the chest using free-form deformations, IEEE Transactions on Medical Imaging 22,
    120-128. https://doi.org/10.1109/TMI.2003.809072

    Thévenaz, P. & Unser, M. (2000), Optimization of mutual information for multiresolution image
    registration, IEEE Transactions on Image Processing 9, 2083-2099.
    https://doi.org/10.1109/83.887976

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> y, x = np.mgrid[-1:1:64j, -1:1:64j]
    >>> fixed = np.exp(-4 * (x**2 + y**2))
    >>> shifted = np.exp(-4 * ((x - 0.1) ** 2 + y**2))
    >>> aligned = fastinfo.images.mutual_information(fixed, 1 - fixed)
    >>> apart = fastinfo.images.mutual_information(fixed, 1 - shifted)
    >>> round(aligned, 2), round(apart, 2)
    (2.23, 1.71)
    >>> value, gradient = fastinfo.images.mutual_information(fixed, shifted, return_grad=True)
    >>> gradient.shape
    (64, 64)
    >>> slope = (gradient * -np.gradient(shifted, 2 / 63, axis=1)).sum()  # of a shift along x
    >>> bool(slope < 0)  # back to the fixed image the information rises
    True
    """
    choice(normalized, "normalized", (None, *AVERAGES))
    if return_grad and not parzen:
        raise ValueError(
            "return_grad must be False with parzen=False: the information of plain bins changes by "
            "jumps, and has no gradient"
        )
    samples = Samples(fixed, moving, mask, weight)
    if not parzen:
        table = table_of_bins(samples, bins, range)
        check_total(samples, table)
        return _measure(table, normalized)[0]
    table, windows = table_with_windows(samples, bins, range)
    total = check_total(samples, table)
    value, of_cells, of_columns = _measure(table, normalized)
    if not return_grad:
        return value
    return value, windows.gradient(_by_cell(table, total, of_cells, of_columns))


def _measure(table: Array, normalized: str | None) -> tuple[float, float, float]:
    """
    The information of a table, and how it changes.

    With shares p of cells, and columns q, it changes by the sum of ``dp (a log p + b log q)``, if
    those of rows stay: here are a and b behind it.
    """
    counted = Table.of(table)
    information = information_of(counted)
    if normalized is None:
        return information, 1.0, -1.0
    hx, hy, hxy = entropies(counted)
    share = float(share_of(information, hx, hy, hxy, normalized))
    scale = {
        "arithmetic": (hx + hy) / 2.0,
        "geometric": math.sqrt(hx * hy),
        "min": min(hx, hy),
        "max": max(hx, hy),
        "joint": hxy,
    }[normalized]
    if not scale > 0.0:
        return share, 0.0, 0.0
    # How the divisor changes with H(Y), and with H(X, Y), which change as -log q and -log p.
    by_columns = {
        "arithmetic": 0.5,
        "geometric": 0.5 * hx / scale,
        "min": float(hy < hx),
        "max": float(hy > hx),
        "joint": 0.0,
    }[normalized]
    by_cells = float(normalized == "joint")
    ratio = information / scale
    return share, (1.0 + ratio * by_cells) / scale, (ratio * by_columns - 1.0) / scale


def _by_cell(table: Array, total: float, of_cells: float, of_columns: float) -> Array:
    """The derivative of the measure by each cell of the table, but for what is alike in a row."""
    p = table / total
    columns = p.sum(axis=0)
    # Of an empty cell the derivative is of no account: a window that begins there has no slope.
    logs = of_cells * np.log(p, out=np.zeros_like(p), where=p > 0.0)
    logs += of_columns * np.log(columns, out=np.zeros_like(columns), where=columns > 0.0)
    found: Array = logs / total
    return found
