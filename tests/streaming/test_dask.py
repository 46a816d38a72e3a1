"""Dask collections: the counts of the whole, whatever the partitions, and workers that die."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from helpers import same_rankings

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
dd = pytest.importorskip("dask.dataframe")
pytest.importorskip("distributed")

import fastinfo  # noqa: E402
from fastinfo import dask as fd  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:columns to look at")

N = 2000

#: Of data in memory, where equal widths are not the default as they are of Dask collections.
rank_whole = fastinfo.rank_features
matrix_of_whole = fastinfo.mutual_information_matrix


@pytest.fixture(autouse=True)
def in_this_process() -> Iterator[None]:
    with dask.config.set(scheduler="sync"):
        yield


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, N)
    x = rng.normal(size=N) + y
    x[rng.random(N) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "x": x,
            "single": rng.normal(size=N).astype(np.float32),
            "few": np.sort(rng.integers(0, 6, N)),
            "late": np.sort(rng.integers(0, 150, N)),
            "text": rng.choice(["a", "bb", "c"], N),
            "kind": pd.Categorical(rng.choice(["u", "v"], N)),
            "y": y,
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize("partitions", [1, 7, 100])
@pytest.mark.parametrize("bins", ["mi", 9, "sturges", (4, "rice")])
def test_counts_are_the_same_in_any_partitions(partitions: int, bins: Any) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=N) + 100.0
    y = (x - 100.0) * 0.5 + rng.normal(size=N)
    size = -(-N // partitions)
    counts = fd.joint_counts(
        da.from_array(x, chunks=size), da.from_array(y, chunks=size), bins=bins
    ).compute()
    whole = fastinfo.JointCounts.from_samples(x, y, bins=bins)
    np.testing.assert_array_equal(counts.table, whole.table)
    np.testing.assert_array_equal(counts.x_edges, whole.x_edges)
    np.testing.assert_array_equal(counts.y_edges, whole.y_edges)


@pytest.mark.slow
@pytest.mark.parametrize("partitions", [1, 7, 30])
@pytest.mark.parametrize("pair", [("few", "text"), ("x", "y"), ("single", "kind"), ("x", "single")])
def test_labels_numbers_and_gaps(
    frame: pd.DataFrame, partitions: int, pair: tuple[str, str]
) -> None:
    table = dd.from_pandas(frame, npartitions=partitions)
    a, b = (table[name] for name in pair)
    counts = fd.joint_counts(a, b).compute()
    whole = fastinfo.JointCounts.from_samples(frame[pair[0]], frame[pair[1]])
    np.testing.assert_array_equal(counts.table, whole.table)
    assert (counts.n, counts.n_missing) == (whole.n, whole.n_missing)
    for policy in ("omit", "propagate"):
        found = fd.mutual_information(a, b, nan_policy=policy, base=2).compute()
        expected = fastinfo.mutual_information(
            frame[pair[0]], frame[pair[1]], nan_policy=policy, base=2
        )
        np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("partitions", [1, 7, 30])
@pytest.mark.parametrize(
    "options", [{}, {"bins": 5, "base": 2}, {"bins": "rice"}, {"missing": "category"}], ids=str
)
def test_the_ranking_is_that_of_the_table(
    frame: pd.DataFrame, partitions: int, options: dict[str, Any]
) -> None:
    table = dd.from_pandas(frame, npartitions=partitions)
    whole = rank_whole(frame, "y", **options)
    same_rankings(fd.rank_features(table, "y", **options).compute(), whole)


def test_targets_apart(frame: pd.DataFrame) -> None:
    table = dd.from_pandas(frame, npartitions=3)
    X = frame[["x", "text"]]
    found = fd.rank_features(table[["x", "text"]], table["y"]).compute()
    same_rankings(found, rank_whole(X, frame["y"]))
    by_number = fd.rank_features(table[["few", "text"]], table["x"]).compute()
    same_rankings(by_number, rank_whole(frame[["few", "text"]], frame["x"]))


@pytest.mark.parametrize("partitions", [1, 7])
@pytest.mark.parametrize("dtype", [np.int64, np.float64, np.float32])
def test_arrays_as_tables(partitions: int, dtype: Any) -> None:
    X = np.random.default_rng(0).integers(0, 50, (N, 4)).astype(dtype)
    if dtype != np.int64:
        X += np.random.default_rng(1).normal(size=X.shape).astype(dtype)
    y = np.arange(N) % 3
    lazy = da.from_array(X, chunks=(-(-N // partitions), 2))
    found = fd.rank_features(lazy, da.from_array(y, chunks=300)).compute()
    for a, b in zip(found, rank_whole(X, y), strict=True):
        np.testing.assert_equal(tuple(a), tuple(b))
    matrix = fd.mutual_information_matrix(lazy, bins=6)
    assert matrix.shape == (4, 4)
    whole = matrix_of_whole(X, bins=6)
    np.testing.assert_allclose(matrix.compute(), whole, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("partitions", [1, 7])
def test_the_matrix_of_a_table(frame: pd.DataFrame, partitions: int) -> None:
    table = dd.from_pandas(frame, npartitions=partitions)
    for options in ({}, {"normalized": "min"}, {"missing": "category"}):
        found = fd.mutual_information_matrix(table, **options).compute()
        whole = matrix_of_whole(frame, **options)
        np.testing.assert_allclose(found, whole, rtol=1e-13, atol=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1000,), (60, 7), (3, 40, 5)])
@pytest.mark.parametrize("base", [None, 2])
def test_cross_entropy(shape: tuple[int, ...], base: Any) -> None:
    rng = np.random.default_rng(0)
    p, q = rng.random(shape), rng.random(shape) + 0.01
    p[rng.random(shape) < 0.2] = 0.0
    chunks = tuple(max(n // 3, 1) for n in shape)
    for axis in range(-len(shape), len(shape)):
        for keepdims in (False, True):
            lazy = fd.cross_entropy(
                da.from_array(p, chunks=chunks),
                da.from_array(q, chunks=shape),
                base,
                axis,
                keepdims=keepdims,
            )
            whole = fastinfo.cross_entropy(p, q, base, axis, keepdims=keepdims)
            assert lazy.shape == np.shape(whole)
            np.testing.assert_allclose(lazy.compute(), whole, rtol=1e-14)


def test_cross_entropy_of_special_distributions() -> None:
    p = np.array([[0.0, 0.5, 0.0, 1.0], [0.0, 0.5, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    q = np.array([[0.5, 0.0, 0.2, 1.0], [0.5, 1.0, 0.8, 0.0], [0.0, 0.0, 0.0, 0.0]])
    whole = fastinfo.cross_entropy(p, q)
    for chunks in (1, 2, 3):
        lazy = fd.cross_entropy(da.from_array(p, chunks=chunks), da.from_array(q, chunks=chunks))
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(lazy.compute(), whole, rtol=1e-14)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(
    "options",
    [{}, {"label_smoothing": 0.1}, {"ignore_index": 2}, {"class_weight": [1.0, 2.0, 0.5, 1.0]}],
    ids=str,
)
def test_softmax_cross_entropy(reduction: str, options: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(500, 4)), rng.integers(0, 4, 500)
    weights = rng.random(500)
    for sample_weight in (None, weights):
        given = {} if sample_weight is None else {"sample_weight": sample_weight}
        whole = fastinfo.softmax_cross_entropy(
            logits, targets, reduction=reduction, base=2, **given, **options
        )
        if given:
            given = {"sample_weight": da.from_array(weights, chunks=77)}
        lazy = fd.softmax_cross_entropy(
            da.from_array(logits, chunks=(90, 3)),
            da.from_array(targets, chunks=130),
            reduction=reduction,
            base=2,
            **given,
            **options,
        )
        np.testing.assert_allclose(lazy.compute(), whole, rtol=1e-14)


def test_softmax_cross_entropy_of_probabilities() -> None:
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(100, 4)), rng.dirichlet(np.ones(4), 100)
    lazy = fd.softmax_cross_entropy(
        da.from_array(logits, chunks=(30, 4)), da.from_array(targets, chunks=(30, 2))
    )
    np.testing.assert_allclose(
        lazy.compute(), fastinfo.softmax_cross_entropy(logits, targets), rtol=1e-14
    )


def test_nothing_is_computed_before_it_is_asked_for() -> None:
    calls: list[int] = []

    def load(block_info: Any = None) -> np.ndarray:
        calls.append(1)
        return np.arange(10.0)

    x = da.map_blocks(load, chunks=((10,) * 3,), dtype=float, meta=np.empty(0))
    lazy = fd.mutual_information(x, x, bins=2)
    assert not calls
    lazy.compute()
    assert len(calls) == 6  # a partition is read for its range, and then to be counted


def test_empty_partitions_and_unknown_sizes(frame: pd.DataFrame) -> None:
    table = dd.from_pandas(frame, npartitions=5)
    some = table[table["late"] > 100]  # the first partitions are empty then
    same_rankings(
        fd.rank_features(some, "y").compute(),
        rank_whole(frame[frame["late"] > 100], "y"),
    )
    x, y = some["single"].to_dask_array(), some["y"].to_dask_array()
    assert np.isnan(x.shape[0])
    kept = frame[frame["late"] > 100]
    found = fd.mutual_information(x, y).compute()
    np.testing.assert_allclose(
        found, fastinfo.mutual_information(kept["single"], kept["y"]), rtol=1e-14
    )


def test_categories_that_differ_between_partitions() -> None:
    parts = [
        pd.DataFrame({"k": pd.Categorical(["a", "b"] * 20), "y": [0, 1] * 20}),
        pd.DataFrame({"k": pd.Categorical(["c", "b"] * 20), "y": [1, 0] * 20}),
    ]
    table = dd.from_map(lambda i: parts[i], [0, 1], meta=parts[0])
    text = pd.concat([part.assign(k=part["k"].astype(str)) for part in parts])
    same_rankings(fd.rank_features(table, "y").compute(), rank_whole(text, "y"))
    counts = fd.joint_counts(table["k"], table["y"]).compute()
    np.testing.assert_array_equal(counts.x_levels, ["a", "b", "c"])


class TestBadInput:
    def test_what_is_no_collection(self) -> None:
        x = da.zeros(3)
        for call in (
            lambda: fd.joint_counts(np.zeros(3), x),
            lambda: fd.rank_features(np.zeros((3, 2)), "y"),
            lambda: fd.mutual_information_matrix(np.zeros((3, 2))),
            lambda: fd.cross_entropy(x, np.zeros(3)),
            lambda: fd.softmax_cross_entropy(np.zeros((3, 2)), x),
        ):
            with pytest.raises(TypeError, match="must be a Dask array"):
                call()

    def test_shapes_and_options(self) -> None:
        x, X = da.zeros(4, chunks=2), da.zeros((4, 2), chunks=2)
        for call, message in (
            (lambda: fd.joint_counts(x, da.zeros(5)), "the same length"),
            (lambda: fd.joint_counts(X, x), "x must be one-dimensional"),
            (lambda: fd.joint_counts(x, x, bins="fd"), "bins must be"),
            (lambda: fd.joint_counts(x, x, strategy="no"), "strategy must be"),
            (lambda: fd.mutual_information(x, x, normalized="no"), "normalized must be"),
            (lambda: fd.mutual_information(x, x, nan_policy="no"), "nan_policy must be"),
            (lambda: fd.mutual_information_matrix(x), "X must be two-dimensional"),
            (lambda: fd.rank_features(X, "y"), "y must be a column of X"),
            (lambda: fd.cross_entropy(x, X), "the same shape"),
            (lambda: fd.cross_entropy(x, x, axis=1), "axis must be"),
            (lambda: fd.softmax_cross_entropy(X, x, reduction="none"), "reduction must be"),
            (lambda: fd.softmax_cross_entropy(x, x), "logits must be two-dimensional"),
        ):
            with pytest.raises(ValueError, match=message):
                call()

    def test_nothing_at_all(self) -> None:
        with pytest.raises(ValueError, match="at least one sample"):
            fd.joint_counts(da.zeros(0), da.zeros(0)).compute()
        with pytest.raises(ValueError, match="at least one row"):
            fd.softmax_cross_entropy(da.zeros((0, 2)), da.zeros(0, dtype=int)).compute()
        table = dd.from_pandas(pd.DataFrame({"a": [1.0, 2.0], "y": [0, 1]}), npartitions=1)
        with pytest.raises(ValueError, match="at least one row"):
            fd.rank_features(table[table["a"] > 5], "y").compute()

    @pytest.mark.parametrize("kind", ["dtype", "column"])
    def test_a_partition_that_differs_is_named(self, kind: str) -> None:
        good = pd.DataFrame({"a": [1.0, 2.0], "y": [0, 1]})
        bad = good.assign(a=["u", "v"]) if kind == "dtype" else good.rename(columns={"a": "b"})
        table = dd.from_map(lambda i: [good, good, bad][i], range(3), meta=good)
        message = "column 'a' must be real numbers" if kind == "dtype" else "no column 'a'"
        with pytest.raises((TypeError, ValueError), match=message) as raised:
            fd.rank_features(table, "y").compute()
        assert "(in partition 2)" in str(raised.value)

    def test_samples_outside_of_everything(self) -> None:
        x = da.from_array(np.array([0.0, 1.0, np.inf, 2.0]), chunks=2)
        with pytest.raises(ValueError, match="not finite"):
            fd.mutual_information(x, x, bins=3).compute()


# Worker processes that fail


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with (
        dask.config.set({"distributed.worker.daemon": False}),
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            memory_limit="900MB",
            silence_logs=60,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def numbers(i: int) -> pd.DataFrame:
    rng = np.random.default_rng(i)
    y = rng.integers(0, 2, 500)
    return pd.DataFrame({"x": rng.normal(size=500) + y, "y": y})


def dying(i: int, flag: str, how: str) -> pd.DataFrame:
    """A partition whose first worker is killed, or takes all memory and then is killed."""
    if i == 4 and not os.path.exists(flag):
        Path(flag).touch()
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        hoard = [np.ones(1 << 24) for _ in range(8)]
        time.sleep(20.0)
        assert hoard
    return numbers(i)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", ["killed", "out of memory"])
def test_a_worker_that_dies(client: Any, tmp_path: Path, how: str) -> None:
    flag = str(tmp_path / "died")
    table = dd.from_map(dying, range(8), flag=flag, how=how, meta=numbers(0))
    lazy = fd.rank_features(table, "y")
    found = client.compute(lazy).result(timeout=120)
    assert os.path.exists(flag)
    whole = pd.concat([numbers(i) for i in range(8)])
    same_rankings(found, rank_whole(whole, "y"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_errors_come_back_from_workers(client: Any) -> None:
    def load(i: int) -> pd.DataFrame:
        return numbers(i) if i != 3 else numbers(i).drop(columns="x")

    table = dd.from_map(load, range(5), meta=numbers(0))
    with pytest.raises(ValueError, match=r"no column 'x'.*in partition 3"):
        client.compute(fd.rank_features(table, "y")).result(timeout=120)
