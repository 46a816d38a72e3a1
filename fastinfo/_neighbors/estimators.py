"""Estimators of mutual information without bins, chosen by name and by the kinds of variables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fastinfo._bins.coded_variables import any_of, refuse_missing
from fastinfo._bins.options import Binning
from fastinfo._codes.column import columns_of
from fastinfo._column_readers.row_labels import warn_of_other_order
from fastinfo._core.checks import Array, check_nan_policy, same_length
from fastinfo._core.messages import warn
from fastinfo._neighbors import groups as by_groups
from fastinfo._neighbors.distances import standardized
from fastinfo._neighbors.gaussian import gaussian_information, scores
from fastinfo._neighbors.given import conditional_label_information, plug_in_information, repeated
from fastinfo._neighbors.normalizing import normalize
from fastinfo._neighbors.numbers import generator
from fastinfo._neighbors.options import NEIGHBORS, Options
from fastinfo._neighbors.pairs import Estimate
from fastinfo._neighbors.samples import Group, read_group

_TIED = 0.01  # there is a warning if more than this share of the samples have a tied distance
_IN_SMALL_STRATA = 0.05  # the same for samples in small strata


class Samples:
    """Complete samples of two or three variables, and how they are measured."""

    __slots__ = ("_groups", "_names", "_options", "n")

    def __init__(self, groups: list[Group], names: list[str], options: Options) -> None:
        self._groups, self._names, self._options = groups, names, options
        self.n = _number_of(groups[0])

    @classmethod
    def read(
        cls, variables: dict[str, Any], discrete: Any, nan_policy: str, options: Options
    ) -> Samples | None:
        """Read variables by name; None if their measures are NaN."""
        check_nan_policy(nan_policy)
        names = list(variables)
        found = {name: columns_of(a, name) for name, a in variables.items()}
        given = len(found.get("z", ())) or 1
        sizes = [1, 1, given][: len(names)]
        own = Binning(discrete=discrete).split([*names, *["z"] * (given - 1)], sizes)
        words = [[own[0].said], [own[1].said], [how.said for how in own[2:]]]
        groups = [
            read_group(columns, name, said, options.estimator)
            for (name, columns), said in zip(found.items(), words, strict=False)
        ]
        some = [group.codes if group.numbers is None else group.numbers for group in groups]
        for a, name in zip(some[1:], names[1:], strict=True):
            assert some[0] is not None
            assert a is not None
            same_length(some[0], a, names[0], name)
        warn_of_other_order(list(variables.values()), names)
        missing = any_of(group.missing for group in groups)
        if refuse_missing(missing, f"{', '.join(names[:-1])} and {names[-1]}", nan_policy):
            return None
        if missing is not None:
            if missing.all():
                return None
            groups = [_rows(group, ~missing) for group in groups]
        return cls([group._replace(missing=None) for group in groups], names, options)

    def estimate(self, *, told: bool = True) -> float:
        """
        Mutual information in nats of the first two variables, given the third if there is one.

        With `told`, there is a warning about what may mislead.
        """
        if self._options.estimator in NEIGHBORS:
            return _by_neighbors(self._groups, self._names, self._options, told)
        of_groups = _GAUSSIAN[self._options.estimator]
        return of_groups(self._groups, self._options.correction is not None)

    def with_noise(self) -> Samples:
        """A copy with noise added to the numbers, so that estimates don't add any."""
        options = self._options
        if not options.noise:
            return self
        rng = generator(options.random_state)
        groups = [
            g if g.numbers is None else g._replace(numbers=_noisy(g.numbers, options.noise, rng))
            for g in self._groups
        ]
        return Samples(groups, self._names, options._replace(noise=0.0))

    def take(self, rows: Array) -> Samples:
        """Some of the samples."""
        groups = [_rows(group, rows) for group in self._groups]
        return Samples(groups, self._names, self._options)


def _number_of(group: Group) -> int:
    return len(next(a for a in group[:2] if a is not None))


def estimate(variables: dict[str, Any], discrete: Any, nan_policy: str, options: Options) -> float:
    """Mutual information in nats of the first two variables, given the third if there is one."""
    samples = Samples.read(variables, discrete, nan_policy, options)
    return math.nan if samples is None else samples.estimate()


def _rows(group: Group, rows: Array) -> Group:
    return Group(*(a if a is None else a[rows] for a in group))


def _by_correlation(groups: list[Group], corrected: bool) -> float:
    columns = [standardized(g.numbers) for g in groups if g.numbers is not None]
    return gaussian_information(*columns, corrected=corrected)


def _by_scores(groups: list[Group], corrected: bool) -> float:
    columns = [scores(g.numbers) for g in groups if g.numbers is not None]
    return gaussian_information(*columns, corrected=corrected)


#: How these estimators use numbers; "copula" is short for "gaussian-copula".
_GAUSSIAN: dict[str, Callable[[list[Group], bool], float]] = {
    "gaussian": _by_correlation,
    "gaussian-copula": _by_scores,
    "copula": _by_scores,
}


def _by_neighbors(groups: list[Group], names: list[str], options: Options, told: bool) -> float:
    estimator, k = options.estimator, options.k
    _refuse_labels(groups, names, options)
    n = _number_of(groups[0])
    check_number(n, k)
    rng = generator(options.random_state) if options.noise else None
    given = groups[2] if len(groups) > 2 else None
    if given is None or given.codes is None:
        found = _information(groups, options, rng)
    else:
        found = _over_strata(groups, given.codes, options, rng)
    if told and estimator != "mixed":
        tell_ties(found.ties, n, names, options)
    if options.normalized is None:
        return found.information
    widths = [int(_varies(g.numbers).sum()) for g in groups if g.numbers is not None]
    return normalize(found, n, k, widths, options.normalized)


def check_number(n: int, k: int) -> None:
    """Raise an error unless there are more samples than neighbours."""
    if n <= k:
        raise ValueError(
            f"n_neighbors must be smaller than the number of complete samples, got {k} for {n}"
        )


def tell_ties(ties: int, n: int, names: Sequence[str], options: Options) -> None:
    """Warn if many of the samples have a tied distance."""
    if ties > _TIED * n:
        k = options.k
        warn(
            f"{' and '.join(names[:2])} repeat values: {ties / n:.0%} of the samples have "
            f"more than n_neighbors={k} others within the distance of neighbour {k}, or this "
            f"distance is 0. estimator={options.estimator!r} assumes densities and is far off "
            f"here: use estimator='mixed', or jitter=1e-6 to make equal values differ",
        )


def _refuse_labels(groups: list[Group], names: list[str], options: Options) -> None:
    """Raise an error if numbers are missing, or an estimate is not defined for labels."""
    way, labels = options.estimator, [group.codes is not None for group in groups]
    instead = "take estimator='histogram', or discrete=False for integers that are numbers"
    if all(group.numbers is None for group in groups):
        said = "x and y must not both" if len(groups) == 2 else "x, y and z must not all"
        raise ValueError(f"{said} be labels with estimator={way!r}: {instead}")
    if len(groups) > 2 and way == "ksg2":
        raise ValueError(
            f"estimator must not be 'ksg2' with a third variable ({names[2]}): it is for two "
            f"variables, use 'ksg' or 'mixed'"
        )
    if options.normalized is not None and any(labels):
        raise ValueError(
            f"normalized must be None if x or y holds labels with estimator={way!r}, got "
            f"{options.normalized!r}: only the information of numbers can be normalised, {instead}"
        )


def _varies(a: Array) -> Array:
    found: Array = (a != a[0]).any(axis=0)
    return found


def _over_strata(groups: list[Group], codes: Array, options: Options, rng: Any) -> Estimate:
    """
    Mean of the estimates among the samples with equal labels of z, weighted by their number.

    If there are at most as many samples as neighbours, all others are neighbours. Single samples
    are left out.
    """
    counts = np.bincount(codes)
    order = np.argsort(codes, kind="stable")
    x, y, z = groups
    total, ties, n = 0.0, 0, 0
    for rows in np.split(order, np.cumsum(counts)[:-1]):
        if rows.size < 2:
            continue
        own = [_rows(group._replace(missing=None), rows) for group in (x, y)]
        if z.numbers is not None:
            own.append(Group(z.numbers[rows], None, None))
        found = _information(own, options._replace(k=min(options.k, rows.size - 1)), rng)
        total += rows.size * found.information
        ties, n = ties + found.ties, n + rows.size
    if not n:
        raise ValueError(
            f"z must hold at least one label that occurs twice, got {codes.size} different labels "
            f"in {codes.size} samples"
        )
    few = int(counts[counts <= options.k].sum())
    if few > _IN_SMALL_STRATA * codes.size:
        warn(
            f"z has labels that occur at most n_neighbors={options.k} times, in {few} of "
            f"{codes.size} samples: hardly any information can be found in those samples. Merge "
            f"rare labels, or use fewer neighbours"
        )
    return Estimate(total / n, ties)


def _information(groups: list[Group], options: Options, rng: Any) -> Estimate:
    """
    The estimate for two variables, given numbers if there are three, for more than k samples.

    KSG or Gao and others for numbers; Ross for numbers and labels; Frenzel and Pompe, or Mesner and
    Shalizi, for three variables.
    """
    way, k = options.estimator, options.k
    columns = [
        None if group.numbers is None else _varying(group.numbers, options.noise, rng)
        for group in groups
    ]
    x, y, z = [*columns, None][:3]
    if any(a is not None and not a.shape[1] for a in (x, y)):
        return Estimate(0.0, 0)
    labels = [group.codes for group in groups[:2] if group.codes is not None]
    if z is not None and z.shape[1]:
        if labels:
            of_both = groups[0].codes, groups[1].codes
            return Estimate(conditional_label_information((x, y), of_both, z, k), 0)
        assert x is not None
        assert y is not None
        return by_groups.conditional_information(x, y, z, k, way)
    if not labels:
        assert x is not None
        assert y is not None
        return by_groups.group_information(x, y, k, way)
    numbers = y if x is None else x
    if numbers is None:  # the given numbers do not vary
        return Estimate(plug_in_information(*labels), 0)
    kept, codes = repeated(labels[0])
    if not codes.size or codes.max() == 0:
        return Estimate(0.0, 0)
    found = by_groups.group_label_information(numbers[kept], codes, k)
    return Estimate(found, 0)


def _varying(a: Array, noise: float, rng: Any) -> Array:
    """Columns that vary, divided by their standard deviations, with noise in these units."""
    out = standardized(a)
    varies = (out != 0.0).any(axis=0)
    if noise:
        out += noise * rng.standard_normal(size=out.shape)
    return out if varies.all() else np.ascontiguousarray(out[:, varies])


def _noisy(a: Array, noise: float, rng: Any) -> Array:
    """All columns; those that vary are as in :func:`_varying`."""
    out = standardized(a)
    varies = (out != 0.0).any(axis=0)
    out[:, varies] = _varying(a, noise, rng)
    return out
