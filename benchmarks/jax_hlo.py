"""Number of operations in the optimised HLO module of the 100-layer net, ours against raw `jnp`.

The rows are the forward pass, and the gradient of its sum with respect to all parameters. A row is met if no operation
occurs more often in ours.
"""

import re
from collections import Counter
from typing import Any

import jax

from benchmarks import jax_nets
from benchmarks.row import Row

ROUNDS = 1

# `ROOT %name = f32[2,10]{1,0} opcode(...)`; a result may also be a tuple, `(f32[2,10]{1,0}, f32[])`.
INSTRUCTION = re.compile(r"^\s+(?:ROOT )?%?[\w.-]+ = (?:\(.*?\)|\S+) ([a-z][\w-]*)\(", re.MULTILINE)


def operations(function: Any, *arguments: Any) -> Counter[str]:
    """Return the number of occurrences of each operation in the compiled `function`."""
    counts = Counter(INSTRUCTION.findall(jax.jit(function).lower(*arguments).compile().as_text()))
    if not counts["parameter"]:
        raise RuntimeError("the text of the compiled module matches no operation: its format may have changed")
    return counts


def difference(ours: Counter[str], raw: Counter[str]) -> str:
    """Return a description of the differences, or of the most frequent operations if both are equal."""
    if ours == raw:
        return "equal: " + ", ".join(f"{count} {name}" for name, count in ours.most_common(6))
    names = sorted(name for name in ours | raw if ours[name] != raw[name])
    return "differ: " + ", ".join(f"{name} {ours[name]} for {raw[name]}" for name in names)


def counted(name: str, ours: Counter[str], raw: Counter[str]) -> Row:
    """Return a row that is met if no operation occurs more often in ours."""
    met = not ours - raw
    return Row(name, ours.total(), raw.total(), "ops", met=met, bar=raw.total(), note=difference(ours, raw))


def run(rounds: int = ROUNDS) -> list[Row]:
    """Return the rows of this benchmark."""
    x = jax_nets.example()
    (apply, params), (raw, pairs) = jax_nets.unified_net(), jax_nets.raw()

    def forward(params: Any, x: jax.Array) -> jax.Array:
        return apply(params, x)[0]

    def gradient(function: Any) -> Any:
        return jax.grad(lambda params, x: function(params, x).sum())

    return [
        counted("jax HLO, forward", operations(forward, params, x), operations(raw, pairs, x)),
        counted("jax HLO, gradient", operations(gradient(forward), params, x), operations(gradient(raw), pairs, x)),
    ]
