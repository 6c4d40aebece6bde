"""The core without torch and JAX: a process where neither can be imported runs every other test of this folder."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FRAMEWORKS = ("torch", "jax", "jaxlib")

# Runs in a new process, before anything else: importing a framework fails as if it were not installed.
BLOCK = f"""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {FRAMEWORKS!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocked())
"""

CORE_FILES = sorted(Path(__import__("unified").core.__path__[0]).rglob("*.py"))


def run_python(code):
    """What a new process prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def imported_packages(file):
    """The top-level packages that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_the_block_works():
    code = "\nfor name in ('torch', 'jax', 'jax.numpy', 'jaxlib'):\n    try:\n        __import__(name)\n"
    code += "    except ImportError:\n        print(name)\n"
    assert run_python(BLOCK + code).split() == ["torch", "jax", "jax.numpy", "jaxlib"]


@pytest.mark.parametrize(
    "marks",
    [
        pytest.param("not slow and not full", marks=pytest.mark.slow, id="quick"),
        pytest.param("slow or full", marks=pytest.mark.full, id="long"),  # sweeps on NumPy, which CI runs as they are
    ],
)
def test_every_test_of_the_core_passes_without_a_framework(marks):
    arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", marks, str(HERE), f"--ignore={__file__}"]
    code = f"import pytest\nsys.exit(pytest.main({arguments!r}))"
    last = run_python(BLOCK + code).strip().splitlines()[-1]
    assert " passed" in last
    assert "failed" not in last and "skipped" not in last and "error" not in last


def test_importing_unified_loads_no_framework():
    code = f"import sys, unified\nprint(*[name for name in {FRAMEWORKS!r} if name in sys.modules])"
    assert run_python(code).split() == []


def test_everything_that_is_public_is_there_without_a_framework():
    code = "import unified\nfor name in unified.__all__: getattr(unified, name)\nprint(unified.available_backends())"
    assert run_python(BLOCK + code).strip() == "()"


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_a_backend_without_its_framework_says_what_to_install(name):
    code = f"import unified as u\ntry:\n    u.transform(lambda x: x, backend={name!r})\n"
    code += "except u.BackendError as error:\n    print(error)"
    message = run_python(BLOCK + code)
    assert f'pip install "unified-nn[{name}]"' in message and f"the backend {name!r} needs" in message


@pytest.mark.parametrize("file", CORE_FILES, ids=lambda file: file.name)
def test_no_file_of_the_core_imports_a_framework(file):
    allowed = {"ml_dtypes"} if file.parent.name == "checkpoint" else set()  # to read bfloat16, where it is installed
    assert not set(imported_packages(file)) & {*FRAMEWORKS, "ml_dtypes"} - allowed


@pytest.mark.parametrize("file", sorted(HERE.glob("*.py")), ids=lambda file: file.name)
def test_no_test_of_the_core_imports_a_framework(file):
    assert not set(imported_packages(file)) & set(FRAMEWORKS)


def test_explicit_networks_are_built_without_a_framework():
    code = """
import unified.explicit as bx
graph = bx.Graph("net")
rng = bx.Rng(graph / "rng")
net = bx.Sequential(graph / "all", bx.Linear(graph / "up", None, 3), bx.Dropout(graph / "drop", 0.5, rng=rng))
bx.display(graph, bx.params(seed=0))
"""
    assert "up: Linear(in_features=None, out_features=3)" in run_python(BLOCK + code)
