"""Counts of pairs as an object: what streaming, threads, tests and measures share."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from fastinfo import _tables
from fastinfo._codes import Coded
from fastinfo._joint_measures import JointMeasures
from fastinfo._validate import Array, as_numeric, as_samples, check_table, same_length
from fastinfo.binning import (
    bin_samples,
    compares_in_float64,
    count_of,
    find_edges,
    find_range,
    given_edges,
    pair_summary,
    split_bins,
    split_range,
)
from fastinfo.encoding import encode, is_discrete, join_levels

__all__ = ["JointCounts"]


class JointCounts(JointMeasures):
    """
    Counts of pairs of two variables, and the measures that are functions of them.

    Counts add: parts of the data, in any order, on any machine, give the counts of the whole. Make
    one with :meth:`from_samples`, :meth:`from_labels`, :meth:`from_table` or :meth:`empty`.

    Parameters
    ----------
    table : (nx, ny) array_like of integers
        The counts; x along the first axis.
    x_edges, y_edges : ndarray, optional
        Edges of the bins of a binned variable.
    x_levels, y_levels : ndarray, optional
        Levels of a variable of labels.
    n_dropped : int, optional
        Number of samples outside the edges.
    n_missing : int, optional
        Number of pairs with a missing sample.

    Attributes
    ----------
    table : (nx, ny) int64 ndarray
        The counts. Missing and dropped samples are in no cell.
    x_edges, y_edges : ndarray or None
        Edges, where the variable is binned.
    x_levels, y_levels : ndarray or None
        Levels, where the variable is labels.
    n_dropped, n_missing : int
        Samples outside the edges; pairs with a missing sample.

    Examples
    --------
    >>> import fastinfo
    >>> counts = fastinfo.JointCounts.from_labels([0, 0, 1, 1], ["a", "a", "b", "b"])
    >>> counts.mutual_information(base=2)
    1.0
    >>> (counts + counts).n
    8
    """

    __slots__ = ("n_dropped", "n_missing", "x_edges", "x_levels", "y_edges", "y_levels")

    def __init__(
        self,
        table: npt.ArrayLike,
        *,
        x_edges: Array | None = None,
        y_edges: Array | None = None,
        x_levels: Array | None = None,
        y_levels: Array | None = None,
        n_dropped: int = 0,
        n_missing: int = 0,
    ) -> None:
        self.table = check_table(table)
        self.x_edges, self.x_levels = x_edges, x_levels
        self.y_edges, self.y_levels = y_edges, y_levels
        self.n_dropped, self.n_missing = n_dropped, n_missing
        for axis, edges, levels in ((0, x_edges, x_levels), (1, y_edges, y_levels)):
            size = self.table.shape[axis]
            if edges is not None and len(edges) != size + 1:
                raise ValueError(
                    f"{'xy'[axis]}_edges must hold {size + 1} edges, one more than the table has "
                    f"bins, got {len(edges)}"
                )
            if levels is not None and len(levels) != size:
                raise ValueError(f"{'xy'[axis]}_levels must hold {size} levels, got {len(levels)}")

    @classmethod
    def from_samples(
        cls,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        bins: Any = "mi",
        range: Any = None,
        discrete: Any = "auto",
    ) -> Self:
        """
        Count pairs of samples; floats in bins, the rest by label.

        Parameters
        ----------
        x, y : (n,) array_like
            The samples.
        bins : int, edges, str, or a pair of those, optional
            Number of bins, edges, or a rule: "mi" (Hacine-Gharbi & Ravier 2018, the default)
            or one of NumPy's. For both variables or for each; labels need none.
        range : [[x_min, x_max], [y_min, y_max]], optional
            Outermost edges, where bins are not given as edges. Either may be None. The range of the
            complete pairs by default.
        discrete : {"auto", True, False} or a pair of those, optional
            Whether the variables are labels. "auto" goes by the dtype: integers, booleans, strings,
            dates and objects are, floats are not.

        Returns
        -------
        JointCounts
            The counts, with the edges or levels of both variables.

        Raises
        ------
        TypeError, ValueError
            If the samples, the bins or the range can't be used.
        """
        a, b = as_samples(x, "x"), as_samples(y, "y")
        same_length(a, b)
        labels = (is_discrete(a, discrete, 0), is_discrete(b, discrete, 1))
        settings = split_bins(bins)
        ranges = split_range(range)
        if not any(labels):
            return cls._of_floats(a, b, settings, ranges)
        coded: list[Coded | None] = [
            encode(s) if is_label else None for s, is_label in zip((a, b), labels, strict=True)
        ]
        for i, (samples, partner) in enumerate(((a, coded[1]), (b, coded[0]))):
            if coded[i] is None:
                assert partner is not None
                complete = samples[~partner.invalid] if partner.invalid.any() else samples
                low, high, n = find_range(complete)
                edges = find_edges(
                    complete, settings[i], "bins", (low, high), n, given_range=ranges[i]
                )
                coded[i] = bin_samples(samples, edges)
        return cls._of_codes(*zip((a, b), coded, strict=True))  # type: ignore[arg-type]

    @classmethod
    def _of_floats(cls, x: Array, y: Array, bins: tuple[Any, Any], ranges: Any) -> Self:
        _tables.check_size(count_of(bins[0]), count_of(bins[1]))
        n, x_bounds, y_bounds, r = pair_summary(x, y)
        common = np.result_type(x, y)
        if common.itemsize > 8:  # more digits than the summary has
            complete = ~(np.isnan(x) | np.isnan(y))
            x_bounds, y_bounds = (find_range(a[complete].astype(common))[:2] for a in (x, y))
        edges = []
        for a, setting, bounds, given in zip(
            (x, y), bins, (x_bounds, y_bounds), ranges, strict=True
        ):
            samples = a
            if isinstance(setting, str) and setting != "mi" and n < x.size:
                samples = a[~(np.isnan(x) | np.isnan(y))]
            edges.append(find_edges(samples, setting, "bins", bounds, n, r, given, common))
        if all(compares_in_float64(common, e) for e in edges):
            table = _tables.count_uniform(x, y, *edges)
            if table is not None:
                n_dropped = n - int(table.sum())
                return cls(
                    table,
                    x_edges=edges[0],
                    y_edges=edges[1],
                    n_dropped=n_dropped,
                    n_missing=x.size - n,
                )
        x_coded, y_coded = bin_samples(x, edges[0], common), bin_samples(y, edges[1], common)
        return cls._of_codes((x, x_coded), (y, y_coded))

    @classmethod
    def _of_codes(cls, x: tuple[Array, Coded], y: tuple[Array, Coded]) -> Self:
        (a, x_coded), (b, y_coded) = x, y
        table = _tables.count_coded(x_coded, y_coded)
        invalid = len(x_coded.codes) - int(table.sum())
        n_missing = invalid
        if invalid and not (x_coded.edges is None and y_coded.edges is None):
            n_missing = int((_missing(a, x_coded) | _missing(b, y_coded)).sum())
        return cls(
            table,
            x_edges=x_coded.edges,
            y_edges=y_coded.edges,
            x_levels=x_coded.levels,
            y_levels=y_coded.levels,
            n_dropped=invalid - n_missing,
            n_missing=n_missing,
        )

    @classmethod
    def from_labels(cls, x: npt.ArrayLike, y: npt.ArrayLike) -> Self:
        """
        Count pairs of labels of any kind.

        Parameters
        ----------
        x, y : (n,) array_like
            Labels. NaN, None and NaT are missing.

        Returns
        -------
        JointCounts
            The counts, with the levels of both variables.
        """
        return cls.from_samples(x, y, discrete=True)

    @classmethod
    def from_table(cls, table: npt.ArrayLike) -> Self:
        """
        Take counts as they are.

        Parameters
        ----------
        table : (nx, ny) array_like
            Counts, not negative; x along the first axis. Floats are taken as weights.

        Returns
        -------
        JointCounts
            The counts, with levels 0, 1, 2, ...
        """
        checked = check_table(table).copy()
        nx, ny = checked.shape
        return cls(checked, x_levels=np.arange(nx), y_levels=np.arange(ny))

    @classmethod
    def empty(cls, x_edges: npt.ArrayLike, y_edges: npt.ArrayLike) -> Self:
        """
        Make counts of nothing, to :meth:`update` in parts.

        Parameters
        ----------
        x_edges, y_edges : array_like
            Edges of the bins, not decreasing.

        Returns
        -------
        JointCounts
            Zero counts.
        """
        edges = [given_edges(e, name) for e, name in ((x_edges, "x_edges"), (y_edges, "y_edges"))]
        for found, name in zip(edges, ("x_edges", "y_edges"), strict=True):
            if found is None or found.size < 2:
                raise ValueError(f"{name} must hold at least two edges, got {found!r}")
        shape = tuple(len(e) - 1 for e in edges)  # type: ignore[arg-type]
        return cls(np.zeros(shape, np.int64), x_edges=edges[0], y_edges=edges[1])

    def update(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Self:
        """
        Add pairs of samples, in place.

        Parameters
        ----------
        x, y : (n,) array_like
            Samples, counted in the edges that are there; new labels become new levels.

        Returns
        -------
        JointCounts
            Itself.
        """
        a, b = as_samples(x, "x"), as_samples(y, "y")
        same_length(a, b)
        coded = [
            encode(s) if edges is None else bin_samples(as_numeric(s, name), edges)
            for s, edges, name in ((a, self.x_edges, "x"), (b, self.y_edges, "y"))
        ]
        new = self._of_codes((a, coded[0]), (b, coded[1]))
        return self._take(self + new)

    def merge(self, other: JointCounts) -> Self:
        """
        Add other counts, in place.

        Parameters
        ----------
        other : JointCounts
            Counts in the same edges; levels may differ.

        Returns
        -------
        JointCounts
            Itself.
        """
        return self._take(self + other)

    def _take(self, other: JointCounts) -> Self:
        for name in ("table", *JointCounts.__slots__):
            setattr(self, name, getattr(other, name))
        return self

    def __add__(self, other: object) -> JointCounts:
        if not isinstance(other, JointCounts):
            return NotImplemented
        x_levels, *x_places = _join(self, other, "x")
        y_levels, *y_places = _join(self, other, "y")
        nx = self.table.shape[0] if x_levels is None else len(x_levels)
        ny = self.table.shape[1] if y_levels is None else len(y_levels)
        table = np.zeros((nx, ny), np.result_type(self.table, other.table))
        for counts, rows, columns in zip((self, other), x_places, y_places, strict=True):
            table[np.ix_(rows, columns)] += counts.table
        return JointCounts(
            table,
            x_edges=self.x_edges,
            y_edges=self.y_edges,
            x_levels=x_levels,
            y_levels=y_levels,
            n_dropped=self.n_dropped + other.n_dropped,
            n_missing=self.n_missing + other.n_missing,
        )

    def __repr__(self) -> str:
        nx, ny = self.table.shape
        return (
            f"<JointCounts: {nx} x {ny} cells, n={self.n}, "
            f"n_dropped={self.n_dropped}, n_missing={self.n_missing}>"
        )


def _missing(a: Array, coded: Coded) -> Array:
    """Which samples are missing, and not just outside the edges."""
    if coded.edges is None:
        return coded.invalid
    return np.isnan(a) if a.dtype.kind == "f" else np.zeros(a.size, np.bool_)


def _join(a: JointCounts, b: JointCounts, side: str) -> tuple[Array | None, Array, Array]:
    """Levels of a sum along one side, and where the rows of both tables go."""
    a_edges, b_edges = getattr(a, f"{side}_edges"), getattr(b, f"{side}_edges")
    a_levels, b_levels = getattr(a, f"{side}_levels"), getattr(b, f"{side}_levels")
    if a_levels is not None and b_levels is not None:
        return join_levels(a_levels, b_levels)
    axis = "xy".index(side)
    sizes = a.table.shape[axis], b.table.shape[axis]
    same = (a_edges is None) == (b_edges is None) and (a_levels is None) == (b_levels is None)
    if a_edges is not None and b_edges is not None:
        same = same and np.array_equal(a_edges, b_edges)
    if not same or sizes[0] != sizes[1]:
        raise ValueError(
            f"counts must have the same {side}_edges to be added, "
            f"got {_describe(a_edges, a_levels)} and {_describe(b_edges, b_levels)}"
        )
    places = np.arange(sizes[0])
    return None, places, places


def _describe(edges: Array | None, levels: Array | None) -> str:
    if edges is not None:
        return f"{len(edges) - 1} bins from {edges[0]} to {edges[-1]}"
    return "no edges" if levels is None else f"{len(levels)} levels"
