"""First values of variables on torch, without a body around them."""

from collections.abc import Sequence
from typing import Any

import torch

from unified.backends.torch import prng
from unified.backends.torch.init import NUMPY_FLOATS
from unified.core import initializers, threefry
from unified.core.dtypes import dtype_name
from unified.core.filling import fill
from unified.core.initializer_functions import Called
from unified.core.initializers import Fixed, Shaped
from unified.core.keys import as_key
from unified.core.layer_call import FirstValue

__all__ = ["first_values"]


def first_values(key: Any, variables: Sequence[FirstValue]) -> list[torch.Tensor]:
    """Return the first values; see `unified.core.protocol.Backend.first_values`."""
    if torch.compiler.is_compiling():
        words = key if isinstance(key, torch.Tensor) else torch.tensor(key)
        return [_drawn(words, first) for first in variables]
    if isinstance(key, torch.Tensor):
        try:
            key = as_key(key)
        except TypeError:  # torch maps over keys, or knows their shapes alone
            return [_drawn(key, first) for first in variables]
    return _filled(key, variables)


def _dtype(first: FirstValue) -> torch.dtype:
    return torch.get_default_dtype() if first.dtype is None else prng.to_torch_dtype(first.dtype)


def _wide(dtype: torch.dtype) -> torch.dtype:
    """Return the dtype in which values of `dtype` are drawn, before they are rounded to it."""
    return torch.float64 if dtype is torch.float64 else torch.float32


def _called(first: FirstValue) -> torch.Tensor:
    """Return what a function of the user returns."""
    dtype = _dtype(first)
    value = torch.as_tensor(first.initializer(first.shape, dtype=dtype), dtype=dtype, device=first.device)
    if tuple(value.shape) != first.shape:
        raise ValueError(f"{first.path!r}: init_fn returned shape {tuple(value.shape)}, expected {first.shape}")
    return value.detach().clone()


def _drawn(key: torch.Tensor, first: FirstValue) -> torch.Tensor:
    """Return the value from the two words of a key, by operations on tensors."""
    if not first.is_drawn_by_initializer:
        return _called(first)
    draw, dtype = first.initializer.draw(first.shape), _dtype(first)
    if isinstance(draw, Fixed):
        fixed = torch.as_tensor(draw.value, dtype=dtype, device=first.device)
        return fixed.broadcast_to(first.shape).clone()
    if isinstance(draw, Called):
        raise draw.refuse_traced_key()
    words = key.to(torch.int64)
    stream = prng.encrypt((words[0], words[1]), (0, threefry.STREAM_PARAMS))
    of_path = prng.encrypt(stream, prng.path_words(first.path))
    device = key.device if first.device is None else torch.device(first.device)
    name = dtype_name(_wide(dtype))
    if isinstance(draw, Shaped):
        values: torch.Tensor = draw.shaped(
            prng.sample(of_path, draw.source, first.shape, name, device), first.shape, torch
        )
        return values.to(dtype)
    return prng.sample(of_path, draw, first.shape, name, device).to(dtype)


def _filled(key: threefry.Key, variables: Sequence[FirstValue]) -> list[torch.Tensor]:
    """Return the values, which NumPy draws together."""
    values, targets, copies = [], [], []
    for first in variables:
        if not first.is_drawn_by_initializer:
            values.append(_called(first))
            continue
        dtype = _dtype(first)
        draw = initializers.resolve(first.initializer, first.shape)
        tensor = torch.empty(first.shape, dtype=dtype, device=first.device)
        values.append(tensor)
        if tensor.is_meta or type(tensor) is not torch.Tensor:  # a FakeTensor has no values
            continue
        if isinstance(draw, Fixed):
            tensor.copy_(torch.as_tensor(draw.value))
        elif tensor.is_cpu and dtype in NUMPY_FLOATS:
            targets.append((tensor.numpy(), first.path, draw))
        else:
            host = torch.empty(first.shape, dtype=_wide(dtype), device="cpu")
            copies.append((tensor, host))
            targets.append((host.numpy(), first.path, draw))
    fill(threefry.fold_in(key, threefry.STREAM_PARAMS), targets, torch.get_num_threads())
    for tensor, host in copies:
        tensor.copy_(host)
    return values
