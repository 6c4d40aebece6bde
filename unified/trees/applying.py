"""`apply`: a call of a model with a mode and a key, which returns the output and the next model."""

from typing import Any

from unified.trees import registry
from unified.trees.nodes import Node, leaves
from unified.trees.running import Placed, Run, map_nodes, within
from unified.trees.variables import variables

__all__ = ["apply", "run_part"]


def apply(model: Any, *inputs: Any, training: bool = False, rng: Any = None, **kwargs: Any) -> tuple[Any, Any]:
    """Return the output of a call, and the model with the state that its layers wrote.

    It is a pure function of its arguments, under `jax.jit` and `torch.compile` too. `model(x)` alone evaluates.

    Args:
        model: a module, or a bound method of one.
        *inputs, **kwargs: its arguments.
        training: whether its layers behave as in training: dropout drops, and batch norms use and update statistics.
        rng: a seed or a key, from which layers draw; another one in each step. Layers at other paths draw other
            numbers, and the same ones on both frameworks.

    Returns:
        `(output, model)`: the model is of the same structure. For a bound method it is the module that it belongs to.

    Raises:
        ValueError: a layer draws, and there is no `rng`; or a layer that draws or writes was put together anew by a
            transform inside the call, in which it would do so in a way that gets lost.

    >>> import torch, unified.trees as ut
    >>> model = ut.fill(ut.Sequential((ut.BatchNorm1d(2), ut.Dropout(0.5))), backend="torch")
    >>> y, model = ut.apply(model, torch.ones(4, 2), training=True, rng=0)
    >>> int(model.layers[0].num_batches_tracked)
    1
    """
    arrays = [value for _, value, _ in variables(model)]
    backend = registry.backend_of((*arrays, *leaves((inputs, kwargs))), model)
    key = None if rng is None else (backend.calls.key_words(rng), backend.calls.zero())
    output, new = run_part(backend, model, "", inputs, kwargs, training, key)
    return output, new.owner if hasattr(type(model), "__func__") else new


def run_part(
    backend: Any, model: Any, path: str, inputs: Any, kwargs: Any, training: bool, rng: tuple[Any, Any] | None
) -> tuple[Any, Any]:
    """Return the output of the part of a model at `path`, and that part with the state that its layers wrote."""
    registry.ready()
    run, compiling = Run(backend, training, rng), backend.calls.is_compiling()

    def place(node: Any, path: str) -> Any:
        return node._at(run, path) if isinstance(node, Placed) else None

    placed = map_nodes(model, path, place, compiling)
    with within(run):
        output = placed(*inputs, **kwargs)
    new = map_nodes(model, path, lambda node, path: run.new.get(path), compiling) if run.new else model
    return _plain(output), new


def _plain(output: Any) -> Any:
    """Return an output whose modules, if there are any, know nothing of the call."""
    kind = type(output)
    if kind in (tuple, list, dict) or isinstance(output, Node):
        return map_nodes(output, "", _forget)
    return output


def _forget(node: Any, path: str) -> Any:
    return node._bare() if isinstance(node, Placed) and "_run" in node.__dict__ else None
