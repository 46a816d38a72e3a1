"""Selection of columns as a scikit-learn transformer."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._column_readers.sparse_columns import is_matrix
from fastinfo._core.checks import Array, as_array, integer
from fastinfo._core.messages import missing_packages, warn
from fastinfo._tables.table_readers import is_series, is_table
from fastinfo.selection.selecting import select_features

try:
    from sklearn.base import BaseEstimator
    from sklearn.feature_selection import SelectorMixin
    from sklearn.utils.validation import (
        check_consistent_length,
        check_is_fitted,
        column_or_1d,
        validate_data,
    )
except ImportError as error:
    raise missing_packages("MutualInfoSelector needs", "scikit-learn", extra="sklearn") from error


class MutualInfoSelector(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    r"""
    Select columns that are informative about a target, for a scikit-learn Pipeline.

    Parameters
    ----------
    k : int, optional
        Number of columns to select. If there are fewer, all are selected, with a warning.
    method : {"mrmr", "mrmr-quotient", "mim", "jmi", "jmim", "cmim", "disr"}, optional
        Selection criterion, as in :func:`fastinfo.select_features`.
    bins : int, edges or str, optional
        Bins of numbers, as in :func:`fastinfo.rank_features`.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    discrete : {"auto", True, False}, a pair of those, or a mapping of names to those, optional
        Which features are labels, and whether the target is, as in :func:`fastinfo.rank_features`.
    missing : {"category"}, optional
        Treat missing values as a level of their own.

    Attributes
    ----------
    selection_ : Selection
        The columns in the order of selection, with scores.
    scores_ : (f,) float64 ndarray
        Scores of the selected columns; NaN for the others.
    n_features_in\_ : int
        Number of columns seen by :meth:`fit`.
    feature_names_in_ : (f,) ndarray of str
        Names of the columns, if all are strings.

    See Also
    --------
    fastinfo.select_features : Selection as a function, with formulas and references.

    Examples
    --------
    >>> import numpy as np
    >>> from fastinfo.selection import MutualInfoSelector
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 4))
    >>> MutualInfoSelector(k=1).fit(X, X[:, 2] > 0).get_support()
    array([False, False,  True, False])
    """

    __metadata_request__fit: ClassVar[dict[str, Any]] = {"sample_weight": None}

    def __init__(
        self,
        k: int = 10,
        *,
        method: str = "mrmr",
        bins: Any = "mi",
        strategy: str | None = None,
        discrete: Any = "auto",
        missing: str | None = None,
    ) -> None:
        self.k = k
        self.method = method
        self.bins = bins
        self.strategy = strategy
        self.discrete = discrete
        self.missing = missing

    def fit(self, X: Any, y: Any, **fit_params: Any) -> Self:
        """
        Select columns of `X`, an array, table or sparse matrix, for the target `y`.

        Returns the estimator. ``sample_weight=`` is accepted as in
        :func:`fastinfo.select_features`. Unlike in scikit-learn's own estimators, an integer weight
        is not equivalent to repeated rows.
        """
        sample_weight = fit_params.pop("sample_weight", None)
        if fit_params:
            raise TypeError(f"fit takes only X, y and sample_weight, got {', '.join(fit_params)}")
        k = integer(self.k, "k", least=1)
        given = y
        if is_table(X):  # whose columns may be of any kind
            validate_data(self, X, y, skip_check_array=True)
            y = column_or_1d(y)
            check_consistent_length(X, y)
        elif is_matrix(X):
            X, y = validate_data(
                self,
                X,
                y,
                accept_sparse=["csc", "csr", "coo"],
                dtype=None,
                ensure_all_finite="allow-nan",
                ensure_min_samples=2,
            )
        else:
            arrays = as_array(X, "X"), as_array(y, "y")  # refuses a mask, which would be lost
            X, y = (a if is_series(o) else o for a, o in zip(arrays, (X, y), strict=True))
            X, y = validate_data(
                self, X, y, dtype=None, ensure_all_finite="allow-nan", ensure_min_samples=2
            )
        if is_series(given):
            y = given  # nullable integers would be floats
        if not hasattr(self, "n_features_in_"):
            raise TypeError(f"X must be an array or a table, got {type(X).__name__}")
        f = self.n_features_in_
        if k > f:
            warn(f"k={k} is more than the number of columns, {f}: all are selected")
        try:
            self.selection_ = select_features(
                X,
                y,
                min(k, f),
                method=self.method,
                bins=self.bins,
                strategy=EQUAL_COUNTS if self.strategy is None else self.strategy,
                discrete=self.discrete,
                missing=self.missing,
                sample_weight=sample_weight,
            )
        except TypeError as error:
            if getattr(X, "dtype", None) != np.dtype(object):
                raise
            raise TypeError(f"argument must be a string or a number: {error}") from error
        self.scores_ = np.full(f, np.nan)
        self.scores_[self.selection_.indices] = [row.score for row in self.selection_]
        return self

    def transform(self, X: Any) -> Any:
        """
        Return the selected columns of `X`, which must have the columns seen by :meth:`fit`.

        The result is an array with columns in the order of the table, or a data frame after
        ``set_output``.
        """
        try:
            return super().transform(X)
        except (TypeError, ValueError):
            if not hasattr(X, "astype") or not is_table(X):
                raise
            return super().transform(X.astype(object))  # columns that no dtype joins

    def _get_support_mask(self) -> Array:
        check_is_fitted(self)
        mask = np.zeros(self.n_features_in_, np.bool_)
        mask[self.selection_.indices] = True
        return mask

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        return tags
