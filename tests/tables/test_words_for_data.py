"""Files and mappings as tables, and what is said of data that is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import fastinfo
from fastinfo.streaming import open_files

N = 300


@pytest.fixture
def frame(rng: np.random.Generator) -> pd.DataFrame:
    y = rng.integers(0, 3, N)
    return pd.DataFrame({"a": y // 2, "g": rng.integers(0, 3, N), "x": rng.normal(size=N), "y": y})


CALLS: list[Any] = [
    lambda X: fastinfo.rank_features(X, "y").to_dict(),
    lambda X: fastinfo.select_features(X, "y", 2).to_dict(),
    lambda X: fastinfo.mutual_information_matrix(X).to_pandas().to_dict(),
]


@pytest.mark.parametrize("call", CALLS)
def test_files_paths_and_mappings_are_tables(
    call: Any, frame: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    pl = pytest.importorskip("polars")
    mixed = {
        "a": frame["a"].tolist(),
        "g": frame["g"],
        "x": frame["x"].to_numpy(),
        "y": pl.Series(frame["y"].to_numpy()),
    }
    expected = call(frame)
    for data in (str(path), path, mixed, {name: tuple(v) for name, v in frame.items()}):
        assert call(data) == expected


def test_a_mapping_and_the_values_of_the_target(frame: pd.DataFrame) -> None:
    columns = {"a": frame["a"].tolist(), "x": frame["x"].to_numpy()}
    for y in (frame["y"], frame["y"].tolist(), frame["y"].to_numpy()):
        assert fastinfo.rank_features(columns, y).names[0] == "a"


@pytest.mark.parametrize(
    "paths", [["a.csv", "b.csv"], [Path("a.csv"), Path("b.csv")], ("a.csv", "b.csv")]
)
@pytest.mark.parametrize("call", CALLS)
def test_a_list_of_files(call: Any, paths: Any) -> None:
    said = r"X must be a table or one path, got a list of paths: .*open_files\('a.csv', 'b.csv'\)"
    with pytest.raises(TypeError, match=said):
        call(paths)
    with pytest.raises(TypeError, match=r"paths must be paths, got .*: open_files\('a.csv', 'b.c"):
        open_files(paths)


def test_other_lists_and_paths() -> None:
    with pytest.raises(TypeError, match=r"open_files\('0.csv', '1.csv', ...\)"):
        fastinfo.mutual_information_matrix([f"{i}.csv" for i in range(9)])
    with pytest.raises(ValueError, match="X must be two-dimensional"):
        fastinfo.mutual_information_matrix(["a", "b"])
    with pytest.raises(TypeError, match=r"paths must be paths, got int$"):
        open_files(3)  # type: ignore[arg-type]


def test_a_list_of_names_as_the_target(frame: pd.DataFrame, tmp_path: Path) -> None:
    for call in (fastinfo.rank_features, lambda X, y: fastinfo.select_features(X, y, 1)):
        with pytest.raises(ValueError, match=r"the name of one column, got a list of 1: y='g'$"):
            call(frame, ["g"])
        with pytest.raises(ValueError, match=r"the name of one column, got a list of 2$"):
            call(frame, ["g", "y"])
        with pytest.raises(ValueError, match="X and y must have the same length, got 300 and 1"):
            call(frame, ["no name"])
        with pytest.raises(ValueError, match="got 'y' with an array: pass the values of the targ"):
            call(frame.to_numpy(), "y")
    frame.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(TypeError, match=r"read part by part, got a list: y='g'$"):
        fastinfo.rank_features(open_files(tmp_path / "t.csv"), ["g"])


def test_names_of_columns_as_samples() -> None:
    columns = {"a": [0, 1] * 20, "b": [0, 0, 1, 1] * 10}
    y = ["a", "b", "b", "b"] * 10
    assert fastinfo.rank_features(columns, y).target is None


@pytest.mark.parametrize("call", [fastinfo.rank_features, fastinfo.mutual_information])
def test_a_mapping_of_bins(call: Any) -> None:
    X = {"x": np.arange(9.0)} if call is fastinfo.rank_features else np.arange(9.0)
    with pytest.raises(TypeError, match=r"bins must be a number of bins, .*, got a mapping: {'x'"):
        call(X, [0, 1, 2] * 3, bins={"x": 5})


def test_columns_of_npy_files_have_the_names_of_those_of_arrays(tmp_path: Path) -> None:
    X = np.arange(12.0).reshape(4, 3) ** 2 % 7
    np.save(tmp_path / "t.npy", X)
    found = fastinfo.mutual_information_matrix(tmp_path / "t.npy")
    assert found.names == fastinfo.mutual_information_matrix(X).names == ["x0", "x1", "x2"]
