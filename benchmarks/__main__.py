"""
The whole comparison on this machine: ``python benchmarks [--quick] [--out DIR] [--write]``.
``python benchmarks trust`` measures the answers instead of the speed, on public tables.

Makes a virtual environment of its own with fastinfo and the peers, measures there, and writes
results.json, table.md and the pictures into the directory; ``--write`` puts the tables into
README.md and docs. ``--check benchmarks/baseline.json`` compares the ratios with those of an
earlier results.json, and fails where one has become more than 25 % smaller.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ALLOWED = 0.25


def parse() -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(prog="python benchmarks", description=__doc__)
    parser.add_argument(
        "what", nargs="?", choices=("speed", "trust"), default="speed", help="default: speed"
    )
    parser.add_argument("--quick", action="store_true", help="less data: a minute or three")
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"))
    parser.add_argument("--write", action="store_true", help="write the tables into the pages")
    parser.add_argument("--check", type=Path, metavar="FILE", help="an earlier results.json")
    parser.add_argument("--here", action="store_true", help="measure in this environment")
    parser.add_argument("-k", default="", metavar="TEXT", help="only cases with this in the name")
    return parser.parse_args()


def in_own_environment(options: argparse.Namespace) -> int:
    """Run this program again where fastinfo and the peers are installed."""
    extra, suffix = ("trust", "-trust") if options.what == "trust" else ("bench,plot", "")
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


def main() -> int:
    """Measure, write, and compare."""
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.here:
        return in_own_environment(options)
    if options.what == "trust":
        import trust

        return trust.main(options)
    import make_table

    records = make_table.measure(
        options.k, 3 if options.quick else 9, 0.5 if options.quick else 12.0
    )
    about = make_table.machine()
    results: dict[str, Any] = {"about": about, "quick": options.quick, "records": records}
    if not options.k:
        import scaling
        from pictures import draw_ratios, draw_roof, draw_sizes, draw_threads

        limit = 0.05 if options.quick else 1.0
        sizes = [10**e for e in range(3, 7 if options.quick else 9)]
        n = 10**6 if options.quick else 10**7
        results["sizes"] = scaling.against_size(sizes, limit)
        results["read"] = scaling.read_speed()
        results["memory"] = scaling.against_memory(n, limit)
        results["threads"] = scaling.against_threads(n, min(os.cpu_count() or 1, 16), limit)
        draw_ratios(records, options.out / "ratios.png")
        draw_sizes(results["sizes"], options.out / "sizes.png")
        draw_roof(results["memory"], results["read"], options.out / "memory.png")
        draw_threads(results["threads"], options.out / "threads.png")
    (options.out / "results.json").write_text(json.dumps(results, indent=1), "utf-8")
    table = "\n".join([*make_table.HEAD, *map(make_table.line, records), "", about, ""])
    (options.out / "table.md").write_text(table, "utf-8")
    if options.write:
        make_table.write_pages(records, about)
        for picture in options.out.glob("*.png"):
            shutil.copy(picture, HERE.parent / "docs" / picture.name)
    if options.check is None:
        return 0
    found = worse(records, json.loads(options.check.read_text("utf-8"))["records"])
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
