"""Cases of data in parts that once went wrong, or may: types, options, parts that are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from helpers import plain, same_rankings

pa = pytest.importorskip("pyarrow")

from pyarrow import parquet  # noqa: E402

import fastinfo  # noqa: E402
from fastinfo.streaming import ColumnCounts, LossSum, PairCounts, open_files, survey  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:columns to look at")

#: Of a table in memory, where equal widths are not the default as they are of data in parts.
rank_whole = fastinfo.rank_features
matrix_of_whole = fastinfo.mutual_information_matrix


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastinfo.files.sources.FEWEST_ROWS", 97)
    monkeypatch.setattr("fastinfo.files.sources.MOST_ROWS", 97)
    monkeypatch.setattr("fastinfo._tables.library_sources.HELD_BYTES", 0)


def in_parts(table: Any, tmp_path: Path) -> Any:
    path = tmp_path / "table.parquet"
    parquet.write_table(table, path, row_group_size=150)
    return open_files(path)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u8"])
def test_labels_far_apart_in_narrow_integers(dtype: str, tmp_path: Path) -> None:
    values = np.array([-100, 100, 27]).astype(dtype)
    table = pa.table({"a": np.tile(values, 50), "y": np.tile(list("abc"), 50)})
    for X in (table, in_parts(table, tmp_path)):
        assert fastinfo.rank_features(X, "y")[0].mi == pytest.approx(np.log(3), rel=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["sqrt", "rice", "sturges", "mi"])
@pytest.mark.parametrize("n", [100, 1024, 2500])
@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "u1", "gaps"])
def test_rules_are_numpys(rule: str, n: int, dtype: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(n)
    a: Any = rng.normal(size=n) * 20 + 100
    a = pa.array(a.astype(int), mask=rng.random(n) < 0.1) if dtype == "gaps" else a.astype(dtype)
    table = pa.table({"a": a, "y": rng.random(n) > 0.5})
    whole = rank_whole(table, "y", bins=rule)
    same_rankings(fastinfo.rank_features(in_parts(table, tmp_path), "y", bins=rule), whole)


@pytest.mark.parametrize("bins", [[3, 5], ["mi", "sqrt"], [[-3.0, 0.0, 3.0], 4], [3, "rice"]])
def test_bins_of_each_column(bins: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = pa.table({"u": rng.normal(size=1000), "v": np.clip(rng.normal(size=1000), -3, 3)})
    whole = matrix_of_whole(table, bins=bins)
    found = fastinfo.mutual_information_matrix(in_parts(table, tmp_path), bins=bins)
    np.testing.assert_allclose(found, whole, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("bins", [range(-3, 4), pa.array([-2.0, 0.0, 2.0])], ids=str)
def test_edges_of_other_kinds(bins: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = pa.table({"a": rng.normal(size=500), "y": rng.integers(0, 2, 500)})
    whole = rank_whole(table, "y", bins=bins)
    same_rankings(fastinfo.rank_features(in_parts(table, tmp_path), "y", bins=bins), whole)


def test_times_in_other_units_are_refused(tmp_path: Path) -> None:
    for i, unit in enumerate(("us", "ns")):
        times = pa.array(np.arange(50) * 1000).cast(pa.timestamp(unit))
        parquet.write_table(pa.table({"a": times, "y": [0, 1] * 25}), tmp_path / f"{i}.parquet")
    with pytest.raises(ValueError, match=r"one type in all parts, got datetime64\[ns\]"):
        fastinfo.rank_features(open_files(tmp_path / "*.parquet"), "y")


def test_intervals_are_labels(tmp_path: Path) -> None:
    values = pa.array([(1, 2, 3), (0, 1, 0)] * 100, pa.month_day_nano_interval())
    counts = ColumnCounts(["a"], "y")
    for _ in range(2):
        counts.update(pa.table({"a": values, "y": [0, 1] * 100}))
    assert counts.ranking()[0].mi == pytest.approx(np.log(2))


def wrong_parts() -> list[tuple[Any, Any]]:
    return [
        ({"a": [1, 9], "b": [1, 2], "t": [5, 6]}, ValueError),
        ({"a": [1, 9], "t": [5, 6]}, ValueError),
        ({"a": ["x", "y"], "b": ["u", "v"], "t": [5, 6]}, ValueError),
    ]


@pytest.mark.parametrize(("part", "error"), wrong_parts())
def test_a_wrong_part_adds_nothing(part: Any, error: Any) -> None:
    good = pa.table({"a": [1, 2, None], "b": ["u", "v", "w"], "t": [0, 1, 1]})
    for counts in (ColumnCounts(["a", "b"], "t"), PairCounts(["a", "b", "t"])):
        counts.update(good)
        before = counts.to_dict()
        with pytest.raises(error):
            counts.update(pa.table(part))
        assert counts.to_dict() == before
        counts.update(pa.table({"a": [9, 9], "b": ["u", "v"], "t": [5, 6]}))
        assert type(counts).from_dict(json.loads(json.dumps(counts.to_dict()))).n_rows == 5


def test_a_merge_that_fails_adds_nothing() -> None:
    a = ColumnCounts(["a", "b"], "t").update(pa.table({"a": [1, 2], "b": [1, 2], "t": [0, 1]}))
    b = ColumnCounts(["a", "b"], "t").update(pa.table({"a": [1, 2], "b": ["u", "v"], "t": [0, 1]}))
    before = a.to_dict()
    with pytest.raises(ValueError, match="one type in all parts"):
        a.merge(b)
    assert a.to_dict() == before


@pytest.mark.parametrize("swapped", [False, True])
def test_counts_between_other_edges_are_not_merged(swapped: bool) -> None:
    many = pa.table({"a": np.arange(100), "t": [0, 1] * 50})
    few = pa.table({"a": [0, 1, 2, 3], "t": [0, 1, 0, 1]})
    a = ColumnCounts(["a"], "t", bins=[0.0, 1, 200]).update(many)
    b = ColumnCounts(["a"], "t", bins=[0.0, 5, 200]).update(few)
    with pytest.raises(ValueError, match="the same edges"):
        (b.merge(a) if swapped else a.merge(b))
    a = ColumnCounts(["a"], "t", surveys=survey(many)).update(many)
    b = ColumnCounts(["a"], "t", surveys=survey(few)).update(few)
    with pytest.raises(ValueError, match="the same survey"):
        (b.merge(a) if swapped else a.merge(b))


@pytest.mark.parametrize("swapped", [False, True])
def test_empty_counts_and_those_without_a_survey_merge(swapped: bool) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 100, (500, 1)), rng.integers(0, 2, 500)
    empty, full = (ColumnCounts(["a"], discrete=True) for _ in range(2))
    full.update(X, y)
    merged = full.merge(empty) if swapped else empty.merge(full)
    same_rankings(merged.ranking(), ColumnCounts(["a"], discrete=True).update(X, y).ranking())
    table = pa.table({"a": np.arange(100), "t": [0, 1] * 50})
    known = ColumnCounts(["a"], "t", surveys=survey(table)).update(table)
    other = ColumnCounts(["a"], "t").update(table.slice(0, 4))
    found = other.merge(known) if swapped else known.merge(other)
    assert found.n_rows == 104


def test_a_survey_counts_no_nan(tmp_path: Path) -> None:
    table = pa.table({"a": pa.array([1.0, np.nan, None, 3.0], from_pandas=False)})
    assert survey(in_parts(table, tmp_path))["a"].n == survey(table)["a"].n == 2


def test_empty_parts_of_arrays() -> None:
    counts = ColumnCounts(["a", "b"]).update(np.zeros((0, 2)), np.zeros(0))
    assert counts.n_rows == 0


@pytest.mark.parametrize("kind", [ColumnCounts, PairCounts])
def test_names_must_be_there_and_differ(kind: Any) -> None:
    for names in ([], ["a", "a"]):
        with pytest.raises(ValueError, match="names must"):
            kind(names)
    targets = [[0, 1, 0]] if kind is ColumnCounts else []
    with pytest.raises(TypeError, match="real numbers or labels"):
        kind(["a"]).update(np.zeros((3, 1), complex), *targets)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'a,y\n1,2\n3,1\n4,"x\n', "a quote that opens in this row is never closed"),
        (b"a,y\n" + b"caf\x00,1\ntea,0\n" * 50, "is not text"),
    ],
)
def test_text_that_is_broken(text: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text)
    with pytest.raises(ValueError, match=message):
        fastinfo.rank_features(open_files(path), "y")


@pytest.mark.parametrize(
    "change",
    [
        {"identity": None},
        {"state": None},
        {"state": []},
        {"state": {"survey": 3}},
        {"state": {"survey": [0, 3, {"99": 3}]}},
        {"state": {"counts": {}}},
        {"state": {"counts": 3}},
    ],
    ids=str,
)
def test_damaged_checkpoints_are_refused_and_stay(change: dict[str, Any], tmp_path: Path) -> None:
    table = pa.table({"a": np.arange(400) % 7, "y": np.arange(400) % 2})
    source, path = in_parts(table, tmp_path), tmp_path / "state.json"

    class StoppedError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done > 200:
            raise StoppedError

    with pytest.raises(StoppedError):
        fastinfo.rank_features(source, "y", checkpoint=path, progress=stop)
    plain = json.loads(path.read_text())
    text = json.dumps({k: v for k, v in (plain | change).items() if v is not None})
    path.write_text(text)
    with pytest.raises(ValueError, match="checkpoint"):
        fastinfo.rank_features(source, "y", checkpoint=path)
    assert path.read_text() == text


def test_a_checkpoint_of_a_dataset_that_changed(tmp_path: Path) -> None:
    dataset = pytest.importorskip("pyarrow.dataset")
    path, checkpoint = tmp_path / "t.parquet", tmp_path / "state.json"
    parquet.write_table(pa.table({"a": np.arange(400) % 7, "y": np.arange(400) % 2}), path)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fastinfo.rank_features(dataset.dataset(path), "y", checkpoint=checkpoint, progress=stop)
    parquet.write_table(pa.table({"a": np.arange(400) % 5, "y": np.arange(400) % 2}), path)
    with pytest.raises(ValueError, match="of a run over other data"):
        fastinfo.rank_features(dataset.dataset(path), "y", checkpoint=checkpoint)


def test_relations_with_columns_of_one_name() -> None:
    duckdb = pytest.importorskip("duckdb")
    for columns in ("i%4 a, i%2 as a", 'i%4 a, i%2 as "A"'):
        relation = duckdb.sql(f"select {columns}, i%3 y from range(500) t(i)")
        if len({name.casefold() for name in relation.columns}) == 3:
            continue  # this version renames them
        with pytest.raises(ValueError, match="columns of different names"):
            fastinfo.rank_features(relation, "y")


def test_losses_past_all_numbers() -> None:
    loss = LossSum("sigmoid_cross_entropy")
    assert loss.update([1e308], [0.0]).update([1e308], [0.0]).sum() == np.inf
    plain = LossSum(ignore_index=np.int64(1), class_weight=np.ones(3)).to_dict()
    assert json.loads(json.dumps(plain)) == plain


class TestDask:
    @pytest.fixture(autouse=True)
    def in_this_process(self) -> Any:
        dask = pytest.importorskip("dask")
        pytest.importorskip("dask.dataframe")
        with dask.config.set(scheduler="sync"):
            yield

    def test_targets_named_as_a_column(self) -> None:
        import dask.array as da
        import dask.dataframe as dd

        from fastinfo import dask as fd

        rng = np.random.default_rng(0)
        A = rng.normal(size=(1000, 2))
        target = pd.Series(A[:, 0] * 50 + rng.normal(size=1000), name="x0")
        lazy = fd.rank_features(
            da.from_array(A, chunks=(500, 2)), dd.from_pandas(target, npartitions=2)
        )
        same_rankings(lazy.compute(), rank_whole(A, target))
        frame = pd.DataFrame(A, columns=["f", "y"])
        table = dd.from_pandas(frame, npartitions=3)
        same_rankings(
            fd.rank_features(table, table["f"]).compute(),
            rank_whole(frame, frame["f"]),
        )

    def test_shares(self) -> None:
        import dask.array as da

        from fastinfo import dask as fd

        x, y = np.arange(100) % 5, np.arange(100) % 3
        for normalized in ("arithmetic", "geometric", "min", "max", "joint"):
            for correction in (None, "miller-madow"):
                options = {"normalized": normalized, "correction": correction}
                found = fd.mutual_information(
                    da.from_array(x, chunks=9), da.from_array(y, chunks=9), **options
                )
                whole = fastinfo.mutual_information(x, y, **options)
                np.testing.assert_allclose(float(found), whole, rtol=1e-13)

    @pytest.mark.parametrize("dtype", [np.int64, np.bool_, np.uint8])
    def test_integers_in_bins(self, dtype: Any) -> None:
        import dask.array as da

        from fastinfo import dask as fd

        X = np.random.default_rng(0).integers(0, 200, (600, 3)).astype(dtype)
        y = np.arange(600) % 3
        lazy = da.from_array(X, chunks=(100, 3))
        found = fd.rank_features(lazy, da.from_array(y, chunks=100), discrete=(False, True))
        assert plain(found.compute()) == plain(rank_whole(X, y, discrete=(False, True)))
        matrix = fd.mutual_information_matrix(lazy, discrete=False, bins=[3, 4, "mi"]).compute()
        whole = matrix_of_whole(X, discrete=False, bins=[3, 4, "mi"])
        np.testing.assert_allclose(matrix, whole, rtol=1e-13, atol=1e-14)


def test_cuts_for_classes_of_data_in_parts(rng, tmp_path):
    n = 6000
    y = rng.integers(0, 3, n)
    table = {
        "x": rng.normal(size=n) + y,
        "few": (rng.integers(0, 9, n) + 2 * y),
        "day": (np.datetime64("2020-01-01") + rng.integers(0, 900, n) + 300 * y),
        "long": 2**60 + rng.integers(0, 900, n) + 300 * y,
        "word": np.array(list("abc"))[y],
        "y": y,
    }
    path = str(tmp_path / "t.parquet")
    parquet.write_table(pa.table(table), path, row_group_size=700)
    names = ["x", "few", "day", "long", "word"]
    options = {"bins": 2000, "discrete": {"y": True}, "surveys": survey(path)}
    parts = [ColumnCounts(names, "y", **options) for _ in range(3)]
    whole = parquet.read_table(path)
    for i, counts in enumerate(parts):
        counts.update(whole.slice(i * 2000, 2000))
    counts = parts[0].merge(parts[1]).merge(parts[2])
    assert counts.n_rows == n
    exact = fastinfo.supervised_splits(table["x"], y)
    found = counts.supervised_splits("x")
    assert found.information_gain == pytest.approx(exact.information_gain, rel=0.01)
    limited = fastinfo.supervised_splits(table["x"], y, max_bins=2)
    near = counts.supervised_splits("x", max_bins=2)
    ranks = np.searchsorted(np.sort(table["x"]), [limited.edges[1], near.edges[1]])
    assert abs(np.diff(ranks)[0]) <= n / 2000 + 1
    few = counts.supervised_splits("few")
    assert few.edges.tolist() == fastinfo.supervised_splits(table["few"], y).edges.tolist()
    for name in ("day", "long"):
        found = counts.supervised_splits(name)
        exact = fastinfo.supervised_splits(table[name], y)
        assert found.edges.dtype == exact.edges.dtype
        assert found.information_gain == pytest.approx(exact.information_gain, rel=0.01)
        codes = np.searchsorted(found.edges[1:-1], table[name], side="right")
        assert fastinfo.mutual_info_score(codes, y) == pytest.approx(found.information_gain)
    with pytest.raises(TypeError, match="'word' must hold numbers"):
        counts.supervised_splits("word")
    with pytest.raises(ValueError, match="no column 'z'"):
        counts.supervised_splits("z")


def test_dates_of_another_byte_order_in_parts():
    day = np.array(["2020-01-01", "2020-01-02", "2020-01-02"] * 9, "M8[D]")
    plain, swapped = (
        ColumnCounts(["day"], "y").update({"day": a, "y": np.arange(27) % 2}).ranking()
        for a in (day, day.astype(">M8[D]"))
    )
    assert plain.to_dict() == swapped.to_dict()
