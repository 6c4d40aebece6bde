"""`vmap`: a part of a body, mapped over an axis."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from unified.core.annotations import PyTree
from unified.core.lifted.checks import check_functions, common_size
from unified.core.lifted.outside import OBJECTS, is_outside, once, without_body, wrap_objects
from unified.core.lifted.stacked_module import Stacking
from unified.core.lifted.subfunction import Subfunction, next_number, scope_of
from unified.core.scope import Scope, current
from unified.core.stacks import StackedScope

__all__ = ["Vmap", "vmap"]

F = TypeVar("F", bound=Callable[..., Any])


class Vmap(Stacking):
    """The scope of a `vmap` with `variable_axes`."""


def vmap(
    fun: F,
    in_axes: PyTree = 0,
    out_axes: PyTree = 0,
    axis_name: Any = None,
    axis_size: int | None = None,
    spmd_axis_name: Any = None,
    *,
    variable_axes: dict[Any, int] | None = None,
    split_rngs: bool = False,
    name: str | None = None,
) -> F:
    """Return `fun`, which may have layers, mapped over an axis of its inputs.

    This is `jax.vmap` on JAX and `torch.func.vmap` on torch. By default all mapped elements share the variables of
    `fun` and draw the same random numbers.

    Args:
        fun: a part of the body.
        in_axes: the axis of each argument, or `None` for an argument that is not mapped; a tree if the argument is one.
        out_axes: the position of the mapped axis in the outputs.
        axis_name: the name of the axis for collective operations within `fun`, such as a norm's `axis_name=`.
        axis_size: the size of the axis, needed if no input is mapped.
        spmd_axis_name: as for `jax.vmap`.
        variable_axes: the axis along which each collection of variables is stacked, one slice per element. An ensemble
            is `variable_axes={...: 0}`. The map then has its own scope, `vmap`.
        split_rngs: whether each element draws different random numbers.
        name: the name of the scope that `variable_axes` adds.

    A model bound to its variables (`net.bind(params)`) may be passed outside a body: see `BoundModel`.

    Raises:
        ValueError: if mapped axes differ in size.
        TransformBoundaryError: if elements set state that they share to different values.

    >>> import torch, unified as u
    >>> ensemble = lambda x: u.vmap(lambda x: u.Linear(2, 3)(x), None, axis_size=5, variable_axes={...: 0})(x)
    >>> net = u.transform(ensemble, backend="torch").init(torch.ones(4, 2), rng=0)
    >>> net(torch.ones(4, 2)).shape, net.vmap.linear.weight.shape
    (torch.Size([5, 4, 3]), torch.Size([5, 3, 2]))
    """
    if isinstance(in_axes, list):  # as jax.vmap takes it
        in_axes = tuple(in_axes)
    if current.scope is None and hasattr(fun, "transformed"):
        axes = {"in_axes": in_axes, "out_axes": out_axes, "axis_name": axis_name, "axis_size": axis_size}
        model: F = fun.transformed("vmap", **axes)
        return model

    check_functions("u.vmap", fun=fun)
    of_objects = once(lambda: OBJECTS["vmap"](fun, in_axes, out_axes, axis_name=axis_name, axis_size=axis_size))

    @without_body
    @functools.wraps(fun, updated=())
    def vmap_fun(*args: Any, **kwargs: Any) -> Any:
        if is_outside() and wrap_objects("vmap", fun, args, kwargs):
            return of_objects()(*args, **kwargs)
        scope = scope_of("vmap")
        inputs = (args, kwargs)
        axes = (in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(args), dict.fromkeys(kwargs, 0))
        if isinstance(in_axes, tuple) and len(in_axes) != len(args):
            raise ValueError(f"u.vmap: in_axes has {len(in_axes)} entries, and the function is called with {len(args)}")
        sizes = scope.frame.backend.trees.sizes(inputs, axes)
        size = common_size("u.vmap", sizes, axis_size, "axis_size")

        def run(scope: Scope, stack: StackedScope | None) -> Any:
            frame = scope.frame
            number = next_number(scope)
            with frame.counted(size):
                return frame.backend.transforms.vmap(
                    frame,
                    Subfunction(scope, lambda args, kwargs: fun(*args, **kwargs)),
                    inputs,
                    axes,
                    out_axes,
                    size=size,
                    axis_name=axis_name,
                    spmd_axis_name=spmd_axis_name,
                    stack=stack,
                    split=split_rngs,
                    number=number,
                )

        return run(scope, None) if variable_axes is None else Vmap(name=name)(run, size, variable_axes)

    return vmap_fun  # type: ignore[return-value]  # with the signature of `fun`
