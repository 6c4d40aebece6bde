"""The namespace `jax` itself on torch: transforms, devices, and the older names of tree functions."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch

from unified.compat.jax import config
from unified.compat.jax.on_torch.array import Array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.custom_derivatives import custom_jvp, custom_vjp
from unified.compat.jax.on_torch.jit import clear_caches, jit
from unified.compat.jax.on_torch.transforms import (
    ShapeDtypeStruct,
    checkpoint,
    eval_shape,
    grad,
    hessian,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    linearize,
    named_call,
    pmap,
    remat,
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

__all__ = [
    "ShapeDtypeStruct",
    "block_until_ready",
    "checkpoint",
    "clear_caches",
    "custom_gradient",
    "custom_jvp",
    "custom_vjp",
    "debug_nans",
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
    "jacfwd",
    "jacobian",
    "jacrev",
    "jit",
    "jvp",
    "linearize",
    "local_device_count",
    "local_devices",
    "make_jaxpr",
    "named_call",
    "named_scope",
    "pmap",
    "process_count",
    "process_index",
    "remat",
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


def default_backend() -> str:
    device = torch.get_default_device().type
    return "gpu" if device == "cuda" else device


def devices(backend: Any = None) -> list[torch.device]:
    return [torch.get_default_device()]


def local_devices(process_index: Any = None, backend: Any = None, host_id: Any = None) -> list[torch.device]:
    return devices()


def device_count(backend: Any = None) -> int:
    return 1


local_device_count = device_count


def process_index(backend: Any = None) -> int:
    return torch.distributed.get_rank() if torch.distributed.is_initialized() else 0


def process_count(backend: Any = None) -> int:
    return torch.distributed.get_world_size() if torch.distributed.is_initialized() else 1


host_id, host_count = process_index, process_count


def device_put(x: Any, device: Any = None, *, src: Any = None, donate: bool = False, may_alias: Any = None) -> Any:
    def put(leaf: Any) -> Any:
        value = tensor(unwrap(leaf))
        return Array(value.to(device) if isinstance(device, torch.device | str) else value)

    return tree_map(put, x)


def device_put_replicated(x: Any, devices: Any) -> Any:
    return tree_map(lambda leaf: Array(torch.stack([tensor(unwrap(leaf))] * len(devices))), x)


def device_get(x: Any) -> Any:
    import numpy as np

    return tree_map(lambda leaf: np.asarray(Array(tensor(leaf))) if isinstance(leaf, Array | torch.Tensor) else leaf, x)


def block_until_ready(x: Any) -> Any:
    return tree_map(lambda leaf: leaf.block_until_ready() if isinstance(leaf, Array) else leaf, x)


@contextlib.contextmanager
def _do_nothing(*args: Any, **kwargs: Any) -> Iterator[None]:
    yield


ensure_compile_time_eval = default_matmul_precision = _do_nothing


@contextlib.contextmanager
def disable_jit(disable: bool = True) -> Iterator[None]:
    """Run functions under `jax.jit`, and the bodies of loops, as they stand in the block, in this thread."""
    before = config.disabled.depth
    config.disabled.depth = 1 if disable else -1
    try:
        yield
    finally:
        config.disabled.depth = before


debug_nans = torch.autograd.set_detect_anomaly


@contextlib.contextmanager
def default_device(device: Any) -> Iterator[None]:
    with contextlib.nullcontext() if device is None else torch.device(device):
        yield


_NO_SCOPE = contextlib.nullcontext()


def named_scope(name: str) -> Any:
    """Name a block in torch's profile."""
    profiling = not torch.compiler.is_compiling() and torch.autograd._profiler_enabled()
    return torch.autograd.profiler.record_function(name) if profiling else _NO_SCOPE


def typeof(x: Any) -> ShapeDtypeStruct:
    value = tensor(unwrap(x))
    return ShapeDtypeStruct(tuple(value.shape), value.dtype)


def make_jaxpr(fun: Any, *args: Any, **kwargs: Any) -> Any:
    from unified.core.errors import BackendError

    raise BackendError(
        "jax.make_jaxpr is not supported on torch, which has no jaxpr: use torch.fx or torch.export to see a graph"
    )


def custom_gradient(fun: Any) -> Any:
    """Return a function whose gradient `fun` defines: it returns its value and a function of the cotangent."""
    function = custom_vjp(lambda *args: fun(*args)[0])
    function.defvjp(lambda *args: (fun(*args)[0], args), lambda args, cotangent: _as_tuple(fun(*args)[1](cotangent)))
    return function


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
