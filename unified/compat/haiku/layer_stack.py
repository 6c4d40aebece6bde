"""`layer_stack`: the same function as many layers with separate parameters, run by one loop.

Source: https://dm-haiku.readthedocs.io/en/latest/api.html#layer-stack
"""

import functools
import inspect
from typing import Any, NamedTuple, Protocol

from unified.compat import jax
from unified.compat.haiku.keys import maybe_next_rng_key
from unified.compat.haiku.lift import lift_with_state, transparent_lift_with_state
from unified.compat.haiku.transform import transform_with_state
from unified.compat.jax import lax, tree_util
from unified.compat.jax import numpy as jnp

__all__ = ["LayerStackTransparencyMapping", "layer_stack"]


class LayerStackTransparencyMapping(Protocol):
    """The mapping between the names of stacked parameters and those of each layer, for `layer_stack(transparent=True)`.

    A subclass defines `stacked_to_flat` and `flat_to_stacked`, each the other's inverse.

    >>> import torch, unified.compat.haiku as hk
    >>> class Numbered(hk.LayerStackTransparencyMapping):
    ...     def stacked_to_flat(self, stacked_module_name, scan_idx):
    ...         return f"{stacked_module_name}_{scan_idx}"
    ...     def flat_to_stacked(self, unstacked_module_name):
    ...         name, _, number = unstacked_module_name.rpartition("_")
    ...         return (name, int(number)) if number.isdigit() else None
    >>> def forward(x):
    ...     stack = hk.layer_stack(2, transparent=True, transparency_map=Numbered())
    ...     return stack(lambda x: hk.Linear(3)(x))(x)
    >>> list(hk.transform(forward, backend="torch").init(0, torch.ones(1, 3)))
    ['linear_0', 'linear_1']
    """

    def stacked_to_flat(self, stacked_module_name: str, scan_idx: int) -> str:
        """Return the name of a layer."""
        ...

    def flat_to_stacked(self, unstacked_module_name: str) -> tuple[str, int] | None:
        """Return the stacked name and the number of the layer; `None` if the module is in no layer."""
        ...


class _Scanned(NamedTuple):
    params: Any
    state: Any
    rng: Any
    args: Any


def _split(stacked: Any, count: int, names: Any) -> Any:
    flat: dict[str, Any] = {}
    for module_name, bundle in stacked.items():
        for number in range(count):
            name = names.stacked_to_flat(module_name, number)
            if name in flat:
                raise ValueError(
                    f"transparency_map.stacked_to_flat({module_name!r}, {number}) is {name!r}, the name of another "
                    "layer already: let it return a different name for each module and layer"
                )
            flat[name] = tree_util.tree_map(lambda leaf, number=number: leaf[number], bundle)
    return flat


def _stack(flat: Any, count: int, names: Any) -> Any:
    trees: list[dict[str, Any]] = [{} for _ in range(count)]
    for module_name, bundle in flat.items():
        stacked = names.flat_to_stacked(module_name)
        if stacked is None:
            continue
        name, number = stacked
        target = trees[number].setdefault(name, {})
        for key, value in bundle.items():
            if key in target:
                raise ValueError(
                    f"transparency_map.flat_to_stacked({module_name!r}) is ({name!r}, {number}), where another module "
                    f"has put {key!r} already: let it return a different pair for each module"
                )
            target[key] = value
    return tree_util.tree_map(lambda *leaves: jnp.stack(leaves), *trees)


class _LayerStack:
    """A loop over one function of the carry and of the inputs of each layer."""

    def __init__(self, layer: Any, count: int, unroll: int, takes_reverse: bool, names: Any, name: str) -> None:
        self.layer, self.count, self.unroll = layer, count, unroll
        self.takes_reverse, self.names, self.name = takes_reverse, names, name

    def __call__(self, x: Any, *args: Any, reverse: bool = False) -> Any:
        init, apply = transform_with_state(self.layer)

        def init_layer(carry: Any, inputs: Any) -> Any:
            carry, rng = carry
            rng, next_rng, apply_rng = (None, None, None) if rng is None else jax.random.split(rng, 3)
            params, state = init(rng, carry, *inputs)
            (carry, _), state = apply(params, state, apply_rng, carry, *inputs)
            return (carry, next_rng), (params, state)

        def init_layers(x: Any, rng: Any) -> Any:
            _, (params, state) = lax.scan(init_layer, (x, rng), args, length=self.count)
            if self.names is None:
                return params, state
            return _split(params, self.count, self.names), _split(state, self.count, self.names)

        rng = maybe_next_rng_key()
        if self.names is None:
            variables, updater = lift_with_state(init_layers, allow_reuse=True, name=self.name)
        else:
            variables, updater = transparent_lift_with_state(init_layers, allow_reuse=True)
        params, state = variables(x, rng)
        options = {"reverse": reverse} if self.takes_reverse else {}

        def step(carry: Any, scanned: _Scanned) -> Any:
            (carry, z), state = apply(scanned.params, scanned.state, scanned.rng, carry, *scanned.args, **options)
            return carry, (z, state)

        rng = maybe_next_rng_key()
        keys = None if rng is None else jax.random.split(rng, self.count)
        if self.names is not None:
            params, state = _stack(params, self.count, self.names), _stack(state, self.count, self.names)
        scanned = _Scanned(params, state, keys, args)
        carry, (zs, states) = lax.scan(step, x, scanned, length=self.count, unroll=self.unroll, reverse=reverse)
        updater.update(states)
        return carry, zs


def _refuse_varargs(f: Any) -> None:
    first = next(iter(inspect.signature(f).parameters.values()))
    if first.kind is inspect.Parameter.VAR_POSITIONAL:
        raise ValueError(
            f"The function `f` should not have any `varargs`, but takes *{first.name}: give each array that goes from "
            "layer to layer an argument with a name"
        )


def layer_stack(
    num_layers: int, with_per_layer_inputs: bool = False, unroll: int = 1, pass_reverse_to_layer_fn: bool = False,
    transparent: bool = False, transparency_map: Any = None, name: str | None = None,
) -> Any:  # fmt: skip
    """Return a decorator that runs `f` as `num_layers` layers; their parameters are stacked along a new first axis.

    >>> import unified as u, unified.compat.haiku as hk, torch
    >>> u.set_backend("torch")
    >>> net = hk.transform(lambda x: hk.layer_stack(3)(lambda x: hk.Linear(4)(x))(x))
    >>> params = net.init(0, torch.ones(1, 4))
    >>> [(name, tuple(bundle["w"].shape)) for name, bundle in params.items()]
    [('__layer_stack_no_per_layer/linear', (3, 4, 4))]
    >>> u.set_backend(None)

    Args:
        num_layers: the number of layers.
        with_per_layer_inputs: whether `f` takes, after `x`, a slice of each further argument, and returns `(x, z)`.
        unroll: as `jax.lax.scan` takes it.
        pass_reverse_to_layer_fn: whether `f` takes `reverse=`.
        transparent: whether parameters have the names of a loop in Python, by `transparency_map`.
        transparency_map: see `LayerStackTransparencyMapping`.
        name: the prefix of the names of the parameters.
    """
    if transparent and transparency_map is None:
        raise ValueError(
            "transparent=True names the parameters of each layer by transparency_map, which is None: pass an object "
            "with the methods of hk.LayerStackTransparencyMapping"
        )
    if not name:
        name = "__layer_stack_with_per_layer" if with_per_layer_inputs else "__layer_stack_no_per_layer"

    def stack(layer: Any) -> _LayerStack:
        return _LayerStack(layer, num_layers, unroll, pass_reverse_to_layer_fn, transparency_map, name)

    def iterate(f: Any) -> Any:
        if with_per_layer_inputs:

            @functools.wraps(f)
            def with_inputs(x: Any, *args: Any, **kwargs: Any) -> Any:
                for leaf in tree_util.tree_leaves(args):
                    if leaf.shape[0] != num_layers:
                        raise AssertionError(f"{leaf.shape[0]} != {num_layers}")
                return stack(f)(x, *args, **kwargs)

            return with_inputs

        _refuse_varargs(f)

        def layer(x: Any, **options: Any) -> Any:
            out = f(*x, **options)
            return ((out,) if len(x) == 1 else out), None

        @functools.wraps(f)
        def without_inputs(*args: Any, **kwargs: Any) -> Any:
            out = stack(layer)(args, **kwargs)[0]
            return out[0] if len(args) == 1 else out

        return without_inputs

    return iterate
