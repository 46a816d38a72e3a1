"""The log loss of scikit-learn."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._codes.labels import encode
from fastinfo._core.checks import Array, as_array, as_block, as_numeric, read_only, shown
from fastinfo._core.messages import printable, shown_name, warn
from fastinfo.kernels.losses import log_losses as kernels
from fastinfo.losses.rows import (
    Rows,
    Total,
    Weights,
    add_up,
    as_reals,
    is_ordinary,
    power_off,
    result_dtype,
    run_spans,
    shifted,
    weight_of,
)


class _ZeroWeightsError(ValueError, ZeroDivisionError):
    """Error for weights that sum to zero: a ZeroDivisionError in NumPy, a ValueError here."""


def _refuse(p: Array) -> None:
    """Raise the error that says what is wrong with the probabilities."""
    if np.isnan(p).any():
        raise ValueError("Input contains NaN. y_proba must hold probabilities, got NaN")
    if not np.isfinite(p).all():
        raise ValueError(
            f"Input contains infinity or a value too large for {p.dtype!r}. "
            "y_proba must hold probabilities, got an infinity"
        )
    if (most := p.max()) > 1:
        raise ValueError(f"y_prob contains values greater than 1: {most}")
    if (least := p.min()) < 0:
        raise ValueError(f"y_prob contains values lower than 0: {least}")


def _distinct(a: Array, name: str) -> tuple[Array, Array]:
    """Codes of labels, and their sorted levels."""
    if a.dtype.kind in "cV":
        raise TypeError(f"{name} must hold labels, got dtype {a.dtype}")
    if a.ndim != 1 or not a.size:
        raise ValueError(
            f"{name} must be one-dimensional and not empty (Multioutput target data is not "
            f"supported with label binarization), got shape {a.shape}"
        )
    if a.dtype.kind == "f" and not (np.isfinite(a).all() and (a == np.floor(a)).all()):
        raise ValueError(
            f"Unknown label type: continuous. {name} must hold classes, got real numbers"
        )
    coded = encode(a)
    assert coded.levels is not None
    if a.dtype.kind not in "biu" and coded.codes.max() >= coded.levels.size:
        raise ValueError(f"Input contains NaN. {name} must hold classes, got a missing label")
    return coded.codes, coded.levels


def _encode(y: Array, labels: Any) -> tuple[Array, Array]:
    """Class numbers of the true labels, and the classes."""
    if labels is None:
        codes, classes = _distinct(y, "y_true")
        if classes.size == 1:
            raise ValueError(
                f"y_true contains only one label ({shown_name(str(classes[0]))}). Please provide "
                "the list of all expected class labels explicitly through the labels argument."
            )
        return codes, classes
    given = as_array(labels, "labels")
    classes = _distinct(given, "labels")[1]
    if classes.shape != given.shape or not bool(np.all(classes == given)):
        warn(
            f"Labels passed were {printable(str(labels))}. But this function assumes labels are "
            f"ordered lexicographically. Pass the ordered labels={classes.tolist()} and ensure "
            "that the columns of y_prob correspond to this ordering.",
            UserWarning,
        )
    codes, levels = _distinct(y, "y_true")
    places = np.searchsorted(classes, levels) if classes.dtype.kind == levels.dtype.kind else None
    if places is None:
        order = {label: i for i, label in enumerate(classes.tolist())}
        places = np.array([order.get(label, classes.size) for label in levels.tolist()])
    places = np.minimum(places, classes.size - 1)
    if not bool(np.all(classes[places] == levels)):
        undeclared = set(y.tolist()) - set(given.tolist())
        raise ValueError(
            f"y_true contains values {undeclared} not belonging to the passed labels "
            f"{printable(str(labels))}."
        )
    if classes.size == 1:
        raise ValueError(f"The labels array needs to contain at least two labels, got {classes}.")
    if places.size == classes.size:
        return codes, classes
    return places.astype(np.int64)[codes], classes


def _check_classes(classes: Array, columns: int, labels: Any) -> None:
    if classes.size == columns:
        return
    if labels is None:
        raise ValueError(
            f"y_true and y_prob contain different number of classes: {classes.size} vs {columns}. "
            "Please provide the true labels explicitly through the labels argument. "
            f"Classes found in y_true: {classes}"
        )
    raise ValueError(
        "The number of classes in labels is different from that in y_prob. "
        f"Classes found in labels: {classes}, y_proba has {columns} columns"
    )


def _check_weights(sample_weight: Any, n: int) -> Array | None:
    if sample_weight is None:
        return None
    weights = as_numeric(sample_weight, "sample_weight")
    if weights.ndim == 0:
        return np.broadcast_to(weights, n)
    if weights.ndim != 1:
        raise ValueError(
            f"Sample weights must be 1D array or scalar, got {weights.ndim}D array. "
            f"Expected either a scalar or a 1D array of size {n}."
        )
    return weights


def _check(y_true: Any, y_proba: Any, sample_weight: Any) -> tuple[Array, Array, Array | None]:
    """Check labels, probabilities and weights, and return them as arrays of equal length."""
    p = as_reals(y_proba, "y_proba")
    y = as_array(y_true, "y_true")
    if p.ndim not in (1, 2):
        raise ValueError(f"Found array with dim {p.ndim}, while dim <= 2 is required: y_proba")
    if p.size == 0:
        raise ValueError(
            f"Found array with 0 sample(s) (shape={p.shape}) while a minimum of 1 is required: "
            "y_proba"
        )
    weights = _check_weights(sample_weight, len(p))
    lengths = [len(p), len(y) if y.ndim else 0] + ([] if weights is None else [weights.size])
    if len(set(lengths)) > 1:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {lengths} "
            "(y_proba, y_true, sample_weight)"
        )
    if y.ndim > 1 and (y.ndim > 2 or (y.shape[1] > 1 and not bool(np.isin(y, (0, 1)).all()))):
        raise ValueError(
            "Multioutput target data is not supported with label binarization: "
            f"y_true must hold one label a row or 0 and 1 alone, got shape {y.shape}"
        )
    return y, p, weights


@functools.cache
def _limits(dtype: np.dtype[Any]) -> tuple[tuple[float, float], float]:
    """Smallest and largest probability after clipping, and how far a row sum may be from 1."""
    eps = np.finfo(dtype).eps
    return (float(eps), float(eps.dtype.type(1) - eps)), math.sqrt(eps)


class _Problem:
    """Probabilities, numbers of the true classes, and weights, to compute losses of rows."""

    def __init__(self, p: Array, true: Array, weights: Weights) -> None:
        self.true, self.weights = true, weights
        self.rows = Rows(p.reshape(len(p), -1))
        own = result_dtype(p)
        self.dtype = np.float32 if own.itemsize <= 4 else np.float64
        self.limits, self.tolerance = _limits(own)

    def losses(self, span: tuple[int, int]) -> tuple[float, float, bool, bool]:
        """
        Sum of the losses and sum of the weights of a span of rows, and two flags.

        The flags say whether a number is not a probability, and whether a row does not sum to 1.
        """
        w, true = self.weights.of(span), self.true[slice(*span)]
        weight = weight_of(w) if w.size else float(len(true))
        if true.ndim == 2:
            loss, outside, uneven = self._of_indicators(self.rows.get(span), true, w)
        elif self.rows.width == 1:
            part, uneven = as_block(self.rows.get(span)[:, 0], self.dtype), False
            true = as_block(true, np.int64)
            loss, outside = kernels.binary_log_loss(part, true, w, *self.limits)
        else:
            direct = self.rows.is_direct(self.dtype)
            part = (
                read_only(self.rows.array) if direct else as_block(self.rows.get(span), self.dtype)
            )
            place = span if direct else (0, len(part))
            true = as_block(true, np.int64)
            loss, outside, uneven = kernels.log_loss(
                part, true, w, *place, *self.limits, self.tolerance
            )
        return loss, weight, outside, uneven

    def _of_indicators(self, part: Array, true: Array, w: Array) -> tuple[float, bool, bool]:
        p = part.astype(np.float64)
        if p.shape[1] == 1:
            p = np.hstack([1.0 - p, p])
        outside = not bool(((p >= 0.0) & (p <= 1.0)).all())
        uneven = not bool((np.abs(p.sum(axis=1) - 1.0) <= self.tolerance).all())
        with np.errstate(invalid="ignore", over="ignore"):
            losses = -(true * np.log(np.clip(p, *self.limits))).sum(axis=1)
            return float((losses * w).sum() if w.size else losses.sum()), outside, uneven


def log_loss_total(
    y_proba: Any, y_true: Any, *, sample_weight: Any = None, labels: Any = None
) -> Total:
    """Sum of the losses, and the weight by which a mean is divided."""
    y, p, given = _check(y_true, y_proba, sample_weight)
    if y.ndim == 2 and y.shape[1] > 1:
        true, classes, known = y, np.arange(y.shape[1]), None
    else:
        true, classes = _encode(y.reshape(-1), labels)
        known = classes
    _check_classes(classes, 2 if p.ndim == 1 or p.shape[1] == 1 else p.shape[1], labels)
    weights = Weights(given, len(p))
    problem = _Problem(p, true, weights)
    parts = run_spans(problem.losses, len(p), problem.rows.width)
    if any(part[2] for part in parts):
        _refuse(p)
    if any(part[3] for part in parts):
        warn("The y_prob values do not sum to one. Make sure to pass probabilities.", UserWarning)
    weight = add_up([part[1] for part in parts])
    if given is not None and not is_ordinary(weight):  # what is beyond float64 only in sums
        top = int(weights.exponents().max())
        weights.exponent = power_off(top, top)
        parts = run_spans(problem.losses, len(p), problem.rows.width)
        weight = add_up([part[1] for part in parts])
    return Total(add_up([part[0] for part in parts]), len(p), weight, weights.exponent, known)


def log_loss(
    y_true: npt.ArrayLike,
    y_proba: npt.ArrayLike,
    *,
    normalize: bool = True,
    sample_weight: npt.ArrayLike | None = None,
    labels: npt.ArrayLike | None = None,
) -> float:
    r"""
    Log loss: the mean negative logarithm of the probability predicted for the true class.

    The function behaves like :func:`sklearn.metrics.log_loss` of scikit-learn 1.9: probabilities
    are clipped to ``[eps, 1 - eps]``, where eps is the precision of their dtype.

    Parameters
    ----------
    y_true : array_like
        True labels, of any dtype; or an indicator matrix of shape (n, c).
    y_proba : array_like, shape (n, c) or (n,)
        Probabilities of the classes in sorted order, or of the second of two classes.
    normalize : bool, optional
        Return the mean (default), or the sum.
    sample_weight : array_like, shape (n,), optional
        Weight of each sample.
    labels : array_like, optional
        All classes. Needed if a class may not occur in `y_true`.

    Returns
    -------
    float
        The loss in nats.

    Raises
    ------
    TypeError
        If probabilities or weights are complex or not numeric.
    ValueError
        If a probability is outside [0, 1] or NaN, a label is not among `labels`, there is only one
        class, shapes do not fit, or weights sum to zero.

    Warns
    -----
    UserWarning
        If a row of probabilities does not sum to 1, or `labels` are not sorted.

    Notes
    -----
    For rows with classes :math:`y_i` and weights :math:`w_i`, the mean is

    .. math::

        -\frac{\sum_i w_i \log p_{i, y_i}}{\sum_i w_i}

    References
    ----------
    Bishop, C. M. (2006), Pattern Recognition and Machine Learning, Springer, page 209.

    Examples
    --------
    >>> import fastinfo
    >>> proba = [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]]
    >>> round(fastinfo.log_loss(["spam", "ham", "ham", "spam"], proba), 5)
    0.21616
    """
    if not isinstance(normalize, (bool, np.bool_)):
        raise ValueError(f"normalize must be a bool, got {shown(normalize)}")
    found = log_loss_total(y_proba, y_true, sample_weight=sample_weight, labels=labels)
    if not normalize:
        return float(shifted(found.loss, found.exponent))
    if found.weight == 0.0:
        raise _ZeroWeightsError(
            "Weights sum to zero, can't be normalized: sample_weight must have a sum other than 0"
        )
    return found.loss / found.weight
