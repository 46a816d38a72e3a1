"""scikit-learn's mutual information of columns with a target, from nearest neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._codes.labels import encode
from fastinfo._core.checks import Array, integer
from fastinfo._core.threads import run_in_order
from fastinfo._neighbors.distances import Ranked, rank
from fastinfo._neighbors.pairs import label_information, pair_information
from fastinfo.information.columns_and_target.reading import (
    as_classes,
    as_matrix,
    as_numbers,
    complete_classes,
    discrete_mask,
    random_numbers,
    refuse_not_finite,
    sparse_columns,
)
from fastinfo.information.columns_and_target.sparse_labels import information_of_labels
from fastinfo.information.labels import mutual_info_score

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
        The columns, all finite. Columns of a sparse matrix must be labels. A pandas frame is
        treated as a sparse matrix if all its columns are Sparse with the fill value 0.
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
        Mutual information in nats; 0 if the estimate is negative.

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
        The columns, as in :func:`mutual_info_regression`. For a sparse matrix, the time grows with
        the number of stored values.
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
        Mutual information in nats; 0 if the estimate is negative.

    Raises
    ------
    TypeError
        If samples are complex, or `n_neighbors` is not an integer.
    ValueError
        If shapes do not fit, a sample is NaN or infinite, a class is missing, the classes have
        fractions, or an option is unknown.

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
    columns = sparse_columns(X)
    sparse = columns is not None
    matrix: Any = as_matrix(X) if columns is None else columns
    target = as_classes(y) if of_classes else as_numbers(y)
    n, f = (columns.n_rows, len(columns)) if columns is not None else matrix.shape
    if n != target.size:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: X and y must have the "
            f"same length, got {n} and {target.size} samples"
        )
    mask = discrete_mask(discrete_features, f, sparse)
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
    rng = random_numbers(random_state)
    numbers = _scaled_columns(matrix, ~mask, rng) if not mask.all() else np.empty((n, 0))
    places = np.cumsum(~mask) - 1

    def column(j: int) -> Array:
        if not mask[j]:
            return np.ascontiguousarray(numbers[:, places[j]])
        return matrix[:, j] if columns is None else np.asarray(columns[j])

    if of_classes:
        classes = complete_classes(target)
        if columns is not None:
            return information_of_labels(columns, classes)
        codes = classes.codes

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
    """Estimate the information by Ross's method, without samples whose label occurs once."""
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


# The noise and the divisions are scikit-learn's to the last bit: where samples are equal, which of
# them are neighbours is up to the noise and to its rounding.


def _scaled_columns(matrix: Array, wanted: npt.NDArray[np.bool_], rng: Any) -> Array:
    numbers: Array = matrix.astype(np.float64, copy=False)[:, wanted]
    with np.errstate(over="ignore", invalid="ignore"):
        deviations = np.std(numbers, axis=0)
    refuse_not_finite(deviations, "X (its variance)")
    deviations[deviations < 10 * np.finfo(np.float64).eps] = 1.0
    numbers /= deviations
    means = np.maximum(1, np.mean(np.abs(numbers), axis=0))
    numbers += _NOISE * means * rng.standard_normal(size=numbers.shape)
    return numbers


def _scaled_target(y: Array, rng: Any) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = np.std(y, axis=0)
    refuse_not_finite(np.asarray(deviation), "y (its variance)")
    scaled = y / (deviation if deviation != 0.0 else deviation.dtype.type(1.0))
    scaled += _NOISE * np.maximum(1, np.mean(np.abs(scaled))) * rng.standard_normal(size=y.size)
    out: Array = scaled.astype(np.float64, copy=False)
    return out
