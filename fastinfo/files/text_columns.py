"""Columns of text that people read as numbers or dates, and their cells that are neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastinfo._core.messages import listed, printable, warn
from fastinfo.files.formats.in_duckdb import whole
from fastinfo.files.shapes import (
    COMMA,
    CURRENCY,
    DATES,
    ISO,
    LEADING_ZERO,
    MARKS,
    POINT,
    SIGNS,
    Shape,
    either,
    may_fit,
)
from fastinfo.files.sources import text_names
from fastinfo.files.text_cells import different_cells, encoded_cells, some_cells, without

if TYPE_CHECKING:
    import pyarrow as pa

_SEEN = 200  # cells of a column that are examined first
_NEARLY_ALL = 0.9
_OFTEN = 0.2  # in a column of labels, a mark with more than this share of the cells is a label
_FEW_NUMBERS = 32  # with so few distinct integers, they are labels anyway
_EXACT = 2**62  # larger integers are floats
_MANY = 1000  # more distinct cells are not passed as a list
_KEPT = 1000  # distinct odd cells that are counted
_WITH_DIGITS = "where regexp_matches(x, '[0-9]')"
_KEY = b"fastinfo"  # key of an Arrow field's metadata that describes the conversion


@dataclass
class Taken:
    """The conversion of a column of text."""

    shape: Shape
    whole: bool  #: whether all numbers are integers
    phrase: str
    marks: frozenset[str]  #: odd cells that mark missing values


@dataclass
class _Tally:
    """Patterns of the cells of a column, counted over all of its parts."""

    shapes: list[Shape]
    n: int = 0
    fits: Counter[int] = field(default_factory=Counter)
    different: Counter[int] = field(default_factory=Counter)
    broken: set[int] = field(default_factory=set)  #: patterns for which some numbers have fractions
    odd: dict[int, Counter[str]] = field(default_factory=dict)
    signs: Counter[str] = field(default_factory=Counter)
    points: int = 0  #: cells with a point between digits
    threes: int = 0  #: of these, cells with three digits after the point
    grouped: int = 0  #: cells with a comma or a space between digits


class TextColumns:
    """
    The columns of text of a table, and their conversion.

    Numbers with a currency, a percent sign, groups of digits or a decimal comma become numbers.
    Dates in formats other than ISO become dates. If nearly all cells are numbers or dates, the
    others are missing (unless `strict`). A mark of missing values that is found in this way is
    missing in columns of labels, too.
    """

    def __init__(
        self,
        *,
        comma: bool = False,
        strict: bool = False,
        typed: bool = False,
        known: Mapping[str, str] | None = None,
        subject: str = "",
    ) -> None:
        self._typed = typed  # whether the file declares them as text
        self._comma, self._strict, self._subject = comma, strict, subject
        self._con: Any = None
        self.found: dict[str, Taken] = {}
        self.said = dict(known or {})  #: descriptions of other columns
        self.marks: frozenset[str] = frozenset()
        self.without: dict[str, frozenset[str]] = {}  #: marks in columns of labels
        self._marked: dict[str, Counter[str]] = {}  # how often marks occur among labels, by column

    def look(
        self, cells: Mapping[str, list[str]], parts: Callable[[Sequence[str]], Iterable[Any]]
    ) -> None:
        """Decide how to convert columns: by some cells, and for candidates by all cells."""
        tallies = self.candidates(cells)
        if tallies:
            for part in parts(list(tallies)):
                self.see(tallies, part)
        self.decide(tallies)
        labels = [name for name in cells if name not in self.found]
        if self.marks and labels:
            for part in parts(labels):
                self.see_marks(labels, part)
            self.decide_marks()

    def candidates(self, cells: Mapping[str, list[str]]) -> dict[str, _Tally]:
        """Columns that may be numbers or dates, judged by some of their cells, and the patterns."""
        found = {}
        for name, some in cells.items():
            if not may_fit(some[:_SEEN]):
                continue
            shapes = self._shapes(some[:_SEEN])
            if shapes:
                found[name] = _Tally(shapes)
        return found

    def _shapes(self, cells: list[str]) -> list[Shape]:
        """The few patterns that match most of some cells."""
        import pyarrow as pa

        cells = [cell for cell in cells if cell.strip().lower() not in MARKS]
        if not cells:
            return []
        x = pa.table({"x": pa.array(cells, pa.string())})
        known = [POINT, COMMA, *DATES]
        fits = self._ask(x, [f"count({shape.value})" for shape in known])[0]
        numbers = [k for k in (0, 1) if fits[k] >= 0.5 * len(cells)]
        dates = sorted(range(2, len(known)), key=lambda k: -fits[k])[:2]
        chosen = [*numbers, *(k for k in dates if fits[k] >= 0.5 * len(cells))]
        first, second = (known[k] for k in dates)
        both = sum(fits[k] for k in dates)
        if ISO in (first, second) and fits[dates[0]] < _NEARLY_ALL * len(cells) <= both:
            return [*(known[k] for k in numbers), either(first, second)]
        return [known[k] for k in chosen]

    def _ask(self, x: Any, expressions: Sequence[str], tail: str = "") -> list[tuple[Any, ...]]:
        """Apply SQL expressions of DuckDB to cells x and their counts n."""
        return list(self._relation(x, expressions, tail).fetchall())

    def _relation(self, x: Any, expressions: Sequence[str], tail: str = "") -> Any:
        import duckdb

        if self._con is None:
            self._con = duckdb.connect(config={"autoinstall_known_extensions": "false"})
            self._con.sql("set timezone = 'UTC'")
        sql = f"select {', '.join(expressions)} from "
        if x.num_rows > _MANY:  # DuckDB would import pandas to examine a list
            self._con.register("cells", x)
            return self._con.sql(f"{sql} cells {tail}")
        given = {name: x.column(name).to_pylist() for name in x.column_names}
        types = {"x": "varchar[]", "n": "bigint[]"}
        columns = ", ".join(f"unnest(${name}::{types[name]}) as {name}" for name in given)
        return self._con.sql(f"{sql} (select {columns}) {tail}", params=given)

    def see(self, tallies: Mapping[str, _Tally], part: Any) -> None:
        """Count the patterns of the cells of a part."""
        for name, tally in tallies.items():
            self._see(tally, part.column(name))

    def _see(self, tally: _Tally, column: Any) -> None:
        import pyarrow as pa

        x, n = different_cells(column)
        if not len(x):
            return
        cells = pa.table({"x": x, "n": n})
        n_cells = sum(n.to_pylist())
        tally.n += n_cells
        for k, shape in enumerate(tally.shapes):
            asked = [
                f"coalesce(sum(n) filter ({shape.value} is not null), 0)",
                f"count({shape.value})",
            ]
            if shape.kind == "numbers":
                broken = f"regexp_matches({shape.text}, '[.eEi]') or abs({shape.value}) > {_EXACT}"
                asked.append(f"coalesce(bool_or({broken}), false)")
            ((fits, different, *has_fractions),) = self._ask(cells, asked)
            tally.fits[k] += fits
            tally.different[k] += different
            if any(has_fractions):
                tally.broken.add(k)
            odd = tally.odd.setdefault(k, Counter())
            if fits < n_cells and len(odd) < _KEPT:
                tail = f"where {shape.value} is null order by n desc, x limit {_KEPT}"
                odd.update(dict(self._ask(cells, ["x", "n"], tail)))
        if any(shape.kind == "numbers" for shape in tally.shapes):
            sign = f"unnest(regexp_extract_all(x, '{CURRENCY}|%|‰'))"
            for s, count in self._ask(cells, [f"{sign} as s", "n"], _WITH_DIGITS):
                tally.signs[s] += count
            grouped = "coalesce(sum(n) filter (regexp_matches(x, '[0-9][, ][0-9]')), 0)"
            threes = "coalesce(sum(n) filter (regexp_matches(x, '[0-9][.][0-9]')), 0)"
            exact = "coalesce(sum(n) filter (regexp_matches(x, '[0-9][.][0-9]{3}([^0-9]|$)')), 0)"
            ((n_grouped, n_points, n_threes),) = self._ask(cells, [grouped, threes, exact])
            tally.grouped += n_grouped
            tally.points += n_points
            tally.threes += n_threes

    def decide(self, tallies: Mapping[str, _Tally]) -> None:
        """Decide the conversion of columns, after all of their cells have been seen."""
        commas = self._comma or any(_prefers_comma(tally) for tally in tallies.values())
        for name, tally in tallies.items():
            found = self._decided(tally, commas)
            if isinstance(found, Taken):
                self.found[name] = found
            elif found is not None:
                self.said[name] = found
        marks = {mark for taken in self.found.values() for mark in taken.marks}
        self.marks = frozenset(marks & SIGNS)

    def see_marks(self, names: Sequence[str], part: Any) -> None:
        """Count how often cells of columns of labels are marks of missing values elsewhere."""
        for name in names:
            x, n = different_cells(part.column(name))
            found = self._marked.setdefault(name, Counter())
            for cell, count in zip(x.to_pylist(), n.to_pylist(), strict=True):
                found["all"] += count
                if cell in self.marks or cell == "+":
                    found[cell if cell != "+" else "plus"] += count

    def decide_marks(self) -> None:
        """Treat marks as missing in columns of labels if they are rare there, and say so."""
        for name, counts in self._marked.items():
            seen = {mark: counts[mark] for mark in self.marks if counts[mark]}
            if not seen or sum(seen.values()) > _OFTEN * counts["all"] or counts["plus"]:
                continue
            self.without[name] = frozenset(seen)
            listed = ", ".join(f"{printable(mark)!r} ({n:,})" for mark, n in sorted(seen.items()))
            self.said[name] = f"labels; missing values, as in columns of numbers, are {listed}"

    def _decided(self, tally: _Tally, commas: bool) -> Taken | str | None:
        """Return the conversion of a column, or why it is not converted to numbers."""
        currency = any(sign not in "%‰" for sign in tally.signs)
        groups = currency and tally.threes == tally.points > 0  # 1.500 EUR, but never 1.50

        def order(k: int) -> tuple[int, int]:
            preferred = tally.shapes[k] is (COMMA if commas or groups else POINT)
            return tally.fits[k], int(preferred)

        k = max(range(len(tally.shapes)), key=order)
        shape, odd = tally.shapes[k], tally.odd.get(k, Counter())
        if not self._is_enough(tally, k, odd):
            return None
        if shape.kind == "numbers" and self._are_labels(tally, k, odd):
            return None
        if shape.kind == "numbers":
            currencies = [sign for sign in tally.signs if sign not in "%‰"]
            n_percent = tally.signs["%"] + tally.signs["‰"]
            if len(currencies) > 1 or 0 < n_percent < 0.9 * tally.fits[k]:
                units = [*currencies, *(["%"] if n_percent else [])]
                if n_percent < tally.fits[k]:
                    units += [] if currencies else ["none"]
                return "text, since its numbers have several units: " + ", ".join(units)
            phrase = shape.label
            if currencies:
                phrase = f"numbers with currency ({currencies[0]})"
            elif n_percent:
                phrase = "numbers with percent"
        else:
            phrase = shape.label
        if self._typed and phrase == "numbers":
            phrase = "numbers, though the file has it as text"
        if odd:
            phrase += f"; {_said(odd)}"
        marks = frozenset(cell.strip() for cell in odd if cell.strip().lower() in MARKS)
        return Taken(shape, k not in tally.broken, phrase, marks)

    def _is_enough(self, tally: _Tally, k: int, odd: Counter[str]) -> bool:
        """Whether nearly all cells are numbers, or dates."""
        n, fits = tally.n, tally.fits[k]
        if fits == n:
            return True
        if self._strict or not fits:
            return False
        if fits >= _NEARLY_ALL * n:
            return True
        return _are_marks(odd)

    def _are_labels(self, tally: _Tally, k: int, odd: Counter[str]) -> bool:
        """Whether numbers are labels: with leading zeros, or few whole numbers among words."""
        if any(LEADING_ZERO.fullmatch(cell.strip()) for cell in odd):
            return True
        if self._typed and not odd and not tally.signs and tally.grouped <= 0:
            return True  # the file declares them as text
        few = tally.different[k] <= _FEW_NUMBERS and k not in tally.broken
        return few and bool(odd) and not _are_marks(odd)

    def applied(self, part: Any) -> Any:
        """A table or batch with the columns converted."""
        if not self.found and not self.said:
            return part
        import pyarrow as pa

        table = part if isinstance(part, pa.Table) else pa.Table.from_batches([part])
        for k, name in enumerate(table.column_names):
            if name in self.found:
                phrase = self.found[name].phrase
                keys = {} if phrase == "numbers" else {_KEY: phrase}
                said = table.schema.field(k).with_metadata(keys)
                values = self._values(table.column(k), self.found[name])
                table = table.set_column(k, said.with_type(values.type), values)
            if name in self.without:
                table = table.set_column(k, name, without(table.column(k), self.without[name]))
            if name in self.said and name not in self.found:
                said = table.schema.field(k).with_metadata({_KEY: self.said[name]})
                table = table.set_column(k, said, table.column(k))
        return table

    def _values(self, column: Any, taken: Taken) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        encoded = encoded_cells(column)
        if encoded.num_chunks == 0:
            return pa.chunked_array([], pa.int64() if taken.whole else pa.float64())
        chunk = encoded.combine_chunks() if encoded.num_chunks > 1 else encoded.chunk(0)
        chunk = chunk.chunk(0) if isinstance(chunk, pa.ChunkedArray) else chunk
        shape = taken.shape
        if shape.kind == "dates":
            value = shape.value if shape.has_time else f"({shape.value})::date"
        elif taken.whole:
            value = f"coalesce(try_cast({shape.text} as bigint), try_cast({shape.value} as bigint))"
        else:
            value = shape.value
        x = pa.table({"x": chunk.dictionary.cast(pa.string())})
        values = whole(self._relation(x, [f"{value} as v"])).column(0)
        return pa.chunked_array([pc.take(values.combine_chunks(), chunk.indices)])

    def tell(self, known: Mapping[str, str] | None = None) -> None:
        """Warn about conversions, except those that are `known`."""
        of = f"{self._subject}: " if self._subject else ""
        by_phrase: dict[str, list[str]] = {}
        for name, phrase in self.taken.items():
            if phrase != "numbers" and (known or {}).get(name) != phrase:
                by_phrase.setdefault(phrase, []).append(name)
        for phrase, names in by_phrase.items():
            is_taken = "column {} is" if len(names) == 1 else "columns {} are"
            warn(f"{of}{is_taken.format(listed(names))} taken as {phrase}")

    @property
    def taken(self) -> dict[str, str]:
        """The description of each converted column."""
        found = {name: taken.phrase for name, taken in self.found.items()}
        return {name: said for name, said in (self.said | found).items() if said != "numbers"}


def _are_marks(odd: Counter[str]) -> bool:
    """Whether all cells are marks of missing values."""
    return len(odd) < _KEPT and all(cell.strip().lower() in MARKS for cell in odd)


def _prefers_comma(tally: _Tally) -> bool:
    """Whether cells can only be numbers with a decimal comma."""
    places = {id(shape): k for k, shape in enumerate(tally.shapes)}
    if id(COMMA) not in places:
        return False
    point = tally.fits[places[id(POINT)]] if id(POINT) in places else 0
    return tally.fits[places[id(COMMA)]] > point


def _said(odd: Counter[str]) -> str:
    shown = ", ".join(f"{printable(cell)[:30]!r} ({n:,})" for cell, n in odd.most_common(3))
    more = f" and {len(odd) - 3} others" if len(odd) > 3 else ""
    n = sum(odd.values())
    are = "1 cell is none and counts" if n == 1 else f"{n:,} cells are none and count"
    return f"{are} as missing: {shown}{more}"


def of_table(table: pa.Table, subject: str, **options: Any) -> pa.Table:
    """A table whose columns of text are converted, with warnings."""
    names = text_names(table.schema)
    if not names and not options.get("known"):
        return table
    found = TextColumns(subject=subject, **options)
    found.look({name: some_cells(table.column(name)) for name in names}, lambda names: [table])
    found.tell()
    return found.applied(table)


def taken_of(schema: Iterable[Any]) -> dict[str, str]:
    """How the columns of a table in memory were converted, as stored in its schema."""
    return {
        field.name: field.metadata[_KEY].decode()
        for field in schema
        if field.metadata and _KEY in field.metadata
    }
