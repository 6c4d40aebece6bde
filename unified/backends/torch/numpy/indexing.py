"""Arrays with other elements at some positions, on torch: a new tensor each."""

from typing import Any

import numpy as np
import torch

from unified.backends.torch.numpy.operands import as_number, tensor

__all__ = ["index_add", "index_get", "index_max", "index_min", "index_multiply", "index_set"]

Tensor = torch.Tensor


def _item(item: Any, device: Any) -> Any:
    """Return an item of an index as torch takes it: a list as a tensor."""
    if isinstance(item, (list, np.ndarray)):
        return torch.as_tensor(np.asarray(item), device=device)
    return as_number(item)


def _index(index: Any, device: Any) -> Any:
    if isinstance(index, tuple):
        return tuple([_item(item, device) for item in index])
    return _item(index, device)


def _is_negative_step(index: Any) -> bool:
    items = index if isinstance(index, tuple) else (index,)
    return any(isinstance(item, slice) and isinstance(item.step, int) and item.step < 0 for item in items)


def _has_arrays(index: Any) -> bool:
    items = index if isinstance(index, tuple) else (index,)
    return any(isinstance(item, (torch.Tensor, bool)) for item in items)


def _places(x: Tensor, index: Any) -> Tensor:
    """Return the places, in the flat array, of the elements at an index."""
    if _is_negative_step(index):  # which NumPy has, and torch has not
        numbers = np.arange(x.numel()).reshape(tuple(x.shape))
        return torch.as_tensor(np.ascontiguousarray(numbers[index]), device=x.device)
    return torch.arange(x.numel(), device=x.device).reshape(x.shape)[index]


def _values(x: Tensor, places: Tensor, values: Any) -> tuple[Tensor, Tensor]:
    """Return the places, and the values for them, as vectors."""
    values = tensor(values, x.device, x.dtype).to(x.dtype)
    return places.reshape(-1), torch.broadcast_to(values, places.shape).reshape(-1)


def index_get(x: Any, index: Any) -> Tensor:
    x = tensor(x)
    index = _index(index, x.device)
    return x.reshape(-1)[_places(x, index)] if _is_negative_step(index) else x[index]


def _changed(x: Any, index: Any, values: Any, method: str, reduction: str) -> Tensor:
    """Return `x` after a change at an index: by a method of its view, or by one of torch's reductions."""
    x = tensor(x)
    index = _index(index, x.device)
    if not (_has_arrays(index) or _is_negative_step(index) or _is_mapped()):
        changed = x.clone()
        values = tensor(values, x.device, x.dtype).to(x.dtype)
        part = changed[index]
        if method == "copy_":
            part.copy_(values)
        else:
            part.copy_(getattr(torch, method)(part.clone(), values))
        return changed
    places, flat = _values(x, _places(x, index), values)
    if reduction == "set":
        changed = torch.index_put(x.reshape(-1), (places,), flat)
    elif reduction == "sum":
        changed = torch.index_put(x.reshape(-1), (places,), flat, accumulate=True)
    else:
        changed = torch.scatter_reduce(x.reshape(-1), 0, places, flat, reduction)
    return changed.reshape(x.shape)


def _is_mapped() -> bool:
    """Return whether a transform of torch.func runs, which may map the values and not the array."""
    return torch._C._functorch.maybe_current_level() is not None


def index_add(x: Any, index: Any, values: Any) -> Tensor:
    return _changed(x, index, values, "add", "sum")


def index_max(x: Any, index: Any, values: Any) -> Tensor:
    return _changed(x, index, values, "maximum", "amax")


def index_min(x: Any, index: Any, values: Any) -> Tensor:
    return _changed(x, index, values, "minimum", "amin")


def index_multiply(x: Any, index: Any, values: Any) -> Tensor:
    return _changed(x, index, values, "multiply", "prod")


def index_set(x: Any, index: Any, values: Any) -> Tensor:
    return _changed(x, index, values, "copy_", "set")
