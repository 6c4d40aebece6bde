"""The namespace `jax` itself on torch: transforms, devices, and the older names of tree functions."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch

from unified.compat.jax import config
from unified.compat.jax.on_torch.array import Array, as_array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.callbacks import pure_callback
from unified.compat.jax.on_torch.core import ShapedArray, get_aval
from unified.compat.jax.on_torch.custom_derivatives import custom_jvp, custom_vjp
from unified.compat.jax.on_torch.devices import torch_device_of
from unified.compat.jax.on_torch.jit import clear_caches, jit
from unified.compat.jax.on_torch.one_device import (
    default_backend,
    device_count,
    devices,
    host_count,
    host_id,
    host_ids,
    local_device_count,
    local_devices,
    make_array_from_callback,
    make_mesh,
    process_count,
    process_index,
    process_indices,
    reshard,
    set_mesh,
    shard_map,
)
from unified.compat.jax.on_torch.placement import place_tree
from unified.compat.jax.on_torch.rematerialization import checkpoint, remat
from unified.compat.jax.on_torch.settings import matmul_precision
from unified.compat.jax.on_torch.transforms import (
    ShapeDtypeStruct,
    eval_shape,
    grad,
    hessian,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    linear_transpose,
    linearize,
    named_call,
    pmap,
    value_and_grad,
    vjp,
    vmap,
)
from unified.compat.jax.on_torch.tree_util import (
    tree_all,
    tree_flatten,
    tree_leaves,
    tree_map,
    tree_reduce,
    tree_structure,
    tree_transpose,
    tree_unflatten,
)
from unified.compat.jax.on_torch.typed_keys import KeyArray

__all__ = [
    "ShapeDtypeStruct",
    "block_until_ready",
    "checkpoint",
    "clear_caches",
    "closure_convert",
    "custom_gradient",
    "custom_jvp",
    "custom_vjp",
    "default_backend",
    "default_device",
    "default_matmul_precision",
    "device_count",
    "device_get",
    "device_put",
    "device_put_replicated",
    "devices",
    "disable_jit",
    "ensure_compile_time_eval",
    "eval_shape",
    "grad",
    "hessian",
    "host_count",
    "host_id",
    "host_ids",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jit",
    "jvp",
    "linear_transpose",
    "linearize",
    "local_device_count",
    "local_devices",
    "make_array_from_callback",
    "make_jaxpr",
    "make_mesh",
    "named_call",
    "named_scope",
    "pmap",
    "process_count",
    "process_index",
    "process_indices",
    "pure_callback",
    "remat",
    "reshard",
    "set_mesh",
    "shard_map",
    "tree_all",
    "tree_flatten",
    "tree_leaves",
    "tree_map",
    "tree_reduce",
    "tree_structure",
    "tree_transpose",
    "tree_unflatten",
    "typeof",
    "value_and_grad",
    "vjp",
    "vmap",
]

BEHAVIOUR = Behaviour(on_arrays=True)


def device_put(x: Any, device: Any = None, *, src: Any = None, donate: bool = False, may_alias: Any = None) -> Any:
    return place_tree(x, device)


def device_put_replicated(x: Any, devices: Any) -> Any:
    return tree_map(lambda leaf: Array(torch.stack([tensor(unwrap(leaf))] * len(devices))), x)


def device_get(x: Any) -> Any:
    import numpy as np

    def get(leaf: Any) -> Any:
        is_array = isinstance(leaf, Array | torch.Tensor) and not isinstance(leaf, KeyArray)
        return np.asarray(Array(tensor(leaf))) if is_array else leaf

    return tree_map(get, x)


def block_until_ready(x: Any) -> Any:
    return tree_map(lambda leaf: leaf.block_until_ready() if isinstance(leaf, Array) else leaf, x)


@contextlib.contextmanager
def _do_nothing(*args: Any, **kwargs: Any) -> Iterator[None]:
    yield


ensure_compile_time_eval = _do_nothing


def disable_jit(disable: bool = True) -> Any:
    """Run functions under `jax.jit`, and the bodies of loops, as they stand in the block, in this thread."""
    return config.block("jax_disable_jit")(disable)


@contextlib.contextmanager
def default_matmul_precision(precision: Any) -> Iterator[None]:
    """Set the precision of products of float32 in a block: of the process, in torch."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(matmul_precision(precision))
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


@contextlib.contextmanager
def default_device(device: Any) -> Iterator[None]:
    with contextlib.nullcontext() if device is None else torch_device_of(device) or torch.device("cpu"):
        yield


_NO_SCOPE = contextlib.nullcontext()


def named_scope(name: str) -> Any:
    """Name a block in torch's profile."""
    profiling = not torch.compiler.is_compiling() and torch.autograd._profiler_enabled()
    return torch.autograd.profiler.record_function(name) if profiling else _NO_SCOPE


def typeof(x: Any) -> ShapedArray:
    return get_aval(x)


def make_jaxpr(fun: Any, *args: Any, **kwargs: Any) -> Any:
    from unified.core.errors import BackendError

    raise BackendError(
        "jax.make_jaxpr is not supported on torch, which has no jaxpr: use torch.fx or torch.export to see a graph"
    ).with_page("haiku#pitfalls")


def closure_convert(fun: Any, *example_args: Any) -> tuple[Any, list[Any]]:
    """Return the function, and no values that it closes over: gradients go through closures on torch."""
    return fun, []


def custom_gradient(fun: Any) -> Any:
    """Return a function whose gradient `fun` defines: it returns its value and a function of the cotangent."""
    function = custom_vjp(lambda *args: fun(*args)[0])
    function.defvjp(lambda *args: (fun(*args)[0], args), lambda args, cotangent: _as_tuple(fun(*args)[1](cotangent)))
    return function


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
