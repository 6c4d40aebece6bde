"""Comparison of a Haiku model with its port: dm-haiku on JAX, and the same file with changed imports on torch."""

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from unified.core.errors import BackendError
from unified.port.files import PortError
from unified.port.inputs import Input, draw, made_by
from unified.port.siblings import ported_modules

__all__ = ["check"]

TOLERANCES = {"initial value": 1e-6, "output": 1e-4, "gradient": 1e-4, "state": 1e-4}


class NoModuleError(PortError, ImportError):
    """The module of a check cannot be found."""


def _source(module: str) -> Path:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        spec = None
    if spec is None or spec.origin is None:
        raise NoModuleError(
            f"there is no module {module!r} to check: pass a name that Python can import from this folder"
        )
    return Path(spec.origin)


def _function(module: Any, name: str) -> Any:
    if not hasattr(module, name):
        raise PortError(f"{module.__name__} has no function {name!r} to check")
    function = getattr(module, name)
    if isinstance(function, type) or not callable(function):
        what = "a class" if isinstance(function, type) else f"of class {type(function).__name__}"
        raise PortError(
            f"{module.__name__}:{name} is {what}, and a check calls a function: name one that constructs modules and "
            f"calls them, as in `def forward(x): return {name if isinstance(function, type) else 'Net'}(...)(x)`"
        )
    return function


def _on_device(jax: Any, argument: Any) -> Any:
    """Return an argument, a tree, with the framework's arrays for NumPy's."""
    is_array = lambda leaf: isinstance(leaf, np.ndarray | np.generic)  # noqa: E731
    return jax.tree_util.tree_map(lambda leaf: jax.numpy.asarray(leaf) if is_array(leaf) else leaf, argument)


def _observe(hk: Any, jax: Any, fn: Any, inputs: list[Any]) -> dict[str, dict[str, np.ndarray]]:
    net = hk.transform_with_state(fn)
    arguments = [_on_device(jax, x) for x in inputs]
    key = jax.random.PRNGKey(0)
    params, state = net.init(key, *arguments)

    def loss(params: Any) -> Any:
        out, new = net.apply(params, state, key, *arguments)
        leaves = [jax.numpy.asarray(leaf) for leaf in jax.tree_util.tree_leaves(out)]
        floating = [leaf for leaf in leaves if jax.numpy.issubdtype(leaf.dtype, jax.numpy.floating)]
        return sum(((leaf**2).sum() for leaf in floating), jax.numpy.float32(0)), (out, new)

    (_, (out, new)), gradients = jax.value_and_grad(loss, has_aux=True)(params)
    outputs = {"": {str(index): leaf for index, leaf in enumerate(jax.tree_util.tree_leaves(out))}}
    trees = {"initial value": params, "gradient": gradients, "state": new, "output": outputs}
    return {
        kind: {f"{m}/{k}".strip("/"): np.asarray(v) for m, bundle in tree.items() for k, v in bundle.items()}
        for kind, tree in trees.items()
    }


def check(
    target: str, shapes: Sequence[Input | tuple[int, ...]] = (), *, inputs: str | None = None
) -> tuple[str, bool]:
    """Return a report on initial values, outputs, gradients and state of both versions, and whether all are equal.

    Modules that the function's module imports, of its package or beside it, are ported with it.

    Args:
        target: `package.module:function`, a function that constructs and calls modules.
        shapes: its arguments: shapes, of values from a normal distribution, or `Input`s.
        inputs: `package.module:function`, a function that returns the tuple of arguments instead.
    """
    module, _, name = target.partition(":")
    if not name:
        raise PortError(f"the target of a check is package.module:function, got {target!r}")
    try:
        import haiku
        import jax
    except ImportError as error:
        raise BackendError('checking a port runs the original too: pip install dm-haiku "unified-nn[jax]"').with_page(
            "install#extras"
        ) from error
    import unified
    from unified.compat import haiku as our_haiku
    from unified.compat import jax as our_jax
    from unified.core import backends

    path = _source(module)
    function = _function(importlib.import_module(module), name)
    arguments = draw(shapes) if inputs is None else made_by(inputs)
    original = _observe(haiku, jax, function, arguments)
    before = backends.chosen()
    unified.set_backend("torch")
    try:
        with ported_modules(module, path) as port:
            ported = _observe(our_haiku, our_jax, _function(port, name), arguments)
    finally:
        unified.set_backend(before)
    return _report(target, original, ported)


def _report(target: str, original: Any, ported: Any) -> tuple[str, bool]:
    rows, equal = [], True
    for kind, values in original.items():
        for name in sorted(values.keys() | ported[kind].keys()):
            ours, theirs = ported[kind].get(name), values.get(name)
            if ours is None or theirs is None:
                rows.append((kind, name, "only in " + ("the original" if ours is None else "the port")))
                equal = False
            elif ours.shape != theirs.shape:
                rows.append((kind, name, f"shapes {theirs.shape} and {ours.shape}"))
                equal = False
            else:
                gap = float(np.max(np.abs(ours.astype(np.float64) - theirs.astype(np.float64)), initial=0.0))
                scale = float(np.max(np.abs(theirs), initial=1.0))
                close = gap <= TOLERANCES[kind] * max(scale, 1.0)
                equal = equal and close
                rows.append((kind, name, f"{'equal' if close else 'DIFFERENT'}, largest gap {gap:.1e}"))
    width = max((len(f"{kind} {name}") for kind, name, _ in rows), default=0)
    lines = [f"{f'{kind} {name}':{width}}  {text}" for kind, name, text in rows]
    return "\n".join([f"{target}: dm-haiku on JAX and its port on torch", *lines]), equal
