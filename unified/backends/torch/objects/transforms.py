"""Transforms of functions that take objects, on torch: autograd, `torch.func` and loops over the live modules."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree
from torch.utils.checkpoint import checkpoint

from unified.backends.torch.gradients import check_scalar, gradients_of
from unified.backends.torch.objects.calls import variables
from unified.backends.torch.trees import TREES
from unified.core.errors import TransformBoundaryError
from unified.core.filters import as_predicate
from unified.core.params import Params

__all__ = ["TRANSFORMS"]


def jit(fn: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Return `fn`: on torch the network is compiled by torch.compile."""
    return fn


def value_and_grad(fn: Callable[..., Any], wrt: Any, has_aux: bool) -> Callable[..., Any]:
    """See `unified.nn.transforms.value_and_grad`."""

    def run(*args: Any, **kwargs: Any) -> Any:
        if not args or not isinstance(args[0], nn.Module):
            raise TypeError("the first argument of a function that is differentiated is the object")
        accept = (lambda info: info.trainable) if wrt is None else as_predicate(wrt)
        chosen = [(info, tensor) for info, tensor in variables(args[0]) if accept(info)]
        if not chosen:
            raise ValueError(f"no variable of the {type(args[0]).__name__} is one to differentiate by (wrt={wrt!r})")
        tensors = [tensor for _, tensor in chosen]
        frozen = [tensor for tensor in tensors if not tensor.requires_grad]
        for tensor in frozen:
            tensor.requires_grad_(True)
        try:
            with torch.inference_mode(False), torch.enable_grad():
                output = fn(*args, **kwargs)
                loss = output[0] if has_aux else output
                check_scalar(loss)
                grads = gradients_of(loss, tensors)
        finally:
            for tensor in frozen:
                tensor.requires_grad_(False)
        output = pytree.tree_map_only(torch.Tensor, lambda t: t.detach(), output)
        return output, Params._of([(info, grad) for (info, _), grad in zip(chosen, grads, strict=True)])

    return run


def vmap(fn: Callable[..., Any], in_axes: Any, out_axes: Any, axis_name: Any, split_rngs: bool) -> Callable[..., Any]:
    """See `unified.nn.transforms.vmap`."""

    def run(*args: Any, **kwargs: Any) -> Any:
        axes = list(in_axes) if isinstance(in_axes, (tuple, list)) else [in_axes] * len(args)
        if len(axes) != len(args):
            raise ValueError(f"in_axes has {len(axes)} entries, and the function is called with {len(args)}")
        mapped = [position for position, value in enumerate(args) if not isinstance(value, nn.Module)]

        def lane(*arrays: Any, **named: Any) -> Any:
            given = list(args)
            for position, value in zip(mapped, arrays, strict=True):
                given[position] = value
            return fn(*given, **named)

        randomness = "different" if split_rngs else "same"
        function = torch.func.vmap(lane, tuple(axes[p] for p in mapped), out_axes, randomness=randomness)
        try:
            return function(*(args[position] for position in mapped), **kwargs)
        except RuntimeError as error:
            if "vmap" not in str(error) or "in-place" not in str(error):
                raise
            raise TransformBoundaryError(
                "vmap: the function writes into a variable of an object values that differ from element to element, "
                "and "
                "all elements share it: make the values equal, as a norm's axis_name= does, or map net.apply over "
                "stacked params"
            ).with_page("objects") from error

    return run


def scan(fn: Callable[..., Any], length: int | None, reverse: bool) -> Callable[..., Any]:
    """See `unified.nn.transforms.scan`."""

    def run(owner: Any, init: Any, xs: Any = None) -> Any:
        sizes = {leaf.shape[0] for leaf in pytree.tree_leaves(xs) if isinstance(leaf, torch.Tensor)}
        sizes |= set() if length is None else {length}
        if len(sizes) != 1:
            raise ValueError(f"scan takes one number of steps, got {sorted(sizes) or 'none'}")
        steps = range(sizes.pop())
        carry, ys = init, []
        for index in reversed(steps) if reverse else steps:
            x = _slice(xs, index)
            output = fn(owner, carry, x)
            if not isinstance(output, tuple) or len(output) != 2:
                raise TypeError(f"a step of scan returns (carry, y), got {type(output).__name__}")
            carry, y = output
            ys.append(y)
        return carry, TREES.stack(ys[::-1] if reverse else ys)

    return run


def _slice(xs: Any, index: int) -> Any:
    """Return one step of a tree of tensors."""
    return pytree.tree_map_only(torch.Tensor, lambda leaf: leaf[index], xs)


def remat(fn: Callable[..., Any], policy: Any) -> Callable[..., Any]:
    """See `unified.nn.transforms.remat`."""

    def run(*args: Any, **kwargs: Any) -> Any:
        modules = [value for value in pytree.tree_leaves((args, kwargs)) if isinstance(value, nn.Module)]
        runs = 0
        first: list[dict[str, Any]] = []  # what the first run read

        def once(*args: Any, **kwargs: Any) -> Any:
            nonlocal runs
            runs += 1
            if runs == 1:
                first.extend(_copied(buffers) for buffers in _buffers(modules))
                return fn(*args, **kwargs)
            with _holding(_buffers(modules), first):
                return fn(*args, **kwargs)

        return checkpoint(once, *args, use_reentrant=False, **kwargs)

    return run


def _buffers(modules: list[nn.Module]) -> list[dict[str, Any]]:
    """Return the dicts of the buffers of all modules."""
    return [inner._buffers for module in modules for inner in module.modules()]


def _copied(buffers: dict[str, Any]) -> dict[str, Any]:
    return {name: None if tensor is None else tensor.clone() for name, tensor in buffers.items()}


@contextmanager
def _holding(groups: list[dict[str, Any]], contents: list[dict[str, Any]]) -> Iterator[None]:
    """Hold copies of other buffers in modules, and drop what is written to them."""
    before = [dict(group) for group in groups]
    try:
        for group, content in zip(groups, contents, strict=True):
            group.update(_copied(content))
        yield
    finally:
        for group, content in zip(groups, before, strict=True):
            group.clear()
            group.update(content)


class TorchTransforms:
    """The transforms, by name."""

    jit = staticmethod(jit)
    value_and_grad = staticmethod(value_and_grad)
    vmap = staticmethod(vmap)
    scan = staticmethod(scan)
    remat = staticmethod(remat)


TRANSFORMS = TorchTransforms()
