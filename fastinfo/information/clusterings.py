"""Two labelings of the same samples, read and checked like scikit-learn's clustering scores."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinfo._codes.column import Column
from fastinfo._codes.integers import count_integers
from fastinfo._core.checks import (
    Array,
    as_array,
    as_float,
    check_table,
    is_real,
    refuse_unreadable,
    shown,
)
from fastinfo._core.coded_variable import Coded
from fastinfo._core.lazy.attributes import lazy
from fastinfo._core.messages import warn
from fastinfo._counts.small_inputs import count_small_labels
from fastinfo._counts.table import Table
from fastinfo._measures.chance import expected_of_sizes
from fastinfo._measures.information import entropy_of, information_of


@dataclass(frozen=True, eq=False)
class Clusterings:
    """Counts of pairs of labels, and the quantities from which the scores are computed."""

    table: Table

    @lazy
    def information(self) -> float:
        """Mutual information in nats: no larger than either entropy."""
        return min(information_of(self.table), self.true_entropy, self.pred_entropy)

    @lazy
    def true_entropy(self) -> float:
        """Entropy of the rows."""
        return entropy_of(self.table, "x")

    @lazy
    def pred_entropy(self) -> float:
        """Entropy of the columns."""
        return entropy_of(self.table, "y")

    @lazy
    def n_occupied(self) -> int:
        """Number of pairs of labels that occur."""
        return int(np.count_nonzero(self.table.counts))

    def mean_entropy(self, method: str) -> float:
        """Mean of the two entropies; :func:`check_method` lists the kinds of mean."""
        u, v = self.true_entropy, self.pred_entropy
        if method == "min":
            return min(u, v)
        if method == "max":
            return max(u, v)
        return math.sqrt(u * v) if method == "geometric" else (u + v) / 2.0

    @property
    def is_match(self) -> bool:
        """Whether the two labelings differ only in the names of the labels."""
        return self.n_occupied == self.table.shape[0] == self.table.shape[1]

    @lazy
    def expected(self) -> float:
        """Expected mutual information of random labelings with the same cluster sizes."""
        return expected_of_sizes(*self.table.sizes, float(self.table.n))


def compare(labels_true: Any, labels_pred: Any, function: str) -> Clusterings | None:
    """Count the pairs of labels of two labelings; None if there are no samples."""
    small = count_small_labels(labels_true, labels_pred)
    if small is not None:
        return Clusterings(small)
    names = "labels_true", "labels_pred"
    columns = [
        _read(a, name, function) for a, name in zip((labels_true, labels_pred), names, strict=True)
    ]
    sizes = [0 if column is None else len(column) for column in columns]
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {sizes}: labels_true and "
            f"labels_pred must have the same length"
        )
    x, y = columns
    if x is None or y is None:
        return None
    if x.integers is not None and y.integers is not None:
        counted = count_integers(x.integers, y.integers)
        if counted is not None:
            return Clusterings(Table.of(counted[0]))
    coded = [x.labels(), y.labels()]
    for labels, name in zip(coded, names, strict=True):
        _refuse_missing(labels, name)
    _warn_of_numbers([_kind(coded[0], x), _kind(coded[1], y)])
    return Clusterings(Table.count(coded[0], coded[1]))


def _read(a: Any, name: str, function: str) -> Column | None:
    """Read a labeling as a column, which must be one-dimensional; None if it has no samples."""
    if isinstance(a, (str, bytes, type)) or not (
        hasattr(a, "__len__") or hasattr(a, "shape") or hasattr(a, "__array__")
    ):
        raise ValueError(
            f"The {name!r} parameter of {function} must be an array-like. Got {shown(a)} instead."
        )
    array = a if hasattr(a, "shape") or hasattr(a, "type") else as_array(a, name)
    shape = getattr(array, "shape", None)
    if not isinstance(shape, tuple):
        try:
            shape = (len(array),)
        except TypeError as error:  # a missing list of PyArrow
            refuse_unreadable(a, name, error)
            raise
    if len(shape) != 1:
        raise ValueError(f"{name} must be 1D: shape is {shape}")
    if getattr(getattr(array, "dtype", None), "kind", "") == "c":
        raise TypeError(
            f"Complex data not supported: {name} must hold labels, got dtype {array.dtype}"
        )
    return Column.of(a, name) if shape[0] else None


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


def _kind(coded: Coded, column: Column) -> str:
    """scikit-learn's name for the type of the labels."""
    levels = coded.levels
    if levels is not None and levels.dtype.kind == "f" and (levels != np.floor(levels)).any():
        return "continuous"
    first = column.first_object
    if first is not None and not isinstance(first, str):
        return "unknown"
    return "binary" if coded.n_levels <= 2 else "multiclass"


def _warn_of_numbers(kinds: list[str]) -> None:
    label, target = kinds
    if "continuous" in (label, target):
        warn(
            f"Clustering metrics expects discrete values but received {label} values for label, "
            f"and {target} values for target"
        )


def table_of_contingency(contingency: Any) -> Table:
    """Read the counts of a contingency matrix, which is an array or a SciPy sparse matrix."""
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
        return Table.of(check_table(array))
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
    return Table(counts[kept], (nx, ny), (rows[kept], matrix.indices[kept]))


def _check_counts(counts: Array) -> None:
    if counts.dtype.kind not in "biuf":
        raise TypeError(f"contingency must hold counts, got dtype {counts.dtype}")
    if counts.dtype.kind == "f" and not np.isfinite(counts).all():
        what = "NaN" if np.isnan(counts).any() else "infinity or a value too large"
        raise ValueError(f"Input contains {what}. contingency must hold finite counts")
    if counts.size and counts.min() < 0:
        raise ValueError(f"contingency must not hold negative counts, got {counts.min()}")


def check_method(method: Any, function: str) -> str:
    """Check that `method` names a mean of two entropies, and return it."""
    known = ("arithmetic", "geometric", "max", "min")
    if not (isinstance(method, str) and method in known):
        raise ValueError(
            f"The 'average_method' parameter of {function} must be a str among "
            f"{{{', '.join(map(repr, known))}}}. Got {shown(method)} instead."
        )
    return method


def v_measures(found: Clusterings | None, beta: Any, function: str) -> tuple[float, float, float]:
    """Homogeneity, completeness, and their weighted harmonic mean."""
    if not ((is_real(beta) or isinstance(beta, bool)) and 0.0 <= as_float(beta) < math.inf):
        error = ValueError if is_real(beta) else TypeError
        raise error(
            f"The 'beta' parameter of {function} must be a float in the range [0.0, inf). "
            f"Got {shown(beta)} instead."
        )
    if found is None:
        return 1.0, 1.0, 1.0
    # No cluster with two classes, or no class in two clusters: 1, whatever is rounded.
    n_true, n_pred = found.table.shape
    pure = found.n_occupied == n_pred or not found.true_entropy
    whole = found.n_occupied == n_true or not found.pred_entropy
    h = 1.0 if pure else found.information / found.true_entropy
    c = 1.0 if whole else found.information / found.pred_entropy
    weight = float(beta)
    divisor = weight * h + c
    return h, c, (1.0 + weight) * h * c / divisor if divisor > 0.0 else 0.0
