"""Cost of `unified.explicit` beside the inline style and code by hand: 100 x (Linear(10, 10), relu), batch 2.

On torch an eager call without gradients, on one thread, and the first call, which makes all variables; on JAX the time
to trace, and the first call.
"""

from collections.abc import Callable
from typing import Any

import jax
import torch

import unified as u
import unified.explicit as bx
import unified.functional as F
from benchmarks import fresh, jax_nets, torch_nets
from benchmarks.measure import Samples, interleave
from benchmarks.row import Row, compare

ROUNDS = 60
PROCESSES = 4
LAYERS, WIDTH = jax_nets.LAYERS, jax_nets.WIDTH
TRACE_BAR = 1.1


def network() -> list[bx.Linear]:
    """Return the layers of our net."""
    graph = bx.Graph()
    return [
        bx.Linear(graph.child(f"linear_{number}" if number else "linear"), WIDTH, WIDTH) for number in range(LAYERS)
    ]


def run_layers(layers: list[bx.Linear], params: u.Params, x: Any) -> tuple[Any, u.Params]:
    """Run our net."""
    for layer in layers:
        x, params = layer(params, x)
        x = F.relu(x)
    return x, params


def on_torch(rounds: int, number: int) -> Samples:
    """Return the samples on torch in a fresh process, the `number`-th, which sets the order of construction."""
    torch.set_num_threads(1)
    x, layers = torch_nets.example(), network()
    params = run_layers(layers, bx.params(0, "torch"), x)[1].locked()
    makers: list[tuple[str, Callable[[], Any]]] = [
        ("explicit", lambda: lambda x: run_layers(layers, params, x)),
        ("inline", lambda: u.transform(torch_nets.inline, backend="torch").init(x, rng=0)),
        ("ModuleList", torch_nets.Listed),
    ]
    first = number % len(makers)
    nets = {name: make() for name, make in makers[first:] + makers[:first]}
    with torch.no_grad():
        samples = interleave({name: lambda net=net: net(x) for name, net in nets.items()}, rounds)
        inits = {
            "init, explicit": lambda: run_layers(layers, bx.params(0, "torch"), x),
            "init, inline": lambda: u.transform(torch_nets.inline, backend="torch").init(x, rng=0),
        }
        return samples | interleave(inits, max(3, rounds // 10))


def on_jax(rounds: int) -> Samples:
    """Return the samples on JAX."""
    x, layers = jax_nets.example(), network()
    params = run_layers(layers, bx.params(0, "jax"), x)[1].locked()
    nets: dict[str, jax_nets.Net] = {
        "explicit": (lambda params, x: run_layers(layers, params, x)[0], params),
        "inline": jax_nets.unified_net(),
        "raw": jax_nets.raw(),
        **{name: net for name, net in jax_nets.peers().items() if name == "blox"},
    }

    def tracing(net: jax_nets.Net) -> Callable[[], Any]:
        apply, params = net
        return lambda: jax.jit(lambda params, x: apply(params, x)).trace(params, x)  # noqa: PLW0108 (a new function)

    samples = interleave({name: tracing(net) for name, net in nets.items()}, rounds)
    inline = u.transform(jax_nets.inline, backend="jax")
    inits = {
        "init, explicit": lambda: run_layers(layers, bx.params(0, "jax"), x),
        "init, inline": lambda: inline.init(x, rng=0),
    }
    return samples | interleave(inits, max(3, rounds // 10))


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    torch_samples = fresh.pooled(f"{__name__}:on_torch", rounds, PROCESSES)
    jax_samples = on_jax(rounds)
    return [
        compare("explicit, torch eager call ÷ inline", torch_samples, "explicit", "inline"),
        compare("explicit, torch eager call ÷ ModuleList", torch_samples, "explicit", "ModuleList"),
        compare("explicit, torch first call ÷ init of inline", torch_samples, "init, explicit", "init, inline"),
        compare("explicit, jax trace ÷ inline", jax_samples, "explicit", "inline", bar=TRACE_BAR, peers=("blox",)),
        compare("explicit, jax trace ÷ raw jnp", jax_samples, "explicit", "raw", peers=("blox",)),
        compare("explicit, jax first call ÷ init of inline", jax_samples, "init, explicit", "init, inline"),
    ]
