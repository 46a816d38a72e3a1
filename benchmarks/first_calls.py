"""
What the first answer costs: ``python benchmarks/first_calls.py [--against ROOT] [--write]``.

CPU seconds of whole processes, from the start of Python to its end, with bytecode written: imports,
and the first call of each public function on small arguments, with an empty cache of compiled code
and then with what that process left in it. With ``--against`` another source tree takes turns with
this one. With ``--write`` the table goes into docs/explanation/compiling.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "explanation" / "compiling.md"

_IMPORTS = {
    "(Python alone)": "pass",
    "import fastinfo": "import fastinfo",
    "import numba": "import numba",
    "numba and one function of fastinfo": "import numba, fastinfo; fastinfo.cross_entropy",
    "a compiled function without fastinfo": "import numba; numba.njit(lambda x: x)(1)",
}
_BEFORE = """
import warnings
import numpy as np
import fastinfo as fi

warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
x, y, z = rng.normal(size=(3, 1000)); y += x
i, j, k = rng.integers(0, 5, (3, 1000))
p, q = rng.random((2, 1000))
X, Q = rng.normal(size=(1000, 5)), rng.random((1000, 5)); Q /= Q.sum(axis=1, keepdims=True)
b = (i > 2).astype(float)
"""
#: The functions that people call first.
COMMON = {
    "mutual_information": "fi.mutual_information(x, y)",
    "mutual_information, labels": "fi.mutual_information(i, j)",
    "mutual_information, ksg": "fi.mutual_information(x, y, estimator='ksg')",
    "histogram2d": "fi.histogram2d(x, y)",
    "cross_entropy": "fi.cross_entropy(p, q)",
    "logsumexp": "fi.logsumexp(x)",
    "softmax_cross_entropy": "fi.softmax_cross_entropy(X, i)",
    "rank_features": "fi.rank_features(X, y)",
    "mutual_information_matrix": "fi.mutual_information_matrix(X)",
    "select_features": "fi.select_features(X, y, 3)",
    "permutation_test": "fi.permutation_test(x, y)",
    "mutual_info_regression": "fi.mutual_info_regression(X[:, :2], y)",
}
_OTHERS = {
    "softmax": "fi.softmax(x)",
    "log_softmax": "fi.log_softmax(x)",
    "entropy": "fi.entropy(p)",
    "kl_divergence": "fi.kl_divergence(p, q)",
    "js_divergence": "fi.js_divergence(p, q)",
    "sigmoid_cross_entropy": "fi.sigmoid_cross_entropy(x, b)",
    "binary_cross_entropy": "fi.binary_cross_entropy(p, b)",
    "log_loss": "fi.log_loss(i, Q)",
    "histogram": "fi.histogram(x)",
    "histogram_bin_edges": "fi.histogram_bin_edges(x)",
    "discretize": "fi.discretize(X)",
    "joint_entropy": "fi.joint_entropy(x, y)",
    "conditional_entropy": "fi.conditional_entropy(x, y)",
    "variation_of_information": "fi.variation_of_information(x, y)",
    "conditional_mutual_information": "fi.conditional_mutual_information(x, y, z)",
    "interaction_information": "fi.interaction_information(i, j, k)",
    "total_correlation": "fi.total_correlation(X[:, :3])",
    "lagged_mutual_information": "fi.lagged_mutual_information(x, y, [1])",
    "transfer_entropy": "fi.transfer_entropy(x, y)",
    "contingency_table": "fi.contingency_table(i, j)",
    "entropy_from_counts": "fi.entropy_from_counts(np.bincount(i))",
    "JointCounts": "fi.JointCounts.from_samples(x, y).mutual_information()",
    "mutual_info_score": "fi.mutual_info_score(i, j)",
    "normalized_mutual_info_score": "fi.normalized_mutual_info_score(i, j)",
    "adjusted_mutual_info_score": "fi.adjusted_mutual_info_score(i, j)",
    "expected_mutual_information": (
        "fi.expected_mutual_information(fi.contingency_table(i, j)[0], 1000)"
    ),
    "homogeneity_score": "fi.homogeneity_score(i, j)",
    "completeness_score": "fi.completeness_score(i, j)",
    "v_measure_score": "fi.v_measure_score(i, j)",
    "homogeneity_completeness_v_measure": "fi.homogeneity_completeness_v_measure(i, j)",
    "mutual_info_classif": "fi.mutual_info_classif(X[:, :2], i)",
    "bootstrap_interval": "fi.bootstrap_interval(x, y)",
}
CALLS = COMMON | _OTHERS


class Seconds(NamedTuple):
    """Of a process with an empty cache, and of one with what the other has compiled."""

    cold: float
    warm: float


def cpu_seconds(program: str, root: Path, cache: str) -> float:
    """CPU seconds of a whole process that finds fastinfo in a source tree."""
    variables = os.environ | {"NUMBA_CACHE_DIR": cache, "PYTHONPATH": str(root)}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", program], env=variables)
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError(f"a process failed: {program}")
    return used.ru_utime + used.ru_stime


def measure(program: str, roots: list[Path], rounds: int) -> list[Seconds]:
    """Medians of processes of each source tree in turns."""
    found: list[list[Seconds]] = [[] for _ in roots]
    for _ in range(rounds):
        for root, seconds in zip(roots, found, strict=True):
            with tempfile.TemporaryDirectory() as cache:
                cold, warm = (cpu_seconds(program, root, cache) for _ in range(2))
                seconds.append(Seconds(cold, warm))
    return [Seconds(*map(statistics.median, zip(*seconds, strict=True))) for seconds in found]


def line(name: str, found: list[Seconds]) -> str:
    """A row of the table: this tree, and the other one's seconds and the ratios to them."""
    cells = [f"{found[0].cold:.2f}", f"{found[0].warm:.2f}"]
    if len(found) > 1:
        other = found[1]
        cells += [f"{other.cold:.2f}", f"{other.warm:.2f}"]
        cells += [f"{found[0].cold / other.cold:.2f}", f"{found[0].warm / other.warm:.2f}"]
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Measure, print, and put the table into the page on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, metavar="ROOT", help="another source tree")
    parser.add_argument("--rounds", type=int, default=5, help="processes of each kind")
    parser.add_argument("--common", action="store_true", help="the functions called first alone")
    parser.add_argument("-k", default="", metavar="TEXT", help="names with this in them")
    parser.add_argument("--write", action="store_true", help="write the table into the page")
    options = parser.parse_args()
    roots = [ROOT, *filter(None, [options.against])]
    head = "| CPU seconds of a process | nothing compiled | compiled before |"
    more = " the other: nothing | the other: before | ratio | ratio |" if options.against else ""
    lines = [head + more, "|---|" + "---:|" * (6 if options.against else 2)]
    print(*lines, sep="\n")
    calls = COMMON if options.common else CALLS
    sums = [Seconds(0.0, 0.0) for _ in roots]
    programs = _IMPORTS | {name: _BEFORE + call for name, call in calls.items()}
    for name, program in programs.items():
        if options.k not in name:
            continue
        found = measure(program, roots, options.rounds)
        if name in calls:
            sums = [
                Seconds(a.cold + b.cold, a.warm + b.warm) for a, b in zip(sums, found, strict=True)
            ]
        lines.append(line(name, found))
        print(lines[-1], flush=True)
    lines.append(line("sum of the calls", sums))
    print(lines[-1])
    if options.write:
        write(lines)


def write(lines: list[str]) -> None:
    """Put a table into the page."""
    from speed_pages import END, START, machine

    before, _, rest = PAGE.read_text("utf-8").partition(START)
    _, _, after = rest.partition(END)
    text = f"Medians. {machine()}. Made by `python benchmarks/first_calls.py --write`."
    PAGE.write_text(
        before + START + "\n" + "\n".join([*lines, "", text]) + "\n" + END + after, "utf-8"
    )


if __name__ == "__main__":
    main()
