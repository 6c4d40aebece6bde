"""`layer_stack`: many layers of one kind as one loop."""

import operator
from collections.abc import Callable
from typing import Any, TypeVar

from unified.core.lifted.functions import remat as with_remat
from unified.core.lifted.loops import run_scan
from unified.core.lifted.piece import scope_of
from unified.core.lifted.stacking import lanes_here
from unified.core.lifted.trees import common_size, first_sizes, map_leaves
from unified.core.module import Module

__all__ = ["LayerStack", "layer_stack"]

F = TypeVar("F", bound=Callable[..., Any])


def layer_stack(
    num_layers: int,
    with_per_layer_inputs: bool = False,
    unroll: int | bool = 1,
    *,
    stacked: bool = True,
    remat: bool = False,
    split_rngs: bool = True,
    name: str | None = None,
) -> Callable[[F], F]:
    """`layer_stack(n)(block)(x)` is `x = block(x)`, `n` times, each with variables of its own.

    On JAX the block is compiled once, as the body of a `lax.scan`: compile time does not grow with `n`. The variables
    of all layers are stacked along a first axis: `layer_stack/linear/weight` is `(n, out, in)`. Layer `i` starts with
    the values that it would have written out, with `stacked=False`, as `layer_stack/<i>/linear/weight`;
    `params.unstack("layer_stack")` and `params.stack("layer_stack")` turn one form of a checkpoint into the other.

    Args:
        num_layers: `n`, at least 1.
        with_per_layer_inputs: `block(x, *inputs)` also takes a slice of each further argument, along its first axis,
            and returns `(x, y)`; the outputs `y` are stacked. Without it `block` takes and returns the same arguments.
        unroll: how many layers are compiled into one round of the loop.
        stacked: whether it is a loop; if not, the layers are written out, and each has a scope of its own.
        remat: whether the gradient computes each block again, and keeps only what is between them.
        split_rngs: whether each layer draws numbers of its own.
        name: of its scope.

    A layer or module that was built outside of `block` is shared by all layers.

    Source: `haiku.experimental.layer_stack`.

    >>> import torch, unified as u
    >>> def forward(x):
    ...     return u.layer_stack(6)(lambda x: x + u.Linear(4, 4)(x))(x)
    >>> net = u.transform(forward, backend="torch").init(torch.ones(1, 4), rng=0)
    >>> net.layer_stack.linear.weight.shape
    torch.Size([6, 4, 4])
    """
    if num_layers < 1:
        raise ValueError(f"u.layer_stack needs at least one layer, got {num_layers}")

    def wrap(block: F) -> F:
        def run(*args: Any) -> Any:
            scope_of("layer_stack")
            layers = LayerStack(num_layers, unroll, stacked, remat, split_rngs, name=name)  # type: ignore[call-arg]
            if with_per_layer_inputs:
                return layers(block, args[0], args[1:])
            several = len(args) != 1

            def without(x: Any) -> tuple[Any, None]:
                return (block(*x) if several else block(x)), None

            return layers(without, args if several else args[0], ())[0]

        return run  # type: ignore[return-value]  # takes and returns what `block` does

    return wrap


class LayerStack(Module):
    """The scope of a `layer_stack`."""

    def __init__(self, size: int, unroll: int | bool, stacked: bool, remat: bool, split_rngs: bool) -> None:
        self.size = size
        self.unroll = unroll
        self.stacked = stacked
        self.remat = remat
        self.split_rngs = split_rngs

    def __call__(self, block: Callable[..., Any], x: Any, inputs: tuple[Any, ...]) -> tuple[Any, Any]:
        scope = scope_of("layer_stack")
        transforms = scope.frame.backend.transforms
        common_size("u.layer_stack", first_sizes(transforms, "inputs", inputs), self.size, "num_layers")
        # The body of a loop is compiled apart: nothing outside could be merged with what is computed again.
        run = with_remat(block, prevent_cse=not self.stacked) if self.remat else block
        if not self.stacked:
            return self._written_out(run, x, inputs)

        def step(x: Any, inputs: tuple[Any, ...]) -> Any:
            return run(x, *inputs)

        lanes = lanes_here(scope, self.size, {...: 0})
        return run_scan(
            scope,
            step,
            x,
            inputs,
            self.size,
            lanes,
            unroll=self.unroll,
            split=self.split_rngs,
            what="u.layer_stack",
        )

    def _written_out(self, run: Callable[..., Any], x: Any, inputs: Any) -> tuple[Any, Any]:
        transforms = scope_of("layer_stack").frame.backend.transforms
        outputs = []
        for number in range(self.size):
            layer = _Numbered(name=str(number))
            x, y = layer(run, x, *map_leaves(transforms, operator.itemgetter(number), inputs))
            outputs.append(y)
        return x, transforms.stack(outputs)


class _Numbered(Module):
    """The scope of one of the layers that are written out."""

    @staticmethod
    def _check_name(name: object) -> str:
        return str(name)

    def __call__(self, run: Callable[..., Any], x: Any, *inputs: Any) -> Any:
        return run(x, *inputs)
