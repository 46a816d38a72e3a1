"""Counts of pairs as an object: what streaming, threads, tests and measures share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from fastinfo._cells import Cells
from fastinfo._codes import Coded
from fastinfo._joint_measures import JointMeasures
from fastinfo._occupied import Occupied, add_cells, cells_of, empty_cells
from fastinfo._samples import Counted, count_codes, count_samples, read_variable
from fastinfo._serial import counts_from_plain, plain_counts
from fastinfo._validate import (
    Array,
    as_numeric,
    as_samples,
    as_weights,
    check_table,
    kept,
    positive,
    read_only,
    same_length,
)
from fastinfo.binning import bin_samples, given_edges
from fastinfo.encoding import join_levels

__all__ = ["JointCounts"]


class JointCounts(JointMeasures):
    """
    Counts of pairs of two variables, and the measures that are functions of them.

    Counts add: parts of the data, in any order, on any machine, give the counts of the whole. Make
    one with :meth:`from_samples`, :meth:`from_labels`, :meth:`from_table` or :meth:`empty`.

    Parameters
    ----------
    table : (nx, ny) array_like
        The counts, not negative; x along the first axis. Floats are taken as weights.
    x_edges, y_edges : ndarray, optional
        Edges of the bins of a binned variable.
    x_levels, y_levels : ndarray, optional
        Levels of a variable of labels.
    n_dropped : int, optional
        Number of pairs outside the edges.
    n_missing : int, optional
        Number of pairs with a missing sample.
    unit_weight : float, optional
        The weight of one effective sample, ``sum(w**2) / sum(w)`` of the weights in the table.

    Attributes
    ----------
    table : (nx, ny) int64 ndarray, or float64 where it holds weights
        The counts. Missing and dropped samples are in no cell. This and the arrays below are
        read-only: counts change by :meth:`update` and :meth:`merge` alone.
    shape : (int, int)
        Number of rows and columns of the table.
    x_edges, y_edges : ndarray or None
        Edges, where the variable is binned.
    x_levels, y_levels : ndarray or None
        Levels, where the variable is labels.
    n : int or float
        Number of pairs in the table, or the sum of their weights.
    n_dropped, n_missing : int
        Complete pairs outside the edges; pairs with a missing sample. Numbers of samples, whatever
        their weights.
    unit_weight : float
        ``sum(w**2) / sum(w)`` of the weights in the table, 1 without weights: ``n / unit_weight``
        is Kish's effective number of samples, by which corrections and tests take weights. It adds
        up with the counts. Of floats that came without weights it is 1: they have their sum as the
        number of samples.

    Notes
    -----
    Where there are so many levels or bins that the table would have more than 2**16 cells and more
    than 2 for each pair, only the cells that are occupied are kept: every method works on those,
    and ``table`` makes the whole table each time it is asked for, or raises ``ValueError`` where
    that does not fit into memory.

    Whole numbers as weights may stand for samples that are repeated. Corrections and tests take
    them as weights all the same: repeat the samples instead, or give the table to
    :meth:`from_table`.

    Examples
    --------
    >>> import fastinfo
    >>> counts = fastinfo.JointCounts.from_labels([0, 0, 1, 1], ["a", "a", "b", "b"])
    >>> counts.mutual_information(base=2)
    1.0
    >>> (counts + counts).n
    8
    """

    __slots__ = (
        "_kept",
        "n_dropped",
        "n_missing",
        "unit_weight",
        "x_edges",
        "x_levels",
        "y_edges",
        "y_levels",
    )

    _kept: Array | Occupied

    def __init__(
        self,
        table: npt.ArrayLike | Occupied,
        *,
        x_edges: Array | None = None,
        y_edges: Array | None = None,
        x_levels: Array | None = None,
        y_levels: Array | None = None,
        n_dropped: int = 0,
        n_missing: int = 0,
        unit_weight: float = 1.0,
    ) -> None:
        if not isinstance(table, Occupied):
            table = kept(check_table(table))
        unit = positive(unit_weight, "unit_weight")
        arrays = x_edges, y_edges, x_levels, y_levels
        self._keep(Counted(table, *arrays, n_dropped, n_missing, unit))

    @classmethod
    def _of(cls, counted: Counted) -> Self:
        """Counts in a table that nobody else has."""
        found = cls.__new__(cls)
        found._keep(counted)
        return found

    def _keep(self, counted: Counted) -> None:
        table = counted.table
        self._kept = table if isinstance(table, Occupied) else read_only(table)
        self.n_dropped, self.n_missing = counted.n_dropped, counted.n_missing
        self.unit_weight = counted.unit_weight
        self.x_edges, self.y_edges, self.x_levels, self.y_levels = (
            None if a is None else kept(a) for a in counted[1:5]
        )
        sides = zip("xy", self.shape, counted[1:3], counted[3:5], strict=True)
        for side, size, edges, levels in sides:
            if edges is not None and len(edges) != size + 1:
                raise ValueError(
                    f"{side}_edges must hold {size + 1} edges, one more than the table has bins, "
                    f"got {len(edges)}"
                )
            if levels is not None and len(levels) != size:
                raise ValueError(f"{side}_levels must hold {size} levels, got {len(levels)}")

    def __setstate__(self, state: tuple[dict[str, Any] | None, dict[str, Any]]) -> None:
        """What copying and unpickling leave: arrays that can be written again."""
        own, slots = state
        for name, value in ((own or {}) | slots).items():
            setattr(self, name, read_only(value) if isinstance(value, np.ndarray) else value)

    @property
    def table(self) -> Array:  # type: ignore[override]
        """The counts, x along the first axis; read-only."""
        return read_only(self._kept.dense()) if isinstance(self._kept, Occupied) else self._kept

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns of the table."""
        nx, ny = self._kept.shape
        return nx, ny

    @property
    def n(self) -> int | float:
        """Number of pairs in the table; the sum of the weights where it is weighted."""
        kept = self._kept
        return kept.counts.sum().item() if isinstance(kept, Occupied) else super().n

    def _cells(self) -> Cells:
        """What the measures are functions of."""
        return cells_of(self._kept, self.unit_weight)

    @classmethod
    def from_samples(
        cls,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        bins: Any = "mi",
        strategy: str = "uniform",
        range: Any = None,
        discrete: Any = "auto",
        sample_weight: npt.ArrayLike | None = None,
    ) -> Self:
        """
        Count pairs of samples: numbers in bins, labels as they are.

        Parameters
        ----------
        x, y : (n,) array_like
            The samples.
        bins : int, edges, str, or a pair of those, optional
            Number of bins, edges, or a rule: "mi" (Hacine-Gharbi & Ravier 2018, the default)
            or one of NumPy's. For both variables or for each; labels need none.
        strategy : {"uniform", "quantile"}, optional
            Equal widths (default) or equal counts, as in :func:`mutual_information`.
        range : [[x_min, x_max], [y_min, y_max]], optional
            Outermost edges, where bins are not given as edges. Either may be None. The range of the
            complete pairs by default.
        discrete : {"auto", True, False}, a pair or a mapping of "x", "y" to those, optional
            Whether the variables are labels, as in :func:`mutual_information`.
        sample_weight : (n,) array_like, optional
            Weights of the pairs: finite, not negative. They add up in the order of the samples, as
            NumPy does it. Edges and numbers of bins do not depend on them.

        Returns
        -------
        JointCounts
            The counts, with the edges or levels of both variables.

        Raises
        ------
        TypeError, ValueError
            If the samples, the bins, the range or the weights can't be used.
        """
        counted = count_samples(x, y, bins, strategy, range, discrete, sample_weight, stacklevel=2)
        return cls._of(counted)

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
        checked = check_table(table)
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
        nx, ny = (len(e) - 1 for e in edges)  # type: ignore[arg-type]
        return cls(empty_cells(nx, ny), x_edges=edges[0], y_edges=edges[1])

    def update(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> Self:
        """
        Add pairs of samples, in place.

        Parameters
        ----------
        x, y : (n,) array_like
            Samples, counted in the edges that are there; new labels become new levels.
        sample_weight : (n,) array_like, optional
            Weights of the pairs; 1 each by default. Counts become weights with the first of them.

        Returns
        -------
        JointCounts
            Itself.
        """
        if self.x_edges is not None and self.y_edges is not None:
            same_length(as_samples(x, "x"), as_samples(y, "y"))
        a, x_coded = _code(x, "x", self.x_edges)
        b, y_coded = _code(y, "y", self.y_edges)
        same_length(a, b)
        counted = count_codes((a, x_coded), (b, y_coded), as_weights(sample_weight, a.size))
        return self._take(self + JointCounts._of(counted))

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
        for name in JointCounts.__slots__:
            setattr(self, name, getattr(other, name))
        return self

    def __add__(self, other: object) -> JointCounts:
        if not isinstance(other, JointCounts):
            return NotImplemented
        x_levels, *x_places = _join(self, other, "x")
        y_levels, *y_places = _join(self, other, "y")
        nx = self.shape[0] if x_levels is None else len(x_levels)
        ny = self.shape[1] if y_levels is None else len(y_levels)
        places = list(zip(x_places, y_places, strict=True))
        table = add_cells([self._kept, other._kept], places, (nx, ny))
        edges = self.x_edges, self.y_edges
        left_out = self.n_dropped + other.n_dropped, self.n_missing + other.n_missing
        unit = _joined_unit(self, other)
        return JointCounts._of(Counted(table, *edges, x_levels, y_levels, *left_out, unit))

    def to_dict(self) -> dict[str, Any]:
        """
        Write the counts as plain values that JSON can hold.

        Returns
        -------
        dict
            What :meth:`from_dict` reads: counts, edges and levels are the same to the bit then.

        Raises
        ------
        TypeError
            If a level is an object of a kind that can't be written.
        """
        kept = {name: getattr(self, name) for name in JointCounts.__slots__}
        return plain_counts(kept.pop("_kept"), kept)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Read what :meth:`to_dict` wrote.

        Parameters
        ----------
        data : mapping
            The plain values, from JSON or as they were.

        Returns
        -------
        JointCounts
            The same counts.

        Raises
        ------
        ValueError
            If the data is not what :meth:`to_dict` writes.
        """
        table, others = counts_from_plain(data)
        return cls(table, **others)

    def __repr__(self) -> str:
        nx, ny = self.shape
        occupied = f" ({self._kept.counts.size} kept)" if isinstance(self._kept, Occupied) else ""
        return (
            f"<JointCounts: {nx} x {ny} cells{occupied}, n={self.n}, "
            f"n_dropped={self.n_dropped}, n_missing={self.n_missing}>"
        )


def _code(a: Any, name: str, edges: Array | None) -> tuple[Array, Coded]:
    """Samples and their codes: among these edges, or of labels."""
    if edges is None:
        samples, coded = read_variable(a, name, True)
        assert coded is not None
        return samples, coded
    samples = as_numeric(as_samples(a, name), name)
    return samples, bin_samples(samples, edges)


def _joined_unit(a: JointCounts, b: JointCounts) -> float:
    """Sum of squares by the sum, of the weights of both."""
    if a.unit_weight == b.unit_weight or not b.n:
        return a.unit_weight
    if not a.n:
        return b.unit_weight
    share = a.n / (a.n + b.n)
    return share * a.unit_weight + (1.0 - share) * b.unit_weight


def _join(a: JointCounts, b: JointCounts, side: str) -> tuple[Array | None, Array, Array]:
    """Levels of a sum along one side, and where the rows of both tables go."""
    a_edges, b_edges = getattr(a, f"{side}_edges"), getattr(b, f"{side}_edges")
    a_levels, b_levels = getattr(a, f"{side}_levels"), getattr(b, f"{side}_levels")
    if a_levels is not None and b_levels is not None:
        return join_levels(a_levels, b_levels)
    axis = "xy".index(side)
    sizes = a.shape[axis], b.shape[axis]
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
