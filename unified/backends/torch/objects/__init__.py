"""Objects of `unified.nn` on torch: real modules of `torch.nn`."""

import functools
from typing import Any

import torch
from torch import nn

from unified.backends.torch.objects import completion, module
from unified.backends.torch.objects.pending import Pending, declare
from unified.core import threefry
from unified.core.pending import PendingVariable

__all__ = ["OBJECTS"]


class TorchObjects:
    """See `unified.nn.protocol.Objects`."""

    name = "torch"

    def construct(self, cls: Any, construction: Any, args: Any, kwargs: Any) -> Any:
        return module.construct(cls, construction, args, kwargs)

    def declare(self, pending: PendingVariable) -> Any:
        return declare(pending)

    def complete(self, made: Any, construction: Any) -> None:
        key = construction.key if construction.key is not None else completion.draw_key()
        completion.complete(made, key)

    def draw_key(self) -> threefry.Key:
        return completion.draw_key()

    def is_module(self, value: object) -> bool:
        return isinstance(value, nn.Module)

    def is_variable(self, value: object) -> bool:
        return isinstance(value, (nn.Parameter, Pending))

    def fill(self, tensor: Any, name: str, *args: Any) -> None:
        getattr(nn.init, name)(tensor, *args)


OBJECTS = TorchObjects()
