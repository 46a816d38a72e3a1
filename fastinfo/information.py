"""Mutual information of samples."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt

from fastinfo._measures import AVERAGES
from fastinfo._validate import base_divisor, choice
from fastinfo.joint_counts import JointCounts

__all__ = ["mutual_information"]


def mutual_information(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    bins: Any = "mi",
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    normalized: str | None = None,
    nan_policy: str = "propagate",
) -> float:
    """
    Mutual information of two variables from their joint histogram.

    ``I(X; Y) = sum(p(x, y) log(p(x, y) / (p(x) p(y))))`` of the counts (plug-in estimate). Floats
    are binned as :func:`histogram2d` does it; integers, booleans, strings, dates and objects are
    labels.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples.
    bins : int, edges, str, or a pair of those, optional
        Number of bins, edges, or the name of a rule, for both variables or for each: "mi" (default;
        Hacine-Gharbi & Ravier 2018, from the number of pairs and their correlation) or one of
        NumPy's ("auto", "fd", "sturges", ...). Labels need none.
    range : [[x_min, x_max], [y_min, y_max]], optional
        Outermost edges, where bins are not given as edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a pair of those, optional
        Whether the variables are labels. "auto" goes by the dtype.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    normalized : {"arithmetic", "geometric", "min", "max", "joint"}, optional
        Divide by this mean of the entropies, or by the joint entropy: 0 to 1, without a unit.
    nan_policy : {"propagate", "omit", "raise"}, optional
        What a missing sample (NaN, None, NaT) does: make the result NaN, leave out the pair, raise.

    Returns
    -------
    float
        Never negative; NaN where a sample is missing under ``nan_policy="propagate"``, and where
        no pair is left.

    Raises
    ------
    TypeError
        If samples are complex, or not numbers where they are to be binned.
    ValueError
        If the lengths differ, there is no sample, bins or ranges can't be used, the range of the
        data is not finite, an option is unknown, or a sample is missing under
        ``nan_policy="raise"``.

    See Also
    --------
    JointCounts : The counts themselves, with every measure.

    References
    ----------
    Cover, T. M. & Thomas, J. A. (2006), Elements of Information Theory, 2nd ed., section 2.3.
    https://doi.org/10.1002/047174882X

    Hacine-Gharbi, A. & Ravier, P. (2018), A binning formula of bi-histogram for joint entropy
    estimation using mean square error minimization, Pattern Recognition Letters 101, 21-28.
    https://doi.org/10.1016/j.patrec.2017.11.007

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> fastinfo.mutual_information([0, 0, 1, 1], ["a", "a", "b", "b"], base=2)
    1.0
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=100_000)
    >>> y = 0.6 * x + 0.8 * rng.normal(size=100_000)
    >>> round(fastinfo.mutual_information(x, y), 2)  # -log(1 - 0.6**2) / 2 is 0.2231
    0.22
    """
    divisor = base_divisor(base)
    choice(nan_policy, "nan_policy", ("propagate", "omit", "raise"))
    choice(normalized, "normalized", (None, *AVERAGES))
    counts = JointCounts.from_samples(x, y, bins=bins, range=range, discrete=discrete)
    if counts.n_missing and nan_policy != "omit":
        if nan_policy == "raise":
            raise ValueError(
                f"The input contains nan values: x and y must have no missing samples under "
                f"nan_policy='raise', got {counts.n_missing} incomplete pairs"
            )
        return math.nan
    if not counts.n:
        return math.nan
    if normalized is not None:
        return counts.normalized_mutual_information(normalized)
    return counts.mutual_information() / divisor
