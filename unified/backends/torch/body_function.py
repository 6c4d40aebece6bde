"""The place of a function or a module of the body in a `torch.nn.Sequential`."""

from typing import Any

from torch import nn

from unified.core.layers.container import body_function_called

__all__ = ["BodyFunction"]


class BodyFunction(nn.Module):
    """What stands where the body has a function or a module, which the model itself does not have."""

    def forward(self, input: Any) -> Any:
        raise body_function_called(self.__dict__.get("_path", "Sequential"))
