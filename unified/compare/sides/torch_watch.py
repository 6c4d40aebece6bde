"""What a PyTorch module computes on the way: the outputs of its modules, and of functions between them."""

from __future__ import annotations

import types
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from unified.compare.side import Intermediate
from unified.compare.sides.settings import plain_settings
from unified.compare.sides.torch_arrays import arrays, to_numpy

__all__ = ["Watch"]

# Their results are the same numbers in another shape, which says nothing of a difference.
VIEWS = {
    "view", "reshape", "flatten", "unflatten", "transpose", "permute", "contiguous", "expand", "expand_as", "squeeze",
    "unsqueeze", "chunk", "split", "unbind", "detach", "clone", "t", "movedim", "swapaxes", "view_as", "to", "float",
    "double", "type_as", "narrow", "select", "zeros_like", "ones_like", "empty_like",
}  # fmt: skip


class Watch(TorchFunctionMode):
    """Records, while it lasts, the calls of a module's modules and of functions, in the order in which they end.

    A function is named by the module that called it: `attention.softmax`, `attention.softmax_1`.
    """

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.calls: list[Intermediate] = []
        self.module = module
        self.within: list[str] = []
        self.given: list[tuple[Any, ...]] = []
        self.counts: dict[str, int] = {}
        self.handles: list[Any] = []
        self.last: torch.Tensor | None = None  # the result of the last function that was recorded

    def __enter__(self) -> Watch:
        super().__enter__()
        for name, layer in self.module.named_modules():

            def before(layer: Any, args: Any, kwargs: Any, name: str = name) -> None:
                self.within.append(name)
                self.given.append(_copies((args, kwargs)))

            def after(layer: Any, args: Any, kwargs: Any, output: Any, name: str = name) -> None:
                self.within.pop()
                inputs, settings = self.given.pop(), plain_settings(vars(layer))
                found = arrays(output)
                if self.last is not None and any(tensor is self.last for tensor in found.values()):
                    self.calls.pop()  # the function's result is the module's
                self.last = None
                for part, value in zip(found, _copies(found), strict=True):
                    path = name if part == "output" else f"{name}.{part}"
                    self.calls.append(Intermediate(path, type(layer).__name__, settings, value, inputs))

            self.handles.append(layer.register_forward_pre_hook(before, with_kwargs=True))
            self.handles.append(layer.register_forward_hook(after, with_kwargs=True))
        return self

    def __exit__(self, *error: Any) -> None:
        for handle in self.handles:
            handle.remove()
        super().__exit__(*error)

    def __torch_function__(self, function: Any, _: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if function is torch.nn.functional.multi_head_attention_forward:
            TorchFunctionMode.__enter__(self)  # its steps are functions too, which torch hides from a mode
            try:
                return _steps(*args, **kwargs)
            finally:
                TorchFunctionMode.__exit__(self, None, None, None)
        name = getattr(function, "__name__", "").strip("_")
        if name in VIEWS or name in ("get", "set", "getitem", "setitem") or not self.within:
            return function(*args, **kwargs)
        inputs = _copies((args, kwargs))
        output = function(*args, **kwargs)
        if isinstance(output, torch.Tensor) and output.is_floating_point():
            path = f"{self.within[-1]}.{name}" if self.within[-1] else name
            number = self.counts[path] = self.counts.get(path, -1) + 1
            self.calls.append(
                Intermediate(
                    f"{path}_{number}" if number else path, name, plain_settings(kwargs), to_numpy(output), inputs
                )
            )
            self.last = output
        return output


def _visible(function: Any) -> Any:
    """Return a composite function of torch that does not ask a mode before its steps do."""
    names = {**function.__globals__, "has_torch_function": lambda *_: False}
    return types.FunctionType(function.__code__, names, None, function.__defaults__, function.__closure__)


_steps = _visible(torch.nn.functional.multi_head_attention_forward)


def _copies(tree: Any) -> tuple[Any, ...]:
    """Return copies of the tensors: a function may write into them."""
    with torch._C.DisableTorchFunction():
        return tuple(to_numpy(tensor) for tensor in arrays(tree).values())
