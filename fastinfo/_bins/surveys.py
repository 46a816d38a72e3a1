"""What the edges of a column depend on, found in parts that add up: its range, its order."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fastinfo._bins.edges import check_number, given_edges, strategy_of
from fastinfo._bins.options import Binning
from fastinfo._bins.quantiles import edges_of_cells
from fastinfo._bins.ranges import Range
from fastinfo._bins.rules import NUMPY_RULES, mi_bins
from fastinfo._bins.sketches import Cells, Sketch, Within
from fastinfo._codes.coder import bin_samples
from fastinfo._codes.label_or_number import MOST_LABELS
from fastinfo._core.as_json import array_from_plain, counted, of_type, plain_array
from fastinfo._core.checks import Array, choice, integer, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._core.messages import warn

#: NumPy's rules that need the number of samples and their range alone: the width of a bin.
_BY_SIZE: dict[str, Callable[[Any, int], Any]] = {
    "sqrt": lambda spread, n: spread / np.sqrt(n),
    "sturges": lambda spread, n: spread / (np.log2(n) + 1.0),
    "rice": lambda spread, n: spread / (2.0 * n ** (1.0 / 3)),
}

_KINDS = ("", "i", "f2", "f4", "f8")
_MOST_OFF = 0.05  # of bins' samples
_LONG = 2**53  # integers from here on are not all float64


def needs_all_samples(bins: Any) -> bool:
    """Whether a rule needs more than the number of samples and their range."""
    return isinstance(bins, str) and bins in NUMPY_RULES and bins not in _BY_SIZE


def check_streamed_bins(bins: Any, strategy: str) -> None:
    """Raise for bins that can't be found without all samples at once."""
    strategy_of(strategy, bins)
    if needs_all_samples(bins):
        known = ", ".join(repr(rule) for rule in ("mi", *_BY_SIZE))
        raise ValueError(
            f"bins must be a number, edges or one of {known} if the data comes in parts, "
            f"got {bins!r}: this rule needs all samples at once"
        )


def has_equal_counts(bins: Any, strategy: str) -> bool:
    """Whether edges depend on the order of the samples, and not on their range alone."""
    return strategy_of(strategy, bins) == "quantile" and given_edges(bins, "bins") is None


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges of one column, of numbers that are measured from an origin."""

    values: Array
    origin: int = 0  #: other than 0 for integers that float64 does not hold

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", read_only(self.values))

    @property
    def n_bins(self) -> int:
        """Number of bins."""
        return self.values.size - 1

    def code(self, a: Array) -> Coded:
        """Codes of samples."""
        if not self.origin:
            return bin_samples(a, self.values)
        if a.dtype.kind in "iu":
            away = a.astype(np.int64).view(np.uint64) - np.uint64(self.origin % 2**64)
        else:
            away = a - self.origin
        coded = bin_samples(away, self.values)
        return Coded(coded.codes, self.n_bins, edges=self.values + float(self.origin))

    def same_as(self, other: Edges) -> bool:
        """Whether samples have the same codes."""
        return self.origin == other.origin and np.array_equal(self.values, other.values)

    def to_plain(self) -> list[Any]:
        """As plain values for JSON."""
        return [plain_array(self.values), self.origin]

    @classmethod
    def from_plain(cls, plain: Any) -> Edges:
        """What :meth:`to_plain` wrote."""
        values, origin = plain
        edges = given_edges(array_from_plain(values), "edges")
        if edges is None or edges.size < 2:
            raise ValueError("there must be at least two edges")
        return cls(edges, integer(origin, "origin", least=-(2**63), most=2**64 - 1))


class _Long(NamedTuple):
    """Integers that float64 does not hold, and that lie close together: their own order."""

    least: int
    most: int
    signed: bool
    order: Sketch | Cells

    @classmethod
    def of(cls, a: Array, floor: int) -> _Long | None:
        if a.dtype.kind not in "iu" or a.dtype.itemsize < 8 or not a.size:
            return None
        least, most = int(a.min()), int(a.max())
        if max(-least, most) <= _LONG or most - least >= _LONG:
            return None
        return cls(least, most, a.dtype.kind == "i", Sketch.of_integers(a, floor=floor))

    def __or__(self, other: _Long) -> _Long | None:
        least, most = min(self.least, other.least), max(self.most, other.most)
        if self.signed != other.signed or most - least >= _LONG:
            return None
        assert isinstance(self.order, Sketch)
        assert isinstance(other.order, Sketch)
        return _Long(least, most, self.signed, self.order | other.order)

    def to_plain(self) -> list[Any]:
        """As plain values for JSON."""
        assert isinstance(self.order, Sketch)
        return [self.least, self.most, self.signed, self.order.to_plain()]

    @classmethod
    def from_plain(cls, plain: Any) -> _Long:
        """What :meth:`to_plain` wrote."""
        least, most, signed, order = plain
        origin = -(2**63) if of_type(signed, "signed", bool) else 0
        least, most = (
            integer(value, "long", least=origin, most=origin + 2**64 - 1) for value in (least, most)
        )
        sketch = Sketch.from_plain(order)
        starts = [int(key) + origin for key in sketch.cells().starts[[0, -1]]]
        ends = [start + 2**sketch.floor for start in starts]
        inside = starts[0] <= least < ends[0] and starts[1] <= most < ends[1]
        if not (inside and most - least < _LONG):
            raise ValueError("the least and the largest integer must be those of their sketch")
        return cls(least, most, signed, sketch)

    def bounds(self, cells: Cells) -> tuple[Array, Array]:
        """The least and the largest integer of each cell, measured from the least of all."""
        first = np.uint64((self.least + (2**63 if self.signed else 0)) % 2**64)
        widths = (np.uint64(1) << cells.shifts.astype(np.uint64)) - np.uint64(1)
        lows = np.maximum(cells.starts, first) - first
        highs = np.minimum(cells.starts - first + widths, np.uint64(self.most - self.least))
        return lows.astype(np.float64), highs.astype(np.float64)


class Survey(NamedTuple):
    """
    Range, number and order of samples of a column; ``a | b`` is the survey of two parts.

    `low` and `high` are the smallest and the largest of the `n` samples that are not missing. Bin
    edges depend only on a survey.
    """

    low: float = math.inf
    high: float = -math.inf
    n: int = 0
    kind: str = ""  #: "i" of whole numbers, "f2", "f4" or "f8" of others; "" of none
    whole: bool = True  #: whether the column holds integers or times, in which some may be missing
    order: Sketch | Cells | None = None  #: what edges with equal counts depend on
    long: _Long | None = None

    @classmethod
    def of(
        cls,
        a: Array,
        *,
        ordered: bool = False,
        whole: bool | None = None,
        known: Survey | None = None,
    ) -> Survey:
        """
        Of some samples, if `ordered` with what edges with equal counts depend on.

        It need not be deeper than what is `known` of the others, to which it is added.
        """
        extent = Range.of(a)
        floors = known.floors if known is not None else (0, 0)
        integers = a.dtype.kind in "biu"
        kind = "i" if integers else f"f{min(a.dtype.itemsize, 8)}"
        whole = integers if whole is None else whole
        return cls(
            *(float(extent.low), float(extent.high), extent.n),
            kind if extent.n else "",
            whole or not extent.n,
            Sketch.of(a, floor=floors[0]) if ordered else None,
            _Long.of(a, floors[1]) if ordered else None,
        )

    @classmethod
    def of_levels(cls, levels: Array, counts: Array) -> Survey:
        """Of ascending floats, each of which occurs so often."""
        occurring = counts > 0
        levels, counts = levels[occurring], counts[occurring]
        low, high, _ = Range.of(levels)
        order = Sketch.of_levels(levels, counts)
        kind = f"f{min(levels.dtype.itemsize, 8)}"
        return cls(float(low), float(high), int(counts.sum()), kind, False, order)

    @property
    def floors(self) -> tuple[int, int]:
        """What parts need not know of their order."""
        orders = self.order, None if self.long is None else self.long.order
        first, second = (o.floor if isinstance(o, Sketch) else 0 for o in orders)
        return first, second

    def __or__(self, other: Survey) -> Survey:
        """Of the samples of both."""
        kinds = {self.kind, other.kind} - {""}
        wide = "f8" if "i" in kinds or "f8" in kinds else "f4"
        a, b = self.order, other.order
        some = [part for part in (self, other) if part.n]
        long = some[0].long if some else None
        for part in some[1:]:
            long = None if long is None or part.long is None else long | part.long
        return Survey(
            *(self.extent | other.extent),
            wide if len(kinds) > 1 else "".join(kinds),
            self.whole and other.whole,
            a | b if isinstance(a, Sketch) and isinstance(b, Sketch) else None,
            long,
        )

    @property
    def extent(self) -> Range:
        """The least and the largest sample, and how many there are."""
        return Range(self.low, self.high, self.n)

    @property
    def is_finite(self) -> bool:
        """Whether no sample is infinite."""
        return not self.n or (math.isfinite(self.low) and math.isfinite(self.high))

    @property
    def bare(self) -> Survey:
        """A copy without the order of the samples."""
        return self._replace(order=None, long=None)

    def to_plain(self) -> list[Any]:
        """As plain values for JSON."""
        assert not isinstance(self.order, Cells)
        orders = [None if part is None else part.to_plain() for part in (self.order, self.long)]
        return [self.low.hex(), self.high.hex(), self.n, self.kind, self.whole, *orders]

    @classmethod
    def from_plain(cls, plain: Any) -> Survey:
        """What :meth:`to_plain` wrote."""
        low, high, n, kind, whole, order, long = plain
        extent = Range(float.fromhex(low), float.fromhex(high), counted(n, "n"))
        if not (extent.low <= extent.high if extent.n else extent == Range()):
            raise ValueError("the least sample must not be more than the largest")
        if bool(choice(kind, "kind", _KINDS)) != bool(extent.n):
            raise ValueError("a survey must have a kind if it has samples, and only then")
        sketch = None if order is None else Sketch.from_plain(order)
        own = None if long is None else _Long.from_plain(long)
        orders = [sketch, None if own is None else own.order]
        if any(isinstance(part, Sketch) and part.n != extent.n for part in orders):
            raise ValueError("a sketch must have as many samples as its survey")
        if sketch is not None and extent.n:
            lows, highs = sketch.cells().bounds()
            if not (lows[0] <= extent.low <= highs[0] and lows[-1] <= extent.high <= highs[-1]):
                raise ValueError("the least and the largest sample must be those of their sketch")
        return cls(*extent, kind, of_type(whole, "whole", bool), sketch, own)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the samples, as far as edges depend on it."""
        return np.dtype(self.kind if self.kind in ("f2", "f4") else np.float64)

    @property
    def is_labels(self) -> bool | None:
        """Whether the column is labels unless the user decides; None where that is not known."""
        if not self.whole:
            return False
        order = self._order
        return order.few(MOST_LABELS) is not None if isinstance(order, Sketch) else None

    @property
    def _own(self) -> _Long | None:
        """The order of integers that float64 does not hold, if they differ."""
        return self.long if self.long is not None and self.long.least < self.long.most else None

    @property
    def _order(self) -> Sketch | Cells | None:
        return self.order if self._own is None else self._own.order

    def edges(
        self,
        name: str,
        bins: Any,
        strategy: str = "uniform",
        given_range: Any = None,
        n: int | None = None,
        r: float = 0.0,
        dtype: np.dtype[Any] | None = None,
    ) -> Edges:
        """
        Edges of the bins of the column with this name; warns where they are off by too much.

        `n` is the number of samples for rules, if not that of all; `r` a correlation, and `dtype`
        what NumPy joins the samples with their partners in, if not their own.
        """
        n = self.n if n is None else n
        if isinstance(bins, str) and bins in _BY_SIZE and given_range is not None:
            raise ValueError(f"bins must be a number or 'mi' where a range is given, got {bins!r}")
        if has_equal_counts(bins, strategy):
            found, off, _ = self._by_counts(self._number(bins, n), given_range)
            if off > _MOST_OFF:
                warn(
                    f"{name}: edges may be off by {off:.2g} times the samples of a bin, since many "
                    f"samples lie close together. Give edges, or let rank_features read a file, "
                    f"which reads such samples again"
                )
            return Edges(found, 0 if self._own is None else self._own.least)
        if isinstance(bins, str) and bins in _BY_SIZE:
            bins = self._by_rule(_BY_SIZE[bins], n)
        dtype = self.dtype if dtype is None else dtype
        nothing = np.empty(0, dtype)
        binning = Binning(bins, "uniform", given_range)
        return Edges(binning.edges(nothing, self.extent._replace(n=n), r, dtype))

    def unclear(self, bins: Any, strategy: str, n: int | None = None) -> Within | None:
        """Cells to look into: equal-count edges are off by a twentieth of a bin at most then."""
        n = self.n if n is None else n
        if self.order is None or not has_equal_counts(bins, strategy) or not self.n:
            return None
        return self._by_counts(self._number(bins, n), None)[2]

    def refined(self, within: Within, inside: Sketch) -> Survey:
        """A copy with what was found in these cells, of all samples."""
        order = self._cells.refined(within, inside.cells())
        if self._own is None:
            return self._replace(order=order)
        return self._replace(long=self._own._replace(order=order))

    @property
    def _cells(self) -> Cells:
        order = self._order
        assert order is not None
        return order.cells() if isinstance(order, Sketch) else order

    def _by_counts(self, number: int, given_range: Any) -> tuple[Array, float, Within | None]:
        """Edges, how far they may be off, and cells of which more must be known."""
        if self.n and self.order is None:
            raise ValueError(
                "strategy='quantile' needs surveys made by fastinfo.streaming.survey: this one has "
                "only the range of the samples"
            )
        cells = self._cells if self.n else Cells(*np.zeros((3, 0), np.int64))
        if self._own is None:
            lows, highs = cells.bounds()
            if self.n:
                lows[0], highs[-1] = self.low, self.high
        else:
            lows, highs = self._own.bounds(cells)
        edges, off, unclear = edges_of_cells(lows, highs, cells.counts, number, given_range)
        within = cells.within(unclear)._replace(integers=self._own is not None)
        return edges, off, within if unclear.any() else None

    def _number(self, bins: Any, n: int) -> int:
        """Number of bins with equal counts."""
        if bins == "mi":
            return mi_bins(n)
        rule = _BY_SIZE.get(bins) if isinstance(bins, str) else None
        return check_number(bins, "bins") if rule is None else self._by_rule(rule, n)

    def _by_rule(self, rule: Callable[[Any, int], Any], n: int) -> int:
        """Number of bins by a rule, as NumPy computes it."""
        if not n or not math.isfinite(self.high - self.low):
            return 1
        kind = self.dtype.type
        spread = kind(self.high) - kind(self.low)
        width = rule(spread, n)
        if self.kind == "i" and width:
            width = max(width, 1)
        return math.ceil(spread / width) if width else 1
