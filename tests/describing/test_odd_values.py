"""Alerts of values that may not mean what they say."""

import numpy as np
import pytest

import fastinfo
from fastinfo.streaming import open_files

AGES = [*range(18, 91)] * 3
CELSIUS = np.linspace(-30, 40, 141).tolist()


def alerts_of(values, **options):
    return fastinfo.describe({"x": values}, **options)["x"].alerts


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ([*AGES, 999, 999], "999 (2)"),
        ([*AGES, -1, 999, -1, 999, -1, -1, -1, -1, -1, -1, -1], "-1 (9) and 999 (2)"),
        ([*CELSIUS, -9999.0, -9999.0], "-9999 (2)"),
        ([*CELSIUS, None, 99999, 99999], "99999 (2)"),
        ([0.5, 3.25, -9.0, 17.5, -9.0], "-9 (2)"),
        ([1, 2, 9] * 20, "9 (20)"),
        ([*AGES, 32767, 32767], "32767 (2)"),
    ],
)
def test_marks_of_missing_values(values, marks):
    assert alerts_of(values) == f"may mark missing values: {marks}"
    large = np.array(values, np.float64)
    assert alerts_of(large) == f"may mark missing values: {marks}"


@pytest.mark.parametrize(
    "values",
    [
        [*AGES, 999],  # an outlier
        [*AGES, 99, 99],  # an age
        [*AGES, 1000, 1000],
        [-1, 0, 1, 2] * 9,  # a difference
        [-1, 1] * 9,
        [*range(-1, 30)] * 2,
        [-1.5, -9.0, -9.0, 13.0],
        [7, 8, 9] * 9,
        [np.inf, np.inf, 1.5, 2.5, 9.75],
        ["1", "2", "9"] * 9,
        [False, True] * 9,
        [1e300, 1e300, 1.0, 2.0, -1e300, -1e300],
    ],
)
def test_numbers_that_mark_nothing(values):
    assert "mark" not in alerts_of(values)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["yes", "Yes", "no"], "'Yes' and 'yes'"),
        (["MIT Press", "MIT  press", "Springer"], "'MIT  press' and 'MIT Press'"),
        (["Italy ", "Italy", "Spain", "spain"], "'Italy' and 'Italy ', 'Spain' and 'spain'"),
        ([*"aAbBcCdDeE"], "'A' and 'a', 'B' and 'b', 'C' and 'c' and 2 more"),
    ],
)
def test_labels_that_are_written_in_two_ways(texts, said):
    assert alerts_of(texts * 20) == f"labels that differ only in case or spaces: {said}"


def test_labels_that_are_written_in_one_way():
    assert alerts_of(["yes", "no", "y es"] * 20) == ""
    assert alerts_of([f"u{i}" for i in range(60)] + [f"U{i}" for i in range(60)]) == "nearly unique"


def test_alerts_are_the_same_in_parts(tmp_path):
    path = tmp_path / "t.csv"
    rows = (
        f"{999 if i % 9 == 0 else i % 60},{['north', 'North', 'south'][i % 3]}\n"
        for i in range(3000)
    )
    path.write_text("age,side\n" + "".join(rows))
    whole, parts = fastinfo.describe(path), fastinfo.describe(open_files(path))
    assert whole.to_dict() == parts.to_dict()
    assert whole["age"].alerts == "may mark missing values: 999 (334)"
    assert whole["side"].alerts == "labels that differ only in case or spaces: 'North' and 'north'"
