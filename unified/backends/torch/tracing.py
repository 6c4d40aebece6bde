"""What a call does while torch.fx traces it with its proxies, by `torch.fx.symbolic_trace` or another tracer."""

import traceback
from typing import Any

import torch
from torch import fx
from torch.fx.proxy import TraceError
from torch.utils import _pytree as pytree

__all__ = ["explain", "refuse_traced_mode", "traced_variable", "tracer_of"]


class _VariableProxy(fx.Proxy):
    """The proxy of a variable, whose shape and dtype are known."""

    def __init__(self, node: fx.Node, tracer: Any, tensor: torch.Tensor) -> None:
        super().__init__(node, tracer)
        self.shape, self.dtype, self.ndim = tensor.shape, tensor.dtype, tensor.ndim

    def size(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> int:
        return self.ndim

    def numel(self) -> int:
        return self.shape.numel()


def tracer_of(args: Any, kwargs: Any) -> Any:
    """Return the tracer whose proxies are among the arguments of a call; `None` if there are none."""
    leaves = pytree.tree_leaves((args, kwargs))
    return next((leaf.tracer for leaf in leaves if isinstance(leaf, fx.Proxy)), None)


def traced_variable(tracer: Any, variable: Any, value: Any) -> Any:
    """Return the proxy of a variable, so that what the body computes of it alone is traced too.

    `value` is the variable itself, or the proxy of another value for it.
    """
    if not isinstance(variable, torch.Tensor):
        return value  # the tracer has put a proxy in its place
    node = value.node if isinstance(value, fx.Proxy) else tracer.create_arg(value)
    return _VariableProxy(node, tracer, variable)


def explain(error: Exception) -> None:
    """Add to an error of a tracer what a body can do."""
    modules = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)]
    if any(name.startswith("unified.backends.torch.numpy") for name in modules):
        error.add_note(
            "this function of unified.numpy looks at the dtypes and axes of its arrays, which torch.fx does not have: "
            "use methods of arrays and unified.functional in a model that torch.fx traces, or torch.export.export"
        )
    elif isinstance(error, TraceError):
        error.add_note(
            "torch.fx has no values or sizes of the inputs: pass sizes to layers as numbers or None, not as "
            "x.shape[-1], or use torch.export.export, which knows the sizes of its example inputs"
        )


def refuse_traced_mode(label: str, args: Any, kwargs: Any, position: int | None) -> None:
    """Raise if torch.fx passes a proxy as the mode of a call."""
    mode = args[position] if position is not None and len(args) > position else kwargs.get("training")
    if isinstance(mode, fx.Proxy):
        raise TypeError(
            f"torch.fx cannot trace the argument `training` of {label!r}, by which the body branches: set the mode by "
            "net.train() or net.eval(), and pass concrete_args={'training': None} to torch.fx.symbolic_trace"
        )
