"""The command `unified`: help that says what, how and where to read on, and one line about a missing package."""

import json
from pathlib import Path
from typing import get_args

import pytest

import unified as u
from conformance_tests.package.processes import HIDE, run_python
from unified.cli import main
from unified.core.pages import BASE, Page, link

ROOT = Path(__file__).parents[2]
COMMANDS = ("doctor", "run", "port", "compare", "convert")

# Runs commands one after the other; each prints its status and what it wrote.
RUN = """
import contextlib, io, json
from unified.cli import main

for names, arguments in json.loads(sys.argv[1]):
    hidden.clear()
    hidden.update(names)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(arguments)
    print(json.dumps([status, out.getvalue(), err.getvalue()]))
"""
FRAMEWORKS = ("torch", "jax", "jaxlib", "flax", "haiku", "orbax", "equinox")
ALL = (*FRAMEWORKS, "libcst")

CONVERT = ("--mapping", "m.toml", "--to", "first", "-o")

# What cannot be imported, the command, the package of which it says that it is missing, and how to install it.
MISSING = {
    "port": (ALL, ("port", "model.py"), "libcst", 'pip install "unified-nn[port]"'),
    "run": (ALL, ("run", "model.py"), "torch", 'pip install "unified-nn[torch]"'),
    "run on jax": (ALL, ("run", "--backend", "jax", "model.py"), "jax", 'pip install "unified-nn[jax]"'),
    "compare: imported by the sides": (ALL, ("compare", "imports.toml"), "torch", 'pip install "unified-nn[torch]"'),
    "compare: a side of torch": (ALL, ("compare", "torch.toml"), "torch", 'pip install "unified-nn[torch]"'),
    "compare: a side of haiku": (ALL, ("compare", "haiku.toml"), "haiku", "pip install dm-haiku"),
    "compare: a side of flax": (ALL, ("compare", "linen.toml"), "flax", "pip install flax"),
    "convert from .pt": (ALL, ("convert", "w.pt", *CONVERT, "o"), "torch", 'pip install "unified-nn[torch]"'),
    "convert from .msgpack": (ALL, ("convert", "w.msgpack", *CONVERT, "o"), "flax", "pip install flax"),
    "convert from a folder": (ALL, ("convert", "w", *CONVERT, "o"), "orbax", "pip install orbax-checkpoint"),
    "convert to .pt": (ALL, ("convert", "w.safetensors", *CONVERT, "o.pt"), "torch", 'pip install "unified-nn[torch]"'),
    "port --check": (FRAMEWORKS, ("port", "--check", "model:f"), "haiku", "pip install dm-haiku"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str, str]]:
    """The status, the output and the errors of each command of `MISSING`, and of `doctor` without a framework."""
    from safetensors.numpy import save_file

    folder = tmp_path_factory.mktemp("commands")
    (folder / "model.py").write_text("def f(x):\n    return x\n")
    (folder / "imports_torch.py").write_text("import torch\n")
    (folder / "sides_of.py").write_text(
        "from unified.testing import sides\n"
        "def torch(): return sides.torch(None)\n"
        "def haiku(): return sides.haiku(None, None, None)\n"
        "def linen(): return sides.flax(None, None)\n"
        "def inputs(): return (1.0,)\n"
    )
    for name in ("torch", "haiku", "linen"):
        text = f'first = "sides_of:{name}"\nsecond = "sides_of:{name}"\ninputs = "sides_of:inputs"\n'
        (folder / f"{name}.toml").write_text(text)
    text = 'first = "imports_torch:side"\nsecond = "imports_torch:side"\ninputs = "imports_torch:inputs"\n'
    (folder / "imports.toml").write_text(text)
    for name in ("w.pt", "w.msgpack"):
        (folder / name).write_bytes(b"\x80")
    (folder / "w").mkdir()
    save_file({}, folder / "w.safetensors")
    (folder / "m.toml").write_text('format = 1\nsides = ["torch", "flax"]\nrules = []\n')
    cases = [case[:2] for case in MISSING.values()]
    cases.insert(0, (ALL, ["doctor"]))
    lines = run_python(HIDE + RUN, json.dumps(cases), cwd=folder, path=ROOT)
    return dict(zip(("doctor", *MISSING), map(json.loads, lines), strict=True))


@pytest.mark.parametrize("case", MISSING)
def test_a_missing_package_is_one_line(case: str, answers: dict[str, tuple[int, str, str]]) -> None:
    _, arguments, package, cure = MISSING[case]
    status, out, err = answers[case]
    assert (status, out) == (2, "")
    assert err.startswith(f"unified {arguments[0]} needs {package}, which is not installed: pip install ")
    assert cure in err and err.count("\n") == 1


def test_doctor_without_a_framework(answers: dict[str, tuple[int, str, str]]) -> None:
    status, out, err = answers["doctor"]
    assert (status, err) == (1, "")
    assert "problem: frameworks: none of jax, torch is installed" in out
    assert '-> pip install "unified-nn[jax]" or pip install "unified-nn[torch]"' in out
    assert "numpy" in out and "dm-haiku" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    text = capsys.readouterr().out
    assert "exit status: " in text and "\nexamples:\n" in text
    assert text.split("\nexamples:\n")[1].count(f"  unified {command}") >= 2
    assert text.count(BASE) == 1 and text.splitlines()[-1] in map(link, get_args(Page))
    assert max(map(len, text.splitlines())) <= 120


def test_help_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    text = capsys.readouterr().out
    assert all(f"\n  unified {command}" in text for command in COMMANDS)
    assert BASE in text


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"unified {u.__version__}\n"


def test_run_says_what_it_cannot_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "no_such_file.py"]) == 2
    assert capsys.readouterr().err == "unified run: there is no file 'no_such_file.py'\n"
    assert main(["run", "--backend", "pytorch", "no_such_file.py"]) == 2
    assert capsys.readouterr().err.startswith("unified run: there is no backend 'pytorch': choose one of ")


def test_an_import_of_ones_own_that_fails_is_no_missing_package(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "compare.toml").write_text('first = "no_such_module:f"\nsecond = "a:b"\ninputs = "a:b"\n')
    assert main(["compare", str(tmp_path / "compare.toml")]) == 1
    err = capsys.readouterr().err
    assert err.startswith("unified compare: no_such_module:f: No module named 'no_such_module'")
