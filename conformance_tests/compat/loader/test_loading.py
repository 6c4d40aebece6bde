"""Libraries of JAX loaded again on torch: what is imported, what stays as it was, and what errors say."""

import importlib
import importlib.util
import os
import subprocess
import sys
import textwrap
import threading
import traceback
from pathlib import Path
from types import ModuleType

import jax
import numpy as np
import optax
import pytest
import torch
from jax.extend.core import valid_jaxtype

import unified
from unified.compat import load
from unified.compat.jax.on_torch import errors
from unified.compat.jax.on_torch.array import Array
from unified.compat.loader.bytecode import code_of
from unified.compat.loader.packages import add_package, is_jax_library, new_name
from unified.compat.loader.rewriting import rewrite

ours = load("optax", "torch")

WITHOUT_JAX = """
import importlib.abc, sys
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("jax", "jaxlib"):
            raise ModuleNotFoundError(f"no module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
"""


def run_python(text: str) -> str:
    found = subprocess.run([sys.executable, "-c", textwrap.dedent(text)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout


def unparsed(text: str) -> list[str]:
    import ast

    return ast.unparse(rewrite(text, "f.py", lambda name: name.replace("jax", "ours", 1))).splitlines()


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("import jax", ["import ours as jax"]),
        ("import jax.numpy as jnp", ["import ours.numpy as jnp"]),
        ("import jax.numpy", ["import ours.numpy as jax", "import ours as jax"]),
        ("import os, jax as j, numpy", ["import os", "import ours as j", "import numpy"]),
        ("from jax import numpy as jnp, lax", ["from ours import numpy as jnp, lax"]),
        ("from jax.numpy import *", ["from ours.numpy import *"]),
        ("from .jax import x", ["from .jax import x"]),
        ("from . import jax", ["from . import jax"]),
        ("importlib.import_module('jax.numpy')", ["importlib.import_module('ours.numpy')"]),
        ("x = __import__('jax')", ["x = __import__('ours')"]),
        ("importlib.import_module('.jax', p)", ["importlib.import_module('.jax', p)"]),
        ("def f():\n    import jax\n    return jax", ["def f():", "    import ours as jax", "    return jax"]),
        ("jax = 'jax'", ["jax = 'jax'"]),
    ],
)
def test_imports_are_rewritten(statement: str, wanted: list[str]) -> None:
    assert unparsed(statement) == wanted


def test_which_packages_are_loaded_again() -> None:
    assert is_jax_library("optax")
    assert is_jax_library("chex")
    assert not any(map(is_jax_library, ("numpy", "torch", "os", "einops", "typing_extensions", "no_such_package")))
    assert new_name("haiku") == "unified.compat.haiku"
    assert new_name("haiku._src.base", "haiku") == "unified.compat.on_torch.haiku._src.base"


def test_a_library_is_another_copy_and_the_original_stays() -> None:
    assert sys.modules["optax"] is optax
    assert sys.modules["jax"] is jax
    copy = sys.modules["unified.compat.on_torch.optax"]
    assert copy is not optax
    assert copy.__file__ == optax.__file__
    seen = sys.modules["unified.compat.on_torch.optax._src.base"].jax
    assert seen.__name__ == "unified.compat.on_torch.jax"
    assert seen.numpy.add is not jax.numpy.add


def test_on_jax_it_is_the_library_itself() -> None:
    assert load("optax", "jax") is optax
    assert load("optax.contrib", "jax") is optax.contrib


def test_the_default_backend_decides() -> None:
    assert load("optax") is ours
    unified.set_backend("jax")
    try:
        assert load("optax") is optax
    finally:
        unified.set_backend(None)


def test_the_import_statement() -> None:
    import unified.compat.libraries.optax as imported
    import unified.compat.libraries.optax.contrib
    from unified.compat.libraries.optax import adam, contrib

    assert imported is ours
    assert adam is ours.adam
    assert contrib is unified.compat.libraries.optax.contrib
    assert dir(imported) == dir(sys.modules["unified.compat.on_torch.optax"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:optax:DeprecationWarning")  # of names that optax will drop
def test_a_star_import_brings_the_public_names() -> None:
    names: dict[str, object] = {}
    theirs: dict[str, object] = {}
    exec("from optax import *", theirs)
    unified.set_backend("torch")
    try:
        exec("from unified.compat.libraries.optax import *", names)
    finally:
        unified.set_backend(None)
        sys.modules.pop("unified.compat.libraries.optax")
    assert names.keys() - {"__warningregistry__"} == theirs.keys() - {"__warningregistry__"}
    assert names["adam"] is ours.adam


def test_the_import_statement_on_jax() -> None:
    run_python(
        """
        import unified as u, sys
        u.set_backend("jax")
        import unified.compat.libraries.optax as imported
        import unified.compat.libraries.optax.contrib as contrib
        import optax
        assert imported is optax and contrib is optax.contrib
        assert optax.__spec__.name == "optax", optax.__spec__
        """
    )


@pytest.mark.slow
def test_jax_is_not_needed_and_not_imported() -> None:
    text = """
        import torch
        from unified.compat import load
        optax, nn = load("optax", "torch"), load("flax.linen", "torch")
        params = {"w": torch.ones(3)}
        state = optax.adam(0.1).init(params)
        assert type(state[0].mu["w"]) is torch.Tensor
        """
    run_python(WITHOUT_JAX + textwrap.dedent(text))
    run_python(
        textwrap.dedent(text)
        + "import sys; found = {'jax', 'jaxlib', 'optax', 'flax'} & set(sys.modules); assert not found, found"
    )


def test_tensors_come_back_as_tensors_and_arrays_as_arrays() -> None:
    optimizer = ours.adam(0.1)
    params = {"w": torch.ones(3), "b": [torch.zeros(())]}
    state = optimizer.init(params)
    assert type(state[0].mu["w"]) is torch.Tensor
    updates, state = optimizer.update(params, state, params)
    assert type(updates["b"][0]) is type(state[0].count) is torch.Tensor
    assert type(ours.apply_updates(params, updates)["w"]) is torch.Tensor
    arrays = {"w": Array(torch.ones(3))}
    assert type(optimizer.init(arrays)[0].mu["w"]) is Array
    assert type(ours.tree.norm(torch.nn.Parameter(torch.ones(2)))) is torch.Tensor


def test_functions_in_results_are_on_tensors_too() -> None:
    schedule = ours.cosine_decay_schedule(1.0, 10)
    assert type(schedule(torch.tensor(5))) is torch.Tensor
    optimizer = ours.chain(ours.clip(0.5), ours.masked(ours.sgd(1.0), {"w": True, "b": False}))
    params = {"w": torch.ones(2), "b": torch.ones(2)}
    updates, _ = optimizer.update(params, optimizer.init(params))
    np.testing.assert_array_equal(updates["w"].numpy(), [-0.5, -0.5])
    np.testing.assert_array_equal(updates["b"].numpy(), [0.5, 0.5])


@pytest.mark.parametrize("other", ["no other library", "flax.nnx"])
@pytest.mark.parametrize("is_jitted", [True, False])
def test_an_update_is_one_graph(other: str, is_jitted: bool) -> None:
    if other == "flax.nnx":  # whose variables a call looks for: `isinstance` of them is a function of nnx
        unified.compat.load("flax.nnx", backend="torch")
    torch._dynamo.reset()
    optimizer = ours.adam(0.1)
    params = {"w": torch.ones(3), "b": torch.zeros(2)}
    state = optimizer.init(params)
    update = sys.modules["unified.compat.on_torch.jax"].jit(optimizer.update) if is_jitted else optimizer.update
    compiled = torch.compile(update, fullgraph=True, backend="aot_eager")
    wanted, found = optimizer.update(params, state, params), compiled(params, state, params)
    torch.testing.assert_close(found[0], wanted[0])
    torch.testing.assert_close(found[1][0].nu, wanted[1][0].nu)


def test_an_error_shows_the_lines_of_the_library() -> None:
    with pytest.raises(ValueError) as caught:
        ours.adam(0.1).update({"w": torch.ones(2)}, ours.adam(0.1).init({"v": torch.ones(2)}))
    frames = traceback.extract_tb(caught.value.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).parent.name in ("_src", "tree_utils")]
    assert inside
    assert all(frame.line for frame in inside)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that is written in JAX, with a part that is a namespace package."""
    folder = tmp_path / "ajaxlib"
    (folder / "part").mkdir(parents=True)
    (folder / "__init__.py").write_text(
        "import jax\nimport jax.numpy as jnp\nfrom ajaxlib import inner\nfrom jax.experimental import pallas\n"
        "from jax import make_jaxpr as listed\ntry:\n    from jax import linear_util\nexcept ImportError:\n"
        "    linear_util = None\n\n\n"
        "@pallas.kernel\ndef kernel(x: pallas.Ref | None):\n    return x\n\n\n"
        "class Block(pallas.BlockSpec):\n    pass\n\n\n"
        "def double(x):\n    return inner.add(x, x)\n\n\ndef call():\n    return pallas.pallas_call(double)(1, 2)\n"
    )
    (folder / "inner.py").write_text("import jax.numpy as jnp\n\n\ndef add(a, b):\n    return jnp.add(a, b)\n")
    (folder / "part" / "deep.py").write_text("from ajaxlib import double\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    add_package("ajaxlib")
    yield folder
    for name in [name for name in sys.modules if "ajaxlib" in name]:
        del sys.modules[name]
    from unified.compat.loader import packages, view

    packages.KNOWN.discard("ajaxlib")
    is_jax_library.cache_clear()
    for name in [name for name in view._VIEWS if "ajaxlib" in name]:
        del view._VIEWS[name]


def test_any_package_can_be_loaded(package: Path) -> None:
    library = load("ajaxlib", "torch")
    np.testing.assert_array_equal(library.double(torch.ones(2)).numpy(), [2, 2])
    assert load("ajaxlib.part.deep", "torch").double is not None
    assert "ajaxlib" not in sys.modules


def test_what_torch_has_not_is_refused_where_it_is_called(package: Path) -> None:
    library = load("ajaxlib", "torch")
    assert library.linear_util is None  # JAX has it no more
    assert library.Block.__mro__[1:] == (object,)
    assert not isinstance(1, library.pallas.BlockSpec)
    with pytest.raises(unified.core.errors.BackendError, match=r"pallas_call .*, which ajaxlib calls, is not"):
        library.call()
    with pytest.raises(unified.core.errors.BackendError, match=r"jax\.experimental\.pallas\.kernel\b.* is not offered"):
        library.kernel(1)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = load("jax", "torch").numpy.nothing
    assert not hasattr(load("jax", "torch"), "linear_util")


def test_the_code_is_kept_until_the_source_changes(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = package / "inner.py"

    def kept() -> list[Path]:
        return sorted(package.glob("__pycache__/inner.*unified*"))

    def names(rename: object = new_name) -> tuple[str, ...]:
        return code_of(str(file), rename).co_names  # type: ignore[arg-type]

    assert names()[0].endswith("jax.numpy") or "unified.compat.on_torch.jax.numpy" in names()
    assert len(kept()) == 1
    before = kept()[0].read_bytes()
    assert names() == names()
    assert kept()[0].read_bytes() == before
    file.write_text("import jax.numpy as jnp\n\n\ndef other(a, b):\n    return jnp.add(a, b)\n")
    assert "other" in names()
    assert "jax.numpy" in names(lambda name: name)  # another answer to what the imports mean
    kept()[0].write_bytes(b"damaged")
    assert "other" in names()


def test_nothing_is_kept_where_nothing_can_be_written(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    code_of(str(package / "inner.py"), new_name)
    assert not list(package.glob("__pycache__/*unified*"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (package / "__pycache__").write_text("a file in its place")
    assert code_of(str(package / "inner.py"), new_name).co_filename == str(package / "inner.py")


def test_errors_before_anything_is_loaded() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"'no_such_library'.*install"):
        load("no_such_library", "torch")
    with pytest.raises(ModuleNotFoundError, match=r"optax\.no_such_part"):
        load("optax.no_such_part", "torch")
    with pytest.raises(unified.core.errors.BackendError, match="'numpy'"):
        load("optax", "numpy")


def test_two_threads_load_one_copy(package: Path) -> None:
    found: list[ModuleType] = []
    threads = [threading.Thread(target=lambda: found.append(load("ajaxlib", "torch"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(module) for module in found}) == 1


def test_states_survive_pickling() -> None:
    import copy
    import pickle

    state = ours.adam(0.1).init({"w": torch.ones(2)})
    for again in (pickle.loads(pickle.dumps(state)), copy.deepcopy(state)):
        assert type(again[0]) is type(state[0])
        torch.testing.assert_close(again[0].mu, state[0].mu)


def test_programs_find_what_python_would_give_them() -> None:
    assert importlib.util.find_spec("unified.compat.on_torch.optax") is not None
    assert importlib.util.find_spec("unified.compat.on_torch.numpy") is None
    assert "unified.compat.on_torch.jax.numpy" in sys.modules
    assert os.path.samefile(importlib.import_module("unified.compat.on_torch.optax._src.base").__file__ or "",
                            importlib.import_module("optax._src.base").__file__ or "")  # fmt: skip


def test_errors_of_traces_are_those_that_a_library_catches() -> None:
    jax_on_torch = sys.modules["unified.compat.on_torch.jax"]
    for name in errors.__all__:
        assert getattr(jax_on_torch.errors, name) is getattr(errors, name), name
    with pytest.raises(jax_on_torch.errors.TracerBoolConversionError):
        jax_on_torch.jit(lambda x: 1 if x > 0 else 2)(1.0)


def test_what_jax_computes_with_is_told_from_other_values() -> None:
    own = sys.modules["unified.compat.on_torch.jax"]
    values = [
        1, True, 1.0, 1j, np.ones(2), np.array(["a"]), np.float64(1), np.bool_(True), [1], None, "a", object(),
        np.array([1], object),
    ]  # fmt: skip
    for value in values:
        assert own.core.valid_jaxtype(value) is valid_jaxtype(value), value
    assert own.core.valid_jaxtype(own.numpy.ones(2)) and own.core.valid_jaxtype(own.random.key(0))
