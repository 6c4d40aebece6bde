"""`jax.pure_callback` and `io_callback` on torch: functions of NumPy arrays, called from functions of arrays.

Where values are known the function is called at once, and in a traced function whenever that runs. In `jax.vmap`, where
a lane's are not, an operator of torch's calls it for all lanes; what it returns has no gradient, as on JAX.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from unified.compat.jax.on_torch import tree_util
from unified.compat.jax.on_torch.array import Array, as_array, of_numpy
from unified.compat.jax.on_torch.behaviour import Behaviour
from unified.compat.jax.on_torch.dtypes import torch_dtype
from unified.compat.jax.on_torch.tracing import Abstract, current

__all__ = ["io_callback", "pure_callback"]

BEHAVIOUR = Behaviour(on_arrays=True)


class _Called(torch.autograd.Function):
    """The results of a function of NumPy arrays; `info` says how lanes are mapped."""

    @staticmethod
    def forward(run: Callable[..., Any], shapes: Any, method: Any, *tensors: torch.Tensor) -> Any:
        results = run(*[np.asarray(Array(t)) for t in tensors])
        outputs = []
        for shape, result in zip(shapes, results, strict=True):
            value = of_numpy(np.asarray(result))
            dtype = torch_dtype(shape.dtype)
            if tuple(value.shape) != tuple(shape.shape):
                raise RuntimeError(
                    f"a callback returned an array of shape {tuple(value.shape)}, and said {tuple(shape.shape)}"
                )
            outputs.append(value.to(dtype).contiguous().clone())
        return tuple(outputs)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.mark_non_differentiable(*output)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        raise ValueError("a callback has no gradient: give it one by jax.custom_vjp")

    @staticmethod
    def vmap(info: Any, in_dims: Any, run: Any, shapes: Any, method: Any, *tensors: torch.Tensor) -> Any:
        axes, size = in_dims[3:], info.batch_size
        if method is None:
            raise NotImplementedError(
                "a callback is mapped by jax.vmap, and does not say how: pass vmap_method='sequential', 'expand_dims' "
                "or 'broadcast_all'"
            )
        first = [t if axis is None else t.movedim(axis, 0) for t, axis in zip(tensors, axes, strict=True)]
        if method.startswith("sequential"):
            pairs = list(zip(first, axes, strict=True))
            rows = [
                _Called.apply(run, shapes, method, *[t if axis is None else t[i] for t, axis in pairs])
                for i in range(size)
            ]
            return tuple(torch.stack(column) for column in zip(*rows, strict=True)), (0,) * len(shapes)
        if method not in ("expand_dims", "broadcast_all"):
            raise ValueError(f"a callback has no vmap_method {method!r}")
        width = 1 if method == "expand_dims" else size
        whole = [t.expand(width, *t.shape) if a is None else t for t, a in zip(first, axes, strict=True)]
        wide = [_Shape((size, *shape.shape), shape.dtype) for shape in shapes]
        return _Called.apply(run, wide, method, *whole), (0,) * len(shapes)


class _Shape:
    def __init__(self, shape: Any, dtype: Any) -> None:
        self.shape, self.dtype = shape, dtype


def _call(
    callback: Callable[..., Any], result_shape_dtypes: Any, method: Any, args: Any, kwargs: Any, has_effect: bool
) -> Any:
    leaves, structure = tree_util.tree_flatten((args, kwargs))
    shapes, outputs = tree_util.tree_flatten(result_shape_dtypes)

    def run(*arrays: Any) -> Any:
        arguments, named = structure.unflatten(arrays)
        return outputs.flatten_up_to(callback(*arguments, **named))

    def call(*tensors: torch.Tensor) -> list[torch.Tensor]:
        return list(_Called.apply(run, shapes, method, *[value.detach() for value in tensors]))

    tensors, trace = [as_array(leaf).tensor for leaf in leaves], current()
    if trace is None:
        results = call(*tensors)
    else:  # the function is called when the trace is replayed
        device = tensors[0].device if tensors else torch.get_default_device()
        expected = [Abstract(tuple(shape.shape), torch_dtype(shape.dtype), device) for shape in shapes]
        results = trace.apply(call, tensors, expected, has_effect)
    return outputs.unflatten([Array(result) for result in results])


def pure_callback(
    callback: Callable[..., Any], result_shape_dtypes: Any, *args: Any, sharding: Any = None, vmap_method: Any = None,
    vectorized: Any = None, **kwargs: Any,
) -> Any:  # fmt: skip
    return _call(callback, result_shape_dtypes, vmap_method, args, kwargs, False)


def io_callback(
    callback: Callable[..., Any], result_shape_dtypes: Any, *args: Any, sharding: Any = None, ordered: bool = False,
    **kwargs: Any,
) -> Any:  # fmt: skip
    return _call(callback, result_shape_dtypes, "sequential", args, kwargs, True)
