"""The map of the tests, `conformance_tests/README.md`: what it names exists, and no folder or package is missing."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "conformance_tests"
PAGE = (TESTS / "README.md").read_text()
PATHS = [name for name in re.findall(r"`([^`\s]+)`", PAGE) if "/" in name or name.endswith((".py", ".toml"))]


def places(name: str) -> list[Path]:
    """What a path or a pattern of the page is: a source, or a test in this folder."""
    return [*TESTS.glob(name), *ROOT.glob(name)]


def test_what_is_named_exists() -> None:
    assert len(PATHS) > 100
    assert [name for name in PATHS if not places(name)] == []
    assert [name for name in PATHS if name.endswith("/") and not any(path.is_dir() for path in places(name))] == []


def test_every_folder_of_tests_is_described() -> None:
    folders = {path.parent.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/*.py")}
    rows = {cell.strip("`/") for cell in re.findall(r"^\| (\S+) \|", PAGE, re.MULTILINE)}
    assert folders - rows == set()


def test_every_package_has_tests() -> None:
    """Down to two levels, and each file that is in no package but `unified` itself."""
    packages = {f"{path.parent.relative_to(ROOT)}/" for path in ROOT.glob("unified/*/*/__init__.py")}
    packages |= {f"{path.parent.relative_to(ROOT)}/" for path in ROOT.glob("unified/*/__init__.py")}
    files = {str(path.relative_to(ROOT)) for path in ROOT.glob("unified/*.py")}
    parts = {name for name in packages if any(other != name and other.startswith(name) for other in packages)}
    assert {name for name in packages - parts | files if name not in PATHS} == set()


@pytest.mark.parametrize("name", ["slow_tests.txt", "full_tests.txt"])
def test_files_of_slow_cases_exist(name: str) -> None:
    cases = (TESTS / name).read_text().splitlines()
    assert cases == sorted(set(cases))
    assert [case for case in cases if not (TESTS / case.partition("::")[0]).is_file()] == []
