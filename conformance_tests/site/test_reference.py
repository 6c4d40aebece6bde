"""The reference of the site: every public name has an anchor, on the pages that `tools/site/reference.py` writes."""

import importlib
import re
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import unified as u
from tools.site import reference

ROOT = Path(__file__).parents[2]
PAGES = reference.pages()


def anchors() -> Counter[str]:
    return Counter(anchor for text in PAGES.values() for anchor in reference.anchors_of(text))


def module_of(path: str) -> ModuleType:
    """A public module, as users reach it."""
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        return getattr(module_of(path.rpartition(".")[0]), path.rpartition(".")[2])


def test_every_public_name_has_one_anchor() -> None:
    found = anchors()
    for module in reference.MODULES:
        names = module_of(module.path).__all__
        assert len(names) > 0
        assert [name for name in names if f"{module.path}.{name}" not in found] == [], module.path
    assert [anchor for anchor, count in found.items() if count > 1] == []


def test_every_module_that_pages_import_is_in_the_reference() -> None:
    texts = [path.read_text() for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]]
    imported = {
        name for text in texts for name in re.findall(r"^\s*(?:import|from) (unified[\w.]*)", text, re.MULTILINE)
    }
    assert len(imported) > 10
    documented = {module.path for module in reference.MODULES}
    # JAX's libraries and JAX have documentation of their own; a backend is imported for what its import registers.
    others = re.compile(r"unified\.(compat\.(libraries|on_torch|jax)|backends)(\.|$)")
    assert {name for name in imported - documented if not others.match(name)} == set()


def test_public_modules_in_all_are_in_the_reference() -> None:
    """A module that is public as an attribute, such as `u.random`, has a page with its names."""
    documented = [module.module for module in reference.MODULES]
    public = reference.public_paths().items()
    modules = {path: value for path, value in public if isinstance(value, ModuleType) and hasattr(value, "__all__")}
    assert {"unified.random", "unified.testing.sides", "unified.compat.haiku.nets"} <= modules.keys()
    assert [
        path
        for path, value in modules.items()
        if not path.startswith("unified.compat.jax.") and not any(value is module for module in documented)
    ] == []


def test_a_new_name_appears_without_an_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    def select() -> None:
        """Select."""

    monkeypatch.setattr(u.filters, "select", select, raising=False)
    monkeypatch.setattr(u.filters, "__all__", [*u.filters.__all__, "select"])
    page = reference.pages()["reference/unified_filters/index.md"]
    assert "unified.filters.select" in reference.anchors_of(page)
    assert "unified.filters.select" not in anchors()


def test_a_name_that_is_in_no_group_of_unified_is_in_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(u, "new_name", lambda: None, raising=False)
    monkeypatch.setattr(u, "__all__", [*u.__all__, "new_name"])
    page = reference.pages()["reference/unified/index.md"]
    assert "::: unified.new_name" in page.partition(f"## {reference.OTHERS}\n")[2]


def test_groups_name_what_exists() -> None:
    grouped = [name for names in reference.GROUPS.values() for name in names]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) <= set(u.__all__)
    assert f"## {reference.OTHERS}\n" in PAGES["reference/unified/index.md"]  # Array and others of no group


def test_layers_stand_by_families_as_in_the_table_of_layers() -> None:
    headings = re.findall(r"^## (.*)$", PAGES["reference/layers.md"], re.MULTILINE)
    table = re.findall(r"^## (.*)$", (ROOT / "docs" / "layers.md").read_text(), re.MULTILINE)
    assert headings == table[: len(headings)] and len(headings) > 20


def test_every_style_has_every_layer() -> None:
    found = reference.layer_paths()
    assert {"unified.Linear", "unified.nn.LSTM", "unified.explicit.Linear", "unified.trees.Conv2d"} <= set(found)
    assert len(found) > 4 * 150 and set(found) <= set(anchors())


def test_what_is_the_same_object_is_described_once() -> None:
    page = PAGES["reference/unified_compat_blaze/index.md"]
    assert "The same as [`unified.Linear`][unified.Linear]." in page
    assert "::: unified.compat.blaze.transform" in page
    assert "::: unified.compat.blaze.Linear" not in page


def test_the_command_has_all_its_commands() -> None:
    page = PAGES["reference/command.md"]
    assert re.findall(r"^## unified (\w+)$", page, re.MULTILINE)[:4] == ["run", "port", "compare", "convert"]
    assert "--shapes SHAPES" in page


def test_the_navigation_has_every_page() -> None:
    def files(nav: Any) -> list[str]:
        if isinstance(nav, str):
            return [nav]
        parts = nav.values() if isinstance(nav, dict) else nav
        return [file for part in parts for file in files(part)]

    assert sorted(files(reference.nav())) == sorted(PAGES)
