"""Times against the number of samples, bytes a second against what memory gives, and threads."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

import fastinfo
from fastinfo import images


def _median_time(function: Callable[[], Any], limit: float) -> float:
    """Median time of a call: of some calls, for `limit` seconds or so."""
    function()
    times: list[float] = []
    start = time.perf_counter()
    while not times or (len(times) < 9 and time.perf_counter() - start < limit):
        begun = time.perf_counter()
        function()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _pair(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    return x, 0.6 * x + 0.8 * rng.normal(size=n)


def _kinds() -> dict[str, tuple[Callable[..., Any], Callable[..., Any] | None, int]]:
    """Work on two vectors: ours, a peer's, and the bytes that are read for a sample."""
    from scipy.special import logsumexp, xlogy
    from sklearn.feature_selection import mutual_info_regression
    from sklearn.metrics import mutual_info_score

    def by_scikit_learn(x: Any, y: Any) -> float:
        codes = [np.digitize(a, np.linspace(a.min(), a.max(), 33)[1:-1]) for a in (x, y)]
        return float(mutual_info_score(*codes))

    return {
        "cross_entropy": (
            lambda x, y: fastinfo.cross_entropy(x, y),
            lambda x, y: -xlogy(x / x.sum(), y / y.sum()).sum(),
            16,
        ),
        "logsumexp": (lambda x, y: fastinfo.logsumexp(x), lambda x, y: logsumexp(x), 8),
        "histogram2d 32×32": (
            lambda x, y: fastinfo.histogram2d(x, y, 32),
            lambda x, y: np.histogram2d(x, y, 32),
            16,
        ),
        "mutual_information 32×32": (
            lambda x, y: fastinfo.mutual_information(x, y, bins=32),
            by_scikit_learn,
            16,
        ),
        "mutual_info_regression": (
            lambda x, y: fastinfo.mutual_info_regression(x[:, None], y, random_state=0),
            lambda x, y: mutual_info_regression(x[:, None], y, random_state=0),
            16,
        ),
    }


def against_size(sizes: list[int], limit: float) -> list[dict[str, Any]]:
    """Times of ours and of peers; who took longer than the limit is not given more."""
    records: list[dict[str, Any]] = []
    for name, (ours, peer, _) in _kinds().items():
        for who, function in (("fastinfo", ours), ("peer", peer)):
            for n in sizes:
                x, y = _pair(n)
                if name == "cross_entropy":
                    x, y = np.abs(x) + 0.01, np.abs(y) + 0.01
                seconds = _median_time(lambda f=function, x=x, y=y: f(x, y), limit / 4)
                records.append({"work": name, "who": who, "n": n, "seconds": seconds})
                if seconds > limit:
                    break
            print(f"{name}, {who}: to {n:,} samples", flush=True)
    return records


def read_speed(n: int = 1 << 25) -> float:
    """Bytes a second that one thread reads: NumPy's maximum of an array past all caches."""
    a = np.ones(n)
    return a.nbytes / min(_median_time(a.max, 0.5), _median_time(a.min, 0.5))


def against_memory(n: int, limit: float) -> list[dict[str, Any]]:
    """Bytes a second of each kind of work, one thread."""
    records = []
    for name, (ours, _, bytes_read) in _kinds().items():
        x, y = (np.abs(a) + 0.01 for a in _pair(n))
        if name == "mutual_info_regression":
            continue
        seconds = _median_time(lambda f=ours, x=x, y=y: f(x, y), limit)
        records.append({"work": name, "bytes_a_second": bytes_read * n / seconds})
    return records


def _controls(n: int) -> dict[str, Callable[[int], Any]]:
    """
    What threads can gain on this machine at this hour: the same work divided among some.

    They spin, which takes nothing but the processor, or add up numbers that lie in memory.
    """
    from numba import njit

    @njit(nogil=True)
    def spin(rounds: int) -> Any:
        state = np.uint64(rounds)
        for _ in range(rounds):
            state = state * np.uint64(6364136223846793005) + np.uint64(1)
        return state

    @njit(nogil=True, fastmath=True)
    def read(a: Any) -> float:
        total = 0.0
        for v in a:
            total += v
        return total

    numbers = np.ones(2 * n)

    def by_threads(function: Callable[[Any], Any], parts: Any) -> None:
        with ThreadPoolExecutor(len(parts)) as pool:
            list(pool.map(function, parts))

    return {
        "control: spinning": lambda k: by_threads(spin, [3 * n // k] * k),
        "control: reading": lambda k: by_threads(read, np.array_split(numbers, k)),
    }


def against_threads(n: int, most: int, limit: float) -> list[dict[str, Any]]:
    """Times with several numbers of threads, in turns, beside those of the controls."""
    x, y = (np.abs(a) + 0.01 for a in _pair(n))
    rows = x[: n - n % 50].reshape(-1, 50)
    kinds = _controls(n)

    def by_ours(function: Callable[..., Any], *samples: Any) -> Callable[[int], Any]:
        def call(threads: int) -> None:
            with fastinfo.num_threads(threads):
                function(*samples)

        return call

    for name, (ours, _, _) in _kinds().items():
        part = slice(None, n // 20) if name == "mutual_info_regression" else slice(None)
        kinds[name] = by_ours(ours, x[part], y[part])
    kinds["gradient of images"] = by_ours(
        lambda a, b: images.mutual_information(a, b, return_grad=True), x, y
    )
    kinds["softmax of rows of 50"] = by_ours(lambda a: fastinfo.softmax(a, axis=1), rows)
    times: dict[tuple[str, int], list[float]] = {}
    for turn in range(10):
        for name, call in kinds.items():
            for threads in range(1, most + 1):
                found = times.setdefault((name, threads), [])
                if sum(found) < limit:
                    begun = time.perf_counter()
                    call(threads)
                    if turn:  # the first one compiles
                        found.append(time.perf_counter() - begun)
    return [
        {"work": name, "threads": threads, "seconds": statistics.median(found)}
        for (name, threads), found in times.items()
    ]
