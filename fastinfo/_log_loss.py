"""The log loss of scikit-learn."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._rows import (
    EMPTY,
    Rows,
    add_up,
    as_reals,
    compute_dtype,
    result_dtype,
    run_spans,
    weight_of,
)
from fastinfo._validate import Array, as_array, as_block, as_numeric, read_only
from fastinfo.encoding import encode
from fastinfo.kernels import log_loss as kernels

__all__ = ["log_loss"]


class _ZeroWeightsError(ValueError, ZeroDivisionError):
    """What NumPy's average raises as ZeroDivisionError, and fastinfo as ValueError."""


def _refuse(p: Array) -> None:
    """Name what is wrong with probabilities."""
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
    if coded.codes.max() >= coded.levels.size:
        raise ValueError(f"Input contains NaN. {name} must hold classes, got a missing label")
    return coded.codes, coded.levels


def _encode(y_true: Any, y: Array, labels: Any) -> tuple[Array, Array]:
    """Codes of the true labels among the classes, and the classes."""
    if labels is None:
        codes, classes = _distinct(y, "y_true")
        if classes.size == 1:
            raise ValueError(
                f"y_true contains only one label ({classes[0]}). Please provide the list of all "
                "expected class labels explicitly through the labels argument."
            )
        return codes, classes
    given = as_array(labels, "labels")
    classes = _distinct(given, "labels")[1]
    if classes.shape != given.shape or not bool(np.all(classes == given)):
        warnings.warn(
            f"Labels passed were {labels}. But this function assumes labels are ordered "
            f"lexicographically. Pass the ordered labels={classes.tolist()} and ensure that the "
            "columns of y_prob correspond to this ordering.",
            UserWarning,
            stacklevel=4,
        )
    codes, levels = _distinct(y, "y_true")
    places = np.searchsorted(classes, levels) if classes.dtype.kind == levels.dtype.kind else None
    if places is None:
        order = {label: i for i, label in enumerate(classes.tolist())}
        places = np.array([order.get(label, classes.size) for label in levels.tolist()])
    places = np.minimum(places, classes.size - 1)
    if not bool(np.all(classes[places] == levels)):
        undeclared = set(y_true) - set(labels)
        raise ValueError(
            f"y_true contains values {undeclared} not belonging to the passed labels {labels}."
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


def _warn_of_sums() -> None:
    warnings.warn(
        "The y_prob values do not sum to one. Make sure to pass probabilities.",
        UserWarning,
        stacklevel=3,
    )


def log_loss(
    y_true: npt.ArrayLike,
    y_proba: npt.ArrayLike,
    *,
    normalize: bool = True,
    sample_weight: npt.ArrayLike | None = None,
    labels: npt.ArrayLike | None = None,
) -> float:
    """
    Log loss of predicted probabilities: the mean of ``-log`` of what the true class was given.

    As :func:`sklearn.metrics.log_loss` of scikit-learn 1.9: probabilities are clipped to
    ``[eps, 1 - eps]``, where eps is the precision of their dtype.

    Parameters
    ----------
    y_true : array_like
        True labels, of any dtype; or an indicator matrix of shape (n, c).
    y_proba : array_like, shape (n, c) or (n,)
        Probabilities of the classes in sorted order, or of the second one of two.
    normalize : bool, optional
        Return the mean; if false, the sum.
    sample_weight : array_like, shape (n,), optional
        Weight of each sample.
    labels : array_like, optional
        All classes, where `y_true` may lack some.

    Returns
    -------
    float
        In nats.

    Raises
    ------
    TypeError
        If probabilities are complex or not numeric.
    ValueError
        If a probability is outside [0, 1] or NaN, lengths or numbers of classes differ, a label is
        not among `labels`, there is only one class, or weights sum to zero.

    Warns
    -----
    UserWarning
        If a row of probabilities does not sum to 1, or `labels` are not sorted.

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
    p = as_reals(y_proba, "y_proba")
    y = as_array(y_true, "y_true")
    if not isinstance(normalize, (bool, np.bool_)):
        raise ValueError(f"normalize must be a bool, got {normalize!r}")
    if p.ndim not in (1, 2):
        raise ValueError(f"Found array with dim {p.ndim}, while dim <= 2 is required: y_proba")
    if p.size == 0:
        raise ValueError(
            f"Found array with 0 sample(s) (shape={p.shape}) while a minimum of 1 is required: "
            "y_proba"
        )
    dtype = result_dtype(p)
    n = p.shape[0]
    weights = _check_weights(sample_weight, n)
    lengths = [n, len(y) if y.ndim else 0] + ([] if weights is None else [weights.size])
    if len(set(lengths)) > 1:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {lengths} "
            "(y_proba, y_true, sample_weight)"
        )
    indicator = y.ndim == 2 and y.shape[1] > 1
    if y.ndim > 2 or (indicator and not bool(np.isin(y, (0, 1)).all())):
        raise ValueError(
            "Multioutput target data is not supported with label binarization: "
            f"y_true must hold one label a row or 0 and 1 alone, got shape {y.shape}"
        )
    if indicator:
        codes, classes = y, np.arange(y.shape[1])
    else:
        codes, classes = _encode(y_true, y.reshape(-1), labels)
    single = p.ndim == 1 or p.shape[1] == 1
    _check_classes(classes, 2 if single else p.shape[1], labels)

    info = np.finfo(dtype)
    low = float(info.eps)
    high = float(dtype.type(1) - info.eps)
    tolerance = math.sqrt(low)
    kernel_dtype = compute_dtype(p)
    rows = Rows(p.reshape(n, -1))
    direct = rows.is_direct(kernel_dtype)

    def reduce(span: tuple[int, int]) -> tuple[float, float, bool, bool]:
        w = EMPTY if weights is None else as_block(weights[slice(*span)], np.float64)
        total_weight = float(span[1] - span[0]) if weights is None else weight_of(w)
        true = codes[slice(*span)]
        if indicator:
            part = rows.get(span).astype(np.float64)
            if single:
                part = np.hstack([1.0 - part, part])
            outside = not bool(((part >= 0.0) & (part <= 1.0)).all())
            uneven = not bool((np.abs(part.sum(axis=1) - 1.0) <= tolerance).all())
            with np.errstate(invalid="ignore"):
                loss = -(true * np.log(np.clip(part, low, high))).sum(axis=1)
            return float((loss * w).sum() if w.size else loss.sum()), total_weight, outside, uneven
        true = as_block(true, np.int64)
        if single:
            part = as_block(rows.get(span)[:, 0], kernel_dtype)
            total, outside = kernels.binary_log_loss(part, true, w, low, high)
            return total, total_weight, outside, False
        if direct:
            found = kernels.log_loss(read_only(rows.array), true, w, *span, low, high, tolerance)
        else:
            part = as_block(rows.get(span), kernel_dtype)
            found = kernels.log_loss(part, true, w, 0, len(part), low, high, tolerance)
        total, outside, uneven = found
        return total, total_weight, outside, uneven

    results = run_spans(reduce, n, rows.width)
    if any(outside for _, _, outside, _ in results):
        _refuse(p)
    if any(uneven for *_, uneven in results):
        _warn_of_sums()
    total = add_up([part[0] for part in results])
    if not normalize:
        return total
    total_weight = add_up([part[1] for part in results])
    if total_weight == 0.0:
        raise _ZeroWeightsError(
            "Weights sum to zero, can't be normalized: sample_weight must have a sum other than 0"
        )
    return total / total_weight
