"""Which names are offered: those that public Haiku code uses, and those that dm-haiku has."""

import json
from pathlib import Path

import haiku
import numpy as np
import pytest
import torch

import tools.compat
import tools.haiku_names
import unified as u
import unified.compat.haiku as hk
import unified.compat.jax as jax
import unified.compat.jax.numpy as jnp
from unified.compat.haiku.absent import ABSENT
from unified.port.coverage import why_not

USAGE = json.loads((Path(__file__).parent / "haiku_usage.json").read_text())
NAMES = [name for name in USAGE if name.startswith(("jax.", "haiku."))]
ATTRIBUTES = [name.removeprefix("array.") for name in USAGE if name.startswith("array.")]


@pytest.fixture(autouse=True)
def on_torch():
    u.set_backend("torch")
    yield
    u.set_backend(None)


def test_names_of_public_code() -> None:
    """All names that 88 public Haiku files use, which `haiku_usage.json` counts."""
    assert len(NAMES) > 200
    assert [why_not(name) for name in NAMES if why_not(name)] == []


def test_attributes_of_arrays() -> None:
    x = jnp.asarray(np.ones((2, 2), np.float32))
    missing = [name for name in ATTRIBUTES if not hasattr(x, name)]
    assert [name for name in missing if name not in hk.__all__] == []


def test_names_are_found_on_torch() -> None:
    """Each name of the table, as torch has it: a function, a class or a value."""
    for name in NAMES:
        found = jax if name.startswith("jax.") else hk
        for part in name.split(".")[1:]:
            found = getattr(found, part)


@pytest.mark.parametrize(
    "module", ["", "initializers", "nets", "data_structures", "mixed_precision", "pad", "testing", "experimental"]
)
def test_all_of_haiku(module: str) -> None:
    """Every public name of dm-haiku is here, or stands in the list of what is not offered."""
    theirs, ours = haiku, hk
    for part in filter(None, [module]):
        theirs, ours = getattr(theirs, part), getattr(ours, part)
    names = getattr(theirs, "__all__", None) or [name for name in dir(theirs) if not name.startswith("_")]
    assert [name for name in names if not hasattr(ours, name)] == []


def test_absent() -> None:
    for name in ("to_dot", "experimental.abstract_to_dot"):
        function = hk
        for part in name.split("."):
            function = getattr(function, part)
        with pytest.raises(u.BackendError, match="is not offered"):
            function(lambda x: x)
    with pytest.raises(u.BackendError, match=r"hk\.experimental\.jaxpr_info is not offered"):
        hk.experimental.jaxpr_info.make_model_info(None)
    assert all(reason for reason in ABSENT.values())


def test_unknown_names() -> None:
    with pytest.raises(AttributeError, match="summ"):
        jnp.summ
    with pytest.raises(u.BackendError, match=r"jax\.numpy\.i0e_not_there|jax\.numpy\.fromiter"):
        jnp.fromiter([1.0], jnp.float32)


def test_generated_files_are_current() -> None:
    for path, text in {**tools.compat.files(), **tools.haiku_names.files()}.items():
        assert path.read_text() == text, "run: make generate"


def test_isinstance() -> None:
    assert isinstance(jnp.ones(2), jax.Array)
    assert isinstance(torch.ones(2), jnp.ndarray)
    assert not isinstance(np.ones(2), jax.Array)
    assert isinstance(jax.ShapeDtypeStruct((2,), jnp.float32), jax.ShapeDtypeStruct)
    assert jnp.float32 == np.float32
    assert jnp.dtype(jnp.bfloat16).itemsize == 2
    assert jnp.issubdtype(jnp.bfloat16, jnp.floating)
    assert not jnp.issubdtype(jnp.int8, jnp.floating)
