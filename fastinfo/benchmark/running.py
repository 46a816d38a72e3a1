"""Choose estimators and distributions, and run the benchmark that compares them."""

from __future__ import annotations

import os
import platform
import time
import warnings
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import numba
import numpy as np
from llvmlite.binding import get_host_cpu_name

from fastinfo._core.checks import integer
from fastinfo._core.messages import printable
from fastinfo._core.progress import reporting
from fastinfo._core.threads import get_num_threads
from fastinfo._version import __version__
from fastinfo.benchmark.known_distributions import Distribution, known_distributions
from fastinfo.benchmark.known_estimators import (
    Estimator,
    known_estimators,
    load_estimator,
    make_estimator,
)
from fastinfo.benchmark.records import Record, append_record, read_records
from fastinfo.benchmark.results import Results

_registered: dict[str, Estimator] = {}

_QUICK_DISTRIBUTIONS = (
    "normal r=0.0",
    "normal r=0.6",
    "normal r=0.9",
    "exp of normal r=0.75",
    "Student-t dof=1",
    "additive noise 0.1",
    "mixture of 4 squares",
    "uniform after 5 labels",
    "table 4x4",
)
_QUICK_ESTIMATORS = (
    "histogram mi",
    "histogram fd",
    "histogram mi, miller-madow",
    "ksg k=3",
    "gaussian",
    "gaussian-copula",
    "scikit-learn k=3",
)


def distributions() -> dict[str, Distribution]:
    """
    Return the distributions with known mutual information, in a new dictionary by name.

    There are normal pairs with several correlations, also after monotone transforms, Student-t,
    additive noise, mixtures, independent pairs, numbers with labels, and tables of labels. They
    include the one-dimensional distributions of Czyż et al. (2023).

    Returns
    -------
    dict of str to Distribution
        The distributions.

    References
    ----------
    Czyż, P., Grabowski, F., Vogt, J. E., Beerenwinkel, N. & Marx, A. (2023), Beyond normal: on the
    evaluation of mutual information estimators. https://doi.org/10.48550/arXiv.2306.11078

    Examples
    --------
    >>> from fastinfo.benchmark import distributions
    >>> round(distributions()["additive noise 0.1"].truth, 2)
    1.71
    """
    return known_distributions()


def estimators() -> dict[str, Estimator]:
    """
    Return the estimators to compare, in a new dictionary by name.

    These are the estimators of fastinfo, those of other installed packages (scikit-learn, ennemi,
    infomeasure and NPEET), and registered ones.

    Returns
    -------
    dict of str to Estimator
        The estimators.

    Examples
    --------
    >>> from fastinfo.benchmark import estimators
    >>> "ksg k=3" in estimators()
    True
    """
    return known_estimators() | _registered


def register(
    function: Callable[[Any, Any], float],
    name: str | None = None,
    kinds: str | Iterable[str] = ("numbers", "mixed", "labels"),
) -> Estimator:
    """
    Add an estimator of your own to :func:`estimators`, in this process.

    Parameters
    ----------
    function : callable
        ``function(x, y)`` returns an estimate in nats for two arrays of samples.
    name : str, optional
        The name in records; by default, the name of the function. An estimator with the same name
        is replaced.
    kinds : str or iterable of {"numbers", "mixed", "labels"}, optional
        Kinds of distributions that it accepts: two continuous variables, a continuous variable and
        labels, or two variables of labels.

    Returns
    -------
    Estimator
        The new estimator.

    Examples
    --------
    >>> import numpy as np
    >>> from fastinfo.benchmark import estimators, register
    >>> def from_correlation(x, y):
    ...     return -0.5 * np.log(1 - np.corrcoef(x, y)[0, 1] ** 2)
    >>> register(from_correlation, kinds="numbers").name
    'from_correlation'
    """
    estimator = make_estimator(function, name, kinds)
    _registered[estimator.name] = estimator
    return estimator


def load(path: str) -> Estimator:
    """
    Import an estimator given as ``module:function``, and register it under that name.

    Modules in the working directory are found too. ``ImportError`` or ``ValueError`` is raised if
    the module or function does not exist.

    Examples
    --------
    >>> from fastinfo.benchmark import load
    >>> load("fastinfo:mutual_info_score").name
    'fastinfo:mutual_info_score'
    """
    estimator = load_estimator(path)
    _registered[estimator.name] = estimator
    return estimator


def quick_options() -> dict[str, Any]:
    """
    Return options for a :func:`run` that takes less than a minute: ``run(**quick_options())``.

    They select some estimators, distributions that all of these accept, and a few repetitions with
    up to 10,000 samples.

    Examples
    --------
    >>> from fastinfo.benchmark import quick_options
    >>> quick_options()["sizes"]
    [100, 1000, 10000]
    """
    there = estimators()
    compared = [name for name in there if name in (*_QUICK_ESTIMATORS, *_registered)]
    kinds = {name: known.kind for name, known in distributions().items()}
    common = [
        name
        for name in _QUICK_DISTRIBUTIONS
        if all(kinds[name] in there[estimator].kinds for estimator in compared)
    ]
    return {
        "distributions": common or list(_QUICK_DISTRIBUTIONS),
        "estimators": compared,
        "sizes": [100, 1000, 10_000],
        "repetitions": 10,
        "time_limit": 0.5,
    }


def run(
    distributions: Iterable[str | Distribution] | None = None,
    estimators: Iterable[str | Estimator] | None = None,
    *,
    sizes: Iterable[int] = (100, 300, 1000, 3000, 10_000, 30_000, 100_000),
    repetitions: int = 20,
    seed: int = 0,
    time_limit: float | None = 10.0,
    path: str | os.PathLike[str] | None = None,
    progress: bool | Callable[[int, int], None] = False,
) -> Results:
    """
    Measure time, bias and spread of estimators on distributions with known mutual information.

    All estimators get the same samples. Each is called once before it is timed, so that compilation
    is not measured. If an estimator raises an exception, its record contains it.

    Parameters
    ----------
    distributions : iterable of str or Distribution, optional
        The distributions; by default, all of :func:`distributions`.
    estimators : iterable of str or Estimator, optional
        The estimators; by default, all of :func:`estimators`.
    sizes : iterable of int, optional
        Numbers of samples.
    repetitions : int, optional
        Number of samples to draw for each distribution and size.
    seed : int, optional
        Seed of the samples. They depend only on seed, distribution and size.
    time_limit : float or None, optional
        Limit in seconds. If the median time of an estimator's calls on a distribution exceeds it,
        larger sizes are skipped. None means no limit.
    path : str or path, optional
        A file to which each record is written immediately, with one JSON object per line. Records
        that the file already contains, with the same seed, repetitions, threads, versions and CPU,
        are not computed again.
    progress : bool or callable, optional
        Show a progress bar (needs rich), or call ``progress(done, total)`` after each record.

    Returns
    -------
    Results
        A record for each estimator, size and distribution that the estimator accepts, without
        skipped sizes.

    Raises
    ------
    TypeError, ValueError
        If a name is unknown, a number is not valid, or the file contains something else.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from fastinfo.benchmark import run
    >>> results = run(["normal r=0.6"], ["ksg k=3", "gaussian"], sizes=[1000], repetitions=5)
    >>> [abs(record["bias"]) < 0.1 for record in results]
    [True, True]
    """
    wanted = _chosen(distributions, known_distributions(), Distribution, "distributions")
    compared = _chosen(estimators, known_estimators() | _registered, Estimator, "estimators")
    counts = sorted({integer(n, "sizes", least=2) for n in sizes})
    if not counts:
        raise ValueError("sizes must hold at least one number of samples, got none")
    repetitions = integer(repetitions, "repetitions", least=1)
    seed = integer(seed, "seed", least=0)
    if time_limit is not None and not time_limit > 0:
        raise ValueError(f"time_limit must be a positive number or None, got {time_limit!r}")
    known = {_key(record): record for record in ([] if path is None else read_records(path))}
    facts = _facts(seed, repetitions)
    records: list[Record] = []
    total = len(wanted) * len(counts) * len(compared)
    done = 0
    with reporting(progress, "records") as report:
        for distribution in wanted:
            slow: set[str] = set()
            for n in counts:
                samples = None
                for estimator in compared:
                    done += 1
                    if distribution.kind in estimator.kinds and estimator.name not in slow:
                        record = _start(distribution, estimator, n, facts)
                        earlier = known.get(_key(record))
                        if earlier is None:
                            if samples is None:
                                samples = _draw(distribution, n, repetitions, seed)
                            record |= _measure(estimator, samples, distribution.truth)
                            if path is not None:
                                append_record(path, record)
                        else:
                            record = earlier
                        records.append(record)
                        if time_limit is not None and (record["time"] or 0.0) > time_limit:
                            slow.add(estimator.name)
                    if report:
                        report(done, total)
    return Results(records)


def _chosen(given: Any, known: dict[str, Any], kind: type, what: str) -> list[Any]:
    """Return the given objects, of which some may be given by name; by default, all."""
    if given is None:
        return list(known.values())
    if isinstance(given, str | kind):
        given = [given]
    found = []
    for one in given:
        if isinstance(one, kind):
            found.append(one)
        elif isinstance(one, str) and one in known:
            found.append(known[one])
        else:
            names = ", ".join(map(printable, known))
            raise ValueError(f"{what} must be some of {names}, got {one!r:.60}")
    if not found:
        raise ValueError(f"{what} must name at least one, got none")
    return found


def _facts(seed: int, repetitions: int) -> Record:
    return {
        "repetitions": repetitions,
        "seed": seed,
        "threads": get_num_threads(),
        "fastinfo": __version__,
        "numpy": np.__version__,
        "numba": numba.__version__,
        "python": platform.python_version(),
        "cpu": get_host_cpu_name(),
    }


def _start(distribution: Distribution, estimator: Estimator, n: int, facts: Record) -> Record:
    return {
        "distribution": distribution.name,
        "truth": distribution.truth,
        "estimator": estimator.name,
        "n": n,
        "package": estimator.package,
        "version": estimator.version,
        **facts,
    }


def _key(record: Record) -> tuple[Any, ...]:
    """Entries of a record that must be equal if a stored record is to be used."""
    names = "distribution", "truth", "estimator", "n", "repetitions", "seed", "threads"
    return tuple(record.get(name) for name in (*names, "version", "fastinfo", "numpy", "cpu"))


def _draw(distribution: Distribution, n: int, repetitions: int, seed: int) -> list[tuple[Any, Any]]:
    name = zlib.crc32(distribution.name.encode())
    return [
        distribution.draw(np.random.default_rng([seed, name, n, repetition]), n)
        for repetition in range(repetitions)
    ]


def _measure(estimator: Estimator, samples: list[tuple[Any, Any]], truth: float) -> Record:
    """Return errors and time of an estimator, or the exception that it raised."""
    found: list[float] = []
    times: list[float] = []
    empty: Record = dict.fromkeys(("mean", "bias", "std", "rmse", "time"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of rules that ask for too many bins, of peers
            estimator.function(*samples[0])
            for x, y in samples:
                start = time.perf_counter()
                value = estimator.function(x, y)
                times.append(time.perf_counter() - start)
                found.append(float(value))
    except Exception as error:
        return empty | {"error": f"{type(error).__name__}: {error}"[:200]}
    errors = np.array(found) - truth
    with np.errstate(invalid="ignore"):
        return {
            "mean": float(np.mean(found)),
            "bias": float(np.mean(errors)),
            "std": float(np.std(found, ddof=1)) if len(found) > 1 else 0.0,
            "rmse": float(np.sqrt(np.mean(errors**2))),
            "time": float(np.median(times)),
            "error": None,
        }
