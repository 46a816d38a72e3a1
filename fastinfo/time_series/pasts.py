"""Rows of a target's next value, the past of a source, and the past of the condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastinfo._bins.coded_variables import MANY_BINS, any_of, code_columns, refuse_missing
from fastinfo._bins.options import Binning
from fastinfo._codes.column import columns_of
from fastinfo._core.checks import Array, integer
from fastinfo._core.coded_variable import Coded
from fastinfo._measures.joint_entropies import Variable, join_variables
from fastinfo._neighbors.options import Options
from fastinfo._neighbors.series.variables import Variables


@dataclass(frozen=True)
class Pasts:
    """How many steps back from the predicted value of the target each series is used."""

    history: int
    source_history: int
    lag: int

    @classmethod
    def of(cls, history: Any, source_history: Any, lag: Any) -> Pasts:
        """Check the numbers of steps."""
        return cls(
            integer(history, "history", least=0),
            integer(source_history, "source_history", least=1),
            integer(lag, "lag", least=0),
        )

    @property
    def source(self) -> range:
        """Steps back to each value of the source."""
        return range(self.lag, self.lag + self.source_history)

    @property
    def target(self) -> range:
        """Steps back to each past value of the target."""
        return range(1, self.history + 1)

    @property
    def given(self) -> range:
        """Steps back to each past value of a series to condition on."""
        return range(1, max(self.history, 1) + 1)

    def first(self, n: int, given: bool = False) -> int:
        """Index of the first value that can be predicted in a series of length `n`."""
        farthest = max(self.history, self.lag + self.source_history - 1, int(given))
        if farthest >= n:
            raise ValueError(
                f"source and target must have more than {farthest} samples, the number of steps "
                f"looked back, got {n} samples for history={self.history}, "
                f"source_history={self.source_history}, lag={self.lag}"
            )
        return farthest


def _part(coded: Coded, start: int, stop: int) -> Coded:
    return Coded(coded.codes[start:stop], coded.n_levels, coded.edges, coded.levels)


def words_for(pasts: Pasts, given: Any) -> str:
    """Describe in words what is counted together."""
    known = "the pasts of source and target" if pasts.history else "the past of source"
    return f"the next value and {known}" + ("" if given is None else ", and of what is given")


def code_pasts(
    source: Any, target: Any, given: Any, pasts: Pasts, binning: Binning, nan_policy: str
) -> tuple[list[Variable], int, int] | None:
    """
    Code the next value of the target, the past of the source, and the condition if there is one.

    Also return the index of the first predicted value, and the number of samples. Edges of bins are
    found from all samples of a series. Return None if the result is NaN.
    """
    zs = [] if given is None else columns_of(given, "given")
    (s_coded, t_coded, *z_coded), (s_absent, t_absent, *z_absent) = code_columns(
        [source, target, *zs],
        ["source", "target", *["given"] * len(zs)],
        [1, 1, len(zs)] if zs else [1, 1],
        binning,
        lambda n: MANY_BINS,
        together=False,
        if_unique=["", "", ""] if zs else ["", ""],
    )
    n = s_coded.codes.size
    first = pasts.first(n, bool(zs))
    looks: list[tuple[Array | None, Sequence[int]]] = [
        (s_absent, pasts.source),
        (t_absent, [0, *pasts.target]),
        *((absent, pasts.given) for absent in z_absent),
    ]
    missing = any_of(
        absent[first - back : n - back]
        for absent, backs in looks
        if absent is not None
        for back in backs
    )
    names = "source, target and given" if zs else "source and target"
    if refuse_missing(missing, names, nan_policy):
        return None
    known = [(t_coded, pasts.target), *((coded, pasts.given) for coded in z_coded)]
    groups = [
        [_part(coded, first - back, n - back) for coded, backs in group for back in backs]
        for group in ([(t_coded, [0])], [(s_coded, pasts.source)], known)
    ]
    return [join_variables(group) for group in groups if group], first, n


def numbers_of_pasts(
    source: Any,
    target: Any,
    given: Any,
    pasts: Pasts,
    discrete: Any,
    options: Options,
    nan_policy: str,
) -> Variables | None:
    """Values and pasts as columns of numbers, in complete rows, for estimators without bins."""
    found, _ = rows_of_pasts(source, target, given, pasts, discrete, options)
    return found.complete(nan_policy)


def rows_of_pasts(
    source: Any, target: Any, given: Any, pasts: Pasts, discrete: Any, options: Options
) -> tuple[Variables, int]:
    """Values and pasts as columns of numbers, in all rows, and the first predicted index."""
    values = {"source": source, "target": target} | ({} if given is None else {"given": given})
    read = Variables.read(values, discrete, options)
    read.refuse_labels()
    n = len(read)
    first = pasts.first(n, given is not None)
    known: list[tuple[int, Sequence[int]]] = [(1, pasts.target)]
    known += [] if given is None else [(2, pasts.given)]
    parts: dict[str, list[tuple[int, Sequence[int]]]] = {
        "the next value of the target": [(1, [0])],
        "the past of the source": [(0, pasts.source)],
        "what is known": known,
    }
    columns = {
        name: [(i, slice(first - back, n - back)) for i, backs in group for back in backs]
        for name, group in parts.items()
    }
    kept = {name: own for name, own in columns.items() if own}
    return read.side_by_side(kept), first
