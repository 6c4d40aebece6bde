"""Compiled models on torch: `torch.jit.script` of ours against the scripted hand-written one, and `torch.compile`.

Both scripted models are warmed up, so that TorchScript's profiling runs are over, and use one thread. The rows of
`torch.compile` check that Dynamo captures the whole model: it compiles with the backend `"eager"`, which runs the
captured graph unchanged and needs no C++ compiler.
"""

import torch
import torch._dynamo

import unified as u
from benchmarks import torch_nets
from benchmarks.measure import interleave
from benchmarks.row import Row, compare, guarded

BAR = 1.02
ROUNDS = 150
SCRIPTED = "torch scripted call ÷ scripted ModuleList"
BREAKS = "torch.compile: graph breaks"
FULL_GRAPH = "torch.compile(fullgraph=True)"


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    torch.set_num_threads(1)
    return [
        *guarded(SCRIPTED, lambda: _scripted(rounds)),
        *guarded(BREAKS, _breaks),
        *guarded(FULL_GRAPH, lambda: _full_graph(rounds)),
    ]


def _ours() -> torch.nn.Module:
    return u.transform(torch_nets.inline, backend="torch").init(torch_nets.example(), rng=0)


def _scripted(rounds: int) -> list[Row]:
    x, by_hand = torch_nets.example(), torch.jit.script(torch_nets.Listed())
    ours = torch.jit.script(_ours())
    return [compare(SCRIPTED, interleave({"unified": lambda: ours(x), "raw": lambda: by_hand(x)}, rounds), bar=BAR)]


def _breaks() -> list[Row]:
    counts = []
    for net in (_ours(), torch_nets.Listed()):
        torch._dynamo.reset()
        counts.append(torch._dynamo.explain(net)(torch_nets.example()).graph_break_count)
    return [Row(BREAKS, counts[0], counts[1], "breaks", bar=0, met=counts[0] == 0)]


def _full_graph(rounds: int) -> list[Row]:
    x = torch_nets.example()
    torch._dynamo.reset()
    ours, by_hand = (torch.compile(net, fullgraph=True, backend="eager") for net in (_ours(), torch_nets.Listed()))
    samples = interleave({"unified": lambda: ours(x), "raw": lambda: by_hand(x)}, max(1, rounds // 3))
    return [compare(f"{FULL_GRAPH} call ÷ ModuleList", samples, note="compiles as one graph")]
