"""What a model makes of the columns that are chosen: the scores of ``python benchmarks trust``."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from trust_tables import has_classes, is_label

import fastinfo

if TYPE_CHECKING:
    import pandas as pd

K = 5
FOLDS = 5
SEED = 15

#: How columns are chosen, in the order of the table.
CHOOSERS = ("ranking", "selection", "neighbours", "equal widths")


def encoded(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Columns as numbers, labels by their order, missing as NaN; and which columns are labels."""
    import pandas as pd

    columns, labels = [], []
    for name in table.columns:
        column = table[name]
        labels.append(is_label(column))
        if labels[-1]:
            codes, _ = pd.factorize(column.map(str, na_action="ignore"), sort=True)
            columns.append(np.where(codes < 0, np.nan, codes))
        elif pd.api.types.is_datetime64_any_dtype(column):
            seconds = column.astype("datetime64[s]").astype("int64").astype(float)
            columns.append(seconds.where(column.notna()).to_numpy())
        else:
            columns.append(column.to_numpy(float, na_value=np.nan))
    return np.column_stack(columns), np.array(labels)


def all_different(column: pd.Series) -> bool:
    """Whether a column holds labels that occur once each."""
    return (
        is_label(column)
        and column.map(str, na_action="ignore").value_counts(dropna=False).max() == 1
    )


def by_neighbours(table: pd.DataFrame, target: str) -> list[str]:
    """Order of scikit-learn's estimators, with the care that a user of theirs takes."""
    from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

    table = table[table[target].notna()]
    features = table.drop(columns=target)
    if not has_classes(table[target]):  # where labels that are all different make it raise
        features = features[[c for c in features if not all_different(features[c])]]
    X, labels = encoded(features)
    for j in range(X.shape[1]):  # a level of its own, or the median; 0 where there is no value
        missing = np.isnan(X[:, j])
        if missing.any():
            X[missing, j] = -1 if labels[j] or missing.all() else np.nanmedian(X[:, j])
    if has_classes(table[target]):
        function, y = mutual_info_classif, table[target].astype(str)
    else:
        function, y = mutual_info_regression, table[target].astype(float)
    mi = function(X, y, discrete_features=labels, random_state=SEED)
    return [features.columns[j] for j in np.argsort(-mi, kind="stable")]


def by_equal_widths(table: pd.DataFrame, target: str) -> list[str]:
    """Order by plug-in information in equally wide bins."""
    ranking = fastinfo.rank_features(table, target, strategy="uniform")
    rows = [row for row in ranking if row.mi == row.mi]
    return [row.name for row in sorted(rows, key=lambda row: -row.mi)]


def chosen(table: pd.DataFrame, target: str) -> dict[str, dict[str, Any]]:
    """The best columns by each way of choosing, and the seconds it took."""
    k = min(K, table.shape[1] - 1)
    ways = {
        "ranking": lambda: [row.name for row in fastinfo.rank_features(table, target)],
        "selection": lambda: fastinfo.select_features(table, target, k).names,
        "neighbours": lambda: by_neighbours(table, target),
        "equal widths": lambda: by_equal_widths(table, target),
    }
    found: dict[str, dict[str, Any]] = {}
    for way in CHOOSERS:
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                names, error = list(ways[way]())[:k], ""
            except Exception as problem:  # a way that fails is a result, too
                names, error = [], f"{type(problem).__name__}: {problem}"
        found[way] = {"columns": names, "seconds": time.perf_counter() - start}
        if error:
            found[way]["error"] = error
    return found


class Scorer:
    """
    Cross-validated scores of gradient boosting on columns of a table.

    R² of all predictions out of their fold together for a numeric target; for classes balanced
    accuracy with balanced weights, scaled so that a guess has 0 and no error 1. Five folds; three
    times, with other folds, for tables of less than 2,000 rows.
    """

    def __init__(
        self, table: pd.DataFrame, target: str, repeats: int = 3, trees: int = 100
    ) -> None:
        table = table[table[target].notna()]
        self.features = table.drop(columns=target)
        self.X, _ = encoded(self.features)
        self.classes = has_classes(table[target])
        y = table[target]
        self.y = y.astype(str).to_numpy() if self.classes else y.to_numpy(float)
        self.trees = trees
        self.repeats = repeats if len(table) < 2000 else 1
        self.kept: dict[frozenset[str], float] = {}

    def score(self, names: list[str]) -> float:
        """Mean score with some columns; 0 with none."""
        key = frozenset(names)
        if not key:
            return 0.0
        if key not in self.kept:
            places = sorted(self.features.columns.get_loc(name) for name in key)
            X = self.X[:, places]
            self.kept[key] = float(np.mean([self._once(X, r) for r in range(self.repeats)]))
        return self.kept[key]

    def _once(self, X: np.ndarray, repeat: int) -> float:
        from sklearn.ensemble import HistGradientBoostingClassifier as Classifier
        from sklearn.ensemble import HistGradientBoostingRegressor as Regressor
        from sklearn.metrics import balanced_accuracy_score, r2_score
        from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict

        seed = SEED + repeat
        same = {"max_iter": self.trees, "early_stopping": False, "random_state": seed}
        if self.classes:
            model: Any = Classifier(class_weight="balanced", **same)
            folds: Any = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        else:
            model = Regressor(**same)
            folds = KFold(FOLDS, shuffle=True, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # classes of fewer members than there are folds
            predicted = cross_val_predict(model, X, self.y, cv=folds)
            if self.classes:
                return float(balanced_accuracy_score(self.y, predicted, adjusted=True))
        return float(r2_score(self.y, predicted))


def measure(table: pd.DataFrame, target: str, repeats: int = 3, trees: int = 100) -> dict[str, Any]:
    """Columns and scores of every way of choosing, and the score of all columns."""
    ways = chosen(table, target)
    scorer = Scorer(table, target, repeats, trees)
    for way in ways.values():
        way["score"] = scorer.score(way["columns"])
    return {
        "classes": scorer.classes,
        "rows": len(scorer.features),
        "columns": scorer.features.shape[1],
        "all": scorer.score(list(scorer.features.columns)),
        "ways": ways,
    }
