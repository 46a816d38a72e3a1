"""
What the compiler costs: ``python benchmarks/first_calls.py [--write]``.

Each public function is called once on ten samples in a new process, with an empty cache of
compiled code and then with what that process left in it; the import of numba is not counted, that
of fastinfo is. With ``--write`` the table goes into docs/explanation/compiling.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from make_table import END, START, machine
from small_calls import CALLS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation" / "compiling.md"
HEAD = ["| first call in a process | nothing compiled, s | compiled before, s |", "|---|---:|---:|"]

PROGRAM = """
import sys, time
import numba

sys.path.insert(0, {directory!r})
start = time.perf_counter()
import fastinfo
imported = time.perf_counter() - start
import small_calls, warnings

warnings.simplefilter("ignore")
function = small_calls.call({name!r})
start = time.perf_counter()
function()
print(imported + time.perf_counter() - start)
"""


def first_call(name: str, cache: str) -> float:
    """Seconds from ``import fastinfo`` to the answer, in a new process."""
    program = PROGRAM.format(directory=str(Path(__file__).parent), name=name)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"NUMBA_CACHE_DIR": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def main() -> None:
    """Measure, print, and put the table into the page on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "-k", default="", metavar="TEXT", help="only functions with this in the name"
    )
    parser.add_argument(
        "--write", action="store_true", help="write the table into docs/explanation/compiling.md"
    )
    options = parser.parse_args()
    lines = [*HEAD]
    print(*HEAD, sep="\n")
    for name in CALLS:
        if options.k in name:
            with tempfile.TemporaryDirectory() as cache:
                cold = first_call(name, cache)
                warm = min(first_call(name, cache) for _ in range(3))
            lines.append(f"| {name} | {cold:.1f} | {warm:.2f} |")
            print(lines[-1], flush=True)
    if options.write:
        before, _, rest = PAGE.read_text("utf-8").partition(START)
        _, _, after = rest.partition(END)
        table = "\n".join(lines)
        text = machine().replace("`python benchmarks ", "`python benchmarks/first_calls.py ")
        PAGE.write_text(f"{before}{START}\n{table}\n\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
