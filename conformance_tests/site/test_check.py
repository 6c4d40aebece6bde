"""The check of a built site finds each kind of fault, and nothing in a site that is right."""

from pathlib import Path

import pytest

from tools.site.check import faults

CLEAN = """<link rel="stylesheet" href="../style.css"><link rel="canonical" href="https://elsewhere.example/">
<article><h1 id="top">A</h1><a href="#top">top</a><a href="../b/#part">b</a><a href="https://pytorch.org/x?y=1">torch</a>
<img src="data:image/png;base64,AAAA"></article>"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of two pages and a style."""
    for name, text in {"a": CLEAN, "b": '<article><h1 id="part">B</h1></article>'}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(text)
    (tmp_path / "style.css").write_text("p { color: red }")
    return tmp_path


def test_a_site_that_is_right_has_no_faults(site: Path) -> None:
    assert faults(site) == []


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ('<a href="../gone/">x</a>', "links to ../gone/, and there is no gone/index.html"),
        ('<a href="../b/#gone">x</a>', "links to ../b/#gone, and b/index.html has no such anchor"),
        ('<a href="#gone">x</a>', "links to #gone, and a/index.html has no such anchor"),
        ('<a href="https://unified-nn.github.io/unified/c/">x</a>', "there is no c/index.html"),
        ('<a href="ftp://host.example/x">x</a>', "which is no address"),
        ('<a href="https://no host/">x</a>', "which is no address"),
        ('<p id="part">x</p><p id="part">y</p>', "has the anchor part 2 times"),
        ('<script src="https://cdn.example/x.js"></script>', "fetches https://cdn.example/x.js"),
        ('<link rel="preconnect" href="https://fonts.example">', "fetches https://fonts.example"),
        ('<img src="//images.example/x.png">', "fetches //images.example/x.png"),
        ('<img src="gone.png">', "fetches gone.png, which is not in the site"),
        ('<p data-md-component="source">x</p>', "fetches https://api.github.com/"),
        ("<style>@import 'https://fonts.example/x.css';</style>", "fetches https://fonts.example/x.css"),
        ('<p style="background: url(https://images.example/x.png)">x</p>', "fetches https://images.example/x.png"),
    ],
)
def test_each_fault_is_found(site: Path, part: str, fault: str) -> None:
    page = site / "a" / "index.html"
    page.write_text(page.read_text() + part)
    found = faults(site)
    assert len(found) == 1 and fault in found[0] and found[0].startswith("a/index.html")


def test_a_style_that_fetches_is_found(site: Path) -> None:
    (site / "style.css").write_text("@font-face { src: url('https://fonts.example/x.woff2') }")
    assert faults(site) == ["style.css fetches https://fonts.example/x.woff2"]


def test_what_github_reads_otherwise_is_found(site: Path, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "b.md").write_text("# B\n\nText\n* an item, which Python-Markdown takes for text\n")
    (site / "b" / "index.html").write_text('<article><h1 id="part">B</h1><p>Text * an item</p></article>')
    assert faults(site, docs) == ["b/index.html has 0 of <li>; as GitHub reads b.md, 1"]


def test_entries_without_a_signature_are_found(site: Path) -> None:
    (site / "reference").mkdir()
    entry = '<h2 id="unified.{0}" class="doc doc-heading">x</h2>'
    (site / "reference" / "index.html").write_text(
        entry.format("a") + '<div class="doc-signature"></div>' + entry.format("b")
    )
    assert faults(site, signed=["unified.a", "unified.b"]) == ["unified.b has no signature in the reference"]


def test_a_page_that_was_not_built_is_found(site: Path, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "c.md").write_text("# C\n")
    assert faults(site, docs) == ["there is no c/index.html for c.md"]


def test_public_names_without_an_anchor_are_found(site: Path) -> None:
    assert faults(site, names=["unified.part"]) == ["no page of the reference has the anchor unified.part"]
    (site / "reference").mkdir()
    (site / "reference" / "index.html").write_text('<article><h1 id="unified.part">B</h1></article>')
    assert faults(site, names=["unified.part"]) == []
