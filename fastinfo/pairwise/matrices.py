"""Matrix of the mutual information of all pairs of columns."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._columns.coding import code_features
from fastinfo._columns.matrix.information_matrix import InformationMatrix, labelled
from fastinfo._columns.matrix.matrix_labels import MatrixLabels
from fastinfo._columns.pairs.pair_measures import check_matrix, measure_pairs
from fastinfo._core.checks import base_divisor, choice
from fastinfo._core.progress import reporting
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.information import AVERAGES
from fastinfo._measures.misleading import tell_chance_in_pairs
from fastinfo._tables.features import Features
from fastinfo._tables.row_weights import split_weights
from fastinfo._tables.table_readers import (
    opened,
    read_features,
    warn_of_nested,
)
from fastinfo.files.sources import Source, refuse_checkpoint
from fastinfo.pairwise.coded_tables import code_weighted, readable, warn_of_columns
from fastinfo.streaming.read_weights import refuse_checkpoint_of_codes


def mutual_information_matrix(
    X: Any,
    Y: Any = None,
    *,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = None,
    normalized: str | None = None,
    nan_policy: str = "omit",
    missing: str | None = None,
    sample_weight: Any = None,
    progress: bool | Callable[[int, int], None] = False,
    checkpoint: str | os.PathLike[str] | None = None,
) -> InformationMatrix:
    """
    Mutual information of all pairs of columns.

    Each column is binned once. Pairs of columns with few levels are counted with bit operations, on
    up to 512 rows at a time. Other pairs are counted in groups, so that one increment counts many
    pairs.

    Parameters
    ----------
    X : (n, f) array_like, sparse matrix, table, mapping of names to columns, path, or source
        The table: any input that :func:`rank_features` accepts. The same inputs are read part by
        part. If all columns are sparse, the cost is the sum over the rows of the squared number of
        stored values.
    Y : (n, g) array_like, sparse matrix, table, mapping, path, or source, optional
        Columns to pair with those of `X`. By default, the columns of `X` are paired with each
        other. It is read into memory, and cannot be given if `X` is read part by part.
    bins : int, edges or str, optional
        Bins of numbers, as in :func:`mutual_information`. The rule "mi" (default) assumes a
        correlation of 0. A list or tuple has one entry for each column, and an array holds the
        edges of all columns.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    discrete : {"auto", True, False}, a pair of those, or a mapping of names to those, optional
        Which columns of `X`, and of `Y`, are labels, as in :func:`rank_features`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of the entropies of each pair, as in :func:`entropy_from_counts`.
    normalized : {"arithmetic", "geometric", "min", "max", "joint"}, optional
        Divide by this mean of the entropies of the pair, or by its joint entropy.
    nan_policy : {"omit", "propagate", "raise"}, optional
        Whether a missing sample drops its row for the pairs of its column (default), makes them
        NaN, or raises.
    missing : {"category"}, optional
        Treat missing values as a level of their own.
    sample_weight : (n,) array_like, or the name of a column of `X`, optional
        Weights of the rows, as in :func:`rank_features`: finite, not negative. Corrections use the
        effective number of rows, ``sum(w)**2 / sum(w**2)``.
    progress : bool or callable, optional
        Show a progress bar, or call ``progress(done, total)`` with numbers of pairs.
    checkpoint : str or path-like, optional
        For data that is read part by part: a file that stores the counts so far, so that an
        interrupted run can continue. It is removed at the end.

    Returns
    -------
    (f, f) or (f, g) InformationMatrix of float64
        The mutual information, as an array that can be indexed by column names,
        ``matrix["age", "income"]``. Without `Y`, it is symmetric, with the entropies of the columns
        on the diagonal (if `normalized`: 1, or 0 for a column with a single value). NaN for a pair
        without a complete row.

    Raises
    ------
    TypeError
        If `X` or `Y` is not an array or table, no column can be read as numbers or labels, or a
        column does not fit its entry in `discrete`.
    ValueError
        If there are no rows or columns, the numbers of rows differ, the width of a range is not
        finite, an option is not valid, a sample is missing and ``nan_policy="raise"``, or `Y` is
        given although `X` is read part by part.

    Warns
    -----
    UserWarning
        If columns are all missing (their information is NaN) or have a single value (it is 0). From
        100 rows on, also if columns have fewer than half of their values, or if labels are nearly
        all different, unless `discrete` declares them: their information is due to chance, which
        ``correction="chance"`` subtracts. If columns of lists, structs or maps, or others that are
        neither numbers nor labels, are omitted from the result. These warnings name the columns.
        Other warnings say how many infinite values are outside the bins of a column, that labels
        have so many levels that much of their information is due to chance, or that data changed
        between two readings.

    See Also
    --------
    mutual_information : Mutual information of one pair, with bins that depend on its correlation.
    rank_features : Information of all columns about a target, with p-values.

    Notes
    -----
    Counts are exact, and results do not depend on the number of threads. Memory is needed for the
    codes, one byte for each sample of a column with at most 254 levels, and some tens of MB for
    each thread. For data in parts, the tables of all pairs are kept instead. With the rule "mi",
    the number of bins grows with the fourth root of the number of rows, and these tables grow with
    its square root. With a fixed number of `bins`, they do not grow.

    References
    ----------
    Hacine-Gharbi, A. & Ravier, P. (2018), A binning formula of bi-histogram for joint entropy
    estimation using mean square error minimization, Pattern Recognition Letters 101, 21-28.
    https://doi.org/10.1016/j.patrec.2017.11.007

    Examples
    --------
    >>> import fastinfo
    >>> X = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]  # the last one is XOR of the others
    >>> fastinfo.mutual_information_matrix(X, base=2)
            x0      x1      x2
    x0  1.0000  0.0000  0.0000
    x1  0.0000  1.0000  0.0000
    x2  0.0000  0.0000  1.0000
    [3 x 3, bits, entropies on the diagonal]
    """
    divisor = base_divisor(base)
    correction = check_correction(correction, of_information=True)
    choice(normalized, "normalized", (None, *AVERAGES))
    binning = Binning(bins, strategy, discrete=discrete, missing=missing, nan_policy=nan_policy)
    data = opened(X, small=checkpoint is None)
    if isinstance(data, Source):
        if Y is not None:
            raise ValueError(
                "Y must be None if X is read part by part: put all columns into one table"
            )
        if sample_weight is None:
            from fastinfo.streaming.rank_and_matrix import matrix_of_stream

            return matrix_of_stream(
                data,
                binning,
                progress=progress,
                checkpoint=checkpoint,
                base=base,
                correction=correction,
                normalized=normalized,
            )
        refuse_checkpoint_of_codes(checkpoint, "sample_weight")
        warn_of_nested(data.nested, binning.discrete)
        x = code_weighted(data, binning, sample_weight)
        features, others = Features(x.names, None, []), None
    else:
        refuse_checkpoint(checkpoint)
        features, weights = split_weights(read_features(data), sample_weight)
        others = None if Y is None else read_features(Y, "Y")
        x = None
    for read in (features,) if others is None else (features, others):
        warn_of_nested(read.nested, binning.discrete)
    if others is not None and others.n_rows != features.n_rows:
        raise ValueError(
            f"X and Y must have the same number of rows, got {features.n_rows} and {others.n_rows}"
        )
    if others is not None and isinstance(bins, (list, tuple)):
        sizes = len(features.names), len(others.names)
        if len(bins) in sizes and sizes[0] != sizes[1]:
            raise ValueError(
                f"bins must be an array of edges, or have an entry for each column of X and of Y, "
                f"which have {sizes[0]} and {sizes[1]} columns; got {bins!r}"
            )
    names = [*features.names, *(() if others is None else others.names)]
    binning.check_names(names)
    check_matrix(len(features.names), len((features if others is None else others).names))
    if x is None:
        x = code_features(features, binning).weighted(weights)
    y = None if others is None else code_features(others, binning, 1)
    other = x if y is None else y
    f, g = x.n_columns, other.n_columns
    total = f * (f + 1) // 2 if y is None else f * g
    with reporting(progress, "pairs") as report:
        done = (lambda k: report(k, total)) if report is not None else None
        out = measure_pairs(x, y, correction, normalized, done)
    if nan_policy == "propagate":
        out[x.n_missing > 0] = np.nan
        out[:, other.n_missing > 0] = np.nan
    sides = []
    for place, matrix in enumerate((x,) if y is None else (x, y)):
        said = warn_of_columns(matrix, binning, place)
        levels = np.where(matrix.labels, matrix.n_levels, 0).tolist()
        sides.append(
            [
                (name, 0 if name in said else k)
                for name, k in zip(matrix.names, levels, strict=True)
                if name not in matrix.unreadable
            ]
        )
    kept = readable(x), readable(other)
    if x.unreadable or other.unreadable:
        out = out[np.ix_(*kept)]
    if normalized is None:
        if correction is None:
            tell_chance_in_pairs(out, x.n_rows, *sides)
        out /= divisor
    equal = strategy == EQUAL_COUNTS
    keys = [side.keys or side.names for side in (features, features if others is None else others)]
    level_sizes = [side.sizes(equal) for side in ((x,) if y is None else (x, y))]
    labels = MatrixLabels(
        [keys[0][i] for i in kept[0]],
        [keys[1][i] for i in kept[1]],
        y is None,
        base,
        correction,
        normalized,
        (level_sizes[0].at(kept[0]), level_sizes[-1].at(kept[1])),
        x.n_rows,
    )
    return labelled(out, labels)
