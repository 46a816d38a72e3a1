"""Two labelings of the same samples, as scikit-learn's clustering scores take them."""

from __future__ import annotations

import math
import numbers
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinfo._cells import Cells
from fastinfo._chance import expected_of_margins
from fastinfo._codes import Coded
from fastinfo._integers import count_integers
from fastinfo._lazy import lazy
from fastinfo._measures import entropy_of, information_of
from fastinfo._small import count_small_labels
from fastinfo._sparse import count_occupied
from fastinfo._tables import count_coded
from fastinfo._validate import Array, as_array, as_float, as_labels, check_table
from fastinfo.encoding import encode, encode_column

__all__ = [
    "Clusterings",
    "cells_of_contingency",
    "check_method",
    "compare",
    "v_measures",
]

_CELLS = 1 << 16  # a table of so many cells is small


@dataclass(frozen=True, eq=False)
class Clusterings:
    """Counts of pairs of labels, and what the scores make of them."""

    cells: Cells

    @lazy
    def information(self) -> float:
        """Mutual information in nats: no larger than either entropy."""
        return min(information_of(self.cells), self.true_entropy, self.pred_entropy)

    @lazy
    def true_entropy(self) -> float:
        """Entropy of the rows."""
        return entropy_of(self.cells, "x")

    @lazy
    def pred_entropy(self) -> float:
        """Entropy of the columns."""
        return entropy_of(self.cells, "y")

    @lazy
    def n_occupied(self) -> int:
        """Number of pairs of labels that occur."""
        return int(np.count_nonzero(self.cells.counts))

    def mean_entropy(self, method: str) -> float:
        """Mean of the two entropies, of a kind that `check_method` knows."""
        u, v = self.true_entropy, self.pred_entropy
        if method == "min":
            return min(u, v)
        if method == "max":
            return max(u, v)
        return math.sqrt(u * v) if method == "geometric" else (u + v) / 2.0

    @property
    def is_match(self) -> bool:
        """Whether the two are the same but for the names of the labels."""
        return self.n_occupied == self.cells.shape[0] == self.cells.shape[1]

    @lazy
    def expected(self) -> float:
        """Expected mutual information of labelings with clusters of these sizes."""
        return expected_of_margins(self.cells.x_counts, self.cells.y_counts, float(self.cells.n))


def compare(labels_true: Any, labels_pred: Any, function: str) -> Clusterings | None:
    """Count two labelings; None where there are no samples."""
    small = count_small_labels(labels_true, labels_pred)
    if small is not None:
        return Clusterings(small)
    labels = [
        _as_labels(a, name, function)
        for a, name in ((labels_true, "labels_true"), (labels_pred, "labels_pred"))
    ]
    sizes = [a.codes.size if isinstance(a, Coded) else a.size for a in labels]
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {sizes}: labels_true and "
            f"labels_pred must have the same length"
        )
    if not sizes[0]:
        return None
    x, y = labels
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
        counted = count_integers(x, y)
        if counted is not None:
            return Clusterings(Cells.from_table(counted[0]))
    coded = []
    for a, name in ((x, "labels_true"), (y, "labels_pred")):
        coded.append(a if isinstance(a, Coded) else encode(a))
        _refuse_missing(coded[-1], name)
    _warn_of_numbers([(_kind(c, a), a) for c, a in zip(coded, labels, strict=True)])
    return Clusterings(_count_codes(*coded))


def _count_codes(x: Coded, y: Coded) -> Cells:
    """Counts of complete pairs; a table of more cells than samples takes longer than a sort."""
    if x.n_levels * y.n_levels > max(_CELLS, x.codes.size):
        return Cells.from_occupied(*count_occupied(x, y), (x.n_levels, y.n_levels))
    return Cells.from_table(count_coded(x, y))


def _as_labels(a: Any, name: str, function: str) -> Array | Coded:
    """One labeling: an array of one dimension, or codes."""
    if isinstance(a, (str, bytes)) or not (
        hasattr(a, "__len__") or hasattr(a, "shape") or hasattr(a, "__array__")
    ):
        raise ValueError(
            f"The {name!r} parameter of {function} must be an array-like. Got {a!r} instead."
        )
    coded = encode_column(a)
    if coded is not None:
        return coded
    array = a if hasattr(a, "shape") else as_array(a, name)
    if len(array.shape) != 1:
        raise ValueError(f"{name} must be 1D: shape is {tuple(array.shape)}")
    if getattr(getattr(array, "dtype", None), "kind", "") == "c":
        raise TypeError(
            f"Complex data not supported: {name} must hold labels, got dtype {array.dtype}"
        )
    return as_labels(a, name) if array.shape[0] else np.empty(0)


def _refuse_missing(coded: Coded, name: str) -> None:
    levels = coded.levels
    if levels is not None and levels.dtype.kind == "f" and np.isinf(levels).any():
        raise ValueError(
            f"Input contains infinity or a value too large for {levels.dtype!r}. "
            f"{name} must hold finite labels"
        )
    n_missing = int(np.count_nonzero(coded.invalid))
    if n_missing:
        raise ValueError(f"Input contains NaN. {name} must have no missing labels, got {n_missing}")


def _kind(coded: Coded, a: Array | Coded) -> str:
    """What scikit-learn calls such labels."""
    levels = coded.levels
    if levels is not None and levels.dtype.kind == "f" and (levels != np.floor(levels)).any():
        return "continuous"
    if isinstance(a, np.ndarray) and a.dtype == object and not isinstance(a[0], str):
        return "unknown"
    return "binary" if coded.n_levels <= 2 else "multiclass"


def _warn_of_numbers(kinds: list[tuple[str, Any]]) -> None:
    label, target = (kind for kind, _ in kinds)
    if "continuous" in (label, target):
        warnings.warn(
            f"Clustering metrics expects discrete values but received {label} values for label, "
            f"and {target} values for target",
            UserWarning,
            stacklevel=4,
        )


def cells_of_contingency(contingency: Any) -> Cells:
    """Counts of a contingency matrix, dense or a SciPy sparse one."""
    if not hasattr(contingency, "tocsr"):
        array = as_array(contingency, "contingency")
        if array.ndim != 2:
            raise ValueError(
                f"Expected 2D array, got {array.ndim}D array instead: contingency must be "
                f"two-dimensional, got shape {array.shape}"
            )
        if not array.size:
            raise ValueError(
                f"Found array with {array.shape[1]} feature(s) (shape={array.shape}) while a "
                f"minimum of 1 is required: contingency must not be empty"
            )
        _check_counts(array)
        return Cells.from_table(check_table(array))
    if len(contingency.shape) != 2:
        raise ValueError(
            f"Expected 2D array: contingency must be two-dimensional, got {contingency.shape}"
        )
    matrix = contingency.tocsr(copy=True)
    if hasattr(matrix, "check_format"):
        matrix.check_format()  # of indices that point outside
    matrix.sum_duplicates()
    _check_counts(matrix.data)
    counts = check_table(matrix.data[None])[0]
    nx, ny = matrix.shape
    rows = np.repeat(np.arange(nx, dtype=np.uint32), np.diff(matrix.indptr))
    kept = counts > 0
    return Cells.from_occupied(
        rows[kept], matrix.indices[kept].astype(np.uint32), counts[kept], (nx, ny)
    )


def _check_counts(counts: Array) -> None:
    if counts.dtype.kind not in "biuf":
        raise TypeError(f"contingency must hold counts, got dtype {counts.dtype}")
    if counts.dtype.kind == "f" and not np.isfinite(counts).all():
        what = "NaN" if np.isnan(counts).any() else "infinity or a value too large"
        raise ValueError(f"Input contains {what}. contingency must hold finite counts")
    if counts.size and counts.min() < 0:
        raise ValueError(f"contingency must not hold negative counts, got {counts.min()}")


def check_method(method: Any, function: str) -> str:
    """Check the name of a mean of two entropies."""
    known = ("arithmetic", "geometric", "max", "min")
    if not (isinstance(method, str) and method in known):
        raise ValueError(
            f"The 'average_method' parameter of {function} must be a str among "
            f"{{{', '.join(map(repr, known))}}}. Got {method!r} instead."
        )
    return method


def v_measures(found: Clusterings | None, beta: Any, function: str) -> tuple[float, float, float]:
    """Homogeneity, completeness, and their weighted harmonic mean."""
    if not (isinstance(beta, numbers.Real) and 0.0 <= as_float(beta) < math.inf):
        error = ValueError if isinstance(beta, numbers.Real) else TypeError
        raise error(
            f"The 'beta' parameter of {function} must be a float in the range [0.0, inf). "
            f"Got {beta!r} instead."
        )
    if found is None:
        return 1.0, 1.0, 1.0
    # No cluster with two classes, or no class in two clusters: 1, whatever is rounded.
    n_true, n_pred = found.cells.shape
    pure = found.n_occupied == n_pred or not found.true_entropy
    whole = found.n_occupied == n_true or not found.pred_entropy
    h = 1.0 if pure else found.information / found.true_entropy
    c = 1.0 if whole else found.information / found.pred_entropy
    weight = float(beta)
    divisor = weight * h + c
    return h, c, (1.0 + weight) * h * c / divisor if divisor > 0.0 else 0.0
