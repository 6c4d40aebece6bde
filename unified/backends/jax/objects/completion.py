"""The end of a construction on JAX: variables get their first values, from the seed and their paths."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jax.numpy as jnp
import numpy as np

from unified.backends.jax import layer_call
from unified.backends.jax.frame import trace_state
from unified.core import backends, threefry
from unified.core.dtypes import dtype_name
from unified.core.naming import join
from unified.core.pending import PendingVariable
from unified.nn.construction import Construction, Place, current, path_below
from unified.nn.members import converted, refuse_foreign
from unified.nn.overlay import active, read
from unified.nn.twin import Twin
from unified.nn.twin_state import variables
from unified.nn.variable import Variable

__all__ = ["RandomState", "complete", "copy_with", "fill", "fill_one", "reinitialize"]


class RandomState:
    """The key of a network's random draws and the number of calls that drew, which all of its modules share.

    Attributes:
        used: whether a call has drawn, though no layer is random.
    """

    def __init__(self, key: Any) -> None:
        self.key = _of_rng(jnp.asarray(np.asarray(key, np.uint32)))
        self.counter = _of_rng(jnp.zeros((), jnp.uint32))
        self.used = False


def _of_rng(value: Any) -> Variable:
    pending = PendingVariable(tuple(value.shape), collection="rng", trainable=False)
    variable = Variable(pending, value, trace_state())
    variable.pending = None
    return variable


def complete(root: Any, key: threefry.Key) -> None:
    """Give the variables below `root` their first values."""
    if not isinstance(root, Twin):
        return
    modules = list(root.named_modules())
    for _, module in modules:
        for name, value in list(module.__dict__.items()):  # lists that were filled after they were assigned
            if type(value) in (list, tuple, dict) and not name.startswith("_"):
                refuse_foreign(type(module).__name__, name, value, module._objects.name)
                container = converted(type(module).__name__, name, value)
                if container is not value:
                    setattr(module, name, container)
    random, origin = RandomState(key), trace_state()
    for name, module in root.named_modules():
        module.__dict__.update(_place=Place(key, name.replace(".", "/")), _random=random, _origin=origin)
    fill(root, "", key)


def fill(root: Any, prefix: str, key: threefry.Key) -> None:
    """Make the first values of the pending variables below `root`."""
    found: dict[Variable, str] = {}
    for name, module in root.named_modules():
        for group in (module._parameters, module._buffers):
            for leaf, variable in group.items():
                if variable is not None and variable.pending is not None and variable not in found:
                    found[variable] = join(path_below(prefix, name.replace(".", "/")), leaf)
    wanted = [variable.pending.first_value(path) for variable, path in found.items()]  # type: ignore[union-attr]
    values = layer_call.first_values(key, wanted) if wanted else []
    origin = trace_state()
    for variable, value in zip(found, values, strict=True):
        variable.value, variable.pending, variable.origin = value, None, origin


@contextmanager
def reinitialize(module: Any) -> Iterator[None]:
    """Let `nn.init` change the first values of a finished module, which are made anew by their paths at the end."""
    place = module.__dict__.get("_place")
    if current.construction is not None or place is None:
        yield
        return
    variables = {v: v.value for _, v in (*module.named_parameters(), *module.named_buffers())}
    for variable, value in variables.items():
        variable.value = None
        variable.pending = PendingVariable(
            tuple(value.shape),
            None,
            dtype_name(value.dtype),
            variable.collection,
            variable.requires_grad,
            variable.metadata,
        )
    current.construction = Construction(backends.load("jax"), place.key)  # `apply` within this one is a part of it
    try:
        yield
    finally:
        current.construction = None
        for variable, value in variables.items():
            if variable.pending is not None and variable.pending.initializer is None:
                variable.value, variable.pending = value, None
        fill(module, place.path, place.key)


def fill_one(variable: Variable, path: str, key: threefry.Key) -> None:
    """Make the first value of one variable."""
    assert variable.pending is not None
    (value,) = layer_call.first_values(key, [variable.pending.first_value(path)])
    variable.value, variable.pending, variable.origin = value, None, trace_state()


def copy_with(module: Any, values: Mapping[str, Any]) -> Any:
    """Return a copy of a module with other arrays for some variables, which may be traced."""
    origin = trace_state()
    memo: dict[int, Any] = {}
    random = module.__dict__.get("_random")
    own = dict(variables(module))
    if random is not None:
        own |= {"rng/key": random.key, "rng/counter": random.counter}
    for path, variable in own.items():
        old = read(variable)
        new = jnp.asarray(values[path], old.dtype) if path in values else old
        twin = Variable(None, new, origin)
        twin.collection, twin.requires_grad = variable.collection, variable.requires_grad
        twin.metadata, twin.declared = variable.metadata, variable.declared
        vars(twin).update(vars(variable))
        memo[id(variable)] = twin
    twin = copy.deepcopy(module, memo)
    for inner in twin.modules():
        inner.__dict__["_origin"] = origin
        if active.overlay is not None and active.overlay.training is not None:
            inner.__dict__["_training"] = active.overlay.training
    return twin
