"""Variables of an estimator without bins: read once, then split, combined and estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fastinfo._bins.coded_variables import any_of, refuse_missing
from fastinfo._bins.options import Binning
from fastinfo._codes.column import columns_of
from fastinfo._column_readers.row_labels import warn_of_other_order
from fastinfo._core.checks import Array, same_length
from fastinfo._neighbors.distances import standardized
from fastinfo._neighbors.estimators import Samples
from fastinfo._neighbors.numbers import generator
from fastinfo._neighbors.options import Options
from fastinfo._neighbors.samples import GIVEN, Group, read_group
from fastinfo._neighbors.series.local_values import local_values


@dataclass(frozen=True)
class Variables:
    """Numbers or codes of variables, row by row, and their estimator."""

    names: tuple[str, ...]
    groups: tuple[Group, ...]
    options: Options

    @classmethod
    def read(cls, values: dict[str, Any], discrete: Any, options: Options) -> Variables:
        """Read variables of the same length, by name; noise is added once."""
        names, estimator = tuple(values), options.estimator
        columns = {name: columns_of(a, name) for name, a in values.items()}
        for name in names:
            same_length(columns[names[0]][0], columns[name][0], names[0], name)
        warn_of_other_order(list(values.values()), names)
        sizes = [len(columns[name]) if name in GIVEN else 1 for name in names]
        each = [name for name, size in zip(names, sizes, strict=True) for _ in range(size)]
        words = iter(Binning(discrete=discrete).split(each, sizes))
        groups = [
            read_group(columns[name], name, [next(words).said for _ in range(size)], estimator)
            for name, size in zip(names, sizes, strict=True)
        ]
        found = cls(names, tuple(groups), options)
        if options.noise:
            rng = generator(options.random_state)
            noisy = tuple(with_noise(group, options.noise, rng) for group in groups)
            found = cls(names, noisy, options._replace(noise=0.0, random_state=None))
        return found

    def rows_of(self, i: int) -> Array:
        """The values of a variable, row by row."""
        group = self.groups[i]
        found = group.codes if group.numbers is None else group.numbers
        assert found is not None
        return found

    def __len__(self) -> int:
        return len(self.rows_of(0))

    def refuse_labels(self) -> None:
        """Raise an error if a variable holds labels."""
        for name, group in zip(self.names, self.groups, strict=True):
            if group.codes is not None:
                raise ValueError(
                    f"{name} must hold numbers with estimator={self.options.estimator!r}, got "
                    f"labels: take estimator='histogram', or discrete=False for integers that are "
                    f"numbers"
                )

    def parts(self, spans: Sequence[slice]) -> Variables:
        """The variables, cut into parts by rows."""
        groups = [
            Group(*(None if a is None else a[rows] for a in group))
            for group, rows in zip(self.groups, spans, strict=True)
        ]
        return replace(self, groups=tuple(groups))

    def lagged(self, lag: int) -> Variables:
        """One variable, and itself `lag` rows later."""
        (group,), (name,), n = self.groups, self.names, len(self)
        both = replace(self, names=(name, f"{name} later"), groups=(group, group))
        return both.parts([slice(0, n - lag), slice(lag, n)])

    def side_by_side(self, parts: Mapping[str, Sequence[tuple[int, slice]]]) -> Variables:
        """Variables of numbers, by name, each made of several of these, in parts of their rows."""
        groups = []
        for columns in parts.values():
            numbers, missing = [], []
            for i, rows in columns:
                own = self.groups[i]
                assert own.numbers is not None
                numbers.append(own.numbers[rows])
                missing.append(None if own.missing is None else own.missing[rows])
            both = np.ascontiguousarray(np.concatenate(numbers, axis=1))
            groups.append(Group(both, None, any_of(missing)))
        return replace(self, names=tuple(parts), groups=tuple(groups))

    def local(self, nan_policy: str) -> Array:
        """Information of each row in nats, NaN if one is missing; the mean is the estimate."""
        missing = any_of(group.missing for group in self.groups)
        out = np.full(len(self), np.nan)
        complete = self.complete(nan_policy)
        if complete is not None:
            kept = slice(None) if missing is None else ~missing
            out[kept] = local_values(list(complete.groups), complete.names, self.options)
        return out

    def complete(self, nan_policy: str, what: str = "rows") -> Variables | None:
        """The rows without missing values; None if the estimate is NaN."""
        missing = any_of(group.missing for group in self.groups)
        said = " and ".join(filter(None, [", ".join(self.names[:-1]), self.names[-1]]))
        if refuse_missing(missing, said, nan_policy, what):
            return None
        if missing is None:
            return self
        return None if missing.all() else self.chosen(~missing)

    def chosen(self, rows: Array) -> Variables:
        """Some of the rows."""
        groups = [Group(*(None if a is None else a[rows] for a in g)) for g in self.groups]
        return replace(self, groups=tuple(groups))

    def information(self, *, tell: bool = True) -> float:
        """Information in nats of the first two, given the third if any; may warn about ties."""
        samples = Samples(list(self.groups), list(self.names), self.options)
        return samples.estimate(told=tell)


def with_noise(group: Group, noise: float, rng: Any) -> Group:
    """A group with noise on the columns that vary, in units of their standard deviations."""
    if group.numbers is None:
        return group
    present = slice(None) if group.missing is None else ~group.missing
    numbers = group.numbers.copy()
    columns = standardized(np.ascontiguousarray(numbers[present]))
    varies = (columns != 0.0).any(axis=0)
    columns[:, varies] += noise * rng.standard_normal(size=(len(columns), int(varies.sum())))
    numbers[present] = columns
    return Group(numbers, group.codes, group.missing)
