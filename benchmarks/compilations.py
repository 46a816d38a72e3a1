"""
What is compiled for a call: ``python benchmarks/compilations.py "fi.mutual_information(x, y)"``.

The statement is run with an empty cache of compiled code; ``fi`` is fastinfo, and the arguments are
those of first_calls.py. Each function that numba compiles is listed with the CPU time of its own
and that with what it calls, its depth below the kernel that Python called, and its types; then the
time by step of the compiler, and that of LLVM, of which one part is optimising and one machine
code.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from typing import Any, NamedTuple


class Compilation(NamedTuple):
    """One function for one list of types."""

    own: float
    whole: float
    depth: int
    name: str
    types: str


def main() -> None:
    """Run the statement, print what numba did for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("statement")
    parser.add_argument("-n", type=int, default=40, help="functions to list")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        os.environ["NUMBA_CACHE_DIR"] = cache
        _profile(options.statement, options.n)


def _profile(statement: str, n: int) -> None:
    from first_calls import _BEFORE
    from numba.core import codegen, event

    class Nested(event.Listener):  # type: ignore[misc]
        """Times of events, each without and with those within it."""

        def __init__(self) -> None:
            self.open: list[list[float]] = []

        def on_start(self, event: Any) -> None:
            self.open.append([time.process_time(), 0.0])

        def on_end(self, event: Any) -> None:
            begin, inner = self.open.pop()
            whole = time.process_time() - begin
            if self.open:
                self.open[-1][1] += whole
            self.add(event.data, whole - inner, whole)

    class Functions(Nested):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[Compilation] = []

        def add(self, data: Any, own: float, whole: float) -> None:
            function = data["dispatcher"].py_func
            name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
            types = " ".join(map(str, data["args"]))
            self.found.append(Compilation(own, whole, len(self.open), name, types))

    class Steps(Nested):
        def __init__(self) -> None:
            super().__init__()
            self.seconds: Counter[str] = Counter()

        def add(self, data: Any, own: float, whole: float) -> None:
            self.seconds[data["name"].split()[0]] += own

    of_llvm: Counter[str] = Counter()

    def timed(step: str) -> None:
        inner = getattr(codegen.JITCodeLibrary, step)

        def run(*args: Any) -> Any:
            begin = time.process_time()
            result = inner(*args)
            of_llvm[step.strip("_")] += time.process_time() - begin
            return result

        setattr(codegen.JITCodeLibrary, step, run)

    for step in ("_optimize_functions", "_optimize_final_module", "_finalize_specific"):
        timed(step)
    namespace: dict[str, Any] = {}
    exec(_BEFORE, namespace)
    functions, steps = Functions(), Steps()
    begin = time.process_time()
    with (
        event.install_listener("numba:compile", functions),
        event.install_listener("numba:run_pass", steps),
    ):
        exec(statement, namespace)
    total = time.process_time() - begin
    outer = sum(found.depth == 0 for found in functions.found)
    print(f"{total:.2f} s, {len(functions.found)} compilations, {outer} called by Python")
    print("  own whole depth")
    for found in sorted(functions.found, reverse=True)[:n]:
        milliseconds = f"{1000 * found.own:5.0f} {1000 * found.whole:5.0f} {found.depth:5d}"
        print(f"{milliseconds}  {found.name}  {found.types:.110}")
    print("steps:", *(f"{name} {seconds:.2f}," for name, seconds in steps.seconds.most_common(8)))
    print("LLVM:", *(f"{name} {seconds:.2f}," for name, seconds in of_llvm.items()))


if __name__ == "__main__":
    main()
