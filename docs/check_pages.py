"""
Check the pages that Sphinx wrote: ``python docs/check_pages.py FOLDER``.

Links and pictures must lead to something that is there, the part of a page after "#" included.
Links to other sites are not followed. Formulas are LaTeX that the build has turned into MathML (see
conf.py), which fails on what it can't read; here none may be left as LaTeX.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Pages of names, which point at scripts of their own.
LEFT_OUT = {"genindex.html", "search.html"}


class Page(HTMLParser):
    """What a page points at, where it can be pointed at, and its formulas."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.n_formulas = 0
        self.latex: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note links, anchors and formulas."""
        found = {name: value or "" for name, value in attributes}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        self.n_formulas += tag == "math"
        if tag in ("a", "link") and "href" in found:
            self.links.append(found["href"])
        if tag in ("img", "script") and "src" in found:
            self.links.append(found["src"])

    def handle_data(self, data: str) -> None:
        """Note what looks like a formula that is still LaTeX."""
        self.latex += re.findall(r"\\(?:frac|sum|log|psi|sigma)\b.*", data)


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
        found += [f"{here}: a formula that is not drawn: {latex}" for latex in page.latex]
        n_formulas += page.n_formulas
    if not pages or not n_formulas:
        found.append(f"no pages in {folder}, or no formulas in them")
    print(f"{len(pages)} pages, {n_formulas} formulas, {len(found)} faults")
    return found


if __name__ == "__main__":
    complaints = faults(Path(sys.argv[1]))
    print("\n".join(complaints))
    sys.exit(bool(complaints))
