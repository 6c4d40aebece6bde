"""Running a Haiku model beside its port: dm-haiku on JAX, the same file with its imports changed on torch."""

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
        raise ImportError(f"there is no module {module!r} to check; it is looked for as Python would import it")
    return Path(spec.origin)


def _loaded(name: str, text: str, path: Path) -> types.ModuleType:
    made = types.ModuleType(name)
    made.__file__ = str(path)
    sys.modules[name] = made
    exec(compile(text, str(path), "exec"), made.__dict__)
    return made


def _inputs(shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    return [generator.normal(size=shape).astype(np.float32) for shape in shapes]


def _observed(hk: Any, jax: Any, fn: Any, inputs: list[np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    net = hk.transform_with_state(fn)
    given = [jax.numpy.asarray(x) for x in inputs]
    key = jax.random.PRNGKey(0)
    params, state = net.init(key, *given)

    def loss(params: Any) -> Any:
        out, new = net.apply(params, state, key, *given)
        leaves = jax.tree_util.tree_leaves(out)
        floating = [leaf for leaf in leaves if jax.numpy.issubdtype(leaf.dtype, jax.numpy.floating)]
        return sum((leaf**2).sum() for leaf in floating), (out, new)

    (_, (out, new)), gradients = jax.value_and_grad(loss, has_aux=True)(params)
    outputs = {"": {str(place): leaf for place, leaf in enumerate(jax.tree_util.tree_leaves(out))}}
    groups = {"initial value": params, "gradient": gradients, "state": new, "output": outputs}
    return {
        kind: {f"{m}/{k}".strip("/"): np.asarray(v) for m, bundle in tree.items() for k, v in bundle.items()}
        for kind, tree in groups.items()
    }


def check(target: str, shapes: list[tuple[int, ...]]) -> tuple[str, bool]:
    """A report of the two versions' initial values, outputs, gradients and state, and whether all are equal.

    Args:
        target: `package.module:function`, a function that makes and calls modules.
        shapes: the shapes of its arguments, which are filled with normal values.
    """
    module, _, name = target.partition(":")
    if not name:
        raise ValueError(f"what is checked is given as package.module:function, got {target!r}")
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
    wanted = _observed(haiku, jax, getattr(importlib.import_module(module), name), inputs)
    before = backends.chosen()
    unified.set_backend("torch")
    try:
        found = _observed(our_haiku, our_jax, getattr(_loaded(f"{module}_ported", text, path), name), inputs)
    finally:
        unified.set_backend(before)
    return _report(target, wanted, found)


def _report(target: str, wanted: Any, found: Any) -> tuple[str, bool]:
    rows, equal = [], True
    for kind, values in wanted.items():
        for name in sorted(values.keys() | found[kind].keys()):
            ours, theirs = found[kind].get(name), values.get(name)
            if ours is None or theirs is None:
                rows.append((kind, name, "only in " + ("the original" if ours is None else "the port")))
                equal = False
            elif ours.shape != theirs.shape:
                rows.append((kind, name, f"shapes {theirs.shape} and {ours.shape}"))
                equal = False
            else:
                gap = float(np.max(np.abs(ours.astype(np.float64) - theirs.astype(np.float64)), initial=0.0))
                scale = float(np.max(np.abs(theirs), initial=1.0))
                good = gap <= TOLERANCES[kind] * max(scale, 1.0)
                equal = equal and good
                rows.append((kind, name, f"{'equal' if good else 'DIFFERENT'}, largest gap {gap:.1e}"))
    width = max((len(f"{kind} {name}") for kind, name, _ in rows), default=0)
    lines = [f"{f'{kind} {name}':{width}}  {text}" for kind, name, text in rows]
    return "\n".join([f"{target}: dm-haiku on JAX beside its port on torch", *lines]), equal
