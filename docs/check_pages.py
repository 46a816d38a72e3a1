"""
Check the pages that Sphinx wrote: ``python docs/check_pages.py FOLDER``.

Links and pictures must lead to something that is there, the part of a page after "#" included.
Formulas must be LaTeX that docutils can read. Links to other sites are not followed.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml

#: Pages of names, which point at scripts of their own.
LEFT_OUT = {"genindex.html", "search.html"}


class Page(HTMLParser):
    """What a page points at, where it can be pointed at, and its formulas."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.formulas: list[str] = []
        self._within = False
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note links, anchors, and where formulas begin."""
        found = {name: value or "" for name, value in attributes}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag in ("a", "link") and "href" in found:
            self.links.append(found["href"])
        if tag in ("img", "script") and "src" in found:
            self.links.append(found["src"])
        if "math" in found.get("class", "").split():
            self._within = True

    def handle_endtag(self, tag: str) -> None:
        """A formula ends with the element that it stands in."""
        self._within = False

    def handle_data(self, data: str) -> None:
        """Note a formula."""
        if self._within:
            self.formulas.append(data)


def tex_of(formula: str) -> str:
    """The LaTeX between the marks that MathJax looks for."""
    text = formula.strip()
    return text[2:-2].strip() if text.startswith((r"\(", r"\[")) else text


def faults(folder: Path) -> list[str]:
    """What is wrong with the pages of a folder, a line each."""
    pages = {path.resolve(): Page(path) for path in sorted(folder.rglob("*.html"))}
    found: list[str] = []
    n_formulas = 0
    for path, page in pages.items():
        if path.name in LEFT_OUT or "_static" in path.parts:
            continue
        here = path.relative_to(folder.resolve())
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                found.append(f"{here}: no {link}")
            elif parts.fragment and target in pages:
                anchors = pages[target].anchors
                if not {parts.fragment, unquote(parts.fragment)} & anchors:
                    found.append(f"{here}: no {link}")
        for formula in page.formulas:
            n_formulas += 1
            try:
                tex2mathml(tex_of(formula))
            except MathError as error:
                found.append(f"{here}: {error}: {formula.strip()}")
    if not pages:
        found.append(f"no pages in {folder}")
    print(f"{len(pages)} pages, {n_formulas} formulas, {len(found)} faults")
    return found


if __name__ == "__main__":
    complaints = faults(Path(sys.argv[1]))
    print("\n".join(complaints))
    sys.exit(bool(complaints))
