"""`TorchCalls`: torch's transforms of pure functions, for modules that are trees."""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint

from unified.backends.torch.gradients import check_scalar, conjugated
from unified.backends.torch.trees import TREES
from unified.core.keys import as_key

__all__ = ["TorchCalls"]


class TorchCalls:
    """See `unified.core.protocol.Calls`."""

    def vmap(self, fn: Callable[..., Any], in_axes: Any, out_axes: Any, axis_name: Any) -> Callable[..., Any]:
        if axis_name is not None:
            raise ValueError("torch.func.vmap has no names of axes: leave axis_name out")
        return torch.func.vmap(fn, in_axes, out_axes)

    def jit(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return fn(*args, **kwargs)  # torch.compile is the user's: it compiles the step as a whole

    def value_and_grad(self, fn: Callable[..., Any], has_aux: bool) -> Callable[..., tuple[Any, Any]]:
        def checked(*args: Any) -> Any:
            output = fn(*args)
            check_scalar(output[0] if has_aux else output)
            return output

        run = torch.func.grad_and_value(checked, has_aux=has_aux)

        def value_first(*args: Any) -> tuple[Any, Any]:
            gradient, value = run(*args)
            found, static = TREES.partition(gradient)
            return value, TREES.combine(conjugated(found), static)

        return value_first

    def remat(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            if torch.compiler.is_compiling():
                # Layers set the current scope, which is a side effect: the partitioner chooses what to compute again.
                refuses = not torch._dynamo.config.skip_fwd_side_effects_in_bwd_under_checkpoint
            else:
                refuses = torch._C._functorch.peek_interpreter_stack() is not None  # torch.func does
            if refuses or not torch.is_grad_enabled():
                return fn(*args)
            return checkpoint(fn, *args, use_reentrant=False)

        return run

    def trace_state(self) -> Any:
        if torch.compiler.is_compiling():
            return None  # the levels of torch.func are part of the graph
        interpreter = torch._C._functorch.peek_interpreter_stack()
        return None if interpreter is None else interpreter.level()

    def is_compiling(self) -> bool:
        return torch.compiler.is_compiling()

    def key_words(self, rng: Any) -> torch.Tensor:
        if isinstance(rng, torch.Tensor):
            return rng
        return torch.tensor(list(as_key(rng)), dtype=torch.int64)

    def zero(self) -> torch.Tensor:
        return torch.zeros((), dtype=torch.int64)
