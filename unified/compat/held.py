"""The variables that a module holds, where it may be one without a `forward`, which is never called."""

import torch
from torch import nn

__all__ = ["buffer_of", "value_of"]


def value_of(module: nn.Module, name: str) -> torch.Tensor:
    """Return a parameter or buffer, or what torch computes in its place.

    `torch.nn.utils.parametrize` makes it a property. `torch.nn.utils.prune` and the older `torch.nn.utils.weight_norm`
    and `spectral_norm` set an attribute, by a hook before each call of the module.
    """
    tensor = module._parameters.get(name)
    if tensor is None:
        tensor = module._buffers.get(name)  # type: ignore[assignment]
    if tensor is not None:
        return tensor
    if type(module).forward is nn.Module.forward:  # otherwise the call has run the hooks
        for hook in module._forward_pre_hooks.values():
            if name in (getattr(hook, "name", None), getattr(hook, "_tensor_name", None)):
                hook(module, ())
    return getattr(module, name)


def buffer_of(module: nn.Module, name: str) -> torch.Tensor:
    """Return a buffer, to write to; raise if torch computes it, since what is written would be lost."""
    buffer = module._buffers.get(name)
    if buffer is None:
        raise ValueError(
            f"a call changes {name!r}, and it is no buffer of its module any more: a parametrization or pruning "
            "computes it of others, where nothing can be stored. Apply these to parameters only"
        )
    return buffer
