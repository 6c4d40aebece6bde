"""Modules as classes: constructors, immutability, checks, structure, copies; without arrays where that is enough."""

import copy
import dataclasses
import pickle
import subprocess
import sys
import threading
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch.utils import _pytree as pytree

import unified as u
import unified.trees as ut
from conformance_tests.trees.models import BACKENDS, Autoencoder, Linear, Net, array, filled, named

both = pytest.mark.parametrize("backend", BACKENDS)
T = TypeVar("T")


class Pair(NamedTuple):
    left: Any
    right: Any


class Holder(ut.Module):
    value: Any


def test_the_import_loads_no_framework():
    code = "import sys, unified.trees; print([name for name in ('torch', 'jax') if name in sys.modules])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"


def test_classes_that_exist_before_a_framework_is_imported():
    code = """
import unified.trees as ut
class A(ut.Module):
    w: object
model = A(ut.Linear(2, 3))
import {name}
filled = ut.fill(model, backend="{name}")
print(len({leaves}(filled)))
"""
    root = Path(__file__).parents[2]
    for name, leaves in (("torch", "torch.utils._pytree.tree_leaves"), ("jax", "jax.tree.leaves")):
        text = code.format(name=name, leaves=leaves)
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, cwd=root)
        assert done.stdout.strip() == "2"


def test_a_constructor_of_ones_own():
    class Base(ut.Module):
        width: int
        scale: float = 2.0

        def __init__(self, width):
            self.width = width

    class Derived(Base):
        more: int

        def __init__(self, width, more):
            super().__init__(width)
            self.more = more

    model = Derived(3, 4)
    assert (model.width, model.scale, model.more) == (3, 2.0, 4)
    with pytest.raises(dataclasses.FrozenInstanceError, match="replace"):
        model.more = 5
    with pytest.raises(dataclasses.FrozenInstanceError, match="again"):
        model.__init__(1, 2)

    class Forgets(Base):
        more: int

        def __init__(self):
            pass

    with pytest.raises(TypeError, match=r"Forgets.__init__ has left width, more without a value"):
        Forgets()

    class Unknown(Base):
        def __init__(self):
            self.widht = 3

    with pytest.raises(AttributeError, match=r"Unknown has no field 'widht'.*annotate it"):
        Unknown()

    class Inherits(Base):
        pass

    assert Inherits(7).width == 7


def test_post_init_converters_checks_and_defaults():
    class Base(ut.Module):
        size: int = ut.field(converter=int)
        sizes: list[int] = ut.field(default_factory=list, kw_only=True)
        double: int = ut.field(init=False)

        def __post_init__(self):
            self.double = 2 * int(self.size)

        def __check_init__(self):
            if self.size < 0:
                raise ValueError("size is negative")

    class Derived(Base):
        other: int = 3

        def __check_init__(self):
            if self.other > 9:
                raise ValueError("other is large")

    model = Derived("4", sizes=[1])
    assert (model.size, model.double, model.sizes, model.other) == (4, 8, [1], 3)
    for call in (lambda: Derived(-1), lambda: model.replace(size=-1)):
        with pytest.raises(ValueError, match="negative"):
            call()
    with pytest.raises(ValueError, match="large"):
        model.replace(other=10)
    with pytest.raises(TypeError, match="no field 'sise'"):
        model.replace(sise=3)


def test_a_field_cannot_hide_what_every_module_has():
    with pytest.raises(TypeError, match="'replace'"):
        type("Bad", (ut.Module,), {"__annotations__": {"replace": int}})


@pytest.mark.parametrize(
    "value",
    [np.ones(2), [np.ones(2)], ut.Linear(1, 1), ut.var(2), {"a": (ut.var(2),)}],
    ids=["array", "list", "module", "var", "nested"],
)
def test_arrays_as_static_fields_are_refused(value):
    class Bad(ut.Module):
        mask: Any = ut.field(static=True)

    with pytest.raises(TypeError, match=r"Bad\.mask.* is static and holds .*Leave out static=True"):
        Bad(value)
    with pytest.raises(TypeError, match=r"Bad\.mask"):
        Bad(3).replace(mask=value)


@dataclasses.dataclass
class Config:
    mean: Any


@pytest.mark.parametrize("value", [Config(np.ones(2)), {"a": Config(torch.ones(1))}, partial(min, np.ones(1))])
def test_arrays_where_no_framework_looks_are_refused(value):
    with pytest.raises(TypeError, match=r"Holder\.value.* is static and holds .*Put the array into a field"):
        Holder(value)
    assert Holder(Config(3)).value.mean == 3


def test_a_partial_application_is_a_tree_of_jax():
    model = Holder(jax.tree_util.Partial(jnp.add, jnp.ones(2)))
    assert [leaf.tolist() for leaf in jax.tree.leaves(model)] == [[1.0, 1.0]]
    assert jax.jit(lambda m: m.value(1.0))(model).tolist() == [2.0, 2.0]


VALUES = [None, 3, "text", (1, 2), [None, {"a": "b"}], Pair(1, None), OrderedDict(a=1), np.float32, jax.nn.relu, {}, ()]


@pytest.mark.parametrize("value", VALUES, ids=named)
def test_static_values_come_back(value):
    model = Holder((value, jnp.ones(2)))
    leaves, structure = jax.tree.flatten(model)
    assert len(leaves) == 1
    again = jax.tree.unflatten(structure, leaves)
    assert again == model and type(again.value[0]) is type(value)
    assert hash(structure) == hash(jax.tree.structure(Holder((copy.copy(value), jnp.zeros(2)))))
    assert jax.jit(lambda m: m)(model) == model
    tensors = Holder((value, torch.ones(2)))
    leaves, spec = pytree.tree_flatten(tensors)
    assert len(leaves) == 1 and pytree.tree_unflatten(leaves, spec) == tensors


def test_static_values_are_compared_by_type():
    structures = [jax.tree.structure(Holder(value)) for value in (1, 1.0, True, "1", (1,), [1])]
    assert all((a == b) == (i == j) for i, a in enumerate(structures) for j, b in enumerate(structures))


@pytest.mark.parametrize("change", [lambda x: None, lambda x: 0, lambda x: object(), lambda x: (x, x), lambda x: "a"])
def test_what_a_framework_puts_in_the_place_of_arrays(change):
    model = filled("jax", Autoencoder.init())
    changed = jax.tree.map(change, model)
    expected = [change(leaf) for leaf in jax.tree.leaves(model)]
    assert len(jax.tree.leaves(changed)) == len(jax.tree.leaves(expected))
    assert type(changed) is Autoencoder and changed.width == 3
    again = jax.tree.map(lambda x: x, changed)
    assert jax.tree.structure(again) == jax.tree.structure(changed)
    axes = jax.tree.map(lambda x: 0, model)
    stacked = jax.tree.map(lambda x: jnp.stack([x, x]), model)
    assert jax.vmap(lambda m, x: m(x), in_axes=(axes, None))(stacked, jnp.ones(2)).shape == (2, 2)


def test_equality_repr_and_hash():
    one, two = filled("torch"), filled("jax")
    assert one == two and hash(one) == hash(two) and one != filled("jax", rng=1)
    assert one != filled("torch", Net(5)) and one != filled("torch", Autoencoder.init())
    assert repr(Linear.init(2, 3)) == "Linear(weight=var(3, 2), bias=var(3), name='linear')"
    assert repr(filled("jax", Linear.init(2, 3))) == "Linear(weight=float32[3, 2], bias=float32[3], name='linear')"
    assert repr(ut.Linear(2, 3, bias=False)) == "Linear(in_features=2, out_features=3, bias=False)"
    assert len({one, two}) == 1


@both
def test_copies_and_pickles(backend):
    model = filled(backend)
    for again in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert again == model and ut.params(again).info == ut.params(model).info
    assert copy.deepcopy(model).first.weight is not model.first.weight
    method = pickle.loads(pickle.dumps(filled(backend, Autoencoder.init()).encode))
    assert method == filled(backend, Autoencoder.init()).encode
    unfilled = pickle.loads(pickle.dumps(Net(4)))
    assert filled(backend, unfilled) == model


def test_generic_and_abstract_classes():
    import abc

    class Box(ut.Module, Generic[T]):
        value: T

        @abc.abstractmethod
        def get(self) -> T: ...

    class IntBox(Box[int], abc.ABC):
        def get(self) -> int:
            return self.value

        def twice(self) -> int:
            return 2 * super().value if hasattr(super(), "value") else 2 * self.get()

    class Louder(IntBox):
        def get(self) -> int:
            return super().get() + 1

    assert IntBox(3).twice() == 6 and Louder(3).get() == 4 and Louder(3).twice() == 8


@both
def test_tree_at(backend):
    model = filled(backend)
    zero = ut.tree_at(lambda m: m.parts[2]["last"].bias, model, array(backend, np.zeros(1, "float32")))
    assert float(zero.parts[2]["last"].bias[0]) == 0 and zero.first is model.first
    assert list(ut.params(zero)) == list(ut.params(model))
    both_places = ut.tree_at(lambda m: (m.first.weight, m.parts[-1]["last"].bias), model, replace_fn=lambda w: w * 2)
    assert both_places.first.weight[0, 0] == 2 * model.first.weight[0, 0]
    assert ut.tree_at("first/name", model, "other").first.name == "other"
    assert ut.tree_at(lambda m: m.parts[0], model, None).parts[0] is None
    for where, error in (
        (lambda m: m.first.weihgt, AttributeError),
        (lambda m: m.parts[7], AttributeError),
        (lambda m: m.first(3), TypeError),
        (lambda m: 3, TypeError),
        (lambda m: m, TypeError),
    ):
        with pytest.raises(error, match="tree_at"):
            ut.tree_at(where, model, 1)
    with pytest.raises(TypeError, match="either"):
        ut.tree_at("first", model)
    with pytest.raises(ValueError, match="2 places, and 1 values"):
        ut.tree_at(lambda m: (m.first, m.norm), model, (1,))


def test_a_model_without_values_says_so():
    with pytest.raises(ValueError, match=r"Linear\(in_features=2, out_features=3\) has no value for 'weight'.*fill"):
        ut.Linear(2, 3)(torch.ones(1, 2))
    with pytest.raises(ValueError, match="before it has a value"):
        Linear.init(2, 3).weight + 1
    with pytest.raises(ValueError, match=r"'first/weight' has no value: unified.trees.fill"):
        ut.params(Net(3))
    with pytest.raises(u.BackendError, match="without an array"):
        ut.ReLU()("text")


def test_shared_modules():
    block = ut.Linear(2, 2)
    with pytest.raises(ValueError, match=r"one module stands at 'layers/0' and at 'layers/1'.*for _ in range\(2\)"):
        ut.fill(ut.Sequential([block] * 2), backend="torch")
    filled_block = ut.fill(block, backend="torch")
    twice = ut.Sequential((filled_block, filled_block))
    assert list(ut.params(twice)) == [f"layers/{i}/{name}" for i in (0, 1) for name in ("weight", "bias")]


def test_modules_as_functions_that_jax_traces():
    """JAX compares functions that it has traced before, also with modules of tracers."""
    model, x = filled("jax", ut.Sequential([ut.Linear(2, 2) for _ in range(3)])), array("jax", (4, 2))

    def call(model, x):
        for layer in model.layers:
            x = jax.jit(jax.checkpoint(layer))(jax.vmap(layer)(x))
        return x

    expected = x
    for layer in model.layers:
        expected = layer(layer(expected))
    np.testing.assert_allclose(jax.jit(call)(model, x), expected, rtol=1e-5)
    gradient = jax.grad(lambda model: call(model, x).sum())(model)
    np.testing.assert_allclose(
        jax.jit(jax.grad(lambda model: call(model, x).sum()))(model).layers[2].weight,
        gradient.layers[2].weight,
        rtol=1e-4,
    )
    assert jax.jit(model)(x).shape == (4, 2)


@both
def test_many_threads(backend):
    """Each thread has its own run: one trains while others evaluate."""
    model, x = filled(backend), array(backend, (6, 2))
    expected, trained = model(x), ut.apply(model, x, training=True, rng=1)[0]
    failures = []

    def work(training):
        for _ in range(20):
            y = ut.apply(model, x, training=True, rng=1)[0] if training else model(x)
            if abs(y - (trained if training else expected)).max() > 1e-6:
                failures.append(training)

    threads = [threading.Thread(target=work, args=(i % 2 == 0,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


# JAX computes in 32 bits unless it is told otherwise.
@pytest.mark.parametrize(
    ("backend", "dtype"),
    [(backend, dtype) for backend in BACKENDS for dtype in ("float16", "bfloat16")] + [("torch", "float64")],
)
def test_dtypes(backend, dtype):
    model = filled(backend, Linear(ut.var((3, 2), u.initializers.ones, dtype), None))
    assert str(ut.params(model).info["weight"].dtype) == dtype
    cast = ut.load_params(Linear.init(2, 3), ut.params(filled(backend, Linear.init(2, 3))).astype(dtype))
    assert ut.params(cast).info["bias"].dtype == dtype
    layer = filled(backend, ut.Linear(2, 3, dtype=dtype))
    assert {info.dtype for info in ut.params(layer).info.values()} == {dtype}


@both
def test_arrays_without_elements_or_axes(backend):
    model = filled(backend, Linear(ut.var((3, 0)), ut.var((3,), u.initializers.ones)))
    assert model(array(backend, np.zeros((2, 0), "float32"))).tolist() == [[1.0] * 3] * 2
    scalar = filled(backend, Holder(ut.var((), u.initializers.constant(2.0))))
    assert float(scalar.value) == 2.0 and ut.params(scalar).info["value"].shape == ()
    assert filled(backend, ut.Linear(2, 3))(array(backend, np.zeros((0, 2), "float32"))).shape == (0, 3)


def test_redefined_classes():
    """A cell that runs again makes another class, whose instances are trees too."""
    text = "class Cell(ut.Module):\n    w: object\n    def __call__(self, x): return x * self.w"
    for _ in range(2):
        names = {"ut": ut, "__name__": "cell"}
        exec(text, names)
        model = names["Cell"](jnp.full(2, 3.0))
        assert jax.jit(lambda m, x: m(x))(model, 2.0).tolist() == [6.0, 6.0]
        assert len(pytree.tree_leaves(names["Cell"](torch.ones(2)))) == 1


def test_a_derived_layer_is_refused():
    with pytest.raises(TypeError, match="put the layer into a field"):
        type("Mine", (ut.Linear,), {})
    with pytest.raises(TypeError, match="the field of a layer is its name"):
        ut.Linear(2, 3, name="head")
    with pytest.raises(TypeError, match=r"'Linear': init_fn is an initializer.*replace or tree_at"):
        ut.Linear(2, 3, init_fn=lambda layer: None)
