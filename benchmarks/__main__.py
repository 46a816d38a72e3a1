"""
The whole comparison on this machine: ``python benchmarks [--quick] [--out DIR] [--write]``.
``python benchmarks trust`` measures the answers instead of the speed, on public tables.

Makes a virtual environment of its own with fastinfo and the peers, measures there, and writes
results.json, table.md and the pictures into the directory; ``--write`` puts the tables into
README.md and docs, and the ratios into baseline.json. ``--here`` measures with the interpreter that
runs it, the peers that it has, and the fastinfo of this tree. ``-k`` measures some cases only, and
with ``--write`` replaces their rows in the tables of the same machine and versions. On x86 CPUs
with AVX-512 all is measured once more without. ``--check benchmarks/baseline.json`` compares the
ratios with those of an earlier run, and fails where one has become more than 25 % smaller.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BASELINE = HERE / "baseline.json"
ALLOWED = 0.25


def parse() -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(prog="python benchmarks", description=__doc__)
    parser.add_argument(
        "what", nargs="?", choices=("speed", "trust"), default="speed", help="default: speed"
    )
    parser.add_argument("--quick", action="store_true", help="fewer turns, smaller pictures")
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"))
    parser.add_argument("--write", action="store_true", help="write tables and baseline.json")
    parser.add_argument("--check", type=Path, metavar="FILE", help="an earlier results.json")
    parser.add_argument("--here", action="store_true", help="measure in this environment")
    parser.add_argument("-k", default="", metavar="TEXT", help="only cases with this in the name")
    return parser.parse_args()


def in_own_environment(options: argparse.Namespace) -> int:
    """Run this program again where fastinfo and the peers are installed."""
    extra, suffix = ("trust", "-trust") if options.what == "trust" else ("bench,peers,plot", "")
    home = options.out / f"environment{suffix}"
    if not (home / "pyvenv.cfg").exists():
        print(f"a virtual environment in {home}", flush=True)
        venv.create(home, with_pip=True)
    python = str(home / ("Scripts" if os.name == "nt" else "bin") / "python")
    root = str(HERE.parent)
    install = [python, "-m", "pip", "install", "--quiet", "-e", f"{root}[{extra}]"]
    subprocess.run(install, check=True)
    return subprocess.run([python, str(HERE), "--here", *sys.argv[1:]], check=False).returncode


def worse(records: list[dict[str, Any]], baseline: list[dict[str, Any]]) -> list[str]:
    """What has become slower against the peers than it was."""
    before = {(r["case"], r["peer"]): r["ratio"] for r in baseline}
    found = []
    for record in records:
        old = before.get((record["case"], record["peer"]))
        if old is not None and record["ratio"] < (1.0 - ALLOWED) * old:
            found.append(
                f"{record['case']} against {record['peer']}: {record['ratio']:.2f}, was {old:.2f}"
            )
    return found


def among_others(records: list[dict[str, Any]], machine: str) -> tuple[list[dict[str, Any]], str]:
    """Records of some cases in place of their earlier ones, and the line under these."""
    kept = json.loads(BASELINE.read_text("utf-8"))
    if machine not in kept["about"]:
        raise SystemExit(f"{BASELINE.name} is not of this machine and these versions: {machine}")
    new = {(r["case"], r["peer"]): r for r in records}
    found = [new.pop((r["case"], r["peer"]), r) for r in kept["records"]]
    return [*found, *new.values()], kept["about"]


def compared(options: argparse.Namespace) -> tuple[list[dict[str, Any]], str]:
    """Records of all cases, and the line that says what they were measured with."""
    import cpu_switches
    import make_table
    import speed_pages

    few = (3, 0.3)  # turns of a pair, and seconds that it may take
    turns, limit = few if options.quick else (5, 1.0)
    begun = time.monotonic()
    records = make_table.measure(options.k, turns, limit)
    about = f"CPU times of one thread each, in turns in one process; medians of {turns} turns, or "
    about += f"of fewer where these took more than {limit:g} s. {speed_pages.machine()}."
    if cpu_switches.has_avx512():
        print(f"{time.monotonic() - begun:.0f} s; once more without AVX-512", flush=True)
        narrow = cpu_switches.measure(options.k, *few)
        ratios = {(r["case"], r["peer"]): r["ratio"] for r in narrow}
        for record in records:
            record["ratio_without_avx512"] = ratios.get((record["case"], record["peer"]))
        about += f" {cpu_switches.ABOUT}"
    print(f"{time.monotonic() - begun:.0f} s for the table", flush=True)
    return records, f"{about} Made by `python benchmarks --write`."


def pictures(records: list[dict[str, Any]], options: argparse.Namespace) -> dict[str, Any]:
    """Measure sizes, memory and threads, and draw them and the ratios."""
    import scaling
    from pictures import draw_ratios, draw_roof, draw_sizes, draw_threads

    begun = time.monotonic()
    limit = 0.05 if options.quick else 0.6
    sizes = [10**e for e in range(3, 7 if options.quick else 9)]
    n = 10**6 if options.quick else 10**7
    found = {
        "sizes": scaling.against_size(sizes, limit),
        "read": scaling.read_speed(),
        "memory": scaling.against_memory(n, limit),
        "threads": scaling.against_threads(n, min(os.cpu_count() or 1, 16), limit),
    }
    draw_ratios(records, options.out / "ratios.png")
    draw_sizes(found["sizes"], options.out / "sizes.png")
    draw_roof(found["memory"], found["read"], options.out / "memory.png")
    draw_threads(found["threads"], options.out / "threads.png")
    print(f"{time.monotonic() - begun:.0f} s for the pictures", flush=True)
    return found


def main() -> int:
    """Measure, write, and compare."""
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.here:
        return in_own_environment(options)
    if options.what == "trust":
        import trust

        return trust.main(options)
    root = str(HERE.parent)  # of this tree, here and in the processes that are started
    sys.path.insert(0, root)
    os.environ["PYTHONPATH"] = root
    import make_table
    import speed_pages

    before = options.check and json.loads(options.check.read_text("utf-8"))["records"]
    records, about = compared(options)
    results: dict[str, Any] = {"about": about, "quick": options.quick, "records": records}
    kept = options.out / "results.json"
    kept.write_text(json.dumps(results, indent=1), "utf-8")  # before pictures, which take long
    table = "\n".join([*speed_pages.HEAD, *map(speed_pages.line, records), "", about, ""])
    (options.out / "table.md").write_text(table, "utf-8")
    if options.write:
        if options.k:
            records, about = among_others(records, speed_pages.machine())
        speed_pages.write_pages(records, about)
        BASELINE.write_text(json.dumps({"about": about, "records": records}, indent=1), "utf-8")
    if not options.k:
        results |= pictures(records, options)
        kept.write_text(json.dumps(results, indent=1), "utf-8")
        if options.write:
            for picture in options.out.glob("*.png"):
                shutil.copy(picture, HERE.parent / "docs" / picture.name)
    found = make_table.WRONG + ([] if before is None else worse(results["records"], before))
    for text in found:
        print(text)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
