"""Mutual information of two images, and its gradient with respect to the moving one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, choice
from fastinfo._counts.table import Table
from fastinfo._measures.information import AVERAGES, average_of, entropies, information_of, share_of
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
    r"""
    Mutual information of two images, in nats, and its gradient with respect to the moving image.

    By default, each sample of the moving image is spread over four bins by a Parzen window (Mattes
    et al. 2003). The information is then a smooth function of the moving image, as optimisers
    require. ITK's Mattes metric is the negative of this value.

    Parameters
    ----------
    fixed, moving : array_like of real numbers
        Two images of the same shape, as in :func:`fastinfo.images.joint_histogram`. The moving
        image is the transformed one, resampled at the positions of the fixed samples.
    bins : int or (int, int), optional
        Number of bins of equal width, for both images or for each. With `parzen` there must be at
        least 5, because two bins at each end are padding.
    range : (low, high), a pair of those, or None, optional
        Range of values that the bins divide, for both images or for each. Pairs with a sample
        outside are dropped. None means from the smallest to the largest value that the mask keeps.
        In an optimiser, give the range of the whole moving image. Otherwise the range is found
        again in each step, and the bins move.
    mask : array_like of bool or int, optional
        Which samples to count: those where the mask is True, or not 0.
    weight : array_like of real numbers, optional
        Weight of each pair of samples: finite and not negative.
    parzen : bool, optional
        Whether each moving sample is spread over four bins with a cubic B-spline. If False, samples
        are counted in bins as :func:`numpy.histogram2d` does.
    normalized : {"arithmetic", "geometric", "min", "max", "joint"}, optional
        Divide by this mean of both entropies, or by the joint entropy, as in
        :func:`fastinfo.mutual_information`. The result is between 0 and 1 and has no unit.
    return_grad : bool, optional
        Whether to return the gradient too. Requires `parzen`.

    Returns
    -------
    information : float
        The mutual information, never negative. It is 0, up to rounding, if an image is constant.
    gradient : ndarray
        Only with `return_grad`: the derivative of `information` with respect to each sample of the
        moving image, in its shape. The dtype is float32 if the moving image is float32, else
        float64. The derivative is 0 for samples that the mask excludes or that are outside the
        range. It treats the range as constant, even if the range is found from the samples.

    Raises
    ------
    TypeError
        If :func:`fastinfo.images.joint_histogram` raises it.
    ValueError
        If :func:`fastinfo.images.joint_histogram` raises it; if no pair of samples is inside the
        ranges; if the weights sum to 0; if `normalized` is unknown; or if `return_grad` is True and
        `parzen` is False.

    See Also
    --------
    fastinfo.mutual_information : Samples of two variables; corrections; estimates without bins.

    Notes
    -----
    Let :math:`p_{rm}` be the share of the table's cell in bin r of the fixed and bin m of the
    moving image. The mutual information is

    .. math::

        I = \sum_{r, m} p_{rm} \log \frac{p_{rm}}{p_r \, p_m}

    The bins are those of ITK. Their width is ``(high - low) / (bins - 4)`` for each image, and bin
    2 starts at ``low``. A fixed sample counts in its own bin, from 2 to ``bins - 3``, with the rule
    of :func:`numpy.histogram2d`: the last of these bins includes its upper edge. A moving sample
    at :math:`u` bins from the start of bin 0 adds the cubic B-spline :math:`\beta(m - u)` to each
    bin m. These are four bins, from 1 to ``bins - 1``; bin 0 stays empty. So windows are centred at
    the lower edges of the bins, not at their middles. With the weight :math:`w_i` of a sample, the
    sum W of all weights, and the width h of the moving bins, the gradient is

    .. math::

        \frac{\partial I}{\partial y_i} =
        -\frac{w_i}{W h} \sum_m \beta'(m - u_i) \log \frac{p_{r_i m}}{p_m}

    The value differs from ITK's in three cases only. First, ITK skips cells with a share below
    2.2e-16. Second, ITK divides samples by the width before it subtracts the lower edge: a sample
    on an edge, or within rounding of one, may then fall into the next bin. Third, ITK takes the
    ranges of whole images, or of their own masks, even where the images do not overlap. To match
    that, give `range`.

    The table takes one pass over the samples, and the gradient a second one. No temporary array of
    samples times bins is made. Sums are float64. Parts of a fixed size are summed in order, so that
    value and gradient have the same bits for any number of threads.

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
    (1.75, 1.12)
    >>> value, gradient = fastinfo.images.mutual_information(fixed, shifted, return_grad=True)
    >>> gradient.shape
    (64, 64)
    >>> slope = (gradient * -np.gradient(shifted, 2 / 63, axis=1)).sum()  # by a shift along x
    >>> bool(slope < 0)  # the information rises towards the fixed image
    True
    """
    choice(normalized, "normalized", (None, *AVERAGES))
    if return_grad and not parzen:
        raise ValueError(
            "return_grad must be False with parzen=False: the information of plain bins changes in "
            "jumps and has no gradient"
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
    return value, windows.gradient(_by_share(table / total, of_cells, of_columns), total)


def _measure(table: Array, normalized: str | None) -> tuple[float, float, float]:
    """
    Return the information of a table, and the coefficients a and b of its differential.

    Let p be the shares of cells, and q the shares of columns. If the shares of rows are constant,
    the information changes by the sum of ``dp (a log p + b log q)``.
    """
    counted = Table.of(table)
    information = information_of(counted)
    if normalized is None:
        return information, 1.0, -1.0
    hx, hy, hxy = entropies(counted)
    share = float(share_of(information, hx, hy, hxy, normalized))
    scale = float(average_of(hx, hy, hxy, normalized))
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


def _by_share(p: Array, of_cells: float, of_columns: float) -> Array:
    """Derivative of the measure by each share, up to a constant for each row of the table."""
    columns = p.sum(axis=0)
    # Of an empty cell the derivative is of no account: a window that begins there has no slope.
    logs: Array = of_cells * np.log(p, out=np.zeros_like(p), where=p > 0.0)
    logs += of_columns * np.log(columns, out=np.zeros_like(columns), where=columns > 0.0)
    return logs
