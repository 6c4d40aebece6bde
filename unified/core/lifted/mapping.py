"""`vmap`."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from unified.core.annotations import PyTree
from unified.core.lanes import Lanes
from unified.core.lifted.piece import Piece, next_number, scope_of
from unified.core.lifted.stacking import Stacking
from unified.core.lifted.trees import common_size
from unified.core.scope import Scope, current

__all__ = ["Vmap", "vmap"]

F = TypeVar("F", bound=Callable[..., Any])


class Vmap(Stacking):
    """The scope of a `vmap` that has `variable_axes`."""


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
    """`fun`, which may have layers, over an axis of its inputs: `jax.vmap` on JAX, `torch.func.vmap` on torch.

    All lanes share its variables and draw the same numbers, unless it is asked otherwise.

    Args:
        fun: a part of the body.
        in_axes: the axis of each argument, `None` for one that all lanes get whole; a tree where an argument is one.
        out_axes: where the axis is in the outputs.
        axis_name: of the axis, for collective operations within, such as a norm's `axis_name=`; on JAX alone.
        axis_size: its size, where no input has it.
        spmd_axis_name: `jax.vmap`'s.
        variable_axes: collections whose variables are stacked along an axis, a lane each: an ensemble is
            `variable_axes={...: 0}`. It then has a scope of its own, `vmap`.
        split_rngs: whether each lane draws numbers of its own.
        name: of the scope that `variable_axes` makes.

    A model bound to its variables (`net.bind(params)`) may be given outside a body: see `BoundModel`.

    Raises `ValueError` for axes of different sizes; `TransformBoundaryError` for state that all lanes share and each
    would set to a value of its own.

    >>> import torch, unified as u
    >>> ensemble = lambda x: u.vmap(lambda x: u.Linear(2, 3)(x), None, axis_size=5, variable_axes={...: 0})(x)
    >>> net = u.transform(ensemble, backend="torch").init(torch.ones(4, 2), rng=0)
    >>> net(torch.ones(4, 2)).shape, net.vmap.linear.weight.shape
    (torch.Size([5, 4, 3]), torch.Size([5, 3, 2]))
    """
    if current.scope is None and hasattr(fun, "transformed"):
        axes = {"in_axes": in_axes, "out_axes": out_axes, "axis_name": axis_name, "axis_size": axis_size}
        model: F = fun.transformed("vmap", **axes)
        return model

    @functools.wraps(fun, updated=())
    def mapped(*args: Any, **kwargs: Any) -> Any:
        scope = scope_of("vmap")
        given = (args, kwargs)
        axes = (in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(args), dict.fromkeys(kwargs, 0))
        if isinstance(in_axes, tuple) and len(in_axes) != len(args):
            raise ValueError(f"u.vmap: in_axes has {len(in_axes)} entries, and the function is called with {len(args)}")
        sizes = scope.frame.backend.transforms.sizes(given, axes)
        size = common_size("u.vmap", sizes, axis_size, "axis_size")

        def run(scope: Scope, lanes: Lanes | None) -> Any:
            frame = scope.frame
            number = next_number(scope)
            with frame.counted(size):
                return frame.backend.transforms.vmap(
                    frame,
                    Piece(scope, lambda args, kwargs: fun(*args, **kwargs)),
                    given,
                    axes,
                    out_axes,
                    size=size,
                    axis_name=axis_name,
                    spmd_axis_name=spmd_axis_name,
                    lanes=lanes,
                    split=split_rngs,
                    number=number,
                )

        return run(scope, None) if variable_axes is None else Vmap(name=name)(run, size, variable_axes)

    return mapped  # type: ignore[return-value]  # takes and returns what `fun` does, with an axis more
