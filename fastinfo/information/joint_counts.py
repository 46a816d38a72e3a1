"""The class of joint counts of two variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from fastinfo._bins.edges import given_edges
from fastinfo._bins.options import Binning
from fastinfo._codes.coder import bin_samples
from fastinfo._codes.column import TAKE_CHANCE_OFF, Column
from fastinfo._codes.labels import join_levels
from fastinfo._core.checks import (
    Array,
    as_weights,
    check_table,
    kept,
    positive,
    read_only,
    same_length,
)
from fastinfo._core.coded_variable import Coded
from fastinfo._counts.as_json import counts_from_plain, plain_counts
from fastinfo._counts.samples import count_codes, count_samples
from fastinfo._counts.table import Table
from fastinfo.information.joint_measures import JointMeasures
from fastinfo.information.shown_counts import as_html


class JointCounts(JointMeasures):
    """
    Counts of pairs of two variables, with the measures that are computed from them.

    Counts can be added: parts of the data, counted in any order and on any machine, add up to the
    counts of the whole. Create counts with :meth:`from_samples`, :meth:`from_labels`,
    :meth:`from_table` or :meth:`empty`.

    Parameters
    ----------
    table : (nx, ny) array_like
        The counts, not negative, with x along the first axis. Floats are treated as weights.
    x_edges, y_edges, x_levels, y_levels : ndarray, optional
        Edges of the bins of a binned variable; levels of a variable of labels.
    n_dropped, n_missing : int, optional
        Number of pairs outside the edges, and of pairs with a missing sample.
    unit_weight : float, optional
        The weight of one effective sample, ``sum(w**2) / sum(w)`` of the weights in the table.

    Attributes
    ----------
    table : (nx, ny) int64 ndarray, or float64 if it contains weights
        The counts, without missing and dropped samples. All arrays are read-only: only
        :meth:`update` and :meth:`merge` change counts.
    shape : (int, int)
        Number of rows and columns of the table.
    x_edges, y_edges, x_levels, y_levels : ndarray or None
        Edges of the bins if the variable is binned; levels if it consists of labels.
    n : int or float
        Number of pairs in the table, or the sum of their weights.
    n_dropped, n_missing : int
        Number of complete pairs outside the edges, and of pairs with a missing sample, whatever
        their weights.
    unit_weight : float
        The weight of one effective sample. It is 1 without weights, and also for a table of floats,
        whose sum is taken as the number of samples. ``n / unit_weight`` is Kish's effective number
        of samples, which corrections and tests use.

    Notes
    -----
    A table with more than 2**16 cells, and more than 2 cells for each pair, stores only its
    occupied cells. All methods work on these. The attribute ``table`` creates the full table at
    each access, or raises ``ValueError`` if it does not fit into memory.

    Integer weights that stand for repeated samples are treated like other weights by corrections
    and tests. If you mean repetitions, repeat the samples, or pass the table to :meth:`from_table`.

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
        "_table",
        "n_dropped",
        "n_missing",
        "x_edges",
        "x_levels",
        "y_edges",
        "y_levels",
    )

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
        unit_weight: float = 1.0,
    ) -> None:
        own = Table.of(check_table(table).copy(), positive(unit_weight, "unit_weight"))
        self._keep(own, x_edges, y_edges, x_levels, y_levels, n_dropped, n_missing)

    def _keep(
        self,
        table: Table,
        x_edges: Array | None = None,
        y_edges: Array | None = None,
        x_levels: Array | None = None,
        y_levels: Array | None = None,
        n_dropped: int = 0,
        n_missing: int = 0,
    ) -> Self:
        self._table = table
        self.x_edges, self.y_edges, self.x_levels, self.y_levels = (
            None if a is None else kept(a) for a in (x_edges, y_edges, x_levels, y_levels)
        )
        self.n_dropped, self.n_missing = n_dropped, n_missing
        sides = zip("xy", self.shape, (x_edges, y_edges), (x_levels, y_levels), strict=True)
        for side, size, edges, levels in sides:
            if edges is not None and len(edges) != size + 1:
                raise ValueError(
                    f"{side}_edges must hold {size + 1} edges, one more than the table has bins, "
                    f"got {len(edges)}"
                )
            if levels is not None and len(levels) != size:
                raise ValueError(f"{side}_levels must hold {size} levels, got {len(levels)}")
        return self

    @classmethod
    def _of(cls, table: Table, **sides: Any) -> Self:
        return cls.__new__(cls)._keep(table, **sides)

    def __setstate__(self, state: tuple[dict[str, Any] | None, dict[str, Any]]) -> None:
        """Make arrays read-only again, because copying and unpickling leave them writable."""
        own, slots = state
        for name, value in ((own or {}) | slots).items():
            setattr(self, name, read_only(value) if isinstance(value, np.ndarray) else value)

    @property
    def table(self) -> Array:
        """The counts, with x along the first axis; read-only."""
        return read_only(self._table.dense())

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns of the table."""
        return self._table.shape

    @property
    def unit_weight(self) -> float:
        """The weight of one effective sample."""
        return self._table.unit

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
        Count pairs of samples: numbers are binned, and labels are counted.

        Parameters
        ----------
        x, y : (n,) array_like
            The samples.
        bins : int, edges, str, or a pair of those, optional
            Bins of numbers, as in :func:`fastinfo.mutual_information`.
        strategy : {"uniform", "quantile"}, optional
            Whether bins have equal widths (default) or equal counts.
        range : [[x_min, x_max], [y_min, y_max]], optional
            Outermost edges, unless `bins` are edges. Samples outside are dropped.
        discrete : {"auto", True, False}, a pair or a mapping of "x", "y" to those, optional
            Which variables are labels, as in :func:`fastinfo.mutual_information`.
        sample_weight : (n,) array_like, optional
            Weights of the pairs: finite, not negative. They are added in the order of the samples,
            as in NumPy.

        Returns
        -------
        JointCounts
            The counts, with the edges or levels of both variables.

        Raises
        ------
        TypeError, ValueError
            If the samples, the bins, the range or the weights are not valid.
        """
        counted = count_samples(
            x, y, Binning(bins, strategy, range, discrete), sample_weight, if_unique=TAKE_CHANCE_OFF
        )
        return cls._of(**counted._asdict())

    @classmethod
    def from_labels(cls, x: npt.ArrayLike, y: npt.ArrayLike) -> Self:
        """Count pairs of labels of any kind; NaN, None and NaT are missing."""
        return cls.from_samples(x, y, discrete=True)

    @classmethod
    def from_table(cls, table: npt.ArrayLike) -> Self:
        """Create counts from a table, with x along the first axis; floats are weights."""
        checked = check_table(table)
        nx, ny = checked.shape
        return cls(checked, x_levels=np.arange(nx), y_levels=np.arange(ny))

    @classmethod
    def empty(cls, x_edges: npt.ArrayLike, y_edges: npt.ArrayLike) -> Self:
        """Create empty counts with the given edges of bins, to :meth:`update` in parts."""
        edges = [given_edges(e, name) for e, name in ((x_edges, "x_edges"), (y_edges, "y_edges"))]
        for found, name in zip(edges, ("x_edges", "y_edges"), strict=True):
            if found is None or found.size < 2:
                raise ValueError(f"{name} must hold at least two edges, got {found!r}")
        nx, ny = (len(e) - 1 for e in edges)  # type: ignore[arg-type]
        return cls._of(Table.empty(nx, ny), x_edges=edges[0], y_edges=edges[1])

    def update(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> Self:
        """
        Add pairs of samples in place, and return the object itself.

        Parameters
        ----------
        x, y : (n,) array_like
            The samples. Numbers are counted between the existing edges; new labels become levels.
        sample_weight : (n,) array_like, optional
            Weights of the pairs, 1 by default. Once weights are given, the counts are weights.
        """
        columns = Column.of(x, "x"), Column.of(y, "y")
        same_length(*columns)
        weights = as_weights(sample_weight, len(columns[0]))
        a, x_coded = _code(columns[0], self.x_edges)
        b, y_coded = _code(columns[1], self.y_edges)
        counted = count_codes((a, x_coded), (b, y_coded), weights)
        return self._take(self + JointCounts._of(**counted._asdict()))

    def merge(self, other: JointCounts) -> Self:
        """Add other counts in place. Edges must be the same; levels may differ."""
        if not isinstance(other, JointCounts):
            raise TypeError(f"other must be JointCounts, got {type(other).__name__}")
        return self._take(self + other)

    def _take(self, other: JointCounts) -> Self:
        # No call is between: an exception of a signal handler comes before or after.
        self._table, self.n_dropped, self.n_missing = other._table, other.n_dropped, other.n_missing
        self.x_edges, self.x_levels, self.y_edges, self.y_levels = (
            other.x_edges,
            other.x_levels,
            other.y_edges,
            other.y_levels,
        )
        return self

    def __add__(self, other: object) -> JointCounts:
        if not isinstance(other, JointCounts):
            return NotImplemented
        x_levels, *x_places = _join(self, other, "x")
        y_levels, *y_places = _join(self, other, "y")
        nx = self.shape[0] if x_levels is None else len(x_levels)
        ny = self.shape[1] if y_levels is None else len(y_levels)
        n = self._table.n_pairs + other._table.n_pairs
        if n >= 2**63:
            raise ValueError(f"counts must be fewer than 2**63 pairs to be added, got {n}")
        one, more = (
            counts._table.placed(x, y, (nx, ny), n)
            for counts, x, y in zip((self, other), x_places, y_places, strict=True)
        )
        return JointCounts._of(
            one + more,
            x_edges=self.x_edges,
            y_edges=self.y_edges,
            x_levels=x_levels,
            y_levels=y_levels,
            n_dropped=self.n_dropped + other.n_dropped,
            n_missing=self.n_missing + other.n_missing,
        )

    def to_dict(self) -> dict[str, Any]:
        """
        Return the counts as plain values that JSON can hold, exact to the bit.

        ``TypeError`` is raised if a level is an object that cannot be written.
        """
        state = {name: getattr(self, name) for name in JointCounts.__slots__}
        return plain_counts(state.pop("_table"), state)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read the result of :meth:`to_dict`; ``ValueError`` if the data is something else."""
        table, others = counts_from_plain(data)
        return cls._of(table, **others)

    def plot(self, *, names: tuple[str, str] = ("x", "y"), **options: Any) -> Any:
        """
        Draw the counts as colours with both margins, like :func:`fastinfo.plot.plot_joint`.

        Returns the axes of the pairs, on a new pyplot figure.
        """
        from fastinfo.plot.joint import plot_joint

        return plot_joint(self, names=names, **options)

    def _repr_html_(self) -> str:
        x, y = (self.x_edges, self.x_levels), (self.y_edges, self.y_levels)
        return as_html(repr(self)[1:-1], self._table, x, y)

    def __repr__(self) -> str:
        nx, ny = self.shape
        table = self._table
        occupied = "" if table.is_dense else f" ({table.values.size} kept)"
        return (
            f"<JointCounts: {nx} x {ny} cells{occupied}, n={self.n}, "
            f"n_dropped={self.n_dropped}, n_missing={self.n_missing}>"
        )


def _code(column: Column, edges: Array | None) -> tuple[Array | None, Coded]:
    """Samples and their codes if `edges` are given; otherwise None and the codes of labels."""
    if edges is None:
        return None, column.labels()
    values = column.numbers(moved=False).values
    return values, bin_samples(values, edges)


def _join(
    a: JointCounts, b: JointCounts, side: str
) -> tuple[Array | None, Array | None, Array | None]:
    """Joined levels of one side, and the new places of both tables' rows; None if unchanged."""
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
    return None, None, None


def _describe(edges: Array | None, levels: Array | None) -> str:
    if edges is not None:
        return f"{len(edges) - 1} bins from {edges[0]} to {edges[-1]}"
    return "no edges" if levels is None else f"{len(levels)} levels"
