"""Transfer entropy from each of many series to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fastinfo._bins.coded_variables import MANY_BINS
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.coding import code_features
from fastinfo._columns.matrix.information_matrix import InformationMatrix, labelled
from fastinfo._columns.matrix.matrix_labels import MatrixLabels
from fastinfo._columns.notes import (
    notes_of_columns,
    warn_of_infinite,
    warn_of_notes,
    warn_of_unreadable,
)
from fastinfo._columns.pairs.pair_measures import check_matrix
from fastinfo._core.checks import base_divisor
from fastinfo._core.progress import reporting
from fastinfo._measures.corrections import check_correction
from fastinfo._tables.table_readers import read_features, warn_of_nested
from fastinfo.time_series.coded_pasts import CodedPasts
from fastinfo.time_series.pasts import Pasts


def transfer_entropy_matrix(
    X: Any,
    *,
    history: int = 1,
    source_history: int = 1,
    lag: int = 1,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = None,
    nan_policy: str = "omit",
    progress: bool | Callable[[int, int], None] = False,
) -> InformationMatrix:
    """
    Transfer entropy from each of many series to each other series.

    Each series is binned once, and all pairs are counted together. For series with few levels, this
    uses bit operations on up to 512 samples at a time.

    Parameters
    ----------
    X : (n, f) array_like, table, mapping of names to columns, or path
        The series, as columns. Rows are times, one step apart.
    history : int, optional
        Number of past values of the target to condition on; 0 for none.
    source_history : int, optional
        Number of values of the source.
    lag : int, optional
        Steps from the newest value of the source to the predicted value of the target.
    bins : int, edges or str, optional
        Bins of the series; 8 by default. A list or tuple has one entry for each column, and an
        array holds the edges of all columns.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    discrete : {"auto", True, False} or a mapping of names to those, optional
        Which columns are labels, as in :func:`rank_features`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of the entropies, as in :func:`entropy_from_counts`; plug-in by default. With a
        correction, pairs are counted one by one, which takes far longer.
    nan_policy : {"omit", "propagate", "raise"}, optional
        Whether a missing sample drops the predictions that use it, for the pairs of its column
        (default), makes those pairs NaN, or raises.
    progress : bool or callable, optional
        Show a progress bar, or call ``progress(done, total)`` with numbers of pairs.

    Returns
    -------
    (f, f) InformationMatrix of float64
        The transfer entropy from the series of a row to the series of a column:
        ``matrix["a", "b"]`` is from a to b. The matrix is not symmetric, and 0 on the diagonal. NaN
        if no prediction of a pair has all its values.

    Raises
    ------
    TypeError, ValueError
        If the table or an option is not valid: the conditions are listed in
        :func:`mutual_information_matrix`. Also if a history or the lag is not an integer, or the
        series are too short for them.

    Warns
    -----
    UserWarning
        If at least about half of a pair's transfer entropy is due to chance, for values of at least
        0.1 nats; checked without a correction, from 100 predictions on. Also for columns about
        which :func:`mutual_information_matrix` warns.

    See Also
    --------
    transfer_entropy : Transfer entropy from one series to another, also given other series.
    transfer_entropy_test : Transfer entropy with a p-value and without its bias.

    References
    ----------
    Schreiber, T. (2000), Measuring information transfer, Physical Review Letters 85, 461-464.
    https://doi.org/10.1103/PhysRevLett.85.461

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> a = np.random.default_rng(0).integers(0, 2, 10_000)
    >>> matrix = fastinfo.transfer_entropy_matrix({"a": a, "b": np.roll(a, 1)}, base=2)
    >>> matrix.round(2)
    array([[0., 1.],
           [0., 0.]])
    >>> bool(matrix["a", "b"] > matrix["b", "a"])
    True
    """
    divisor, correction = base_divisor(base), check_correction(correction)
    pasts = Pasts.of(history, source_history, lag)
    binning = Binning(_with_rule(bins), strategy, discrete=discrete, nan_policy=nan_policy)
    features = read_features(X)
    warn_of_nested(features.nested, binning.discrete)
    binning.check_names(features.names)
    f = len(features.names)
    check_matrix(f, f)
    first = pasts.first(features.n_rows)
    matrix = code_features(features, binning)
    warn_of_infinite(matrix.infinite)
    warn_of_unreadable(matrix.unreadable, matrix.names)
    warn_of_notes(_notes(matrix, binning))
    coded = CodedPasts(matrix, pasts, first)
    with reporting(progress, "pairs") as report:
        done = (lambda k: report(k, f * f)) if report is not None else None
        out = coded.measure(correction, done)
    if nan_policy == "propagate":
        out[matrix.n_missing > 0] = np.nan
        out[:, matrix.n_missing > 0] = np.nan
    np.fill_diagonal(out, 0.0)
    if correction is None:
        coded.tell_chance(out)
    kept = [i for i, name in enumerate(matrix.names) if name not in matrix.unreadable]
    keys = [(features.keys or features.names)[i] for i in kept]
    out = out[np.ix_(kept, kept)] / divisor
    labels = MatrixLabels(keys, keys, False, base, correction, None, None, features.n_rows)
    return labelled(out, labels)


def _with_rule(bins: Any) -> Any:
    """Bins with the rule "mi" replaced by the number that it means here."""
    if isinstance(bins, str):
        return MANY_BINS if bins == "mi" else bins
    if isinstance(bins, (list, tuple)):
        return type(bins)(_with_rule(own) if isinstance(own, str) else own for own in bins)
    return bins


def _notes(matrix: CodeMatrix, binning: Binning) -> dict[str, str]:
    """Notes on unusual columns, by name."""
    words = binning.said_of_each(matrix.names, 0)
    said = {name for name, word in zip(matrix.names, words, strict=True) if word}
    notes = notes_of_columns(matrix, said)
    return {name: note for name, note in notes.items() if name not in matrix.unreadable}
