"""Long names keep both of their ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastinfo._columns.shortened_names import cells_of, shortened


@pytest.mark.parametrize(
    ("name", "width", "expected"),
    [
        ("income", 6, "income"),
        ("income", 5, "in…me"),
        ("income", 4, "in…e"),
        ("income", 2, "i…"),
        ("income", 1, "…"),
        ("income", 0, ""),
        ("", 0, ""),
        ("日本語の列名", 12, "日本語の列名"),
        ("日本語の列名", 7, "日…列名"),
        ("日本語", 2, "…"),
        ("e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT}s", 4, "e\u0301te\u0301s"),
        ("abe\N{COMBINING ACUTE ACCENT}cd", 4, "ab…d"),
        ("abce\N{COMBINING ACUTE ACCENT}d", 4, "ab…d"),
    ],
)
def test_shortened(name: str, width: int, expected: str) -> None:
    assert shortened(name, width) == expected


@given(st.text(), st.integers(0, 20))
def test_it_fits_and_has_both_ends(name: str, width: int) -> None:
    found = shortened(name, width)
    assert cells_of(found) <= width
    if cells_of(name) <= width:
        assert found == name
    elif width:
        head, tail = found.split("…")[0], found.rpartition("…")[2]
        assert name.startswith(head)
        assert name.endswith(tail)
