"""Pasts of many coded series, and the transfer entropy between all pairs of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fastinfo._codes.column import UNIQUE_FROM
from fastinfo._columns.code_matrix import MOST_LEVELS, CodeMatrix
from fastinfo._columns.pairs.all_pairs import count_all
from fastinfo._columns.pairs.panels import Panel
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._core.messages import warn
from fastinfo._core.threads import run_in_order
from fastinfo._measures.joint_entropies import Joint, join_variables
from fastinfo._measures.misleading import LITTLE
from fastinfo.kernels.information import triples as kernels
from fastinfo.time_series.pasts import Pasts

_PLAIN = 4  # levels of which it does not matter that some may not occur


class CodedPasts:
    """Coded series, with the transfer entropy of all pairs of them."""

    def __init__(self, series: CodeMatrix, pasts: Pasts, first: int) -> None:
        self._pasts, self._first, self._n = pasts, first, series.n_rows
        readable = [name not in series.unreadable for name in series.names]
        columns = run_in_order(lambda i: _occurring(series, i), range(series.n_columns))
        self._series: list[Coded] = columns
        self._readable = np.array(readable, np.bool_)
        self._levels = np.array([own.n_levels for own in columns], np.int64)

    def _narrow(self, values: int) -> Array:
        """Indices of the series of which `values` successive values fit into one byte."""
        logs = values * np.log2(np.maximum(self._levels, 1))
        few = logs < 8.0
        few[few] = self._levels[few] ** values <= MOST_LEVELS
        return np.flatnonzero(few & self._readable & (self._levels > 0))

    def _joined(self, places: Array, backs: Sequence[int]) -> CodeMatrix:
        """Values of series `backs` steps back, joined into one column each (last: fastest)."""
        n = self._n - self._first
        codes = np.empty((places.size, n), np.uint8)
        levels = [int(self._levels[i]) ** len(backs) for i in places]

        def join(k: int) -> bool:
            own, out = self._series[places[k]], codes[k]
            parts = [own.codes[self._first - back : self._n - back] for back in backs]
            out[:] = parts[0]
            for part in parts[1:]:
                np.multiply(out, np.uint8(own.n_levels), out=out)
                np.add(out, part, out=out, casting="unsafe")
            gaps = False
            if int(own.codes.max(initial=0)) == own.n_levels:
                for part in parts:
                    missing = part == own.n_levels
                    gaps |= bool(missing.any())
                    out[missing] = levels[k]
            return gaps

        incomplete = run_in_order(join, range(places.size))
        names = [str(i) for i in places]
        narrow = range(places.size)
        sides = names, codes, narrow, levels, [0] * places.size, [False] * places.size
        return CodeMatrix.of(*sides, {}, {}, incomplete=incomplete)

    def measure(self, correction: str | float | None, done: Callable[[int], None] | None) -> Array:
        """Transfer entropy in nats from the series of each row to the series of each column."""
        f = self._levels.size
        out = np.full((f, f), np.nan)
        nobody = np.zeros(0, np.int64)
        sources, targets = nobody, nobody
        if correction is None:
            sources = self._narrow(len(self._pasts.source))
            targets = self._narrow(len(self._pasts.target) + 1)
        n_counted = sources.size * targets.size
        if n_counted:
            x = self._joined(sources, self._pasts.source)
            y = self._joined(targets, [*reversed(self._pasts.target), 0])

            def use(p: Panel, q: Panel, same: bool, by_planes: bool, counts: Array) -> None:
                layouts = p.layout(by_planes), q.layout(by_planes)
                width = int(p.levels.max()) * int(q.levels.max())
                scratch = np.empty((3, max(width, int(p.levels.max()), int(q.levels.max()))))
                n_y = read_only(self._levels[targets[q.columns]])
                found = np.empty((p.columns.size, q.columns.size))
                kernels.conditional_matrix(counts, *layouts, n_y, scratch, found)
                out[np.ix_(sources[p.columns], targets[q.columns])] = found

            count_all(x, y, use, done)
        wanted = np.logical_and.outer(self._readable, self._readable)
        wanted[np.ix_(sources, targets)] = False
        np.fill_diagonal(wanted, False)
        left = [(int(i), int(j)) for j, i in np.argwhere(wanted.T)]
        if not left:
            return out
        base = f * f - len(left)
        report = None if done is None else lambda k: done(base + k)
        found = run_in_order(lambda pair: self._one(*pair, correction), left, done=report)
        for (i, j), value in zip(left, found, strict=True):
            out[i, j] = value
        return out

    def _one(self, i: int, j: int, correction: str | float | None) -> float:
        """Transfer entropy of one pair with many levels, or with a correction."""
        groups = (self._parts(j, [0]), self._parts(i, self._pasts.source))
        known = self._parts(j, self._pasts.target)
        joint = Joint([join_variables(group) for group in (*groups, known) if group], None)
        if not joint.n:
            return np.nan
        return joint.information((0,), (1,), (2,) if known else (), correction)

    def _parts(self, i: int, backs: Sequence[int]) -> list[Coded]:
        own = self._series[i]
        spans = [slice(self._first - back, self._n - back) for back in backs]
        return [Coded(own.codes[span], own.n_levels) for span in spans]

    def tell_chance(self, found: Array) -> None:
        """Warn of pairs whose plug-in estimate is mostly due to chance."""
        n = self._n - self._first
        if n < UNIQUE_FROM:
            return
        sizes = self._levels.astype(np.float64)
        with np.errstate(over="ignore"):
            past = np.minimum(sizes ** len(self._pasts.source), n) - 1.0
            known = np.minimum(sizes ** len(self._pasts.target), n) * (sizes - 1.0)
        chance = np.multiply.outer(np.maximum(past, 0.0), np.maximum(known, 0.0)) / (2.0 * n)
        chance = np.minimum(chance, np.log(np.maximum(sizes, 1.0)))
        odd = (found >= LITTLE) & (2.0 * chance >= found)
        np.fill_diagonal(odd, False)
        k, pairs = int(np.count_nonzero(odd)), found.size - len(found)
        if k:
            warn(
                f"{k} of {pairs} pairs of series have too many combinations of values for {n} "
                f"predictions: chance alone gives about half or more of their transfer entropy. "
                f"Use fewer bins or a shorter history; transfer_entropy_test says how much of one "
                f"is above chance"
            )


def _occurring(series: CodeMatrix, i: int) -> Coded:
    """Codes of a series; for labels with more than a few levels, only levels that occur."""
    many = series.labels[i] and series.n_levels[i] > _PLAIN
    return series.occurring(i) if many else series.column(i)
