"""`layer_stack`: identical layers as one loop."""

import operator
from collections.abc import Callable
from typing import Any, TypeVar

from unified.core.lifted.checks import check_functions, common_size, first_sizes
from unified.core.lifted.functions import remat as with_remat
from unified.core.lifted.loops import run_scan
from unified.core.lifted.stacked_module import register_stack
from unified.core.lifted.subfunction import next_number, scope_of
from unified.core.module import Module
from unified.core.scope import Scope
from unified.core.stacks import StackForm

__all__ = ["LayerStack", "layer_stack"]

F = TypeVar("F", bound=Callable[..., Any])


def layer_stack(
    num_layers: int,
    with_per_layer_inputs: bool = False,
    unroll: int | bool = 1,
    *,
    stacked: bool | None = None,
    remat: bool = False,
    split_rngs: bool = True,
    name: str | int | None = None,
) -> Callable[[F], F]:
    """Return a decorator that runs a block `num_layers` times, each time with different variables.

    `layer_stack(n)(block)(x)` computes `x = block(x)` `n` times. On JAX the block is compiled once, as the body of a
    `lax.scan`: compile time does not grow with `n`. The variables of all layers are stacked along a new first axis:
    `layer_stack/linear/weight` is `(n, out, in)`. Layer `i` has the same initial values as
    `layer_stack/<i>/linear/weight` with `stacked=False`, and draws the same random numbers. `load_params` and
    `load_model` take the variables of either form; `params.unstack()` and `params.stack()` convert them.

    Args:
        num_layers: `n`, at least 1.
        with_per_layer_inputs: if true, `block(x, *inputs)` also takes a slice of each further argument, along its first
            axis, and returns `(x, y)`; the outputs `y` are stacked. Otherwise `block` takes and returns the same
            arguments.
        unroll: the number of layers that are compiled into one iteration of the loop.
        stacked: whether the layers run as a loop; if false, they are unrolled, and each has its own scope, numbered
            as in an `nn.ModuleList`. `None` leaves it to `transform(..., stacks=)`.
        remat: whether the gradient recomputes each block, and stores only the values between blocks.
        split_rngs: whether each layer draws different random numbers.
        name: the name of the scope.

    A layer or module that is constructed outside `block` is shared by all layers.

    Source: `haiku.experimental.layer_stack`.

    >>> import torch, unified as u
    >>> def forward(x):
    ...     return u.layer_stack(6)(lambda x: x + u.Linear(4, 4)(x))(x)
    >>> net = u.transform(forward, backend="torch").init(torch.ones(1, 4), rng=0)
    >>> net.layer_stack.linear.weight.shape
    torch.Size([6, 4, 4])
    """
    try:
        num_layers = operator.index(num_layers)
    except TypeError:
        raise TypeError(
            f"u.layer_stack takes the number of layers, got {num_layers!r}: write u.layer_stack(3)(block)(x)"
        ) from None
    if num_layers < 1:
        raise ValueError(f"u.layer_stack needs at least one layer, got {num_layers}")

    def wrap(block: F) -> F:
        check_functions("u.layer_stack", block=block)

        def run(*args: Any) -> Any:
            scope_of("layer_stack")
            layers = LayerStack(num_layers, unroll, stacked, remat, split_rngs, name=name)  # type: ignore[call-arg]
            if with_per_layer_inputs:
                return layers(block, args[0], args[1:])
            takes_several = len(args) != 1

            def block_without_inputs(x: Any) -> tuple[Any, None]:
                return (block(*x) if takes_several else block(x)), None

            return layers(block_without_inputs, args if takes_several else args[0], ())[0]

        return run  # type: ignore[return-value]  # with the signature of `block`

    return wrap


class LayerStack(Module):
    """The scope of a `layer_stack`."""

    def __init__(self, size: int, unroll: int | bool, stacked: bool | None, remat: bool, split_rngs: bool) -> None:
        self.size = size
        self.unroll = unroll
        self.stacked = stacked
        self.remat = remat
        self.split_rngs = split_rngs

    def __call__(self, block: Callable[..., Any], x: Any, inputs: tuple[Any, ...]) -> tuple[Any, Any]:
        scope = scope_of("layer_stack")
        trees = scope.frame.backend.trees
        common_size("u.layer_stack", first_sizes(trees, "u.layer_stack", "inputs", inputs), self.size, "num_layers")
        stacked = self._is_stacked(scope)
        # The body of a loop is compiled separately, so the recomputation cannot be merged with the forward pass.
        run = with_remat(block, prevent_cse=not stacked) if self.remat else block
        if not stacked:
            return self._run_unrolled(scope, run, x, inputs)

        def step(x: Any, inputs: tuple[Any, ...]) -> Any:
            return run(x, *inputs)

        stack = register_stack(scope, self.size, {...: 0}, is_layers=True)
        return run_scan(
            scope,
            step,
            x,
            inputs,
            self.size,
            stack,
            unroll=self.unroll,
            split=self.split_rngs,
            what="u.layer_stack",
        )

    def _is_stacked(self, scope: Scope) -> bool:
        """Return whether the variables of all layers are stacked: in a call, what init recorded."""
        if self.stacked is not None:
            return self.stacked
        frame = scope.frame
        record = None if frame.initializing else frame.record_of(scope.node)
        if record is None or record.stack is None:  # JAX's params need no record
            return not frame.separate_stacks
        return bool(record.stack.axes)

    def _run_unrolled(self, scope: Scope, run: Callable[..., Any], x: Any, inputs: Any) -> tuple[Any, Any]:
        frame = scope.frame
        if frame.initializing:
            record = frame.record_of(scope.node)
            assert record is not None  # init records every scope
            record.stack = StackForm(self.size, (), is_layers=True)
        trees = frame.backend.trees
        outputs = []
        transform = next_number(scope)
        for number in range(self.size):
            layer = NumberedLayer(name=number)
            steps = (transform, number) if self.split_rngs else (transform,)
            with frame.running_slice(f"{scope.path}/{number}", scope.path, *steps):
                x, y = layer(run, x, *trees.map(operator.itemgetter(number), inputs))
            outputs.append(y)
        return x, trees.stack(outputs)


class NumberedLayer(Module):
    """The scope of one layer of an unrolled stack."""

    def __call__(self, run: Callable[..., Any], x: Any, *inputs: Any) -> Any:
        return run(x, *inputs)
