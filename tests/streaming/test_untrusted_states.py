"""States that were not written by ``to_dict``, or were changed since: refused, or of use."""

from __future__ import annotations

import base64
import copy
import json
import math
import random
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest
from helpers import quiet
from mutations import mutated, nested

from fastinfo import JointCounts
from fastinfo._core.as_json import UNREADABLE
from fastinfo.streaming import ColumnCounts, LossSum, PairCounts, Survey, survey

rng = np.random.default_rng(0)
N = 30
X = np.round(rng.normal(size=N), 2)
FEW = rng.integers(0, 4, N)
TEXT = rng.choice(["u", "v", "häß"], N)
GAPS = np.where(rng.random(N) < 0.2, np.nan, X)
TABLE = {"x": X, "few": FEW, "gaps": GAPS, "text": TEXT}
SURVEYS = survey(TABLE)
TARGET = rng.integers(0, 3, N)


def joint(x: Any, y: Any, **options: Any) -> Any:
    return JointCounts.from_samples(x, y, **options).to_dict()


def columns(**options: Any) -> Any:
    counts = ColumnCounts(list(TABLE), "t", surveys=SURVEYS, **options)
    return counts.update(TABLE | {"t": TARGET}).to_dict()


def pairs(**options: Any) -> Any:
    return PairCounts(list(TABLE), surveys=SURVEYS, **options).update(TABLE).to_dict()


def loss(name: str, *part: Any, **options: Any) -> Any:
    return LossSum(name, **options).update(*part).to_dict()


LOGITS, CLASSES = rng.normal(size=(N, 3)), rng.integers(0, 3, N)
SHARES = np.full((N, 3), 1 / 3)

#: What is read how, and what it says then.
STATES: dict[str, tuple[Any, Any]] = {
    "joint, bins": (JointCounts, joint(X, X + FEW, bins=3)),
    "joint, labels": (JointCounts, joint(TEXT, FEW.astype(object), discrete=True)),
    "joint, weights": (JointCounts, joint(X, TEXT, bins=2, sample_weight=rng.random(N))),
    "joint, occupied": (JointCounts, joint(np.arange(N) * 1.0, X, bins=(300, 250))),
    "columns": (ColumnCounts, columns(bins=3)),
    "columns, labels": (ColumnCounts, columns(bins=[-1.0, 0.0, 1.0], discrete={"x": True})),
    "pairs": (PairCounts, pairs(bins=2)),
    "pairs, labels": (PairCounts, pairs(discrete=True)),
    "softmax": (LossSum, loss("softmax_cross_entropy", LOGITS, CLASSES, class_weight=[1, 2, 3])),
    "log loss": (LossSum, loss("log_loss", SHARES, TEXT, rng.random(N))),
}


def measures(found: Any) -> list[float]:
    if isinstance(found, LossSum):
        return [found.n]
    if isinstance(found, PairCounts):
        return found.matrix().ravel().tolist() if found.n_rows else []
    if isinstance(found, ColumnCounts):
        rows = found.ranking(n_permutations=0) if found.n_rows else []
        return [value for row in rows for value in (row.mi, row.above_chance) if row.n]
    if not found.n:
        return []
    return [
        found.mutual_information(),
        found.joint_entropy(),
        found.entropy_x(correction="miller-madow"),
        found.mutual_information(correction="chance"),
    ]


def refused_or_of_use(kind: Any, plain: Any) -> bool:
    """Whether plain values are of use: others must be refused, and by no other error."""
    try:
        found = kind.from_dict(plain)
    except (TypeError, ValueError) as error:
        assert len(str(error)) < 1000  # noqa: PT017
        return False
    text = json.dumps(found.to_dict())
    assert json.dumps(kind.from_dict(json.loads(text)).to_dict()) == text
    try:
        values = quiet(measures, found)
    except ValueError as error:  # data of which no measure can be
        assert "must" in str(error) or "finite" in str(error)  # noqa: PT017
        return True
    assert all(map(math.isfinite, values)), values
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", STATES)
def test_changed_states_are_refused_or_of_use(name: str) -> None:
    kind, plain = STATES[name]
    assert refused_or_of_use(kind, plain)
    source = random.Random(name)
    before = copy.deepcopy(plain)
    refused = sum(not refused_or_of_use(kind, mutated(plain, source)) for _ in range(60))
    assert plain == before
    assert refused > 30


# What is refused


def changed(plain: Any, *path: Any, to: Any) -> Any:
    """A copy with another value at the end of a path of keys and indices."""
    found = copy.deepcopy(plain)
    one = found
    for key in path[:-1]:
        one = one[key]
    one[path[-1]] = to
    return found


JOINT = JointCounts.from_table([[3, 1], [0, 2]]).to_dict()
OCCUPIED = {k: v for k, v in JOINT.items() if k != "table"} | {
    "rows": [0, 0, 1],
    "columns": [0, 1, 1],
    "counts": [3, 1, 2],
}
EDGES = JointCounts([[3, 1]], x_edges=[0.0, 1.0], y_edges=[0.0, 1.0, 2.0]).to_dict()
WEIGHTS = JointCounts([[0.5, 1.5]]).to_dict()


@pytest.mark.parametrize(
    "count", [3.9, 3.0, True, "3", None, -1, 2**63, [3], float("nan")], ids=str
)
def test_what_is_no_count(count: Any) -> None:
    for plain in (
        changed(JOINT, "table", 0, 0, to=count),
        changed(OCCUPIED, "counts", 0, to=count),
        changed(JOINT, "n_missing", to=count),
        changed(JOINT, "shape", 0, to=count),
        changed(STATES["columns"][1], "tables", 0, "table", 0, 0, to=count),
        changed(STATES["columns"][1], "n_rows", to=count),
        changed(STATES["softmax"][1], "n", to=count),
    ):
        with pytest.raises(ValueError, match="must"):
            next(kind for kind, _ in STATES.values() if kind.__name__ in plain["format"]).from_dict(
                plain
            )


@pytest.mark.parametrize(
    "plain",
    [
        changed(EDGES, "y_edges", "values", to=[0.0, 2.0, 1.0]),
        changed(EDGES, "y_edges", "values", to=[0.0, "nan", 1.0]),
        changed(EDGES, "y_edges", "values", to=[0.0, "Infinity", 1.0]),
        changed(EDGES, "y_edges", "values", to=[0.0, 1.0, True]),
        changed(EDGES, "y_edges", "values", to="012"),
        changed(EDGES, "y_edges", "values", to={"0": 1}),
        changed(EDGES, "y_edges", "values", to=[0.0, 1.0]),
        changed(EDGES, "y_edges", "dtype", to="<f4,<f4"),
        changed(EDGES, "y_edges", "dtype", to="|V1000000000"),
        changed(changed(EDGES, "y_edges", "dtype", to="<f2"), "y_edges", "values", 2, to=1e9),
        changed(EDGES, "y_levels", to=JOINT["y_levels"]),
        changed(JOINT, "x_levels", "values", to=[1, 1]),
        changed(JOINT, "x_levels", "values", to=[1, 2**63]),
        changed(JOINT, "x_levels", "values", to=[1, 2.0]),
        changed(JOINT, "x_levels", to={"dtype": "<f8", "values": [1.0, "nan"]}),
        changed(JOINT, "x_levels", to={"dtype": "<M8[ns]", "values": [1, -(2**63)]}),
        changed(JOINT, "x_levels", to={"dtype": "<U1", "values": ["ab", "ac"]}),
        changed(JOINT, "x_levels", to={"dtype": "object", "values": [["int", 1], ["int", "2"]]}),
        changed(JOINT, "x_levels", to={"dtype": "object", "values": [["str", "a"], ["str", "a"]]}),
        changed(JOINT, "x_levels", to={"dtype": "object", "values": [["float", "nan"]] * 2}),
        changed(JOINT, "x_levels", to={"dtype": "object", "values": nested(5000)}),
        changed(JOINT, "x_levels", to=nested(5000)),
        changed(JOINT, "table", to=nested(5000)),
        changed(JOINT, "version", to=nested(5000)),
        changed(JOINT, "n_missing", to=10**5000),
        changed(JOINT, "table", to=[[2**62, 2**62], [0, 0]]),
        changed(JOINT, "unit_weight", to=2.0),
        changed(OCCUPIED, "rows", to=[0, 1, 1]),
        changed(OCCUPIED, "rows", to="001"),
        changed(OCCUPIED, "columns", to=[0, 1, 2**40]),
        changed(WEIGHTS, "table", to=[[1e308, 1e308]]),
        changed(WEIGHTS, "table", to=[["1", 1.5]]),
        changed(WEIGHTS, "table", to=[[math.inf, 1.5]]),
        changed(WEIGHTS, "unit_weight", to=5e-324),
        changed(WEIGHTS, "unit_weight", to="1"),
        changed(WEIGHTS, "weighted", to=1),
    ],
    ids=lambda plain: "",
)
def test_counts_that_were_not_written(plain: Any) -> None:
    with pytest.raises(ValueError, match="must"):
        JointCounts.from_dict(plain)


ROW = STATES["pairs"][1]


def test_tables_of_pairs_must_be_of_the_same_rows() -> None:
    """A count that is moved, added or taken away shows in the sums of some table."""
    source = random.Random(0)
    for _ in range(100):
        plain = copy.deepcopy(ROW)
        table = source.choice(plain["tables"])["table"]
        cells = [(i, j) for i, row in enumerate(table) for j in range(len(row))]
        (i, j), (k, m) = source.sample(cells, 2)
        if not table[i][j]:
            continue
        table[i][j] -= 1
        table[k][m] += source.choice([0, 1])
        with pytest.raises(ValueError, match="PairCounts"):
            PairCounts.from_dict(plain)


def test_tables_of_columns_must_have_one_target() -> None:
    plain = copy.deepcopy(STATES["columns"][1])
    table = plain["tables"][1]["table"]
    i, j = next((i, j) for i, row in enumerate(table) for j in (0, 1) if row[j])
    table[i][j] -= 1
    table[i][1 - j] += 1
    with pytest.raises(ValueError, match="each row must be counted once in each table"):
        ColumnCounts.from_dict(plain)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", 3),
        ("bins", 0),
        ("bins", 2.5),
        ("bins", True),
        ("bins", "fd"),
        ("bins", 2**40),
        ("strategy", "none"),
        ("discrete", 1),
        ("kind", "other"),
        ("whole", 0),
        ("edges", None),
        ("edges", [{"dtype": "<f8", "values": [2.0, 1.0, 0.0]}, 0]),
        ("edges", [{"dtype": "<f8", "values": [0.0, 1.0, 2.0]}, 1.5]),
        ("levels", {"dtype": "<f8", "values": [0.0, 1.0]}),
        ("survey", [0, 1, 2]),
        ("survey", ["0x1p+1", "0x1p+0", 30, "f8", False, None, None]),
        ("survey", ["nan", "nan", 30, "f8", False, None, None]),
        ("survey", ["0x1p+0", "0x1p+1", 3.9, "f8", False, None, None]),
    ],
    ids=lambda value: "",
)
def test_columns_that_were_not_written(key: str, value: Any) -> None:
    for name, kind in (("columns", ColumnCounts), ("pairs", PairCounts)):
        plain = changed(STATES[name][1], "columns", 0, key, to=value)
        with pytest.raises(ValueError, match=f"data must be a dict that {kind.__name__}"):
            kind.from_dict(plain)


def test_names_that_stand_twice() -> None:
    for name, kind in (("columns", ColumnCounts), ("pairs", PairCounts)):
        with pytest.raises(ValueError, match="names must differ"):
            kind.from_dict(changed(STATES[name][1], "columns", 0, "name", to="few"))
        with pytest.raises(ValueError, match="must hold at least one column"):
            kind.from_dict(STATES[name][1] | {"columns": [], "tables": []})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("loss", "other"),
        ("options", {"class_weight": [[1.0], 2.0]}),
        ("options", {"reduction": 1}),
        ("options", nested(5000)),
        ("sums", ["1/3"]),
        ("sums", ["1/0"]),
        ("sums", ["1e9/1"]),
        ("sums", ["9" * 5000 + "/1"]),
        ("sums", ["0x1p+99999"]),
        ("sums", "1/2"),
        ("sums", [0.5]),
        ("weights", [None]),
        ("labels", "ab"),
        ("labels", [1, "a"]),
        ("labels", [2, 1]),
        ("labels", [[1], [2]]),
    ],
    ids=lambda value: "",
)
def test_sums_of_losses_that_were_not_written(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match="must"):
        LossSum.from_dict(STATES["softmax"][1] | {key: value})


# In bounded memory


def many_columns(n: int) -> Any:
    """Counts of many columns without a table."""
    one = STATES["pairs"][1]["columns"][1]
    names = [one | {"name": str(i)} for i in range(n)]
    return PairCounts(["a"]).to_dict() | {"columns": names, "tables": []}


NOTHING = {"weighted": False, "rows": [], "columns": [], "counts": []}
HUGE = {k: v for k, v in JOINT.items() if k not in ("table", "x_levels", "y_levels")} | NOTHING
NO_SIDES = HUGE | {"x_levels": None, "y_levels": None}


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        (JointCounts, NO_SIDES | {"shape": [10**9, 1]}),
        (JointCounts, NO_SIDES | {"shape": [2**31, 2**31]}),
        (JointCounts, NO_SIDES | {"shape": [0, 10**9], "table": []}),
        (JointCounts, changed(JOINT, "shape", to=[10**9, 10**9])),
        (JointCounts, changed(JOINT, "x_levels", to={"dtype": "<U99999999", "values": ["a"] * 9})),
        (
            JointCounts,
            changed(
                JOINT,
                "x_levels",
                to={"dtype": "object", "values": [["Fraction", "1e999999999"], ["int", 1]]},
            ),
        ),
        (PairCounts, many_columns(3000)),
        (
            ColumnCounts,
            changed(STATES["columns"][1], "tables", 0, to=NOTHING | {"shape": [10**9, 10**9]}),
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_claimed_takes_no_memory(kind: Any, plain: Any) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="must"):
            kind.from_dict(plain)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_wide_texts_are_read_as_wide_as_they_are() -> None:
    plain = changed(JOINT, "x_levels", to={"dtype": "<U99999999", "values": ["a", "bcd"]})
    found = JointCounts.from_dict(plain)
    assert found.x_levels is not None
    assert found.x_levels.dtype == np.dtype("U3")
    wide = JointCounts.from_labels(np.array(["a", "b"], "U1000"), [0, 1])
    assert wide.to_dict()["x_levels"]["dtype"] == "<U1"


# What the edges depend on, which checkpoints hold


def orders() -> list[Any]:
    many = np.random.default_rng(1).normal(size=150_000)
    long = np.arange(500) * 3 + 2**60
    samples = (X, FEW, many, long, long.astype(np.uint64))
    return [Survey.of(a, ordered=True).to_plain() for a in samples]


@pytest.mark.slow
def test_changed_surveys_are_refused_or_of_use() -> None:
    source = random.Random(1)
    read = 0
    for plain in orders():
        assert Survey.from_plain(plain).to_plain() == plain
        for _ in range(40):
            try:
                found = Survey.from_plain(mutated(plain, source))
                edges = quiet(found.edges, "x", 4, "quantile")
            except UNREADABLE:
                continue  # what a damaged checkpoint is told by
            read += 1
            assert np.isfinite(edges.values).all()
            assert (np.diff(edges.values) >= 0).all()
    assert read


def test_keys_are_no_more_than_a_sketch_has() -> None:
    plain = orders()[0]
    order = plain[5]
    zeros = base64.b64encode(zlib.compress(bytes(8 * 10**7))).decode()
    other = base64.b64encode(zlib.compress(b"x" * 12)).decode()
    for text in (zeros, other, "====", "AAAA", order[3][:-8], order[3] + order[3], None, 5):
        tracemalloc.start()
        with pytest.raises((TypeError, ValueError)):
            Survey.from_plain(changed(plain, 5, 3, to=text))
        assert tracemalloc.get_traced_memory()[1] < 5e6
        tracemalloc.stop()
