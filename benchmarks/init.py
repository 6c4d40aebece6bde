"""Time to build the 100-layer net: our transform and init against the calls of each framework's users.

On torch the baseline is the constructor of the hand-written model, both warm and in turns within one process; a first
call in a fresh process is shown as well. On JAX it is Haiku's `init`, not jitted, as in its documentation. There the
first call in a fresh process counts, because that is where a user waits: imports are done and JAX's CPU client has
started, but nothing is compiled. The second call in the same process is shown as well. Peers are measured likewise.
"""

import gc
import importlib
import time
from collections.abc import Callable
from typing import Any

from benchmarks import fresh
from benchmarks.measure import interleave
from benchmarks.row import Row, compare

TORCH_BAR = 1.5
JAX_BAR = 0.1
ROUNDS = 40
FRESH_ROUNDS = 3


def _twice(make: Callable[[], Any]) -> dict[str, float]:
    """Return the seconds of the first and of the second call."""
    gc.disable()
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        net = make()
        seconds.append(time.perf_counter() - start)
        del net
    return {"cold": seconds[0], "warm": seconds[1]}


def _torch_makers() -> dict[str, Callable[[], Any]]:
    """Return the functions that build the net on torch: ours, by hand and, if it is installed, in blaze."""
    import torch

    import unified as u
    import unified.backends.torch
    from benchmarks import torch_nets

    torch.set_num_threads(1)
    x = torch_nets.example()
    makers: dict[str, Callable[[], Any]] = {
        "unified": lambda: u.transform(torch_nets.inline, backend="torch").init(x, rng=0),
        "raw": torch_nets.Listed,
    }
    try:
        import blaze  # noqa: F401
    except ImportError:
        return makers
    return {**makers, "blaze": lambda: torch_nets.blaze_net().init(x)}


def cold_torch(name: str) -> dict[str, float]:
    """Time, in a fresh process, the construction of the net of `name` on torch."""
    return _twice(_torch_makers()[name])


def cold_jax(name: str) -> dict[str, float]:
    """Time, in a fresh process, the initialisation of the parameters of `name` on JAX, until they are ready."""
    import jax

    from benchmarks import jax_nets

    importlib.import_module(jax_nets.PACKAGES[name])
    jax_nets.example().block_until_ready()
    build = jax_nets.unified_net if name == "unified" else jax_nets.PEERS[name]
    return _twice(lambda: jax.block_until_ready(build()[1]))


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    few = min(rounds, FRESH_ROUNDS)
    makers = _torch_makers()
    warm = interleave(makers, rounds)
    torch_peers = [name for name in makers if name == "blaze"]
    torch_runs = fresh.interleave({name: ("benchmarks.init:cold_torch", name) for name in makers}, few)
    return [
        compare("torch init, 100 layers ÷ constructor", warm, bar=TORCH_BAR, peers=torch_peers),
        compare("torch init, first in a process", fresh.column(torch_runs, "cold"), peers=torch_peers),
        *_jax_rows(few),
    ]


def _jax_rows(rounds: int) -> list[Row]:
    from benchmarks import jax_nets

    names = ["unified", *(name for name in jax_nets.PEERS if fresh.importable(jax_nets.PACKAGES[name]))]
    if "haiku" not in names:
        return [Row("jax init, 100 layers ÷ Haiku's", note="Haiku is not installed")]
    runs = fresh.interleave({name: ("benchmarks.init:cold_jax", name) for name in names}, rounds)
    cold, warm = fresh.column(runs, "cold"), fresh.column(runs, "warm")
    peers = [name for name in names if name not in ("unified", "haiku")]
    return [
        compare("jax init, 100 layers ÷ Haiku's, first in a process", cold, baseline="haiku", bar=JAX_BAR, peers=peers),
        compare("jax init, second in a process", warm, baseline="haiku", peers=peers),
    ]
