"""Variables of an estimator without bins: read once, then cut, put side by side, and estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fastinfo._bins.coded_variables import any_of, refuse_missing
from fastinfo._bins.options import Binning
from fastinfo._core.checks import Array, integer, same_length
from fastinfo._neighbors.distances import standardized
from fastinfo._neighbors.estimators import (
    _NEIGHBORS,
    _WAYS,
    _by_neighbors,
    _check_jitter,
    _generator,
    _Group,
    _read,
    refuse_neighbors,
)


@dataclass(frozen=True)
class Variables:
    """Numbers or codes of variables, row by row, and the estimator they are for."""

    names: tuple[str, ...]
    groups: tuple[_Group, ...]
    estimator: str
    n_neighbors: int

    @classmethod
    def read(
        cls,
        values: dict[str, Any],
        estimator: str,
        discrete: Any,
        n_neighbors: Any,
        jitter: Any,
        random_state: Any,
    ) -> Variables:
        """Read variables of the same length, by name; noise is added once."""
        k = integer(n_neighbors, "n_neighbors", least=1)
        noise = _check_jitter(jitter)
        if estimator not in _NEIGHBORS:
            refuse_neighbors(estimator, n_neighbors, jitter, random_state)
        names = tuple(values)
        words = Binning(discrete=discrete).split(names, [1] * len(names))
        groups = [
            _read(values[name], name, own.said, estimator)
            for name, own in zip(names, words, strict=True)
        ]
        found = cls(names, tuple(groups), estimator, k)
        for i, name in enumerate(names):
            same_length(found.rows_of(0), found.rows_of(i), names[0], name)
        if noise:
            rng = _generator(random_state)
            found = replace(found, groups=tuple(_with_noise(g, noise, rng) for g in groups))
        return found

    def rows_of(self, i: int) -> Array:
        """What a variable has, row by row."""
        group = self.groups[i]
        found = group.numbers if group.codes is None else group.codes
        assert found is not None
        return found

    def __len__(self) -> int:
        return len(self.rows_of(0))

    def refuse_labels(self) -> None:
        """Raise where a variable holds labels."""
        for name, group in zip(self.names, self.groups, strict=True):
            if group.codes is not None:
                raise ValueError(
                    f"{name} must hold numbers with estimator={self.estimator!r}, got labels: take "
                    f"estimator='histogram', or discrete=False for integers that are numbers"
                )

    def parts(self, spans: Sequence[slice]) -> Variables:
        """The variables, each in rows of its own."""
        groups = [
            _Group(*(None if a is None else a[rows] for a in group))
            for group, rows in zip(self.groups, spans, strict=True)
        ]
        return replace(self, groups=tuple(groups))

    def lagged(self, lag: int) -> Variables:
        """One variable, and itself so many rows later."""
        (group,), (name,), n = self.groups, self.names, len(self)
        both = replace(self, names=(name, f"{name} later"), groups=(group, group))
        return both.parts([slice(0, n - lag), slice(lag, n)])

    def side_by_side(self, parts: Mapping[str, Sequence[tuple[int, slice]]]) -> Variables:
        """Variables of numbers, by name: each of several of these variables, in rows of its own."""
        groups = []
        for columns in parts.values():
            numbers, missing = [], []
            for i, rows in columns:
                own = self.groups[i]
                assert own.numbers is not None
                numbers.append(own.numbers[rows])
                missing.append(None if own.missing is None else own.missing[rows])
            both = np.ascontiguousarray(np.concatenate(numbers, axis=1))
            groups.append(_Group(both, None, any_of(missing)))
        return replace(self, names=tuple(parts), groups=tuple(groups))

    def complete(self, nan_policy: str, what: str = "rows") -> Variables | None:
        """The rows in which nothing is missing; None where what is estimated is NaN."""
        missing = any_of(group.missing for group in self.groups)
        said = " and ".join(filter(None, [", ".join(self.names[:-1]), self.names[-1]]))
        if refuse_missing(missing, said, nan_policy, what):
            return None
        if missing is None:
            return self
        return None if missing.all() else self.chosen(~missing)

    def chosen(self, rows: Array) -> Variables:
        """Some of the rows."""
        groups = [_Group(*(None if a is None else a[rows] for a in g)) for g in self.groups]
        return replace(self, groups=tuple(groups))

    def information(self, *, tell: bool = True) -> float:
        """Information in nats of the first two, given the third if there is one; ties are told."""
        groups, names, k = list(self.groups), list(self.names), self.n_neighbors
        if not tell and self.estimator in _NEIGHBORS:
            return _by_neighbors(groups, names, self.estimator, k, 0.0, None).information
        return _WAYS[self.estimator](groups, names, k, 0.0, None)


def _with_noise(group: _Group, noise: float, rng: Any) -> _Group:
    """A group whose columns that vary have noise, in units of their standard deviations."""
    if group.numbers is None:
        return group
    present = slice(None) if group.missing is None else ~group.missing
    numbers = group.numbers.copy()
    columns = standardized(np.ascontiguousarray(numbers[present]))
    varies = (columns != 0.0).any(axis=0)
    columns[:, varies] += noise * rng.standard_normal(size=(len(columns), int(varies.sum())))
    numbers[present] = columns
    return _Group(numbers, None, group.missing)
