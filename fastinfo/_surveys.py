"""The range of a column whose data comes in parts, and the edges that follow from it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from fastinfo._ranges import find_range
from fastinfo._validate import Array
from fastinfo.binning import find_edges, given_edges, is_default
from fastinfo.rules import NUMPY_RULES

__all__ = ["Survey", "check_streamed_bins", "needs_all_samples"]

#: NumPy's rules that go by the number of samples and their range: the width of a bin.
_BY_SIZE: dict[str, Callable[[Any, int], Any]] = {
    "sqrt": lambda spread, n: spread / np.sqrt(n),
    "sturges": lambda spread, n: spread / (np.log2(n) + 1.0),
    "rice": lambda spread, n: spread / (2.0 * n ** (1.0 / 3)),
}


def needs_all_samples(bins: Any) -> bool:
    """Whether this is a rule that goes by more than the number of samples and their range."""
    return isinstance(bins, str) and bins in NUMPY_RULES and bins not in _BY_SIZE


def check_streamed_bins(bins: Any, strategy: str) -> None:
    """Raise for bins that can't be found without all samples at once."""
    if strategy == "quantile" and not is_default(strategy) and given_edges(bins, "bins") is None:
        raise ValueError(
            "strategy must be 'uniform' where data comes in parts, got 'quantile': "
            "quantiles need all samples at once; give edges, from a sample for instance"
        )
    if needs_all_samples(bins):
        known = ", ".join(repr(rule) for rule in ("mi", *_BY_SIZE))
        raise ValueError(
            f"bins must be a number, edges or one of {known} where data comes in parts, "
            f"got {bins!r}: it needs all samples at once"
        )


class Survey(NamedTuple):
    """What the edges of a column of numbers depend on."""

    low: float = math.inf
    high: float = -math.inf
    n: int = 0  #: samples that are not missing
    kind: str = ""  #: "i" of whole numbers, "f2", "f4" or "f8" of others; "" of none

    @classmethod
    def of(cls, values: Array) -> Survey:
        """Of some samples."""
        low, high, n = find_range(values)
        kind = "i" if values.dtype.kind in "biu" else f"f{min(values.dtype.itemsize, 8)}"
        return cls(float(low), float(high), n, kind if n else "")

    def __or__(self, other: Survey) -> Survey:
        """Of the samples of both."""
        kinds = {self.kind, other.kind} - {""}
        wide = "f8" if "i" in kinds or "f8" in kinds else "f4"
        return Survey(
            min(self.low, other.low),
            max(self.high, other.high),
            self.n + other.n,
            wide if len(kinds) > 1 else "".join(kinds),
        )

    def to_plain(self) -> list[Any]:
        """As plain values for JSON."""
        return [self.low.hex(), self.high.hex(), self.n, self.kind]

    @classmethod
    def from_plain(cls, plain: Any) -> Survey:
        """What :meth:`to_plain` wrote."""
        low, high, n, kind = plain
        return cls(float.fromhex(low), float.fromhex(high), int(n), str(kind))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the samples, as far as edges depend on it."""
        return np.dtype(self.kind if self.kind in ("f2", "f4") else np.float64)

    def edges(self, bins: Any, name: str) -> Array:
        """Edges between the least and the largest sample."""
        rule = _BY_SIZE.get(bins) if isinstance(bins, str) else None
        if rule is not None:
            bins = self._number(rule)
        dtype, bounds = self.dtype, (self.low, self.high)
        try:
            return find_edges(np.empty(0, dtype), bins, "bins", bounds, self.n)
        except ValueError as error:
            raise ValueError(f"column {name!r}: {error}") from error

    def _number(self, rule: Callable[[Any, int], Any]) -> int:
        """Number of bins by a rule, as NumPy computes it."""
        if not self.n or not math.isfinite(self.high - self.low):
            return 1
        kind = self.dtype.type
        spread = kind(self.high) - kind(self.low)
        width = rule(spread, self.n)
        if self.kind == "i":
            width = max(width, 1)
        return math.ceil(spread / width) if width else 1
