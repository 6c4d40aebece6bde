"""Costs of `unified.trees` beside a body, by hand and Equinox: the net of the other benchmarks, 100 x (Linear, relu).

On JAX: tracing, and a call of what is compiled, whose arguments are flattened in Python, node by node. On torch: a call
without compilation, in one thread, what `apply` adds to it, and the time to make a model with first values.
"""

from collections.abc import Callable
from typing import Any

import jax
import torch

import unified as u
import unified.functional as F
import unified.trees as ut
from benchmarks import jax_nets, torch_nets
from benchmarks.measure import interleave
from benchmarks.row import Row, compare

ROUNDS = 25
LAYERS, WIDTH = jax_nets.LAYERS, jax_nets.WIDTH


def _net() -> ut.Sequential:
    return ut.Sequential([part for _ in range(LAYERS) for part in (ut.Linear(WIDTH, WIDTH), F.relu)])


class ByHand(ut.Module):
    """The net with arrays in fields, as a careful user writes it."""

    weights: list[Any]
    biases: list[Any]

    def __call__(self, x: Any) -> Any:
        for weight, bias in zip(self.weights, self.biases, strict=True):
            x = jax.nn.relu(x @ weight.T + bias)
        return x


def _by_hand() -> ByHand:
    pairs: Any = jax_nets.raw()[1]
    return ByHand([weight for weight, _ in pairs], [bias for _, bias in pairs])


def _equinox() -> Any:
    import equinox as eqx

    keys = jax.random.split(jax.random.key(0), LAYERS)
    parts = [part for key in keys for part in (eqx.nn.Linear(WIDTH, WIDTH, key=key), eqx.nn.Lambda(jax.nn.relu))]
    return eqx.nn.Sequential(parts)


def _tracing(call: Callable[..., Any], *args: Any) -> Callable[[], Any]:
    return lambda: jax.jit(lambda *args: call(*args)).trace(*args)  # noqa: PLW0108 (a new function)


def _jax_rows(rounds: int) -> list[Row]:
    x, model, by_hand = jax_nets.example(), ut.fill(_net(), backend="jax"), _by_hand()
    (raw, raw_params), (inline, params) = jax_nets.raw(), jax_nets.unified_net()
    traces = {
        "unified": _tracing(lambda model, x: model(x), model, x),
        "raw": _tracing(raw, raw_params, x),
        "inline": _tracing(inline, params, x),
        "arrays in fields": _tracing(lambda model, x: model(x), by_hand, x),
    }
    compiled = jax.jit(lambda model, x: model(x))
    fast, fast_inline = jax.jit(raw), jax.jit(inline)
    calls = {
        "unified": lambda: compiled(model, x),
        "raw": lambda: fast(raw_params, x),
        "inline": lambda: fast_inline(params, x),
        "arrays in fields": lambda: compiled(by_hand, x),
    }
    try:
        import equinox as eqx

        peer, peer_call = _equinox(), eqx.filter_jit(lambda model, x: jax.vmap(model)(x))
        calls["equinox"] = lambda: peer_call(peer, x)
    except ImportError:
        pass
    trace, call = interleave(traces, rounds), interleave(calls, rounds * 4)
    peers = ("arrays in fields", "inline", "equinox")
    return [
        compare("trees, jax trace ÷ raw jnp", trace, peers=peers),
        compare("trees, jax trace ÷ inline", trace, baseline="inline"),
        compare("trees, compiled call ÷ raw jnp", call, peers=peers),
    ]


def _torch_rows(rounds: int) -> list[Row]:
    torch.set_num_threads(1)
    x, model, by_hand = torch_nets.example(), ut.fill(_net(), backend="torch"), torch_nets.Listed()
    inline = u.transform(torch_nets.inline, backend="torch").init(x, rng=0)
    with torch.no_grad():
        nets = {"unified": model, "raw": by_hand, "inline": inline}
        calls = interleave({name: lambda net=net: net(x) for name, net in nets.items()}, rounds)
    made = interleave(
        {
            "unified": lambda: ut.fill(_net(), backend="torch"),
            "inline": lambda: u.transform(torch_nets.inline, backend="torch").init(x, rng=0),
        },
        rounds,
    )
    applied = interleave({"unified": lambda: ut.apply(model, x, training=True), "call": lambda: model(x)}, rounds)
    return [
        compare("trees, torch eager call ÷ ModuleList", calls, peers=("inline",)),
        compare("trees, apply ÷ call, torch eager", applied, baseline="call"),
        compare("trees, model with first values ÷ inline init, torch", made, baseline="inline"),
    ]


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    return [*_jax_rows(rounds), *_torch_rows(rounds)]
