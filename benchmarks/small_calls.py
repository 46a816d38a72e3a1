"""
What a call costs besides its arithmetic: ``python benchmarks/small_calls.py``.

Public functions on 10 to 200 elements from Python; kernels on 10 elements from a compiled loop,
against the same arithmetic written there; mutual information in windows by its public name in a
compiled loop, against the bare kernels, whose memory is made before; a loop in C, against a
compiled one.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np

import fastinfo
from fastinfo.kernels.binning import edges as binning
from fastinfo.kernels.counting import tables as counting
from fastinfo.kernels.distributions import divergences as distributions
from fastinfo.kernels.information import plug_in as information
from fastinfo.kernels.log_domain import row_sums

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))

WIDTH, BINS, LOW, HIGH = 200, 8, -5.0, 5.0

SIZES = 10, 50, 200

#: Public functions with their arguments, names of :func:`arguments`: x, y, z are numbers, i, j, k
#: labels.
CALLS = (
    "logsumexp(x)",
    "softmax(x)",
    "log_softmax(x)",
    "entropy(p)",
    "cross_entropy(p, q)",
    "kl_divergence(p, q)",
    "js_divergence(p, q)",
    "softmax_cross_entropy(logits, t)",
    "sigmoid_cross_entropy(x, b)",
    "binary_cross_entropy(p, b)",
    "log_loss(t, probabilities)",
    "histogram(x)",
    "histogram2d(x, y)",
    "histogram_bin_edges(x)",
    "discretize(x)",
    "mutual_information(x, y)",
    "mutual_information(i, j)",
    "joint_entropy(i, j)",
    "conditional_entropy(i, j)",
    "variation_of_information(i, j)",
    "conditional_mutual_information(i, j, k)",
    "conditional_mutual_information(x, y, z)",
    "interaction_information(i, j, k)",
    "total_correlation(labels)",
    "lagged_mutual_information(i, j, [1])",
    "transfer_entropy(i, j)",
    "transfer_entropy(x, y)",
    "contingency_table(i, j)",
    "JointCounts.from_samples(i, j)",
    "JointCounts.from_samples(x, y)",
    "entropy_from_counts(i)",
    "mutual_info_score(i, j)",
    "normalized_mutual_info_score(i, j)",
    "adjusted_mutual_info_score(i, j)",
    "homogeneity_completeness_v_measure(i, j)",
    "mutual_information_matrix(labels)",
    "rank_features(labels, k)",
    "rank_features(numbers, k)",
    "select_features(labels, k, 2)",
    "permutation_test(i, j, n_permutations=10, seed=1)",
    "bootstrap_interval(i, j, n_resamples=10, seed=1)",
)


def arguments(n: int) -> dict[str, Any]:
    """So many samples of each kind, half as many rows of logits and probabilities."""
    rng = np.random.default_rng(0)
    x, y, z = rng.normal(size=(3, n))
    p, q = rng.uniform(0.1, 0.9, (2, n))
    i, j, k = rng.integers(0, 3, (3, n))
    i[:3] = j[:3] = k[:3] = 0, 1, 2
    probabilities = np.array([[0.2, 0.8]] * (n // 2))
    b = (x > 0).astype(float)
    t = rng.permutation(np.arange(n // 2) % 2)
    tables = {"labels": np.column_stack([i, j, k]), "numbers": np.column_stack([x, y, z])}
    vectors = {"x": x, "y": y, "z": z, "p": p, "q": q, "b": b, "i": i, "j": j, "k": k, "t": t}
    logits = rng.normal(size=(n // 2, 2))
    return vectors | tables | {"logits": logits, "probabilities": probabilities}


def call(text: str, n: int) -> Callable[[], Any]:
    """A public function with its arguments."""
    return eval(f"lambda: fastinfo.{text}", arguments(n) | {"fastinfo": fastinfo})


def seconds(function: Callable[[], Any], repeats: int) -> float:
    """Time of one call, the median of some rounds."""
    rounds = []
    for _ in range(15):
        start = time.perf_counter()
        for _ in range(repeats):
            function()
        rounds.append((time.perf_counter() - start) / repeats)
    return statistics.median(rounds)


def in_turns(*functions: Callable[[], Any]) -> list[list[float]]:
    """Times of functions that take turns, after a first call of each."""
    times: list[list[float]] = [[] for _ in functions]
    for turn in range(10):
        for function, found in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            if turn:
                found.append(time.perf_counter() - start)
    return times


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Median over the turns."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


@numba.njit
def _written_cross_entropy(p, q):
    p_total = q_total = total = 0.0
    for i in range(p.size):
        p_total += p[i]
        q_total += q[i]
    for i in range(p.size):
        total -= p[i] / p_total * np.log(q[i] / q_total)
    return total


@numba.njit
def _written_logsumexp(p, q):
    greatest = p[0]
    for i in range(1, p.size):
        greatest = max(greatest, p[i])
    total = 0.0
    for i in range(p.size):
        total += np.exp(p[i] - greatest)
    return greatest + np.log(total)


@numba.njit
def _kernel_cross_entropy(p, q):
    return distributions.cross_entropy(p, q)


@numba.njit
def _kernel_logsumexp(p, q):
    return row_sums.logsumexp(p)


def _looped(function: Callable[..., float]) -> Callable[..., float]:
    @numba.njit
    def loop(p, q):
        total = 0.0
        for i in range(p.shape[0]):
            total += function(p[i], q[i])
        return total

    return loop


@numba.njit
def windows_by_name(x, y, width, bins, out):
    """Mutual information in each window, by the public name."""
    for i in range(out.size):
        part = slice(i * width, (i + 1) * width)
        out[i] = fastinfo.mutual_information(x[part], y[part], bins=bins)


@numba.njit
def windows_by_kernels(x, y, width, bins, out):
    """The same by kernels, in memory that is made once."""
    x_edges, y_edges = np.empty(bins + 1), np.empty(bins + 1)
    table = np.empty((bins + 1, bins + 1), np.uint32)
    counts, x_counts, y_counts = np.empty((bins, bins)), np.empty(bins), np.empty(bins)
    for i in range(out.size):
        a, b = x[i * width : (i + 1) * width], y[i * width : (i + 1) * width]
        x_low, x_high, _ = binning.sample_range(a)
        y_low, y_high, _ = binning.sample_range(b)
        binning.equal_edges(x_low, x_high, x_edges)
        binning.equal_edges(y_low, y_high, y_edges)
        table[:] = 0
        counting.count_samples(
            a, b, x_edges, y_edges, binning.grid(x_edges), binning.grid(y_edges), table
        )
        for r in range(bins):
            for c in range(bins):
                counts[r, c] = table[r, c]
        information.margins(counts, x_counts, y_counts)
        out[i] = information.mutual_information(counts, x_counts, y_counts)


@numba.njit
def windows_between(x, y, width, low, high, bins, out):
    """Mutual information in each window, in bins between fixed bounds: what the C program does."""
    edges, table = np.empty(bins + 1), np.empty((bins + 1, bins + 1), np.uint32)
    counts, x_counts, y_counts = np.empty((bins, bins)), np.empty(bins), np.empty(bins)
    binning.equal_edges(low, high, edges)
    for i in range(out.size):
        a, b = x[i * width : (i + 1) * width], y[i * width : (i + 1) * width]
        table[:] = 0
        grid = binning.grid(edges)
        counting.count_samples(a, b, edges, edges, grid, grid, table)
        for r in range(bins):
            for c in range(bins):
                counts[r, c] = table[r, c]
        information.margins(counts, x_counts, y_counts)
        out[i] = information.mutual_information(counts, x_counts, y_counts)


def public_calls() -> None:
    """A table of the public functions."""
    heads = " | ".join(f"{n} elements, µs" for n in SIZES)
    print(f"| public call | {heads} |\n|---|{'---:|' * len(SIZES)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text in CALLS:
            functions = [call(text, n) for n in SIZES]
            for function in functions:
                function()
            times = [f"{seconds(function, 100) * 1e6:.1f}" for function in functions]
            print(f"| {text} | {' | '.join(times)} |", flush=True)


def kernel_calls() -> None:
    """A table of kernels from a compiled loop."""
    p, q = np.random.default_rng(1).uniform(0.1, 0.9, (2, 10**5, 10))
    print("\n| kernel on 10 elements in `@njit` | ns | the same arithmetic, ns |\n|---|---:|---:|")
    for name, kernel, written in (
        ("cross-entropy", _kernel_cross_entropy, _written_cross_entropy),
        ("logsumexp", _kernel_logsumexp, _written_logsumexp),
    ):
        loops = [_looped(kernel), _looped(written)]
        first, second = (loop(p, q) for loop in loops)
        np.testing.assert_allclose(first, second, rtol=1e-12)
        times = in_turns(lambda f=loops[0]: f(p, q), lambda f=loops[1]: f(p, q))
        ours, theirs = (statistics.median(found) / len(p) * 1e9 for found in times)
        print(f"| {name} | {ours:.0f} | {theirs:.0f} |")


def windows(n: int) -> None:
    """Ratios of loops over windows."""
    import c_caller

    x, y = np.clip(np.random.default_rng(2).normal(size=(2, n * WIDTH)), LOW, HIGH)
    out, other = np.empty(n), np.empty(n)
    by_name, by_kernels = in_turns(
        lambda: windows_by_name(x, y, WIDTH, BINS, out),
        lambda: windows_by_kernels(x, y, WIDTH, BINS, other),
    )
    np.testing.assert_allclose(out, other, atol=1e-12)
    print(f"\n{n:,} windows of {WIDTH} samples, {BINS} × {BINS} bins; medians of ratios in turns:")
    print(f"- by public name against bare kernels: {ratio(by_name, by_kernels):.2f}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        module = c_caller.build(directory)
        by_c, compiled = in_turns(
            lambda: c_caller.windows(module, x, y, WIDTH, BINS),
            lambda: windows_between(x, y, WIDTH, LOW, HIGH, BINS, other),
        )
        np.testing.assert_allclose(c_caller.windows(module, x, y, WIDTH, BINS), other, atol=1e-12)
    print(f"- C program against @njit: {ratio(by_c, compiled):.2f}")


if __name__ == "__main__":
    public_calls()
    kernel_calls()
    windows(10**6 if "--full" in sys.argv else 10**5)
