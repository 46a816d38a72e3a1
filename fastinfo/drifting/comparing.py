"""Compare the columns of two tables: the size of each difference, and its significance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.edges import check_number, given_edges
from fastinfo._bins.options import Binning
from fastinfo._bins.surveys import check_streamed_bins
from fastinfo._columns.notes import notes_of_samples, warn_of_unreadable
from fastinfo._columns.ranked import RankOptions
from fastinfo._core.checks import Array, base_divisor, shown
from fastinfo._core.messages import listed, warn
from fastinfo._core.progress import reporting
from fastinfo._core.threads import run_in_order
from fastinfo._counts.table import Table
from fastinfo._measures.independence import g_test, test_independence
from fastinfo._measures.information import expected_information, plug_in, shares_without_empty
from fastinfo._measures.resampling import permuted_information
from fastinfo._tables.features import Features
from fastinfo._tables.table_readers import opened, warn_of_nested
from fastinfo.drifting.counting import Counting
from fastinfo.drifting.table_drift import ColumnDrift, TableDrift
from fastinfo.drifting.two_columns import Counted, percent
from fastinfo.files.formats.file import unknown_column
from fastinfo.files.sources import Source, again
from fastinfo.significance.adjusting import adjust_pvalues

_RULES = ("mi", "rice", "sqrt", "sturges")
_DIGITS = 12  # of what the order depends on: rounding decides nothing
_GAPS = 0.01  # of the rows: by so much shares of missing values differ where a note says so


def drift(
    reference: Any,
    current: Any,
    *,
    columns: Sequence[str] | None = None,
    bins: Any = 10,
    strategy: str = "quantile",
    discrete: Any = "auto",
    base: float | None = None,
    n_permutations: int | str = "auto",
    seed: Any = None,
    alpha: float = 0.05,
    missing: str | None = "category",
    progress: bool | Callable[[int, int], None] = False,
) -> TableDrift:
    """
    Measure how far each column of a table has drifted from a reference, with p-values.

    Parameters
    ----------
    reference, current : (n, f) array_like, table, mapping of names to columns, path, or source
        The two tables, with any numbers of rows: any input that :func:`rank_features` accepts.
        Columns are matched by name, or by position if one of the tables is an array. Large files,
        and sources from :func:`fastinfo.streaming.open_files`, are read part by part, in memory
        that does not grow with the number of rows. The current table is read once, the reference at
        least twice.
    columns : sequence of str, optional
        Names of the columns to compare. None means all columns that both tables have.
    bins : int, edges or str, optional
        Number of bins for a column of numbers (10 by default, the usual number for `psi`); the name
        of a rule, "mi", "sqrt", "sturges" or "rice", which is applied to the rows of the reference;
        or edges for all columns.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths in the reference. The outermost
        bins also contain values outside the range of the reference; a note gives their share. If
        the reference has a single value, smaller and larger values get their own bins.
    discrete : {"auto", True, False}, or a mapping of names to those, optional
        Which columns are labels, as in :func:`mutual_information`. With "auto", integers are labels
        if both tables together have at most 32 different values.
    base : float, optional
        Base of the logarithm of `js` and `information`: 2 for bits. None means nats.
    n_permutations : {"auto"} or int, optional
        How p-values are computed, as in :func:`rank_features`. "auto" (default) chooses a valid
        test for each column, with the same result every time. 0 uses the G-test for all.
    seed : int, SeedSequence or Generator, optional
        Source of the permutations, as in :func:`permutation_test`.
    alpha : float, optional
        Columns with an adjusted p-value up to this level are significant and come first.
    missing : {"category", None}, optional
        "category" (default) makes missing values a level of their own, so that a change of their
        share is drift. None ignores missing values.
    progress : bool or callable, optional
        Show a progress bar (needs rich), or call ``progress(done, total)`` with numbers of rows.
        The first reading of the reference, for edges, counts as half. The total is 0 if unknown.

    Returns
    -------
    TableDrift
        One row for each column. Significant columns come first; both groups are sorted by `js`, the
        largest first, and ties by the order of the reference. The values are described in
        :class:`fastinfo.drifting.ColumnDrift`.

    Raises
    ------
    TypeError
        If an input is not an array or table, a column does not fit its entry in `discrete`, or
        `columns` is not a list of names.
    ValueError
        If a table has no rows, the tables have no column in common, an array and the other table
        have different numbers of columns, a name is unknown, or an option is not valid.

    Warns
    -----
    UserWarning
        If columns are omitted, because only one table has them or because they cannot be read. If
        columns contain numbers in one table and labels in the other; values of another type than in
        the reference then count as one level. If columns are nearly unique labels. These warnings
        name the columns. Also if data changed between two readings.

    Notes
    -----
    The size of a drift and its significance are different questions. With many rows, even a tiny
    shift is significant. With few rows, a large `psi` may be due to chance: for tables of n and m
    rows from one population, its mean is ``(bins - 1) (1 / n + 1 / m)``. By convention, a `psi`
    below 0.1 is small, and one above 0.25 is large (Siddiqi 2006, Credit Risk Scorecards, Wiley).
    These limits are for ten bins.

    A cell that is empty in one table would make `psi` infinite. For `psi`, such a cell counts as
    half a row. All other values use the unchanged counts.

    If the reference has more than 100,000 rows with different numbers, the counts between
    "quantile" edges are off by at most a twentieth of a bin.

    References
    ----------
    Lin, J. (1991), Divergence measures based on the Shannon entropy, IEEE Transactions on
    Information Theory 37, 145-151. https://doi.org/10.1109/18.61115

    Yurdakul, B. & Naranjo, J. (2020), Statistical properties of the population stability index,
    Journal of Risk Model Validation 14, 89-100. https://doi.org/10.21314/JRMV.2020.227

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> reference = {"a": rng.normal(size=2000), "b": rng.integers(0, 5, 2000)}
    >>> current = {"a": rng.normal(0.5, 1, size=1000), "b": rng.integers(0, 5, 1000)}
    >>> found = fastinfo.drift(reference, current)
    >>> [(row.name, round(row.psi, 2), row.adjusted_pvalue < 0.05) for row in found]
    [('a', 0.3, True), ('b', 0.01, False)]
    """
    asked = RankOptions.of(base, None, n_permutations, seed, alpha, "omit")
    bins = _checked_bins(bins, strategy)
    binning = Binning(bins, strategy, discrete=discrete, missing=missing)
    tables = opened(reference, "reference"), opened(current, "current")

    def count() -> Counting:
        pairs = _in_common(tables, columns)
        for table in tables:
            warn_of_nested(table.nested, discrete)
        shown_names, *names = map(list, zip(*pairs, strict=True))
        binning.check_names(shown_names)
        said = binning.said_of_each(shown_names, 0)
        with reporting(progress, "rows") as report:
            counting = Counting(tables, names, shown_names, said, bins, strategy, report)
            counting.run()
        return counting

    counting: Counting = again(count)
    for name, n in zip(("reference", "current"), counting.n_rows, strict=True):
        if not n:
            raise ValueError(f"{name} must have at least one row, got none")
    return _result(counting, asked, missing == "category")


def _checked_bins(bins: Any, strategy: str) -> Any:
    """A number of bins, a rule, or edges as float64."""
    if isinstance(bins, str):
        if bins not in _RULES:
            known = ", ".join(map(repr, _RULES))
            raise ValueError(f"bins must be a number, edges or one of {known}, got {shown(bins)}")
        check_streamed_bins(bins, strategy)
        return bins
    edges = given_edges(bins, "bins")
    if edges is None:
        return check_number(bins, "bins")
    found = edges.astype(np.float64)
    if found.size < 2 or not np.isfinite(found).all() or not (np.diff(found) > 0).all():
        raise ValueError(f"`bins` must hold at least two finite edges that rise, got {shown(bins)}")
    return found


class _Pair(NamedTuple):
    """A column that both tables have."""

    name: str
    in_reference: str
    in_current: str


def _in_common(tables: Sequence[Features | Source], columns: Sequence[str] | None) -> list[_Pair]:
    """Columns to compare: matched by name, or by position if a table is an array."""
    first, second = (list(table.names) for table in tables)
    arrays = [isinstance(table, Features) and table.is_matrix for table in tables]
    if any(arrays):
        if len(first) != len(second):
            raise ValueError(
                f"reference and current must have the same number of columns where one is an "
                f"array, got {len(first)} and {len(second)}"
            )
        plain = [f"x{i}" for i in range(len(first))]
        names = plain if all(arrays) else second if arrays[0] else first
        pairs = list(map(_Pair, names, first, second))
    else:
        there = set(second)
        pairs = [_Pair(name, name, name) for name in first if name in there]
        if columns is None:
            _warn_of_one_alone(first, second)
    known = [pair.name for pair in pairs]
    if columns is not None:
        wanted = set(_checked_names(columns))
        for name in columns:
            if name not in known:
                raise ValueError(f"columns: the two tables have {unknown_column(name, known)}")
        pairs = [pair for pair in pairs if pair.name in wanted]
    if not pairs:
        raise ValueError(
            f"reference and current must have a column in common, got "
            f"{listed(first) or 'none'} in one and {listed(second) or 'none'} in the other"
        )
    return pairs


def _checked_names(columns: Any) -> Sequence[str]:
    if not isinstance(columns, list | tuple) or not all(isinstance(n, str) for n in columns):
        raise TypeError(f"columns must be a list of names, got {shown(columns)}")
    if not columns:
        raise ValueError("columns must name at least one column, got none")
    return columns


def _warn_of_one_alone(first: Sequence[str], second: Sequence[str]) -> None:
    """Warn of columns that only one of the tables has."""
    for own, other, table in ((first, second, "reference"), (second, first, "current")):
        alone = [name for name in own if name not in set(other)]
        if alone:
            warn(f"columns that only {table} has are left out: {listed(alone)}")


def _result(counting: Counting, asked: RankOptions, as_level: bool) -> TableDrift:
    """Sort the rows into a result, and warn of unusual columns."""
    warn_of_unreadable(counting.unreadable, counting.shown)
    kept = [i for i, name in enumerate(counting.shown) if name not in counting.unreadable]
    found = [counting.columns[i].counted() for i in kept]
    rows = run_in_order(
        lambda k: _row(counting.shown[kept[k]], found[k], asked, asked.stream(kept[k]), as_level),
        range(len(kept)),
    )
    adjusted = adjust_pvalues([row.pvalue for row in rows])
    rows = [row._replace(adjusted_pvalue=float(p)) for row, p in zip(rows, adjusted, strict=True)]
    others = [row.name for row, one in zip(rows, found, strict=True) if one.other_type]
    if others:
        warn(
            f"columns hold another type in one table than in the other, and all values of the "
            f"other type count as one level: {listed(others)}"
        )
    unique = [row.name for row in rows if "nearly unique" in row.note.split("; ")]
    if unique:
        warn(
            f"columns to look at: nearly unique (labels that are nearly all different, like those "
            f"of an identifier: their psi and js do not show drift): {listed(unique)}"
        )

    def place(row: ColumnDrift) -> tuple[bool, bool, float]:
        unknown = math.isnan(row.js)
        size = 0.0 if unknown else -round(row.js, _DIGITS)
        return unknown, not row.adjusted_pvalue <= asked.alpha, size

    return TableDrift(
        sorted(rows, key=place),
        base=asked.base,
        alpha=asked.alpha,
        n_reference=counting.n_rows[0],
        n_current=counting.n_rows[1],
    )


def _row(
    name: str, found: Counted, asked: RankOptions, stream: int | None, as_level: bool
) -> ColumnDrift:
    """Measure one column from its counts; the adjusted p-value is NaN for now."""
    n, missing = found.counts.sum(axis=1).tolist(), found.missing.tolist()
    levels = int(np.count_nonzero(found.counts.any(axis=0)))
    counts = found.counts
    if as_level and any(missing):
        counts = np.column_stack([counts, found.missing])
    counts = np.ascontiguousarray(counts[:, counts.any(axis=0)])
    said = notes_of_samples(levels, sum(n), sum(n) + sum(missing), labels=found.labels)
    gaps = _missing_note(n, missing) if as_level else ""
    notes = "; ".join(filter(None, [said, gaps, *found.notes]))
    sizes = (levels, *n, *missing, notes)
    nan = math.nan
    if not counts.sum(axis=1).all():
        return ColumnDrift(name, nan, nan, nan, nan, nan, nan, "", *sizes)
    divisor = base_divisor(asked.base)
    table = Table.of(counts)
    information = plug_in(table)[0]
    if isinstance(asked.n_permutations, str):
        pvalue, test = test_independence(table, information, expected_information(table))
    elif stream is None:
        pvalue, test = g_test(table).pvalue, "g"
    else:
        m = asked.n_permutations
        pvalue = (permuted_information(table, m, asked.key, stream)[1] + 1) / (m + 1)
        test = "permutation"
    p, q = shares_without_empty(counts)
    return ColumnDrift(
        name,
        float(np.sum((p - q) * np.log(p / q))),
        _js_of(counts) / divisor,
        information / divisor,
        float(pvalue),
        nan,
        2.0 * float(table.n) * information,
        test,
        *sizes,
    )


def _missing_note(n: Sequence[int], missing: Sequence[int]) -> str:
    """Note on the shares of missing values; "" if they hardly differ."""
    shares = [gap / max(k + gap, 1) for k, gap in zip(n, missing, strict=True)]
    if abs(shares[0] - shares[1]) < _GAPS:
        return ""
    first, second = (percent(share) if share else "0 %" for share in shares)
    return f"missing: {first} in reference, {second} in current"


def _js_of(counts: Array) -> float:
    """Jensen-Shannon divergence of two rows of counts, in nats."""
    p, q = counts / counts.sum(axis=1, keepdims=True)
    middle = 0.5 * (p + q)
    terms = [np.sum(a[a > 0.0] * np.log(a[a > 0.0] / middle[a > 0.0])) for a in (p, q)]
    return max(0.5 * float(terms[0] + terms[1]), 0.0)
