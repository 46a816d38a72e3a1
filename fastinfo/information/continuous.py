"""scikit-learn's mutual information of columns with a target, from nearest neighbours."""

from __future__ import annotations

from collections.abc import Callable
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
from fastinfo._core.threads import run_in_order
from fastinfo._neighbors.distances import Ranked, rank
from fastinfo._neighbors.pairs import label_information, pair_information
from fastinfo.information.labels import mutual_info_score
from fastinfo.information.sparse_labels import information_of_labels

_ALONE = 4096  # so few samples are sorted before another thread has begun
_NOISE = 1e-10  # scikit-learn's, of the mean size of a column


def mutual_info_regression(
    X: Any,
    y: npt.ArrayLike,
    *,
    discrete_features: Any = "auto",
    n_neighbors: int = 3,
    random_state: Any = None,
) -> npt.NDArray[np.float64]:
    """
    Mutual information of each column with a continuous target.

    Results equal those of :func:`sklearn.feature_selection.mutual_info_regression` for the same
    `random_state`. Columns of floats use the nearest-neighbour estimate of Kraskov, Stögbauer and
    Grassberger, and columns of labels use that of Ross.

    Parameters
    ----------
    X : (n, f) array_like, or (n, f) SciPy sparse matrix
        The columns, all finite. Those of a sparse matrix must be labels.
    y : (n,) array_like
        The target: finite numbers.
    discrete_features : {"auto", True, False} or array_like, optional
        Which columns are labels: all, none, a mask, or their indices. "auto" means none for an
        array and all for a sparse matrix, whatever the dtype.
    n_neighbors : int, optional
        Number of nearest neighbours. A larger number reduces the variance and increases the bias.
    random_state : int, numpy.random.RandomState or None, optional
        Source of the noise that separates equal samples. None means NumPy's global state.

    Returns
    -------
    (f,) ndarray
        Mutual information in nats; 0 where the estimate is negative.

    Raises
    ------
    TypeError
        If samples are complex, or `n_neighbors` is not an integer.
    ValueError
        If shapes do not fit, a sample is NaN or infinite, there are no more samples than
        neighbours, or an option is unknown.

    See Also
    --------
    mutual_information : One pair of variables, without noise, with ``estimator="ksg"``.
    rank_features : Mutual information from bins: faster, and with p-values.

    Notes
    -----
    As in scikit-learn, columns and target are divided by their standard deviations, and noise of
    1e-10 of their mean absolute size is added. Samples whose label occurs only once are omitted
    from the estimate of a column.

    References
    ----------
    Kraskov, A., Stögbauer, H. & Grassberger, P. (2004), Estimating mutual information, Physical
    Review E 69, 066138. https://doi.org/10.1103/PhysRevE.69.066138

    Ross, B. C. (2014), Mutual information between discrete and continuous data sets, PLoS ONE 9,
    e87357. https://doi.org/10.1371/journal.pone.0087357

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(10_000, 2))
    >>> y = 2 * X[:, 0] + rng.normal(size=10_000)
    >>> fastinfo.mutual_info_regression(X, y, random_state=0).round(1)  # log(5) / 2, and 0
    array([0.8, 0. ])
    """
    return _estimate(X, y, discrete_features, n_neighbors, random_state, of_classes=False)


def mutual_info_classif(
    X: Any,
    y: npt.ArrayLike,
    *,
    discrete_features: Any = "auto",
    n_neighbors: int = 3,
    random_state: Any = None,
) -> npt.NDArray[np.float64]:
    """
    Mutual information of each column with a target of classes.

    Results equal those of :func:`sklearn.feature_selection.mutual_info_classif` for the same
    `random_state`. Columns of floats use the nearest-neighbour estimate of Ross, and columns of
    labels use their counts.

    Parameters
    ----------
    X : (n, f) array_like, or (n, f) SciPy sparse matrix
        The columns, as in :func:`mutual_info_regression`.
    y : (n,) array_like
        The classes: labels of any kind, but not floats with fractions.
    discrete_features : {"auto", True, False} or array_like, optional
        Which columns are labels: all, none, a mask, or their indices. "auto" means none for an
        array and all for a sparse matrix, whatever the dtype.
    n_neighbors : int, optional
        Number of nearest neighbours. A larger number reduces the variance and increases the bias.
    random_state : int, numpy.random.RandomState or None, optional
        Source of the noise that separates equal samples. None means NumPy's global state.

    Returns
    -------
    (f,) ndarray
        Mutual information in nats; 0 where the estimate is negative.

    Raises
    ------
    TypeError
        If samples are complex, or `n_neighbors` is not an integer.
    ValueError
        If shapes do not fit, a sample is NaN or infinite, the classes have fractions, or an option
        is unknown.

    Notes
    -----
    As in scikit-learn, columns of floats are divided by their standard deviations, and noise of
    1e-10 of their mean absolute size is added. Samples of a class with a single member are omitted
    from the estimates for floats, since they have no neighbour in their class. In a class with
    fewer than `n_neighbors` neighbours, all of them are used.

    References
    ----------
    Ross, B. C. (2014), Mutual information between discrete and continuous data sets, PLoS ONE 9,
    e87357. https://doi.org/10.1371/journal.pone.0087357

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(10_000) % 2
    >>> X = rng.normal(size=(10_000, 2)) + np.outer(y, [3.0, 0.0])
    >>> fastinfo.mutual_info_classif(X, y, random_state=0).round(1)
    array([0.5, 0. ])
    """
    return _estimate(X, y, discrete_features, n_neighbors, random_state, of_classes=True)


def _estimate(
    X: Any, y: Any, discrete_features: Any, n_neighbors: Any, random_state: Any, *, of_classes: bool
) -> npt.NDArray[np.float64]:
    k = integer(n_neighbors, "n_neighbors", least=1)
    columns = _sparse_columns(X)
    sparse = columns is not None
    matrix: Any = _matrix(X) if columns is None else columns
    target = _classes(y) if of_classes else _numbers(y)
    n, f = (columns.n_rows, len(columns)) if columns is not None else matrix.shape
    if n != target.size:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: X and y must have the "
            f"same length, got {n} and {target.size} samples"
        )
    mask = _discrete_mask(discrete_features, f, sparse)
    if sparse and not mask.all():
        raise ValueError(
            "Sparse matrix `X` can't have continuous features. discrete_features must be 'auto' or "
            "True for it"
        )
    if n <= k and not of_classes and not mask.all():
        raise ValueError(
            f"Expected n_neighbors < n_samples_fit, but n_neighbors = {k}, n_samples_fit = {n}, "
            f"n_samples = {n}: n_neighbors must be smaller than the number of samples"
        )
    k = min(k, n)  # of labels, those that a class has
    rng = _random_state(random_state)
    numbers = _scaled_columns(matrix, ~mask, rng) if not mask.all() else np.empty((n, 0))
    places = np.cumsum(~mask) - 1

    def column(j: int) -> Array:
        if not mask[j]:
            return np.ascontiguousarray(numbers[:, places[j]])
        return matrix[:, j] if columns is None else np.asarray(columns[j])

    if of_classes and columns is not None:
        return information_of_labels(columns, encode(target))
    if of_classes:
        codes = encode(target).codes

        def with_classes(j: int) -> float:
            a = column(j)
            if mask[j]:
                return mutual_info_score(encode(a).codes, codes)
            return _of_labels(a, codes, k)

        return np.array(run_in_order(with_classes, range(f)))

    def scaled_and_ranked() -> tuple[Array, Ranked]:
        scaled = _scaled_target(target, rng)
        return scaled, rank(scaled)

    # The noise of the target comes out of one generator, one number after the other: that, and the
    # only column's order, at the same time.
    alone = f == 1 and not mask[0]
    tasks: list[Callable[[], Any]] = [scaled_and_ranked, *([lambda: rank(column(0))] * alone)]
    done = run_in_order(lambda task: task(), tasks) if n > _ALONE else [task() for task in tasks]
    (scaled, y_ranked), *first = done

    def with_numbers(j: int) -> float:
        if mask[j]:
            return _of_labels(scaled, encode(column(j)).codes, k, y_ranked)
        x = first[0] if first else rank(column(j))
        return max(0.0, pair_information(x, y_ranked, k, "lowered").information)

    return np.array(run_in_order(with_numbers, range(f)))


def _of_labels(a: Array, codes: Array, k: int, ranked: Ranked | None = None) -> float:
    """Estimate of Ross; samples whose label occurs once are left out."""
    counts = np.bincount(codes)
    if (counts == 1).any():
        kept = counts[codes] > 1
        if not kept.any():
            return 0.0
        a, ranked = a[kept], None
        codes = (np.cumsum(counts > 1) - 1)[codes[kept]]
    codes = codes.astype(np.uint32, copy=False)
    found = label_information(rank(a) if ranked is None else ranked, codes, k, lowered=True)
    return max(0.0, found)


def _sparse_columns(X: Any) -> SparseColumns | None:
    """Columns of a sparse matrix, or of a frame of pandas whose columns all are; None of others."""
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
        found = columns_of_array(_matrix(found))
    if not len(found) or not found.n_rows:
        raise ValueError(
            f"X must hold at least one sample and one column, got shape "
            f"{(found.n_rows, len(found))}"
        )
    _refuse_not_finite(found.values, "X")
    return found


def _matrix(X: Any) -> Array:
    """Columns as numbers, in two dimensions."""
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
    _refuse_not_finite(array, "X")
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
        _refuse_not_finite(array, "y")
    return array.view(np.ndarray)


def _numbers(y: Any) -> Array:
    array = _vector(y)
    if array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        return array
    try:
        array = array.astype(np.float64)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise ValueError(f"y must hold numbers, got dtype {array.dtype}: {error}") from error
    _refuse_not_finite(array, "y")
    return array


def _classes(y: Any) -> Array:
    array = _vector(y)
    if array.dtype.kind == "f" and (array != np.trunc(array)).any():
        raise ValueError(
            "Unknown label type: continuous. y must hold classes, got floats with fractions: "
            "mutual_info_regression takes those"
        )
    return array


def _refuse_not_finite(a: Array, name: str) -> None:
    if a.dtype.kind == "f" and not np.isfinite(a).all():
        what = "NaN" if np.isnan(a).any() else "infinity"
        raise ValueError(
            f"Input {name} contains {what}: {name} must hold finite numbers, drop or fill the rows"
        )


def _discrete_mask(discrete_features: Any, f: int, sparse: bool) -> npt.NDArray[np.bool_]:
    """Which columns are labels."""
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


def _random_state(random_state: Any) -> Any:
    """Return what scikit-learn makes of a seed."""
    if random_state is None or random_state is np.random:
        return np.random.mtrand._rand
    if hasattr(random_state, "standard_normal"):
        return random_state
    return np.random.RandomState(integer(random_state, "random_state", least=0, most=2**32 - 1))


# The noise and the divisions are scikit-learn's to the last bit: where samples are equal, which of
# them are neighbours is up to the noise and to its rounding.


def _scaled_columns(matrix: Array, wanted: npt.NDArray[np.bool_], rng: Any) -> Array:
    numbers: Array = matrix.astype(np.float64, copy=False)[:, wanted]
    with np.errstate(over="ignore", invalid="ignore"):
        deviations = np.std(numbers, axis=0)
    _refuse_not_finite(deviations, "X (its variance)")
    deviations[deviations < 10 * np.finfo(np.float64).eps] = 1.0
    numbers /= deviations
    means = np.maximum(1, np.mean(np.abs(numbers), axis=0))
    numbers += _NOISE * means * rng.standard_normal(size=numbers.shape)
    return numbers


def _scaled_target(y: Array, rng: Any) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = np.std(y, axis=0)
    _refuse_not_finite(np.asarray(deviation), "y (its variance)")
    scaled = y / (deviation if deviation != 0.0 else deviation.dtype.type(1.0))
    scaled += _NOISE * np.maximum(1, np.mean(np.abs(scaled))) * rng.standard_normal(size=y.size)
    out: Array = scaled.astype(np.float64, copy=False)
    return out
