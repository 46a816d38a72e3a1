"""Which columns tell about a target: ranking by mutual information."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np

from fastinfo._codes import Coded, code_dtype
from fastinfo._occupied import count_cells
from fastinfo._report import progress_bar
from fastinfo._samples import STRATEGIES
from fastinfo._threads import run_in_order
from fastinfo._validate import Array, as_array, as_samples, base_divisor, choice, same_length
from fastinfo.binning import bin_samples, find_edges, find_range
from fastinfo.encoding import encode, is_discrete, said_discrete
from fastinfo.frames import is_series, is_table, load_column, table_columns
from fastinfo.joint_counts import JointCounts
from fastinfo.ranking import RankedFeature, Ranking
from fastinfo.significance import adjust_pvalues

__all__ = ["rank_features"]


def rank_features(
    X: Any,
    y: Any,
    *,
    bins: Any = "mi",
    strategy: str = "uniform",
    discrete: Any = "auto",
    base: float | None = None,
    alpha: float = 0.05,
    nan_policy: str = "omit",
    missing: str | None = None,
    progress: bool | Callable[[int, int], None] = False,
) -> Ranking:
    """
    Rank columns by their mutual information with a target, with p-values.

    Each column is coded once, and counted against the target.

    Parameters
    ----------
    X : (n, f) array_like, or pandas, Polars or PyArrow table
        The columns.
    y : (n,) array_like, or str
        The target, or the name of its column in `X`, which then is no feature.
    bins : int, edges or str, optional
        Number of bins, edges or the name of a rule for what is binned: "mi" (default;
        Hacine-Gharbi & Ravier 2018, with a correlation of 0) or one of NumPy's.
    strategy : {"uniform", "quantile"}, optional
        Whether bins that are not given as edges are equally wide or equally full.
    discrete : {"auto", True, False} or a pair of those, optional
        Whether the features, and the target, are labels. "auto" goes by the dtype of an array
        (floats are binned, the rest are labels); a numeric column of a table is binned when it has
        more than 32 distinct values.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    alpha : float, optional
        False discovery rate for :meth:`Ranking.significant`.
    nan_policy : {"omit", "propagate", "raise"}, optional
        What a missing sample does: leave out its row for that column (default), make the
        information of the column NaN, or raise.
    missing : {"category"}, optional
        Make missing a level of its own, for features and target.
    progress : bool or callable, optional
        Show a bar (needs rich), or call ``progress(done, total)`` after columns are done.

    Returns
    -------
    Ranking
        The best column first; equal ones in the order of the table, all-missing ones last.

    Raises
    ------
    TypeError
        If `X` is no array or table, or a column can be neither binned nor labels.
    ValueError
        If there are no rows or columns, lengths differ, the target is unknown, all missing or has
        one value, a range is not finite, or an option is unknown.

    Warns
    -----
    UserWarning
        Names the columns that are all missing (information NaN) or have one value (0).

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995), Controlling the false discovery rate: a practical and
    powerful approach to multiple testing, Journal of the Royal Statistical Society B 57, 289-300.
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(10_000, 3))
    >>> y = X[:, 1] + rng.normal(size=10_000)
    >>> ranking = fastinfo.rank_features(X, y)
    >>> ranking[0].name, ranking[0].pvalue < 1e-100, len(ranking.significant())
    ('x1', True, 1)
    """
    divisor = base_divisor(base)
    choice(nan_policy, "nan_policy", ("omit", "propagate", "raise"))
    choice(missing, "missing", (None, "category"))
    choice(strategy, "strategy", STRATEGIES)
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must lie between 0 and 1, got {alpha!r}")
    columns, target, target_name = _split(X, y)
    n_rows = len(target)

    def code(values: Any, name: str, place: int) -> tuple[Coded, Array]:
        coded, absent = _code(values, name, bins, strategy, discrete, place)
        if missing == "category":
            return _with_missing_level(coded, absent), np.zeros(0, np.bool_)
        if nan_policy == "raise" and absent.any():
            raise ValueError(
                f"The input contains nan values: {name} must have no missing samples under "
                f"nan_policy='raise', got {int(absent.sum())}"
            )
        return coded, absent

    y_coded, y_absent = code(target, target_name or "y", 1)
    occurring = np.unique(y_coded.codes[~y_coded.invalid]).size
    if occurring < 2:
        raise ValueError(
            f"the target {target_name or 'y'!r} must have at least two values, "
            f"got {'one' if occurring else 'only missing ones'}: nothing can tell about it"
        )

    constant: list[str] = []

    def measure(column: tuple[str, Any]) -> RankedFeature:
        name, values = column
        coded, absent = code(values, name, 0)
        if len(coded.codes) != n_rows:
            raise ValueError(
                f"X and y must have the same length, got {len(coded.codes)} and {n_rows} rows"
            )
        counts = JointCounts(count_cells(coded, y_coded))
        n = int(counts.n)
        if n and np.count_nonzero(counts._cells().x_counts) == 1:
            constant.append(name)
        both = [a for a in (absent, y_absent) if a.size]
        n_missing = int(np.logical_or.reduce(both).sum()) if both else 0
        if n == 0 or (nan_policy == "propagate" and n_missing):
            return RankedFeature(name, math.nan, math.nan, math.nan, math.nan, n, n_missing)
        return RankedFeature(
            name,
            counts.mutual_information() / divisor,
            counts.normalized_mutual_information(),
            counts.independence_test().pvalue,
            math.nan,
            n,
            n_missing,
        )

    with progress_bar() if progress is True else nullcontext(progress) as report:
        done = (lambda k: report(k, len(columns))) if callable(report) else None
        found = run_in_order(measure, columns, done=done)
    _warn("are missing, so the information is NaN", [row.name for row in found if row.n == 0])
    _warn("are the same, so the information is 0", [n for n, _ in columns if n in constant])
    adjusted = adjust_pvalues([row.pvalue for row in found])
    rows = [row._replace(adjusted_pvalue=float(p)) for row, p in zip(found, adjusted, strict=True)]
    rows.sort(key=lambda row: (math.isnan(row.mi), -row.mi))
    return Ranking(rows, target=target_name, base=base, alpha=alpha, n_rows=n_rows)


def _split(X: Any, y: Any) -> tuple[list[tuple[str, Any]], Any, str | None]:
    """Columns by name, the target, and its name where it has one."""
    if is_table(X):
        columns = table_columns(X)
        name: str | None
        if isinstance(y, str):
            if y not in columns:
                raise ValueError(f"y must be a column of X, one of {list(columns)}, got {y!r}")
            target, name = columns.pop(y), y
        else:
            target, name = _target(y)
        named = list(columns.items())
    else:
        if isinstance(y, str):
            raise ValueError(f"y can name a column of a table only, got {y!r} with an array")
        array = as_array(X, "X")
        if array.ndim != 2:
            raise ValueError(f"X must be two-dimensional (rows, columns), got shape {array.shape}")
        if array.dtype.kind in "cV":
            raise TypeError(f"X must hold real numbers or labels, got dtype {array.dtype}")
        named = [(f"x{i}", array[:, i]) for i in range(array.shape[1])]
        target, name = _target(y)
        same_length(array, target, "X", "y")
    if not named:
        raise ValueError("X must have at least one column beside the target, got none")
    if not len(target):
        raise ValueError("X must have at least one row, got none")
    return named, target, name


def _target(y: Any) -> tuple[Any, str | None]:
    if is_table(y):
        columns = table_columns(y, "y")
        if len(columns) != 1:
            raise ValueError(f"y must be one column, got a table of {len(columns)}")
        ((only, column),) = columns.items()
        return column, only
    if is_series(y):
        name = getattr(y, "name", None)
        return y, None if name is None else str(name)
    return as_samples(y, "y"), None


def _code(
    values: Any, name: str, bins: Any, strategy: str, discrete: Any, place: int
) -> tuple[Coded, Array]:
    """Codes of one column, of labels or in bins of its own range, and where it is missing."""
    if isinstance(values, np.ndarray):
        labels = is_discrete(values, discrete, place)
    else:
        values, labels = load_column(values, name, said_discrete(discrete, place))
    if labels:
        coded = values if isinstance(values, Coded) else encode(values)
        return coded, _where_any(coded.invalid)
    low, high, n = find_range(values)
    try:
        edges = find_edges(values, bins, "bins", (low, high), n, strategy=strategy)
    except ValueError as error:
        raise ValueError(f"column {name!r}: {error}") from error
    coded = bin_samples(values, edges)
    missing = np.isnan(values) if n < values.size else np.zeros(0, np.bool_)
    return coded, missing


def _where_any(mask: Array) -> Array:
    """The mask, or an empty one where nothing is masked."""
    return mask if mask.any() else np.zeros(0, np.bool_)


def _with_missing_level(coded: Coded, missing: Array) -> Coded:
    """Codes in which missing is the last level."""
    if not missing.size:
        return coded
    n_levels = coded.n_levels + 1
    codes = coded.codes.astype(code_dtype(n_levels))
    codes[coded.invalid] = n_levels
    codes[missing] = coded.n_levels
    return Coded(codes, n_levels)


def _warn(what: str, names: list[str]) -> None:
    if names:
        shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
        warnings.warn(f"all values {what}, in: {shown}", stacklevel=3)
