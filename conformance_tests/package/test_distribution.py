"""The distribution `unified-nn`: its metadata, and a wheel and an sdist that work where no framework is installed."""

import email.message
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import unified as u
from conformance_tests.package.processes import HIDE, run_python

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAME = "unified-nn"

IMPORT = """
hidden.update(("torch", "jax", "jaxlib"))
import unified
print(unified.__file__)
print(unified.__version__)
print(unified.available_backends())
"""


def test_one_source_of_the_version(metadata: email.message.Message) -> None:
    assert "version" not in PROJECT and "version" in PROJECT["dynamic"]
    assert metadata["Version"] == u.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.?(dev|a|b|rc)\d+)?", u.__version__)
    assert re.search(rf"^## {re.escape(u.__version__)}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_metadata(metadata: email.message.Message) -> None:
    assert metadata["Name"] == PROJECT["name"] == NAME
    urls = dict(value.split(", ") for value in metadata.get_all("Project-URL", []))
    assert set(urls) == {"Homepage", "Documentation", "Source", "Changelog", "Issues"}
    extras = {"torch", "jax", "port", "all", "array-api", "dev", "bench", "docs", "ecosystem"}
    assert set(metadata.get_all("Provides-Extra", [])) == extras
    assert "unified" not in {Requirement(text).name for text in metadata.get_all("Requires-Dist", [])}


def test_the_links_of_the_page_on_pypi(metadata: email.message.Message) -> None:
    """Those of the README, which are relative, and lead to files that exist."""
    text = metadata.get_payload()
    assert isinstance(text, str)
    pages, pictures = (
        "https://github.com/unified-nn/unified/blob/main/",
        "https://raw.githubusercontent.com/unified-nn/unified/main/",
    )
    links = re.findall(r"(!?)\[[^]]*\]\((.*?)\)", text)
    assert len(links) > 20 and sum(mark == "!" for mark, _ in links) == 1
    for mark, link in links:
        assert link.startswith(pictures if mark else pages), link
        assert (ROOT / link.removeprefix(pictures).removeprefix(pages)).is_file(), link


def test_the_wheel_has_the_package_with_its_types(wheel: Path) -> None:
    def files(root: Path) -> set[Path]:
        paths = {path.relative_to(root) for path in (root / "unified").rglob("*") if path.is_file()}
        return {path for path in paths if "__pycache__" not in path.parts}

    assert files(wheel) == files(ROOT)
    assert Path("unified/py.typed") in files(wheel)
    assert {path.name for path in wheel.iterdir()} == {"unified", f"unified_nn-{u.__version__}.dist-info"}


def test_the_sdist_has_the_tests_and_what_they_read(sdist: Path) -> None:
    for name in ("conformance_tests", "examples", "benchmarks", "docs", "tools", "README.md", "Makefile", "LICENSE"):
        assert (sdist / name).exists(), name


def test_import_without_a_framework(wheel: Path, tmp_path: Path) -> None:
    file, version, backends = run_python(HIDE + IMPORT, cwd=tmp_path, path=wheel)
    assert Path(file) == wheel / "unified" / "__init__.py"
    assert (version, backends) == (u.__version__, "()")
    installed = f"import importlib.metadata; print(importlib.metadata.version({NAME!r}))"
    assert run_python(installed, cwd=tmp_path, path=wheel) == [u.__version__]


def test_the_versions_that_are_tested_are_in_the_ranges() -> None:
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().split())
    pinned = {canonicalize_name(name): version for name, version in pinned.items()}
    extras = PROJECT["optional-dependencies"]
    for text in (
        *PROJECT["dependencies"],
        *(text for extra in ("torch", "jax", "port", "docs", "ecosystem") for text in extras[extra]),
    ):
        requirement = Requirement(text)
        if requirement.name == NAME:
            continue
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier, text
    uppermost = {Requirement(text).name for extra in ("torch", "jax") for text in extras[extra] if "<" in text}
    assert uppermost == {"torch", "jax", "ml_dtypes"}
    short = {name: ".".join(pinned[name].split(".")[:2]) for name in ("torch", "jax")}
    assert f"torch {short['torch']} and JAX {short['jax']}" in (ROOT / "README.md").read_text()


def test_the_ecosystem_has_what_its_tests_import() -> None:
    sources = [path.read_text() for path in (ROOT / "conformance_tests/torch").rglob("test_*.py")]
    imports = {name for text in sources for name in re.findall(r"importorskip\(\"(\w+)[.\w]*\"\)", text)}
    extra = {Requirement(text).name for text in PROJECT["optional-dependencies"]["ecosystem"]}
    assert extra - {NAME} == imports - {"jax"}


PAGES = [
    path
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*", "unified/**/*.py", "tools/**/*.py", "benchmarks/**/*.py")
    for path in sorted(ROOT.glob(pattern))
    if path.suffix in (".md", ".py")
]


def test_nobody_is_sent_to_another_project() -> None:
    """`unified` on PyPI is somebody else's: what is to be installed is `unified-nn`."""
    assert len(PAGES) > 300
    wrong = re.compile(r"(pip|uv) (install|add)\b[^\n]*\bunified(?!-nn)\b|\bunified\[(torch|jax|port|all|dev|bench)")
    assert [path.relative_to(ROOT) for path in PAGES if wrong.search(path.read_text())] == []
    assert wrong.search('pip install "unified[port]"') and wrong.search("pip install -U unified")
    assert not wrong.search('pip install "unified-nn[port]"')
