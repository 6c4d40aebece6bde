"""How the times of init, trace, compile and checkpoints grow with depth and with parameters, in fresh processes."""

import functools
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["by_depth", "by_hand", "by_parameters", "by_parameters_by_hand"]

WIDTH = 64
REPEATS = 3  # of what takes milliseconds; the shortest counts
LAYERS = 12  # of the models whose width grows


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result, and the seconds of the processor that it took, in all threads: others may use it too."""
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


def _shortest(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result of the last of some calls, and the least seconds of the processor that one took."""
    runs = [_timed(function) for _ in range(REPEATS)]
    return runs[-1][0], min(seconds for _, seconds in runs)


def _width(millions: int) -> int:
    """Return the width of layers that have so many million parameters together."""
    return int((millions * 1e6 / LAYERS) ** 0.5) // 64 * 64


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


def by_hand(depth: int) -> dict[str, float]:
    """Return the seconds of each stage of the same layers in a loop, written in `jax.numpy`.

    Its init finds the shapes by an abstract run too, and then draws with `jax.random`.
    """
    import jax
    import jax.numpy as jnp
    from jax import lax

    def loss(params: Any, x: Any) -> Any:
        for weight, bias in params:
            x = x + lax.dot_general(x, weight, (((1,), (1,)), ((), ()))) + bias
        return x.sum()

    def draw() -> Any:
        jax.eval_shape(functools.partial(loss), shapes, x)  # a new function: of an old one the trace is kept
        drawn = [(jax.random.uniform(a, (WIDTH, WIDTH)), jax.random.uniform(b, (WIDTH,))) for a, b in keys]
        return jax.block_until_ready(drawn)

    x, keys = jnp.ones((1, WIDTH)), list(jax.random.split(jax.random.key(0), (depth, 2)))
    shapes = [(jax.ShapeDtypeStruct((WIDTH, WIDTH), x.dtype), jax.ShapeDtypeStruct((WIDTH,), x.dtype))] * depth
    draw()  # compiles
    params, init = _shortest(draw)
    traced, trace = _timed(lambda: jax.jit(jax.grad(loss)).trace(params, jnp.ones((1, WIDTH))))
    _, compilation = _timed(lambda: traced.lower().compile())
    return {"init": init, "trace": trace, "compile": compilation}


def by_depth(depth: int, form: str) -> dict[str, float]:
    """Return the seconds of each stage for a model of so many layers: `loop` or `stack` on JAX, `torch`."""
    import unified as u

    found = {}
    if form == "torch":
        import torch

        torch.set_num_threads(1)  # of which small layers only wait for one another
        x = torch.ones(1, WIDTH)
        u.transform(_body(2, WIDTH, False), backend="torch").init(x, rng=0)
        saved, found["init"] = _shortest(
            lambda: u.transform(_body(depth, WIDTH, False), backend="torch").init(x, rng=0)
        )
    else:
        import jax
        import jax.numpy as jnp

        x = jnp.ones((1, WIDTH))
        u.transform(_body(2, WIDTH, form == "stack"), backend="jax").init(x, rng=0)
        saved, found["init"] = _shortest(
            lambda: u.transform(_body(depth, WIDTH, form == "stack"), backend="jax").init(x, rng=0)
        )
        model = u.transform(_body(depth, WIDTH, form == "stack"), backend="jax")
        gradient = jax.jit(jax.grad(lambda params, x: model.apply(params, x)[0].sum()))
        traced, found["trace"] = _timed(lambda: gradient.trace(saved, x))
        _, found["compile"] = _timed(lambda: traced.lower().compile())
    with tempfile.TemporaryDirectory() as folder:
        file, framework = Path(folder) / "a.safetensors", "torch" if form == "torch" else "jax"
        _, found["save"] = _shortest(lambda: u.save(file, saved))
        _, found["load"] = _shortest(lambda: u.load(file, framework))
    return found


def by_parameters(millions: int, framework: str) -> dict[str, float]:
    """Return the seconds of init and of a checkpoint, and the peak of memory by the bytes of the parameters."""
    import unified as u

    width = _width(millions)
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


def by_parameters_by_hand(millions: int, framework: str) -> dict[str, float]:
    """Return the seconds of the same layers by torch's constructors or `jax.random`, and of safetensors' own functions.

    Beyond some size each costs more for a byte, since the system has to find, to clear and to write back the memory.
    """
    width = _width(millions)
    if framework == "torch":
        from safetensors.torch import load_file, save_file
        from torch import nn

        made, init = _timed(lambda: [nn.Linear(width, width) for _ in range(LAYERS)])
        tensors = {f"{index}.{name}": p.data for index, m in enumerate(made) for name, p in m.named_parameters()}
    else:
        import jax
        from safetensors.flax import load_file, save_file

        bound, keys = width**-0.5, jax.random.split(jax.random.key(0), LAYERS)

        def draw(key: Any) -> Any:
            weight = jax.random.uniform(key, (width, width), minval=-bound, maxval=bound)
            return weight, jax.random.uniform(key, (width,), minval=-bound, maxval=bound)

        made, init = _timed(lambda: jax.block_until_ready([draw(key) for key in keys]))
        tensors = {f"{index}.{part}": array for index, pair in enumerate(made) for part, array in enumerate(pair)}
    with tempfile.TemporaryDirectory(dir=os.environ.get("UNIFIED_BENCH_FOLDER")) as folder:
        file = Path(folder) / "a.safetensors"
        save_file(tensors, file)  # the first imports what it needs
        file.unlink()
        _, save = _timed(lambda: save_file(tensors, file))
        _, load = _timed(lambda: load_file(file))
    return {"init": init, "save": save, "load": load}
