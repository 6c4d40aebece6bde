"""`pip install` of the wheel without an extra and with each: a small program runs that is right for it.

Here, quickly: the wheel's files and what its metadata asks for, and no other package can be imported. In `make
test-slow` and `make test-full`: real environments, made by pip, for every interpreter that is found.
"""

import email.message
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from conformance_tests.package.processes import HIDE, run_python

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "programs"
EXTRAS = ("none", "torch", "jax", "port", "all")
PYTHONS = ("3.11", "3.12", "3.13")

RUN = "import json, runpy\nhidden.update(json.loads(sys.argv[2]))\nrunpy.run_path(sys.argv[1], run_name='__main__')\n"


def needed(texts: list[str], extra: str, found: dict[str, set[str]]) -> dict[str, set[str]]:
    """The distributions that requirements ask for, and theirs: the extras of each that are asked for."""
    for text in texts:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        name, extras = canonicalize_name(requirement.name), {"", *requirement.extras}
        for each in extras - found.get(name, set()):
            found.setdefault(name, set()).add(each)
            try:
                needed(importlib.metadata.requires(name) or [], each, found)
            except importlib.metadata.PackageNotFoundError:
                assert requirement.marker is not None or name not in PINNED, f"{name} is not installed here"
    return found


PINNED = {canonicalize_name(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text().split()}


@cache
def top_levels() -> dict[str, set[str]]:
    """The names that can be imported, with the distributions that have them."""
    found = importlib.metadata.packages_distributions()
    return {name: {canonicalize_name(distribution) for distribution in names} for name, names in found.items()}


def there(metadata: email.message.Message, extra: str) -> set[str]:
    """The distributions that are installed with the wheel and an extra."""
    return {*needed(metadata.get_all("Requires-Dist", []), extra, {}), "unified-nn"}


def test_all_is_the_extras_of_users(metadata: email.message.Message) -> None:
    assert there(metadata, "all") == set().union(*(there(metadata, extra) for extra in ("torch", "jax", "port")))
    assert there(metadata, "none") == {"unified-nn", "numpy", "array-api-compat", "safetensors"}


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_program_needs_nothing_else(extra: str, wheel: Path, metadata: email.message.Message, tmp_path: Path) -> None:
    installed = there(metadata, extra)
    hidden = sorted(name for name, owners in top_levels().items() if not owners & installed)
    assert {"torch", "jax", "libcst", "flax", "pytest", "scipy"} & set(hidden) == {
        *({"torch"} if extra not in ("torch", "all") else set()),
        *({"jax", "scipy"} if extra not in ("jax", "all") else set()),
        *({"libcst"} if extra not in ("port", "all") else set()),
        *{"flax", "pytest"},
    }
    run_python(HIDE + RUN, str(PROGRAMS / f"{extra}.py"), json.dumps(hidden), cwd=tmp_path, path=wheel)


HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def interpreter(version: str) -> str | None:
    """An interpreter of a minor release: this one, one of pyenv's, or one on the path."""
    if version == HERE:
        return sys.executable
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for name in (*map(str, root.glob(f"versions/{version}.*/bin/python")), shutil.which(f"python{version}")):
        if name is not None:
            ask = [name, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
            done = subprocess.run(ask, capture_output=True, text=True, check=False)
            if done.returncode == 0 and done.stdout.strip() == version:
                return name
    return None


def install(python: str, wheel_file: Path, extra: str, folder: Path) -> str:
    """Make an environment, install the wheel with pip, and return its interpreter."""
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    ours = str(folder / "bin" / "python")
    what = f"{wheel_file}[{extra}]" if extra != "none" else str(wheel_file)
    pip = [ours, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint"]
    pip.append(str(ROOT / "constraints.txt"))
    # torch comes by exact version, as in the Makefile: asked for without one, pip fetches gigabytes of CUDA.
    pinned = re.search(r"^torch==.*$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    for wanted in ([pinned[0]] if extra in ("torch", "all") else []) + [what]:
        done = subprocess.run([*pip, wanted], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return ours


def cases() -> list[object]:
    """Each release with each extra; torch, whose wheel is large, for this interpreter alone."""
    result = []
    for version in PYTHONS:
        python = interpreter(version)
        for extra in EXTRAS if version == HERE else ("none", "jax", "port"):
            is_quick = version == HERE and extra in ("none", "port")
            marks = [pytest.mark.slow if is_quick else pytest.mark.full]
            if python is None:
                marks.append(pytest.mark.skip(reason=f"there is no Python {version} here"))
            result.append(pytest.param(version, python, extra, marks=marks, id=f"{version}-{extra}"))
    return result


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Path]:
    """A folder for an environment, which takes up to a gigabyte."""
    yield tmp_path / "environment"
    shutil.rmtree(tmp_path / "environment", ignore_errors=True)


@pytest.mark.parametrize("version, python, extra", cases())
def test_pip_install(
    version: str, python: str, extra: str, wheel_file: Path, environment: Path, tmp_path: Path
) -> None:
    ours = install(python, wheel_file, extra, environment)
    (folder := tmp_path / "elsewhere").mkdir()
    where = run_python("import unified; print(unified.__file__)", cwd=folder, python=ours)[0]
    assert Path(where).is_relative_to(environment)
    run_python("import runpy, sys; runpy.run_path(sys.argv[1])", str(PROGRAMS / f"{extra}.py"), cwd=folder, python=ours)
    command = [str(Path(ours).parent / "unified"), "doctor", "--json"]  # the script that pip wrote
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == int(extra in ("none", "port")), done.stdout + done.stderr
    assert f'"version": "{version}.' in done.stdout
