"""Read and check columns, a target and options in the same way as scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._codes.labels import encode
from fastinfo._column_readers.sparse_columns import (
    SparseColumns,
    columns_of_array,
    columns_of_frame,
    columns_of_matrix,
    is_matrix,
)
from fastinfo._core.checks import Array, as_array, integer
from fastinfo._core.coded_variable import Coded


def sparse_columns(X: Any) -> SparseColumns | None:
    """Columns of a sparse matrix or of a pandas frame with only Sparse columns, else None."""
    if not is_matrix(X):
        found: SparseColumns | Array | None = columns_of_frame(X)
    elif len(X.shape) != 2:
        raise ValueError(
            f"Expected 2D array: X must be two-dimensional, one column for each feature, got shape "
            f"{X.shape}"
        )
    else:
        found = columns_of_matrix(X)
    if found is None:
        return None
    if not isinstance(found, SparseColumns):  # of a dtype that stays as it is in no kernel
        found = columns_of_array(as_matrix(found))
    if not len(found) or not found.n_rows:
        raise ValueError(
            f"X must hold at least one sample and one column, got shape "
            f"{(found.n_rows, len(found))}"
        )
    refuse_not_finite(found.values, "X")
    return found


def as_matrix(X: Any) -> Array:
    """Return `X` as a two-dimensional array of finite numbers."""
    array = as_array(X, "X")
    if array.dtype.kind == "c":
        raise TypeError(f"X must be an array of real numbers, got dtype {array.dtype}")
    if array.dtype.kind not in "biuf":
        try:
            array = array.astype(np.float64)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise ValueError(f"X must hold numbers, got dtype {array.dtype}: {error}") from error
    if array.ndim != 2:
        raise ValueError(
            f"Expected 2D array: X must be two-dimensional, one column for each feature, got shape "
            f"{array.shape}"
        )
    if 0 in array.shape:
        raise ValueError(f"X must hold at least one sample and one column, got shape {array.shape}")
    refuse_not_finite(array, "X")
    return array.view(np.ndarray)


def _vector(y: Any) -> Array:
    array = as_array(y, "y")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(f"y should be a 1d array: it must hold one target, got {array.shape}")
    if array.dtype.kind == "c":
        raise TypeError(f"y must hold real numbers or labels, got dtype {array.dtype}")
    if array.dtype.kind == "f":
        refuse_not_finite(array, "y")
    return array.view(np.ndarray)


def as_numbers(y: Any) -> Array:
    """Return a target as finite numbers."""
    array = _vector(y)
    if array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        return array
    try:
        array = array.astype(np.float64)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise ValueError(f"y must hold numbers, got dtype {array.dtype}: {error}") from error
    refuse_not_finite(array, "y")
    return array


def as_classes(y: Any) -> Array:
    """Return a target as labels, which must not be floats with fractions."""
    array = _vector(y)
    if array.dtype.kind == "f" and (array != np.trunc(array)).any():
        raise ValueError(
            "Unknown label type: continuous. y must hold classes, got floats with fractions: "
            "mutual_info_regression takes those"
        )
    return array


def complete_classes(y: Array) -> Coded:
    """Return the codes of a target of labels, and refuse missing labels."""
    coded = encode(y)
    n_missing = int(np.count_nonzero(coded.codes >= coded.n_levels))
    if n_missing:
        raise ValueError(
            f"Input y contains NaN: y must hold a label for each sample, got {n_missing} that are "
            "missing, drop or fill those rows"
        )
    return coded


def refuse_not_finite(a: Array, name: str) -> None:
    """Raise an error if a float is NaN or infinite."""
    if a.dtype.kind == "f" and not np.isfinite(a).all():
        what = "NaN" if np.isnan(a).any() else "infinity"
        raise ValueError(
            f"Input {name} contains {what}: {name} must hold finite numbers, drop or fill the rows"
        )


def discrete_mask(discrete_features: Any, f: int, sparse: bool) -> npt.NDArray[np.bool_]:
    """Return a mask of the columns that are labels."""
    if isinstance(discrete_features, str):
        if discrete_features != "auto":
            raise ValueError(
                "Invalid string value for discrete_features. discrete_features must be 'auto', "
                f"True, False, a mask or places, got {discrete_features!r}"
            )
        return np.full(f, sparse)
    array = as_array(discrete_features, "discrete_features")
    if array.dtype == np.bool_ and array.ndim == 0:
        return np.full(f, bool(array))
    if array.ndim != 1 or (array.dtype == np.bool_ and array.size != f):
        raise ValueError(
            f"discrete_features must hold one entry for each of the {f} columns, or the places of "
            f"some, got shape {array.shape}"
        )
    if array.dtype == np.bool_:
        return array
    if array.size and array.dtype.kind not in "iu":
        raise ValueError(
            f"discrete_features must be 'auto', True, False, a mask or places, got dtype "
            f"{array.dtype}"
        )
    mask = np.zeros(f, np.bool_)
    if array.size:
        if array.min() < -f or array.max() >= f:
            raise ValueError(
                f"discrete_features must hold places of the {f} columns, got {array.tolist()!r:.80}"
            )
        mask[array] = True
    return mask


def random_numbers(random_state: Any) -> Any:
    """Return the generator that scikit-learn would use for a seed."""
    if random_state is None or random_state is np.random:
        return np.random.mtrand._rand
    if hasattr(random_state, "standard_normal"):
        return random_state
    return np.random.RandomState(integer(random_state, "random_state", least=0, most=2**32 - 1))
