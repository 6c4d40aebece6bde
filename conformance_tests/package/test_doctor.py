"""`unified doctor`: its tables against pyproject.toml, constraints.txt and `packaging`, its findings, its processes."""

import json
import os
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement as PackagingRequirement
from packaging.version import Version

from unified.cli import main
from unified.core import backends
from unified.doctor import Report, examine, findings
from unified.doctor.packages import PACKAGES, Installed, absent_package, how_to_install, installed, requirements
from unified.doctor.probe import FRAMEWORKS, Probe, probe
from unified.doctor.variables import VARIABLES, variables_set
from unified.doctor.versions import is_older, parse

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINNED = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().split())


def found(
    versions: dict[str, str] | None = None, variables: dict[str, str] | None = None, probes: tuple[Probe, ...] = ()
) -> list[tuple[str, str, str]]:
    """The level, the subject and both texts of what is found in an installation of these versions."""
    versions = {"numpy": "2.4.6", "safetensors": "0.8.0", "array-api-compat": "1.16.0"} | (versions or {})
    packages = {name: Installed(version, "/somewhere") for name, version in versions.items()}
    bounds = [parse(text) for text in PROJECT["dependencies"]]
    for extra in ("torch", "jax", "port"):
        bounds += [parse(f'{text}; extra == "{extra}"') for text in PROJECT["optional-dependencies"][extra]]
    result = findings.find(packages, {bound.name: bound for bound in bounds}, variables or {}, probes)
    assert all(finding.cure for finding in result)
    return [(one.level, one.subject, f"{one.text} -> {one.cure}") for one in result if one not in OF_THIS_PROCESS]


# What is found of this interpreter and of how unified is installed here, which is no part of the tests.
OF_THIS_PROCESS = [*findings._of_python(), *findings._of_the_distribution()]


@pytest.mark.parametrize(
    "text", [*PROJECT["dependencies"], "torch>=2.13,<3", "jax>=0.10,<0.11", "a==1.2", "a!=2,>1.9,<=3"]
)
def test_bounds_are_those_of_packaging(text: str) -> None:
    oracle = PackagingRequirement(text)
    for version in (
        "0.4",
        "0.10",
        "0.10.2",
        "0.11.0",
        "1",
        "1.2.0",
        "1.9",
        "1.10",
        "2",
        "2.0.1",
        "2.13.0",
        "2.13.0+cpu",
        "3.0",
    ):
        assert parse(text).accepts(version) == oracle.specifier.contains(version), version
        for other in ("0.10.1", "1.9", "2.13"):
            assert is_older(version, other) == (Version(version).release < Version(other).release)
    assert parse(text).name == oracle.name
    assert parse(f'{text} ; extra == "jax"').extra == "jax"


def test_the_tables_are_those_of_the_project() -> None:
    names = {name.lower().replace("_", "-"): version for name, version in PINNED.items()}
    extras = PROJECT["optional-dependencies"]
    for package in PACKAGES:
        assert package.tested == names[package.distribution.lower().replace("_", "-")], package.distribution
        assert not package.least or Version(package.least) <= Version(package.tested)
        if package.extra:
            of_extra = {PackagingRequirement(text).name for text in extras[package.extra]}
            assert package.distribution in of_extra | {"jaxlib"}
        assert installed(package) is not None, f"{package.distribution} is among the extra `dev`"
    for extra in ("torch", "jax", "port"):
        users = {PackagingRequirement(text).name for text in extras[extra]}
        assert users <= {package.distribution for package in PACKAGES}
    needed = {PackagingRequirement(text).name for text in PROJECT["dependencies"]}
    assert needed == {package.distribution for package in PACKAGES if package.distribution in requirements()} & needed
    assert str(requirements()["torch"]) == ">=2.13,<3"
    assert {package.module for package in PACKAGES} >= set(FRAMEWORKS) == set(backends.known())
    assert f">={findings.PYTHONS[0]}" == PROJECT["requires-python"]
    page = (ROOT / "docs/install.md").read_text()
    for package in PACKAGES:
        if package.least and package.distribution != "numpy":
            assert f"`{package.distribution}` ({package.least} or later)" in page


def test_every_variable_of_ours_is_in_the_table() -> None:
    sources = "".join(path.read_text() for path in ROOT.glob("unified/**/*.py"))
    read = set(re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", sources)) - {"JAX_PLATFORMS"}
    assert read and read <= set(VARIABLES)


def test_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"UNIFIED_BACKEND": "jax", "HOME": "/root"})
    assert variables_set() == {"UNIFIED_BACKEND": "jax"}


@pytest.mark.parametrize(
    "versions, subject, words",
    [
        ({"numpy": "1.26.4"}, "numpy", ("1.26.4 is not within >=2.0", 'pip install "numpy>=2.0"')),
        ({"torch": "2.12.1"}, "torch", ("not within >=2.13,<3", 'pip install "torch>=2.13,<3"')),
        ({"jax": "0.11.0"}, "jax", ("not within >=0.10,<0.11",)),
        ({"ml_dtypes": "0.4.1"}, "ml_dtypes", ("not within >=0.5,<1",)),
        ({"flax": "0.12.6"}, "flax", ("does not work", 'pip install --upgrade "flax>=0.12.7"')),
        ({"dm-haiku": "0.0.14"}, "dm-haiku", ('"dm-haiku>=0.0.15"',)),
        ({"optax": "0.2.7"}, "optax", ("0.2.7 does not work", 'pip install --upgrade "optax!=0.2.7"')),
    ],
)
def test_a_release_that_does_not_fit(versions: dict[str, str], subject: str, words: tuple[str, ...]) -> None:
    ((level, name, text),) = found(versions)
    assert (level, name) == ("problem", subject)
    assert all(word in text for word in words), text


def test_releases_that_fit() -> None:
    tested = {package.distribution: package.tested for package in PACKAGES}
    assert found(tested) == found({"torch": "2.14.0+cu130", "flax": "0.13.0", "optax": "0.2.3"}) == []


@pytest.mark.parametrize(
    "variables, level, words",
    [
        ({"UNIFIED_BACKEND": "pytorch"}, "problem", ("no backend 'pytorch'", "jax or torch")),
        ({"JAX_ENABLE_X64": "true"}, "note", ("float64",)),
        ({"JAX_DEFAULT_PRNG_IMPL": "rbg"}, "problem", ("'rbg'", "threefry2x32")),
    ],
)
def test_a_variable_that_matters(variables: dict[str, str], level: str, words: tuple[str, ...]) -> None:
    ((found_level, name, text),) = found(variables=variables)
    assert (found_level, [name]) == (level, list(variables))
    assert all(word in text for word in words), text


def test_variables_that_change_nothing() -> None:
    quiet = {
        "UNIFIED_BACKEND": "torch",
        "JAX_ENABLE_X64": "0",
        "JAX_DEFAULT_PRNG_IMPL": "threefry2x32",
        "XLA_FLAGS": "",
    }
    assert found(variables=quiet) == []


def test_a_backend_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "available", lambda: ("torch",))
    (level, _, text), note = found(variables={"UNIFIED_BACKEND": "jax"})
    assert level == "problem" and 'jax is not installed -> pip install "unified-nn[jax]"' in text
    assert note == ("note", "jax", 'it is not installed -> pip install "unified-nn[jax]"')


def test_a_project_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "unified-0.3.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: unified\nVersion: 0.3\n")
    monkeypatch.syspath_prepend(tmp_path)
    ((level, name, text),) = found()
    assert (level, name) == ("problem", "unified") and "pip uninstall unified; pip install " in text


@pytest.mark.parametrize("version, level", [((3, 10, 4), "problem"), ((3, 14, 0), "note"), ((3, 13, 0), "note")])
def test_another_python(version: tuple[int, int, int], level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "sys", SimpleNamespace(version_info=version))
    ((found_level, name),) = [(finding.level, finding.subject) for finding in findings._of_python()]
    assert (found_level, name) == (level, "python")
    monkeypatch.setattr(findings, "sys", SimpleNamespace(version_info=(3, 12, 11)))
    assert list(findings._of_python()) == []


def test_frameworks_that_differ() -> None:
    network = {"shapes": {"w": [2]}, "bits": "a", "output": [1.0, 2.0]}
    torch = Probe("torch", network=network)
    assert found(probes=(torch, Probe("jax", network=network | {"output": [1.000001, 2.0]}))) == []
    ((level, name, text),) = found(probes=(torch, Probe("jax", network=network | {"bits": "b"})))
    assert (level, name) == ("problem", "torch and jax") and "other initial values" in text
    ((level, _, text),) = found(probes=(torch, Probe("jax", network=network | {"output": [1.1, 2.0]})))
    assert level == "problem" and "differ by more than 1e-05" in text
    ((level, _, text),) = found(probes=(torch, Probe("jax", network=network | {"output": [float("nan"), 2.0]})))
    assert level == "problem"


def test_two_frameworks_and_one_gpu() -> None:
    network = {"shapes": {}, "bits": "", "output": []}
    torch = Probe("torch", devices=("cpu", "cuda:0"), network=network)
    on_cpu, on_gpu = (
        Probe("jax", devices=devices, network=network)
        for devices in (("cpu",), ("cpu", "xla_cuda13 (not started: --devices does)"))
    )
    ((level, name, text),) = found(probes=(torch, on_cpu))
    assert (level, name) == ("note", "jax") and 'pip install "jax[cuda13]' in text
    ((level, name, text),) = found(probes=(torch, on_gpu))
    assert (level, name) == ("note", "XLA_PYTHON_CLIENT_PREALLOCATE")
    assert found(variables={"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}, probes=(torch, on_gpu)) == []
    assert found(probes=(Probe("torch", devices=("cpu",), network=network), on_gpu)) == []


@pytest.mark.parametrize(
    "source, failed_at, words",
    [
        ("raise OSError('libcudart.so.13: cannot open shared object file')", "import", "OSError: libcudart"),
        ("import sys; sys.exit(3)", "import", "SystemExit: 3"),
        ("import os; os._exit(3)", "process", "its process ended with status 3"),
        ("x = 1", "import", "has no attribute '__version__'"),
        ("__version__ = '9'; print('hello')", "network", ""),
    ],
    ids=["broken", "leaves", "dies", "stranger", "cannot run"],
)
def test_a_framework_that_fails(
    source: str, failed_at: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    said = probe("torch")
    assert said.failed_at == failed_at and words in said.error, said
    if failed_at != "process":
        assert said.location == str(tmp_path / "torch.py")
    (level, name, text), *notes = found(probes=(said, Probe("jax", network={"output": []})))
    assert (level, name, notes) == ("problem", "torch", []) and said.error in text


def test_a_process_that_does_not_end_and_warnings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("import time; time.sleep(60)")
    (tmp_path / "jax.py").write_text(
        "import os, warnings\nwarnings.warn('old')\n"
        "__version__ = os.environ['JAX_PLATFORMS'] + ' ' + os.environ['XLA_PYTHON_CLIENT_PREALLOCATE']\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    monkeypatch.delenv("XLA_PYTHON_CLIENT_PREALLOCATE", raising=False)
    assert probe("torch", timeout=0.5).error == "nothing was heard of it for 0.5 s"
    said = probe("jax")
    assert said.version == "cpu false" and said.warnings == ("UserWarning: old",)
    assert probe("jax", devices=True).version == "cuda false"  # no memory is taken then either
    assert os.environ["JAX_PLATFORMS"] == "cuda"
    assert ("note", "jax", "its import warns: UserWarning: old -> nothing, if all checks are ok") in found(
        probes=(said,)
    )


@pytest.fixture(scope="module")
def report() -> Report:
    return examine()


def test_a_network_runs_on_both_frameworks(report: Report) -> None:
    assert report.is_well
    torch, jax = report.frameworks
    assert (torch.framework, jax.framework) == ("torch", "jax") and torch.error == jax.error == ""
    assert torch.version.partition("+")[0] == PINNED["torch"] and jax.version == PINNED["jax"]
    assert torch.devices[0] == jax.devices[0] == "cpu"
    assert torch.network["bits"] == jax.network["bits"] and len(torch.network["output"]) == 12
    assert list(torch.network["shapes"]) == [
        *("linear/weight", "linear/bias", "layer_norm/weight", "layer_norm/bias", "linear_1/weight", "linear_1/bias")
    ]
    assert torch.network["shapes"]["linear/weight"] == [8, 6]


def test_the_text_and_the_json_say_the_same(
    report: Report, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text, table = str(report), json.loads(report.to_json())
    assert "No problems; a network runs on torch and jax, with equal initial bits and outputs." in text
    assert table["ok"] and all(one["level"] == "note" for one in table["findings"])
    for name, package in table["packages"].items():
        assert f"  {name} " in text and package["location"] in text and package["version"] in text
    assert table["packages"]["jax"]["bounds"] == ">=0.10,<0.11"
    monkeypatch.setattr("unified.doctor.report.examine", lambda devices: report)
    assert main(["doctor"]) == 0 and capsys.readouterr().out == f"{text}\n"
    assert main(["doctor", "--json"]) == 0 and json.loads(capsys.readouterr().out) == table


def test_where_a_package_is() -> None:
    package = next(package for package in PACKAGES if package.module == "numpy")
    import numpy

    assert installed(package) == Installed(numpy.__version__, str(Path(numpy.__file__).parent))


def test_what_is_absent() -> None:
    cause = ModuleNotFoundError("No module named 'libcst'", name="libcst")
    error = RuntimeError("no port")
    error.__cause__ = cause
    assert absent_package(error) is None  # it is there: the error has another reason
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("unified.doctor.packages.installed", lambda package: None)
        assert absent_package(error) == absent_package(cause) == "libcst"
        error.__cause__, error.__context__ = None, cause
        error.__suppress_context__ = True
        assert absent_package(error) is None
    assert absent_package(ModuleNotFoundError(name="no_such_module")) is None and absent_package(None) is None
    assert how_to_install("jax.numpy") == 'pip install "unified-nn[jax]"'
    assert how_to_install("orbax.checkpoint") == "pip install orbax-checkpoint"
    assert how_to_install("something") == "pip install something"
