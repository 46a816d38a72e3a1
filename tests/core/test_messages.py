"""Names as people are shown them: what would drive a terminal is escaped, all else stays."""

from __future__ import annotations

import re
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import fastinfo
from fastinfo._core.messages import no_warnings, printable, shown_name, warn
from fastinfo._core.threads import num_threads, run_in_order
from fastinfo.benchmark import Results
from fastinfo.files import read_table
from fastinfo.streaming import open_files, survey

HOSTILE = "e\x1b[31m\n\r\a\x9b\x7f\u202e\u2066\u2028\x85"
DRIVING = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
N = 200


@pytest.mark.parametrize(
    "name",
    [
        "plain name",
        "Größe",
        "年齢",
        "a\xa0b\u3000c",
        "👩\u200d🚀",
        "a\u200cb",
        "🇩🇪",
        "a\\x1b",
        "",
    ],
)
def test_ordinary_names_stay(name: str) -> None:
    assert printable(name) == name
    assert shown_name(name) == (name or "(no name)")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\nlines\r\t", r"two\nlines\r\t"),
        ("\x9b31m\x7f", r"\x9b31m\x7f"),
        ("turned\u202eround", r"turned\u202eround"),
        ("\u2028\u2029\ufeff", r"\u2028\u2029\ufeff"),
        ("half \udc80 of a pair", r"half \udc80 of a pair"),
    ],
)
def test_what_would_drive_a_terminal_is_escaped(name: str, shown: str) -> None:
    assert printable(name) == shown
    shown.encode()


def test_every_character_that_drives_something_is_escaped() -> None:
    for code in range(0x110000):
        if DRIVING.match(chr(code)):
            assert printable(chr(code)).isascii()


def test_a_warning_keeps_its_lines_alone() -> None:
    with pytest.warns(UserWarning, match=r"^one\ntwo \\x1b\[31m$"):
        warn("one\ntwo \x1b[31m")


def test_warnings_are_kept_back_in_a_block() -> None:
    with no_warnings():
        with no_warnings():
            warn("inner")
        warn("outer")
    with pytest.warns(UserWarning, match="after"):
        warn("after")


def test_warnings_are_kept_back_in_helpers_too() -> None:
    together = threading.Barrier(3)

    def piece(i: int) -> int:
        together.wait(20.0)  # so that each thread has one
        warn("of a piece")
        return i

    with num_threads(3), no_warnings():
        assert run_in_order(piece, range(3)) == [0, 1, 2]


def test_warnings_of_other_threads_are_not_kept_back() -> None:
    def heard() -> list[str]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warn("of another thread")
        return [str(warning.message) for warning in caught]

    with ThreadPoolExecutor(1) as other:
        other.submit(heard).result()  # from now on there is its thread
        with no_warnings():
            assert other.submit(heard).result() == ["of another thread"]


@pytest.mark.slow
def test_filters_stay_with_many_threads(rng: np.random.Generator) -> None:
    # Bins by a rule, whose warnings NumPy gives; a test that looks again with more bins.
    x, noise, z = rng.random((3, 2000))
    before = list(warnings.filters)

    def work(i: int) -> None:
        for _ in range(10):
            fastinfo.histogram(x[: 100 + 50 * i], bins="doane")
            fastinfo.conditional_independence_test(x, x + noise, z + x)

    interval = sys.getswitchinterval()
    try:
        sys.setswitchinterval(1e-5)
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(work, range(8)))
        after = list(warnings.filters)
    finally:
        sys.setswitchinterval(interval)
        warnings.filters[:] = before
    assert after == before


def _frame() -> pd.DataFrame:
    y = np.arange(N) % 4
    ids = [f"{HOSTILE}{i}" for i in range(N)]
    columns = {"": y, "y": y, "same": 3 - y, "id": ids, "one": np.zeros(N), "void": np.nan}
    frame = pd.DataFrame({HOSTILE + name: column for name, column in columns.items()})
    return frame.assign(y=y)


def _nested() -> pa.Table:
    table = pa.Table.from_pandas(_frame())
    return table.append_column(HOSTILE + "nested", pa.array([{HOSTILE: 1}] * N))


def _series(name: str) -> Any:
    return _frame()[HOSTILE + name]


#: Calls that raise, warn or show a result.
CALLS: dict[str, Callable[[], Any]] = {
    "ranking": lambda: fastinfo.rank_features(_frame(), "y"),
    "ranking of a hostile target": lambda: fastinfo.rank_features(_frame(), HOSTILE),
    "a constant as the target": lambda: fastinfo.rank_features(_frame(), HOSTILE + "one"),
    "an identifier as the target": lambda: fastinfo.rank_features(_frame(), HOSTILE + "id"),
    "missing samples": lambda: fastinfo.rank_features(_frame(), "y", nan_policy="raise"),
    "no such target": lambda: fastinfo.rank_features(_frame(), HOSTILE + "?"),
    "labels as numbers": lambda: fastinfo.rank_features(
        _frame(), "y", discrete={HOSTILE + "id": False}
    ),
    "no such name": lambda: fastinfo.rank_features(_frame(), "y", discrete={HOSTILE + "?": True}),
    "nested columns": lambda: fastinfo.rank_features(_nested(), "y"),
    "a nested target": lambda: fastinfo.rank_features(_nested(), HOSTILE + "nested"),
    "nested samples": lambda: fastinfo.mutual_information(_nested()[HOSTILE + "nested"], [1] * N),
    "matrix": lambda: fastinfo.mutual_information_matrix(_frame()),
    "matrix, missing": lambda: fastinfo.mutual_information_matrix(_frame(), nan_policy="raise"),
    "strongest pairs": lambda: fastinfo.strongest_pairs(_frame()),
    "tree": lambda: fastinfo.chow_liu_tree(_frame()),
    "network": lambda: fastinfo.network(fastinfo.mutual_information_matrix(_frame())),
    "selection": lambda: fastinfo.select_features(_frame(), "y", 5),
    "survey": lambda: survey(_frame(), [HOSTILE + "?"]),
    "labels": lambda: fastinfo.mutual_information(_series("id"), _series("y")),
    "one label": lambda: fastinfo.log_loss([HOSTILE] * 2, [[0.5, 0.5]] * 2),
    "other labels": lambda: fastinfo.log_loss(
        [HOSTILE, "b"], [[0.5, 0.5]] * 2, labels=pd.Series([HOSTILE + "x", "b"])
    ),
    "benchmark": lambda: Results(
        [
            {"estimator": HOSTILE, "distribution": HOSTILE, "error": HOSTILE, "n": 1},
            {"estimator": HOSTILE, "distribution": HOSTILE, "error": None, "n": 1}
            | dict.fromkeys(("bias", "std", "rmse", "time"), 1.0),
        ]
    ).to_text(),
    "no such function": lambda: fastinfo.warmup(HOSTILE),
}


def _said(call: Callable[[], Any]) -> list[str]:
    """What a call shows: the lines of its result, or its error; and its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = call()
            said = (found if isinstance(found, str) else repr(found)).split("\n")
        except (TypeError, ValueError) as error:
            said = [str(error)]
    return said + [str(warning.message) for warning in caught]


@pytest.mark.parametrize("what", CALLS)
def test_hostile_names_are_escaped_in_results_errors_and_warnings(what: str) -> None:
    said = _said(CALLS[what])
    assert said
    assert [line for line in said if DRIVING.search(line)] == []


def test_hostile_names_of_files_and_in_files(tmp_path: Any) -> None:
    path = tmp_path / f"{HOSTILE.replace('/', '')}.csv"
    try:
        path.write_text('"a\x1b[31m",b,c\n' + "1,2,3\n" * 20)
    except (OSError, ValueError):  # a file system with rules of its own
        pytest.skip("no such name is allowed here")
    calls = [
        lambda: fastinfo.rank_features(path, "zzz"),
        lambda: fastinfo.rank_features(open_files(path), "zzz"),
        lambda: fastinfo.rank_features(path, "b", checkpoint=path),
        lambda: fastinfo.rank_features(open_files(path), "b", checkpoint=path),
        lambda: read_table(path, columns=["no"]),
    ]
    for text in ("a;\x1b\n1;2\n", "a,\x1b\n1,2\n1,2,3\n", "a,\x1b\n", "a\n\x1b\n"):
        other = tmp_path / f"{len(calls)}\x1b.csv"
        other.write_text(text)
        calls.append(lambda other=other: fastinfo.rank_features(other, "zzz"))
    for call in calls:
        said = _said(call)
        assert said
        assert [line for line in said if DRIVING.search(line)] == []


def test_machine_formats_keep_the_true_name() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ranking = fastinfo.rank_features(_frame()[[HOSTILE, "y"]].rename(columns={"y": ""}), "")
    assert (ranking.target, ranking.names) == ("", [HOSTILE])
    assert ranking.to_dict()["name"] == [HOSTILE]
    assert list(ranking.to_pandas()["name"]) == [HOSTILE]
    assert not DRIVING.search(ranking._repr_html_())


def test_a_column_without_a_name_is_seen() -> None:
    y = np.arange(N) % 4
    ranking = fastinfo.rank_features({"": np.ones(N) * y // 3, "a": y // 2, "y": y}, "y")
    assert ranking.to_text().splitlines()[-1].startswith("(no name)")
    assert ranking.names[-1] == ""


def test_a_tiny_negative_number_has_no_sign() -> None:
    row = fastinfo.rank_features({"a": [0, 1, 1] * 4, "y": [0, 1] * 6}, "y")[0]
    row = row._replace(above_chance=-1e-9, share=-1e-9, mi=-1e-17, normalized_mi=-0.0)
    ranking = fastinfo.Ranking([row], n_rows=10, target="y")
    assert "-" not in ranking.to_text()
    assert ranking.to_text().split("0.0000")[1:]
