"""Comparison of a Haiku model with its port: dm-haiku on JAX, and the same file with changed imports on torch."""

import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np

from unified.core.errors import BackendError

__all__ = ["check"]

TOLERANCES = {"initial value": 1e-6, "output": 1e-4, "gradient": 1e-4, "state": 1e-4}


def _source(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ImportError(
            f"there is no module {module!r} to check: pass a name that Python can import from this folder"
        )
    return Path(spec.origin)


def _load(name: str, text: str, path: Path) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    exec(compile(text, str(path), "exec"), module.__dict__)
    return module


def _inputs(shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    return [generator.normal(size=shape).astype(np.float32) for shape in shapes]


def _observe(hk: Any, jax: Any, fn: Any, inputs: list[np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    net = hk.transform_with_state(fn)
    arguments = [jax.numpy.asarray(x) for x in inputs]
    key = jax.random.PRNGKey(0)
    params, state = net.init(key, *arguments)

    def loss(params: Any) -> Any:
        out, new = net.apply(params, state, key, *arguments)
        leaves = jax.tree_util.tree_leaves(out)
        floating = [leaf for leaf in leaves if jax.numpy.issubdtype(leaf.dtype, jax.numpy.floating)]
        return sum((leaf**2).sum() for leaf in floating), (out, new)

    (_, (out, new)), gradients = jax.value_and_grad(loss, has_aux=True)(params)
    outputs = {"": {str(index): leaf for index, leaf in enumerate(jax.tree_util.tree_leaves(out))}}
    trees = {"initial value": params, "gradient": gradients, "state": new, "output": outputs}
    return {
        kind: {f"{m}/{k}".strip("/"): np.asarray(v) for m, bundle in tree.items() for k, v in bundle.items()}
        for kind, tree in trees.items()
    }


def check(target: str, shapes: list[tuple[int, ...]]) -> tuple[str, bool]:
    """Return a report on initial values, outputs, gradients and state of both versions, and whether all are equal.

    Args:
        target: `package.module:function`, a function that constructs and calls modules.
        shapes: the shapes of its arguments, whose values are drawn from a normal distribution.
    """
    module, _, name = target.partition(":")
    if not name:
        raise ValueError(f"the target of a check is package.module:function, got {target!r}")
    try:
        import haiku
        import jax
    except ImportError as error:
        raise BackendError("checking a port runs the original too: pip install dm-haiku jax") from error
    import unified
    from unified.compat import haiku as our_haiku
    from unified.compat import jax as our_jax
    from unified.core import backends
    from unified.port.imports import port

    path = _source(module)
    text, _ = port(path.read_text())
    inputs = _inputs(shapes)
    original = _observe(haiku, jax, getattr(importlib.import_module(module), name), inputs)
    before = backends.chosen()
    unified.set_backend("torch")
    try:
        ported = _observe(our_haiku, our_jax, getattr(_load(f"{module}_ported", text, path), name), inputs)
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
