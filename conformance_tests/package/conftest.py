"""An sdist of this checkout and a wheel that is built from it."""

import email.message
import email.parser
import tarfile
import zipfile
from pathlib import Path

import pytest

import unified as u
from conformance_tests.package.processes import run_python

ROOT = Path(__file__).parents[2]
BUILD = "import sys; from hatchling.build import {kind} as build; print(build(sys.argv[1]))"


def built(kind: str, source: Path, folder: Path) -> Path:
    return folder / run_python(BUILD.format(kind=kind), str(folder), cwd=source)[-1]


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in an sdist of this checkout."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(built("build_sdist", ROOT, folder)) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"unified_nn-{u.__version__}"


@pytest.fixture(scope="session")
def wheel_file(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel that is built from that sdist."""
    return built("build_wheel", sdist, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def wheel(wheel_file: Path) -> Path:
    """The files of the wheel, as pip lays them out."""
    folder = wheel_file.parent / "installed"
    with zipfile.ZipFile(wheel_file) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def metadata(wheel: Path) -> email.message.Message:
    text = (wheel / f"unified_nn-{u.__version__}.dist-info" / "METADATA").read_text()
    return email.parser.Parser().parsestr(text)
