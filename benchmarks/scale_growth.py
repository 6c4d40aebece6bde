"""How the times of init, trace, compile and checkpoints grow with depth and with parameters, in fresh processes."""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["by_depth", "by_parameters"]

WIDTH = 64
LAYERS = 12  # of the models whose width grows


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result, and the seconds of the processor that it took, in all threads: others may use it too."""
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


def _peak() -> float:
    """Return the most memory that the process has had so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _body(depth: int, width: int, stacked: bool) -> Callable[[Any], Any]:
    import unified as u

    def block(x: Any) -> Any:
        return x + u.Linear(width, width)(x)

    def loop(x: Any) -> Any:
        for _ in range(depth):
            x = block(x)
        return x

    def stack(x: Any) -> Any:
        return u.layer_stack(depth)(block)(x)

    return stack if stacked else loop


def by_depth(depth: int, form: str) -> dict[str, float]:
    """Return the seconds of each stage for a model of so many layers: `loop` or `stack` on JAX, `torch`."""
    import unified as u

    found = {}
    if form == "torch":
        import torch

        torch.set_num_threads(1)  # of which small layers only wait for one another
        net = u.transform(_body(depth, WIDTH, False), backend="torch")
        u.transform(_body(2, WIDTH, False), backend="torch").init(torch.ones(1, WIDTH), rng=0)
        saved, found["init"] = _timed(lambda: net.init(torch.ones(1, WIDTH), rng=0))
    else:
        import jax
        import jax.numpy as jnp

        x = jnp.ones((1, WIDTH))
        u.transform(_body(2, WIDTH, form == "stack"), backend="jax").init(x, rng=0)
        model = u.transform(_body(depth, WIDTH, form == "stack"), backend="jax")
        saved, found["init"] = _timed(lambda: model.init(x, rng=0))
        gradient = jax.jit(jax.grad(lambda params, x: model.apply(params, x)[0].sum()))
        traced, found["trace"] = _timed(lambda: gradient.trace(saved, x))
        _, found["compile"] = _timed(lambda: traced.lower().compile())
    with tempfile.TemporaryDirectory() as folder:
        _, found["save"] = _timed(lambda: u.save(Path(folder) / "a.safetensors", saved))
        _, found["load"] = _timed(lambda: u.load(Path(folder) / "a.safetensors", "torch" if form == "torch" else "jax"))
    return found


def by_parameters(millions: int, framework: str) -> dict[str, float]:
    """Return the seconds of init and of a checkpoint, and the peak of memory by the bytes of the parameters."""
    import unified as u

    width = int((millions * 1e6 / LAYERS) ** 0.5) // 64 * 64
    body, small = _body(LAYERS, width, False), _body(1, 64, False)
    if framework == "torch":
        import torch as namespace
    else:
        import jax.numpy as namespace
    warm = u.transform(small, backend=framework).init(namespace.ones((1, 64)), rng=0)
    with tempfile.TemporaryDirectory() as folder:
        u.save(Path(folder) / "a.safetensors", warm)
        u.load(Path(folder) / "a.safetensors", framework)
    before = _peak()
    net, init = _timed(lambda: u.transform(body, backend=framework).init(namespace.ones((1, width)), rng=0))
    params = net.params if framework == "torch" else net
    size = sum(info.size for info in params.info.values()) * 4
    with tempfile.TemporaryDirectory(dir=os.environ.get("UNIFIED_BENCH_FOLDER")) as folder:
        file = Path(folder) / "a.safetensors"
        _, save = _timed(lambda: u.save(file, net))
        memory = (_peak() - before) / size
        _, load = _timed(lambda: u.load(file, framework))
    return {"init": init, "save": save, "load": load, "memory": memory, "parameters": size / 4}
