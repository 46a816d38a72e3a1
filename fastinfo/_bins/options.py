"""Options that say how samples become codes, checked, for each variable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinfo._bins.edges import (
    EQUAL_COUNTS,
    check_number,
    check_range,
    date_edges,
    edges_between,
    given_edges,
    is_scalar,
    strategy_of,
)
from fastinfo._bins.quantiles import code_equal_counts, quantile_edges
from fastinfo._bins.ranges import Range
from fastinfo._bins.rules import MOST_MI_BINS, mi_bins, rule_bins
from fastinfo._codes.coder import bin_samples
from fastinfo._codes.label_or_number import check_names_said, said_discrete
from fastinfo._core.checks import Array, as_array, choice, shown
from fastinfo._core.coded_variable import Coded
from fastinfo._core.messages import shown_name


@dataclass(frozen=True)
class Binning:
    """
    How variables are coded: bins, their edges, and what is a label.

    The options are those of :func:`fastinfo.mutual_information` and, for tables, of
    :func:`fastinfo.rank_features`. :meth:`split` returns the options of each variable, and
    :meth:`columns` those of each column of a table. The other methods are for the results of these
    two.
    """

    bins: Any = "mi"
    strategy: str = EQUAL_COUNTS
    range: Any = None
    discrete: Any = "auto"
    missing: str | None = None
    nan_policy: str = "omit"

    def __post_init__(self) -> None:
        strategy_of(self.strategy, None)
        if not isinstance(self.bins, str) and isinstance(self.bins, Mapping):
            raise TypeError(
                f"bins must be a number of bins, edges, a rule's name, or a sequence of those, "
                f"got a mapping: {shown(self.bins)}"
            )
        choice(self.nan_policy, "nan_policy", ("omit", "propagate", "raise"))
        choice(self.missing, "missing", (None, "category"))

    def _with(self, **changes: Any) -> Binning:
        """A copy with other options, which need no check."""
        found = object.__new__(Binning)
        found.__dict__.update(self.__dict__, **changes)
        return found

    @classmethod
    def alike(cls, bins: Any, strategy: str, **options: Any) -> Binning:
        """Options of a table whose columns all have the same bins; a list of numbers is edges."""
        if isinstance(bins, (list, tuple)) and not any(isinstance(b, str) for b in bins):
            bins = as_array(bins, "bins")
        return cls(bins, strategy, **options)

    def columns(self, names: Sequence[str], place: int = 0) -> list[Binning]:
        """The options of each column of a table, which is the first or the second by `place`."""
        settings = bins_of_columns(self.bins, len(names))
        if not isinstance(self.discrete, Mapping):
            own = self._with(discrete=self._word("", place))
            if settings is self.bins:
                return [own._with(bins=bins) for bins in settings]
            return [own] * len(names)
        return [
            self._with(bins=bins, discrete=self._word(name, place))
            for bins, name in zip(settings, names, strict=True)
        ]

    def _word(self, name: str, place: int) -> Any:
        said = self.said_of(name, place)
        return "auto" if said is None else said

    def check_names(self, names: Iterable[str]) -> None:
        """Raise an error if `discrete` names a column that does not exist."""
        if isinstance(self.discrete, Mapping):
            check_names_said(self.discrete, names)

    def said_of(self, name: str, place: int) -> bool | None:
        """Whether the user says that a column is labels; None if its values decide."""
        if isinstance(self.discrete, Mapping):
            word = self.discrete.get(name, "auto")
            return None if isinstance(word, str) else bool(word)
        return said_discrete(self.discrete, place)

    def said_of_each(self, names: Sequence[str], place: int) -> list[bool | None]:
        """:meth:`said_of` of several columns."""
        if isinstance(self.discrete, Mapping):
            return [self.said_of(name, place) for name in names]
        return [said_discrete(self.discrete, place)] * len(names)

    def refuse(self, name: str, n_missing: int) -> None:
        """Raise an error for missing samples if the options don't allow them."""
        if self.nan_policy == "raise" and self.missing is None and n_missing:
            raise ValueError(
                f"The input contains nan values: {shown_name(name)} must have no missing samples "
                f"under nan_policy='raise', got {n_missing}"
            )

    def split(self, names: Sequence[str], groups: Sequence[int] = (1, 1)) -> list[Binning]:
        """The options of each column; `groups` are the numbers of columns of the variables."""
        if isinstance(self.discrete, Mapping) or len(groups) == 2:
            said = [said_discrete(self.discrete, i, names) for i in range(len(names))]
            words = ["auto" if word is None else word for word in said]
        else:
            words = _each(self.discrete, "discrete", groups)
        bins, ranges = _each(self.bins, "bins", groups), _each(self.range, "range", groups)
        if any(np.ndim(limits) == 0 and limits is not None for limits in ranges):
            raise ValueError(f"range must have an entry for each variable, got {shown(self.range)}")
        return [
            self._with(bins=own, range=limits, discrete=word)
            for own, limits, word in zip(bins, ranges, words, strict=True)
        ]

    @property
    def said(self) -> bool | None:
        """What the user says about the variable: labels (True), not labels (False), or None."""
        return said_discrete(self.discrete, 0)

    @property
    def by_counts(self) -> bool:
        """Whether bins have equal counts, with edges that are not given."""
        return strategy_of(self.strategy, self.bins) == "quantile" and not self.edges_given

    @property
    def edges_given(self) -> bool:
        """Whether the edges are the user's."""
        return not (isinstance(self.bins, str) or is_scalar(self.bins))

    @property
    def limited(self) -> bool:
        """Whether edges or a range are given, in the units of the samples."""
        return self.edges_given or self.range is not None

    def with_number(self, number: int) -> Binning:
        """A copy in which the rule "mi" is replaced by this number of bins."""
        return self._with(bins=number) if self.by_rule_mi else self

    @property
    def by_rule_mi(self) -> bool:
        """Whether the number of bins is that of the rule "mi"."""
        return isinstance(self.bins, str) and self.bins == "mi"

    @property
    def alone(self) -> bool:
        """Whether edges have equal counts of all samples, so that their range is not needed."""
        return self.by_counts and self.range is None

    def edges(
        self, a: Array, extent: Range, r: float = 0.0, dtype: np.dtype[Any] | None = None
    ) -> Array:
        """Edges for samples; `dtype` is the common dtype of the samples and their partners."""
        dates = a.dtype.kind in "mM"
        given = date_edges(a, self.bins, "bins") if dates else given_edges(self.bins, "bins")
        if given is not None:
            if given.size < 2:
                raise ValueError(f"`bins` must hold at least two edges, got {shown(given)}")
            return given.copy()
        limits = None if self.range is None else check_range(self.range)
        low, high, n = extent
        if self.by_counts:
            return quantile_edges(a, self._number(a, n, 0.0, limits), limits)
        dtype = a.dtype if dtype is None else dtype
        detected = limits is None
        bounds = self.range if not detected else (low, high) if n else None
        number = self._number(a, n, r, limits)
        return edges_between(number, "bins", dtype, bounds, detected=detected)

    def _number(self, a: Array, n: int, r: float, limits: Any) -> int:
        """The number of bins, by a rule if requested; with equal counts "mi" has r = 0."""
        if not isinstance(self.bins, str):
            return check_number(self.bins, "bins")
        if self.by_rule_mi:
            return mi_bins(n, r)
        return rule_bins(a, self.bins, "bins", limits, MOST_MI_BINS)

    def number_of(self, n: int) -> int | None:
        """The number of bins of equal counts for `n` samples; None if a rule needs the samples."""
        if not isinstance(self.bins, str):
            return check_number(self.bins, "bins")
        return mi_bins(n) if self.by_rule_mi else None

    def code(
        self,
        a: Array,
        present: Array | None = None,
        dtype: np.dtype[Any] | None = None,
        extent: Range | None = None,
        out: Array | None = None,
    ) -> Coded:
        """
        Codes of samples, with edges found in those that are `present` (None means all).

        `extent` is the range of these, if known. Codes are written to `out` if possible.
        """
        narrow = dtype is None or dtype.itemsize <= 8
        if present is None and self.alone and narrow:
            number = self._number(a, a.size if extent is None else extent.n, 0.0, None)
            return code_equal_counts(a, number, out, extent)
        some = a if present is None else a[present]
        if extent is None:
            extent = Range.of(some if narrow else some.astype(dtype))
        return bin_samples(a, self.edges(some, extent, dtype=dtype), dtype)


def bins_of_columns(bins: Any, n_columns: int) -> Sequence[Any]:
    """The bins of each column of a matrix: one entry for each in a list or tuple, or edges."""
    if isinstance(bins, (list, tuple)) and len(bins) == n_columns:
        return bins
    if isinstance(bins, (list, tuple)) and any(np.ndim(b) or isinstance(b, str) for b in bins):
        raise ValueError(
            f"bins must have an entry for each of the {n_columns} columns, got {shown(bins)}"
        )
    return [bins] * n_columns


def _each(value: Any, what: str, groups: Sequence[int]) -> list[Any]:
    """One setting for each column: given for all, for each group, or for each column."""
    if isinstance(value, (str, bytes)) or getattr(value, "ndim", 1) == 0:
        return [value] * sum(groups)
    try:
        n = -1 if isinstance(value, Mapping) else len(value)
    except TypeError:
        return [value] * sum(groups)
    if n == len(groups):
        return [own for own, size in zip(value, groups, strict=True) for _ in range(size)]
    if n == sum(groups):
        return list(value)
    if what == "bins":
        return [value] * sum(groups)
    wanted = "be 'auto', True, False or one of those" if what == "discrete" else "have an entry"
    raise ValueError(f"{what} must {wanted} for each variable, got {shown(value)}")
