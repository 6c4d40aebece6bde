"""First values of a model that has its modules already: on the device, and of the shards, that each process holds.

A second run of the body without memory, on the meta device, says how each variable starts. What a process holds of a
`DTensor` is drawn by itself: no process has a whole tensor, and none sends any.
"""

import copy
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from unified.backends.torch.init import NUMPY_FLOATS, InitFrame, Origin
from unified.backends.torch.shards import is_sharded, local_part
from unified.backends.torch.slots import variables_below
from unified.core import threefry
from unified.core.filters import not_
from unified.core.pages import without_links
from unified.core.params import Params
from unified.core.parts import fill_part
from unified.core.reseed import reseed
from unified.core.stacks import StackedScope, slice_path, stacks_over
from unified.core.streams import DEFAULT

__all__ = ["reset_model"]

Start = tuple[int, ...]


def reset_model(model: Any, variables: Params, rng: Any) -> None:
    """Give these variables of a `TorchModel` the values of init; see there."""
    if rng is None and any(map(is_sharded, variables.values())):
        raise TypeError("reset needs rng= for sharded variables: each process would draw another seed")
    seeds = model._seeds(rng)
    args, kwargs = model._example
    twin = model._uninitialized()
    twin.__dict__["_policies"] = None  # dtypes are those of the tensors that are filled
    try:
        with torch.device("meta"):
            frame = twin._build(seeds, args, kwargs, immediate=False, copies_layers=True)
    except RuntimeError as error:
        raise ValueError(
            f"the body of {model._label!r} does not run without memory, on the meta device, as one that reads values: "
            f"call init instead of reset ({without_links(error)})"
        ) from error
    weights, state = variables.split(not_("rng/*"))
    _reset_variables(dict(weights), model._settled(), frame, seeds.params)
    streams = {DEFAULT: seeds.default, **seeds.named} if seeds.named else list(seeds.default)
    for path, tensor in reseed(state, streams).items() if state else ():
        state[path].copy_(tensor)


def _reset_variables(variables: dict[str, torch.Tensor], root: nn.Module, frame: InitFrame, key: threefry.Key) -> None:
    """Give these variables of `root` the values of init; `frame` is that of a run of init on the meta device.

    Raises `ValueError` for a variable whose first values nobody can tell; then all are as they were.
    """
    origins = _origins(frame)
    slots = {path: slot for path, _, slot in variables_below(root)}
    known: dict[str, Origin] = {}
    natives: dict[int, Any] = {}
    for path, tensor in variables.items():
        if tensor.is_meta:
            raise ValueError(
                f"{path!r} is on the meta device, and has no values to reset: call net.to_empty(device=...)"
            )
        origin = origins.get(path)
        if origin is None:
            module: Any = slots[path].module
            if not hasattr(module, "reset_parameters"):
                raise ValueError(_unknown(path, f"{type(module).__name__} has no reset_parameters()"))
            natives[id(module)] = module
        elif origin.draw is None and origin.init_fn is None:
            raise ValueError(_unknown(path, "the init_fn of a module made them"))
        else:
            known[path] = origin
    with torch.no_grad():
        filling = Filling(threefry.fold_in(key, threefry.STREAM_PARAMS), frame.stacks)
        for path, origin in known.items():
            filling.fill(path, variables[path], origin)
        for module in natives.values():
            module.reset_parameters()


def _unknown(path: str, why: str) -> str:
    return (
        f"the first values of {path!r} are not known here: {why}. Reset the others, by filters of their paths "
        "(net.reset(..., rng=0)), and give this one its values yourself"
    )


def _origins(frame: InitFrame) -> dict[str, Origin]:
    """Return the origin of each variable, by its path; of tied ones at the first."""
    by_id = {id(origin.tensor if origin.stack is None else origin.stack): origin for origin in frame.origins.values()}
    found, seen = {}, set()
    for path, _, slot in variables_below(frame.root):
        if id(slot.tensor) not in seen and id(slot.tensor) in by_id:
            found[path] = by_id[id(slot.tensor)]
        seen.add(id(slot.tensor))
    return found


class Filling:
    """What is kept while variables are filled.

    Attributes:
        streams: the key from which first values are drawn.
        stacks: the stacks of the model.
        layers: the tensors of layers that users' functions have changed, by the id of the copy before that.
    """

    def __init__(self, streams: threefry.Key, stacks: dict[str, StackedScope]) -> None:
        self.streams = streams
        self.stacks = stacks
        self.layers: dict[int, dict[str, torch.Tensor]] = {}

    def fill(self, path: str, tensor: torch.Tensor, origin: Origin) -> None:
        """Fill what this process holds of a variable."""
        local, start = local_part(path, tensor)
        if not local.numel():
            return
        is_direct = local.is_cpu and local.dtype in NUMPY_FLOATS and local.is_contiguous()
        whole = self._called(path, origin) if origin.draw is None else None
        wide = _wide(origin.tensor) if whole is None else whole.dtype
        array = local.numpy() if is_direct else np.empty(tuple(local.shape), wide)
        over = list(origin.over)
        for part, begin, numbers in _slices(array, start, over):
            if whole is not None:
                box = tuple(slice(first, first + size) for first, size in zip(begin, part.shape, strict=True))
                part[...] = whole[box]
                continue
            target = part if part.flags.c_contiguous else np.empty(part.shape, part.dtype)
            size = tuple(origin.tensor.shape)
            where = slice_path(origin.path, over, numbers)
            draw: Any = origin.draw
            fill_part(self.streams, target, where, draw, size, begin, torch.get_num_threads())
            if target is not part:
                part[...] = target
        if not is_direct:
            local.copy_(torch.from_numpy(array))

    def _called(self, path: str, origin: Origin) -> np.ndarray:
        """Return the whole value that a user's function makes, of one variable or of those of a layer."""
        shape, dtype = tuple(origin.tensor.shape), origin.tensor.dtype
        with torch.device("cpu"):
            if origin.layer is not None:
                before, _, name = origin.layer
                if id(before) not in self.layers:
                    self.layers[id(before)] = self._changed_layer(origin)
                value = self.layers[id(before)][name]
            else:
                value = torch.as_tensor(origin.init_fn(shape, dtype=dtype), dtype=dtype)
        if tuple(value.shape) != shape:
            raise ValueError(f"{path!r}: init_fn returned shape {tuple(value.shape)}, expected {shape}")
        value = value.detach()
        return (value.float() if value.dtype is torch.bfloat16 else value).numpy()

    def _changed_layer(self, origin: Origin) -> dict[str, torch.Tensor]:
        """Return the tensors of a layer after a user's function has changed it, by their names."""
        before, spec, _ = origin.layer
        layer = copy.deepcopy(before).to_empty(device="cpu")
        tensors = {name: slot.tensor for name, _, slot in variables_below(layer)}
        for variable, draw in zip(spec.variables, spec.draws, strict=True) if spec is not None else ():
            tensor, path = tensors[variable.name].detach(), f"{origin.path}/{variable.name}"
            if draw is None:
                tensor.copy_(torch.as_tensor(variable.initializer(tuple(tensor.shape), dtype=tensor.dtype)))
                continue
            array = np.empty(tuple(tensor.shape), _wide(tensor))
            over = stacks_over(self.stacks, path, variable.collection)
            where = slice_path(path, over, [0] * len(over))
            fill_part(self.streams, array, where, draw, array.shape, (0,) * array.ndim)
            tensor.copy_(torch.from_numpy(array))
        origin.init_fn(layer)
        return {name: slot.tensor.detach() for name, _, slot in variables_below(layer)}


def _wide(tensor: torch.Tensor) -> Any:
    """Return the dtype in which the values of a tensor are drawn, before they are rounded to its own."""
    if not (tensor.is_floating_point() or tensor.is_complex()):
        return np.int64
    return np.float64 if tensor.dtype is torch.float64 else np.float32


def _slices(
    array: np.ndarray, start: Start, over: list[tuple[StackedScope, int]]
) -> Iterator[tuple[np.ndarray, Start, tuple[int, ...]]]:
    """Yield a view of each slice in a part of a stack, where it begins, and its numbers in the stacks."""
    begin = list(start)
    for position, (_, axis) in enumerate(over):
        source = position + axis if axis >= 0 else array.ndim + axis
        array = np.moveaxis(array, source, position)
        begin.insert(position, begin.pop(source))
    outer, inner = begin[: len(over)], tuple(begin[len(over) :])
    for numbers in itertools.product(*map(range, array.shape[: len(over)])):
        index: tuple[Any, ...] = (*numbers, ...)
        yield array[index], inner, tuple(first + number for first, number in zip(outer, numbers, strict=True))
