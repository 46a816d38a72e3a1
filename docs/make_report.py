"""
The picture of a report: ``python docs/make_report.py``, with Chromium.

Writes docs/howto/report.png: the begin of the page about the flights of the demo.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from fastinfo.cli.demo import TARGET, flights
from fastinfo.report import write_report

HERE = Path(__file__).resolve().parent
SIZE = (1200, 2100)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        page, picture = Path(folder, "report.html"), Path(folder, "report.png")
        write_report(flights(), TARGET, page, label="flights.parquet")
        words = ["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu"]
        words += [f"--window-size={SIZE[0]},{SIZE[1]}", f"--screenshot={picture}"]
        words += [f"--user-data-dir={folder}/profile", page.as_uri()]
        subprocess.run(words, check=True)
        image = Image.open(picture).convert("RGB")
        small = image.resize((SIZE[0] * 3 // 4, SIZE[1] * 3 // 4), Image.Resampling.LANCZOS)
        small.quantize(128).save(HERE / "howto" / "report.png", optimize=True)


if __name__ == "__main__":
    main()
