"""Checks a built site without a network: `python -m tools.site.check site`.

Every link leads to a page, a file or an anchor that exists, every public name has an anchor, and every layer of each
style a signature. No page asks another host for a style, a script, a font or a picture; links to other hosts are
addresses. Tables, lists and blocks of code are as many as where GitHub shows the page.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from tools.site import reference

__all__ = ["Document", "faults", "main", "read"]

SITE = "https://unified-nn.github.io/unified/"
# What a browser fetches to show a page; `a` is what a reader may follow.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
FETCHED_LINKS = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload", "manifest"}
STYLE = re.compile(r"url\(\s*['\"]?((?:https?:)?//[^)'\"]+)|@import\s+['\"]((?:https?:)?//[^'\"]+)")
COUNTED = ("table", "pre", "li", "h1", "h2", "h3", "h4", "blockquote", "img")
HOST = re.compile(r"^[\w-]+(\.[\w-]+)+(:\d+)?$")


@dataclass
class Document(HTMLParser):
    """What a page has: anchors, links, what it fetches, and the elements of its article."""

    ids: Counter[str] = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    elements: Counter[str] = field(default_factory=Counter)
    signed: set[str] = field(default_factory=set)  # anchors of the entries of the reference with a signature

    def __post_init__(self) -> None:
        super().__init__()
        self._inside: list[str] = []
        self._entry = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids[values["id"]] += 1
        classes = values.get("class", "").split()
        if "doc-heading" in classes:
            self._entry = values.get("id", "")
        if "doc-signature" in classes:
            self.signed.add(self._entry)
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag in FETCHED and FETCHED[tag] in values:
            self.fetched.append(values[FETCHED[tag]])
        if tag == "link" and FETCHED_LINKS & set(values.get("rel", "").split()):
            self.fetched.append(values.get("href", ""))
        if values.get("data-md-component") == "source":  # a script of the theme asks GitHub for stars
            self.fetched.append("https://api.github.com/")
        if "style" in values:
            self.handle_style(values["style"])
        if tag in ("article", "style"):
            self._inside.append(tag)
        if "article" in self._inside and tag in COUNTED:
            self.elements[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        """Look into styles."""
        if self._inside and self._inside[-1] == "style":
            self.handle_style(data)

    def handle_style(self, text: str) -> None:
        """Note what a style fetches from other hosts."""
        self.fetched += [first or second for first, second in STYLE.findall(text)]


def read(text: str) -> Document:
    """Return what a page has."""
    document = Document()
    document.feed(text)
    document.close()
    return document


def faults(site: Path, docs: Path | None = None, names: Iterable[str] = (), signed: Iterable[str] = ()) -> list[str]:
    """Return what is wrong with a built site.

    Args:
        site: the folder with its pages.
        docs: the folder with their Markdown, to compare with how GitHub shows it.
        names: paths of public names, each of which must be an anchor of the reference.
        signed: paths of those that must have a signature.
    """
    pages = {path.relative_to(site).as_posix(): read(path.read_text()) for path in sorted(site.rglob("*.html"))}
    found = [fault for name, page in pages.items() for fault in _of_page(name, page, pages, site)]
    for path in sorted(site.rglob("*.css")):
        found += [f"{path.relative_to(site)} fetches {url[0] or url[1]}" for url in STYLE.findall(path.read_text())]
    if docs is not None:
        found += [fault for path in sorted(docs.glob("*.md")) for fault in _beside_github(path, pages)]
    entries = [page for name, page in pages.items() if name.startswith("reference/")]
    anchors = {anchor for page in entries for anchor in page.ids}
    signatures = {anchor for page in entries for anchor in page.signed}
    found += [f"no page of the reference has the anchor {name}" for name in names if name not in anchors]
    return found + [f"{name} has no signature in the reference" for name in signed if name not in signatures]


def _of_page(name: str, page: Document, pages: dict[str, Document], site: Path) -> Iterator[str]:
    here = SITE + name.removesuffix("index.html")
    for anchor, count in page.ids.items():
        if count > 1:
            yield f"{name} has the anchor {anchor} {count} times"
    for url in page.fetched:
        if urlsplit(url).netloc and not url.startswith(SITE):
            yield f"{name} fetches {url}"
        elif not url.startswith("data:") and not (site / _path(urljoin(here, url))).is_file():
            yield f"{name} fetches {url}, which is not in the site"
    for link in page.links:
        parts = urlsplit(urljoin(here, link))
        if parts.scheme == "mailto" or link == "javascript:void(0)":  # a button of the theme
            continue
        if not urljoin(here, link).startswith(SITE):
            if parts.scheme not in ("http", "https") or not HOST.match(parts.netloc) or " " in link:
                yield f"{name} links to {link}, which is no address"
            continue
        target = _path(urljoin(here, link))
        if target in pages:
            if parts.fragment and unquote(parts.fragment) not in pages[target].ids and parts.fragment != "__top":
                yield f"{name} links to {link}, and {target} has no such anchor"
        elif not (site / target).is_file():
            yield f"{name} links to {link}, and there is no {target}"


def _path(url: str) -> str:
    """Return the file of an address in the site."""
    path = unquote(urlsplit(url).path).removeprefix(urlsplit(SITE).path.rstrip("/")).lstrip("/")
    return f"{path}index.html" if not path or path.endswith("/") else path


def _beside_github(source: Path, pages: dict[str, Document]) -> Iterator[str]:
    """Yield where Python-Markdown understands a page otherwise than GitHub's Markdown."""
    from markdown_it import MarkdownIt

    text = source.read_text()
    name = "index.html" if source.stem == "index" else f"{source.stem}/index.html"
    if name not in pages:
        yield f"there is no {name} for {source.name}"
        return
    if "--8<--" in text or "<" in re.sub(r"`[^`]*`|```.*?```", "", text, flags=re.DOTALL):
        return  # what is included or written in HTML is not on the page as GitHub shows it
    expected = read(f"<article>{MarkdownIt('gfm-like', {'linkify': False}).render(text)}</article>").elements
    shown = pages[name].elements
    for tag in ("table", "pre", "li", "h2", "h3", "h4", "blockquote"):
        if expected[tag] != shown[tag]:
            yield f"{name} has {shown[tag]} of <{tag}>; as GitHub reads {source.name}, {expected[tag]}"


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path, help="the folder that mkdocs has built")
    parser.add_argument("--docs", type=Path, help="the folder with the Markdown of the pages")
    options = parser.parse_args(arguments)
    found = faults(options.site, options.docs, reference.public_paths(), reference.layer_paths())
    pages = len(list(options.site.rglob("*.html")))
    print(
        "\n".join(found)
        if found
        else f"{pages} pages: every link and anchor exists, and nothing comes from other hosts"
    )
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
