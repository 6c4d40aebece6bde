"""Functions that take functions: `vectorize` and `piecewise`."""

import functools
from collections.abc import Callable
from typing import Any

import torch

from unified.compat.jax.on_torch import tree_util as tree
from unified.compat.jax.on_torch.array import Array, as_array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import Behaviour

__all__ = ["piecewise", "vectorize"]

BEHAVIOUR = Behaviour(on_arrays=True)


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kwargs: Any) -> Array:
    x = tensor(unwrap(x))
    conditions = [tensor(unwrap(condition)).to(torch.bool) for condition in condlist]
    results = [unwrap(f(Array(x), *args, **kwargs) if callable(f) else f) for f in funclist]
    result = torch.zeros_like(x)
    if len(results) == len(conditions) + 1:
        result = tensor(results.pop()).to(x.dtype).expand(x.shape)
    for condition, value in zip(conditions[::-1], results[::-1], strict=True):
        result = torch.where(condition, tensor(value).to(x.dtype), result)
    return Array(result)


def vectorize(pyfunc: Callable[..., Any], *, excluded: Any = frozenset(), signature: str | None = None) -> Any:
    """`pyfunc` of the last axes that `signature` names, over all others by `jax.vmap`."""
    from unified.compat.jax.on_torch.transforms import vmap

    cores = None
    if signature is not None:
        inputs = signature.replace(" ", "").split("->")[0]
        cores = [len([name for name in core.split(",") if name]) for core in inputs[1:-1].split("),(")]

    @functools.wraps(pyfunc)
    def vectorized(*args: Any, **kwargs: Any) -> Any:
        mapped = [place for place in range(len(args)) if place not in excluded]
        kinds = [type(as_array(args[place])) for place in mapped]
        arrays = [tensor(unwrap(args[place])) for place in mapped]
        ndims = cores if cores is not None else [0] * len(arrays)
        if any(x.dim() < n for x, n in zip(arrays, ndims, strict=True)):
            raise ValueError(f"arrays of {[x.dim() for x in arrays]} axes are too few for the signature {signature}")
        outer = [tuple(x.shape[: x.dim() - n]) for x, n in zip(arrays, ndims, strict=True)]
        shape = torch.broadcast_shapes(*outer)
        wide = [x.expand((*shape, *x.shape[x.dim() - n :])) for x, n in zip(arrays, ndims, strict=True)]

        def run(*slices: Any) -> Any:
            arguments = list(args)
            for place, value in zip(mapped, slices, strict=True):
                arguments[place] = value
            return pyfunc(*arguments, **kwargs)

        for _ in shape:
            run = vmap(run)
        return tree.tree_map(as_array, run(*(kind(x) for kind, x in zip(kinds, wide, strict=True))))

    return vectorized
