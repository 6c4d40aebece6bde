"""The navigation of the site has every page, and what it is built with is there."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text())


def files(nav: Any) -> list[str]:
    """The pages of a part of the navigation."""
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [file for part in parts for file in files(part)]


def test_every_page_is_in_the_navigation_once() -> None:
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*")]
    pages = [path for path in pages if path.endswith((".md", ".ipynb"))]
    listed = files(CONFIG["nav"])
    assert len(pages) > 20
    assert sorted(set(pages) - set(listed)) == []
    assert len(listed) == len(set(listed))


def test_included_sections_exist() -> None:
    included = [
        (path.name, name)
        for path in sorted((ROOT / "docs").rglob("*.md"))
        for name in re.findall(r"^--8<-- \"(.*)\"$", path.read_text(), re.MULTILINE)
    ]
    assert {name for _, name in included} >= {"CHANGELOG.md", "CONTRIBUTING.md:map"}
    for page, name in included:
        file, _, section = name.partition(":")
        text = (ROOT / file).read_text()
        marks = [f"--8<-- [{end}:{section}]" for end in ("start", "end")] if section else []
        assert [mark for mark in marks if text.count(mark) != 1] == [], page


def test_what_the_configuration_names_exists() -> None:
    theme = ROOT / CONFIG["theme"]["custom_dir"]
    names = [*CONFIG["hooks"], CONFIG["theme"]["custom_dir"], CONFIG["docs_dir"]]
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert [name for name in CONFIG["extra_css"] if not (theme / name).exists()] == []


def test_pages_ask_nothing_of_other_hosts() -> None:
    assert CONFIG["theme"]["font"] is False
    assert not any(name.startswith("http") for name in [*CONFIG["extra_css"], *CONFIG.get("extra_javascript", [])])


def test_the_address_is_that_of_the_project() -> None:
    assert f'Documentation = "{CONFIG["site_url"]}"' in (ROOT / "pyproject.toml").read_text()
    assert CONFIG["site_url"] in (ROOT / "CONTRIBUTING.md").read_text()
