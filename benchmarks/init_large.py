"""Time to build a model of 124 million parameters on torch, against the constructors of `torch.nn`.

The layers are those of GPT-2 small: embeddings of 50,257 tokens and 1,024 positions, 12 blocks of width 768. The
baseline is the constructor of the same layers written as modules, which draws torch's initial values. Ours runs the
body on one token to find the layers (attention, which has no parameters, is left out of both), then draws reproducible
values by path. Torch draws on one core whatever the number of its threads; ours on one, and in a second row on as many
as torch's threads. The peak memory of each process is reported as well. Every sample is the first call in a fresh
process.
"""

import gc
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import fresh
from benchmarks.measure import typical
from benchmarks.row import Row, compare

BAR = 2.0
ROUNDS = 3

VOCABULARY, POSITIONS, WIDTH, BLOCKS = 50_257, 1_024, 768, 12


def _timed(make: Callable[[], Any]) -> dict[str, float]:
    """Return the seconds that `make` takes, the millions of parameters of its model, and the peak memory in GB."""
    gc.disable()
    start = time.perf_counter()
    model = make()
    seconds = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    millions = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    return {"seconds": seconds, "peak": peak / 1e9, "millions": millions}


def by_hand() -> dict[str, float]:
    """Time, in a fresh process, the constructor."""
    import torch
    from torch import nn

    torch.set_num_threads(1)

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.attend, self.project = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.widen, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(POSITIONS, WIDTH)
            self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
            self.norm = nn.LayerNorm(WIDTH)

    return _timed(Net)


def inline(threads: int = 1) -> dict[str, float]:
    """Time, in a fresh process, our transform and init; 0 threads are as many as torch has."""
    import torch

    import unified as u
    import unified.backends.torch
    import unified.functional as F

    if threads:
        torch.set_num_threads(threads)

    def forward(token: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        x = u.Embedding(VOCABULARY, WIDTH)(token) + u.Embedding(POSITIONS, WIDTH)(position)
        for _ in range(BLOCKS):
            value = u.Linear(WIDTH, 3 * WIDTH)(u.LayerNorm(WIDTH)(x))[..., -WIDTH:]
            x = x + u.Linear(WIDTH, WIDTH)(value)
            hidden = F.gelu(u.Linear(WIDTH, 4 * WIDTH)(u.LayerNorm(WIDTH)(x)))
            x = x + u.Linear(4 * WIDTH, WIDTH)(hidden)
        return u.LayerNorm(WIDTH)(x)

    zero = torch.zeros(1, dtype=torch.int64)
    return _timed(lambda: u.transform(forward, backend="torch").init(zero, zero, rng=0))


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    few = min(rounds, ROUNDS)
    targets: dict[str, tuple[Any, ...]] = {
        "unified": (f"{__name__}:inline",),
        "all cores": (f"{__name__}:inline", 0),
        "raw": (f"{__name__}:by_hand",),
    }
    runs = fresh.interleave(targets, few)
    seconds = fresh.column(runs, "seconds")
    peaks = {name: typical(values) for name, values in fresh.column(runs, "peak").items()}
    counts = {round(count, 3) for values in fresh.column(runs, "millions").values() for count in values}
    if len(counts) != 1:
        raise RuntimeError(f"the models differ in their number of parameters: {sorted(counts)} million")
    memory = f"peak memory {peaks['unified']:.2f} GB, torch.nn {peaks['raw']:.2f} GB"
    label = f"torch init, {counts.pop():.0f} M parameters ÷ torch.nn"
    cores = {"unified": seconds["all cores"], "raw": seconds["raw"]}
    return [
        compare(f"{label}, one core", seconds, bar=BAR, note=memory),
        compare(f"{label}, {os.cpu_count()} cores", cores, bar=BAR),
    ]
