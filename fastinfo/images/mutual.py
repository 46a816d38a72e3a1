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

    By default the moving image has Parzen windows (Mattes et al. 2003). The information is then a
    smooth function of its values, as an optimiser needs it. ITK's Mattes metric is the negative of
    this value.

    Parameters
    ----------
    fixed, moving : array_like of real numbers
        Two images of the same shape, as in :func:`fastinfo.images.joint_histogram`. The moving
        image is the one that was transformed, resampled at the places of the fixed samples.
    bins : int or (int, int), optional
        Number of bins of equal width, for both images or for each. With `parzen` at least 5: two
        bins at either end are padding.
    range : (low, high), a pair of those, or None, optional
        The values that the bins divide, for both images or for each. Pairs with a sample outside
        are dropped. None: from the smallest to the largest value that the mask keeps. While an
        optimiser runs, give the range of the whole moving image: a range that is found anew in each
        step moves the bins.
    mask : array_like of bool or int, optional
        Which samples count: those where it is True, or not 0.
    weight : array_like of real numbers, optional
        Weight of each pair of samples: finite and not negative.
    parzen : bool, optional
        Whether each moving sample is spread over four bins with a cubic B-spline. If False, samples
        are counted in bins as :func:`numpy.histogram2d` does.
    normalized : {"arithmetic", "geometric", "min", "max", "joint"}, optional
        Divide by this mean of both entropies, or by the joint entropy, as in
        :func:`fastinfo.mutual_information`. The result is from 0 to 1 and has no unit.
    return_grad : bool, optional
        Also return the gradient. Only with `parzen`.

    Returns
    -------
    information : float
        Never negative. 0, up to rounding, if an image is constant.
    gradient : ndarray
        Only with `return_grad`: the derivative of `information` with respect to each sample of the
        moving image, in its shape. float32 if the moving image is float32, else float64. 0 where
        the mask leaves a sample out, or it is outside the range. The range counts as constant, also
        if it is found from the samples.

    Raises
    ------
    TypeError
        As :func:`fastinfo.images.joint_histogram`.
    ValueError
        As :func:`fastinfo.images.joint_histogram`; also if no pair of samples is inside the ranges,
        the weights add up to 0, `normalized` is unknown, or `return_grad` is True without `parzen`.

    See Also
    --------
    fastinfo.mutual_information : Samples of two variables; corrections; estimates without bins.

    Notes
    -----
    With the shares :math:`p_{rm}` of the table's cells, fixed bins r and moving bins m,

    .. math::

        I = \sum_{r, m} p_{rm} \log \frac{p_{rm}}{p_r \, p_m}

    The bins are those of ITK. Their width is ``(high - low) / (bins - 4)`` for each image, and bin
    2 starts at ``low``. A fixed sample counts in its own bin, from 2 to ``bins - 3``, with the rule
    of :func:`numpy.histogram2d`: the last of these bins includes its upper edge. A moving sample
    at :math:`u` bins from the start of bin 0 adds the cubic B-spline :math:`\beta(m - u)` to each
    bin m. This reaches four bins, from 1 to ``bins - 1``; bin 0 stays empty. So windows are centred
    at the lower edges of the bins, not at their middles. With the weight :math:`w_i` of a sample,
    the sum W of all weights, and the width h of the moving bins, the gradient is

    .. math::

        \frac{\partial I}{\partial y_i} =
        -\frac{w_i}{W h} \sum_m \beta'(m - u_i) \log \frac{p_{r_i m}}{p_m}

    The value differs from ITK's only in three cases. ITK leaves out cells with a share below
    2.2e-16. ITK divides samples by the width before it subtracts the lower edge: a sample on an
    edge, or within rounding of one, may then fall into the next bin. And ITK takes the ranges of
    whole images, or of their own masks, also where they do not overlap: give `range` in that case.

    The table takes one pass over the samples, and the gradient a second one. There is no temporary
    array of samples times bins. Sums are float64. Parts of a fixed size are added up in order, so
    that value and gradient have the same bits for any number of threads.

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
    """The derivative of the measure by each share of the table, but for what is alike in a row."""
    columns = p.sum(axis=0)
    # Of an empty cell the derivative is of no account: a window that begins there has no slope.
    logs: Array = of_cells * np.log(p, out=np.zeros_like(p), where=p > 0.0)
    logs += of_columns * np.log(columns, out=np.zeros_like(columns), where=columns > 0.0)
    return logs
