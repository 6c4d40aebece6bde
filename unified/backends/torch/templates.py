"""`Templates`: layers of `torch.nn` like one that init has built before, without another run of their constructor.

A constructor of `torch.nn` takes 20 microseconds, most of it in `nn.Module.__setattr__`; models repeat layers.
"""

from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.modules import module as registration

from unified.core.layer import Spec

__all__ = ["Templates"]

# Attributes of these types are shared by all layers with the same arguments.
SHARED = frozenset({int, float, bool, str, type(None), torch.dtype, torch.device})

HOOKS = tuple(
    hooks
    for name, hooks in vars(registration).items()
    if name.startswith("_global_") and name.endswith("_registration_hooks")
)


class Template(NamedTuple):
    """What to make a layer from.

    Attributes to share (`None` for the others), empty collections by their types, lists to copy, and tensors.
    """

    spec: Spec  # kept alive: its id is the key
    attributes: dict[str, Any]
    empty: list[tuple[str, type]]
    lists: list[tuple[str, list[Any]]]
    tensors: list[tuple[str, str, torch.Tensor | None, bool | None]]


class Templates:
    """The layers that one run of init has built, by their class and spec."""

    def __init__(self) -> None:
        self.templates: dict[Any, Template | None] = {}

    def make(self, native: type[nn.Module], spec: Spec) -> nn.Module | None:
        """Return a layer like an earlier one, with unfilled tensors; `None` if there is none to go by."""
        template = self.templates.get(self._key(native, spec))
        if template is None or any(HOOKS):
            return None
        module: nn.Module = object.__new__(native)
        state = module.__dict__
        state.update(template.attributes)
        for name, kind in template.empty:
            state[name] = kind()
        for name, values in template.lists:
            state[name] = list(values)
        for group, name, like, requires_grad in template.tensors:
            tensor = None if like is None else torch.empty_like(like)
            if tensor is not None and requires_grad is not None:
                tensor = torch.Tensor._make_subclass(nn.Parameter, tensor, requires_grad)  # as nn.Parameter does
            state[group][name] = tensor
        return module

    def add(self, native: type[nn.Module], spec: Spec, module: nn.Module) -> None:
        """Keep how to make layers like a new one, if all that it has is understood."""
        key = self._key(native, spec)
        if key not in self.templates:
            self.templates[key] = _template(spec, module)

    @staticmethod
    def _key(native: type[nn.Module], spec: Spec) -> Any:
        """Return what a constructor's result depends on; equal calls have one spec (`Layer.spec`)."""
        device = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
        modes = torch._C._len_torch_dispatch_stack()
        return native, id(spec), torch.get_default_dtype(), device, modes, torch.is_inference_mode_enabled()


def _template(spec: Spec, module: nn.Module) -> Template | None:
    attributes: dict[str, Any] = dict.fromkeys(module.__dict__)  # in the constructor's order
    empty: list[tuple[str, type]] = []
    lists: list[tuple[str, list[Any]]] = []
    tensors: list[tuple[str, str, torch.Tensor | None, bool | None]] = []
    filled = {variable.name for variable in spec.variables}
    for name, value in module.__dict__.items():
        kind: Any = type(value)
        if name in ("_parameters", "_buffers"):
            empty.append((name, kind))
            for leaf, tensor in value.items():
                is_parameter = type(tensor) is nn.Parameter
                if tensor is None:
                    tensors.append((name, leaf, None, None))
                elif leaf in filled and (is_parameter or type(tensor) is torch.Tensor) and tensor.is_contiguous():
                    tensors.append((name, leaf, tensor.detach(), tensor.requires_grad if is_parameter else None))
                else:
                    return None
        elif kind in SHARED or (kind is tuple and all(type(item) in SHARED for item in value)):
            attributes[name] = value
        elif kind is list and all(type(item) in SHARED for item in value):
            lists.append((name, value))
        elif isinstance(value, (dict, set)) and not value:
            empty.append((name, kind))
        else:
            return None
    return Template(spec, attributes, empty, lists, tensors)
