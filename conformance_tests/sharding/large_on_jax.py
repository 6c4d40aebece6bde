"""A model on eight host devices, none of which is given all of it: prints what its programs take per device as JSON.

`python -m conformance_tests.sharding.large_on_jax FOLDER`: also loads the file that processes of torch have written
there, and writes one for them.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

import unified as u
import unified.functional as F
from conformance_tests.sharding import files

WIDTH, DEPTH = 512, 3
RULES = {"*/up/weight": ("model", None), "*/up/bias": ("model",), "*/down/weight": (None, "model")}
COLLECTIVES = ("all-gather", "all-reduce", "all-to-all", "collective-permute", "reduce-scatter")


class Block(u.Module):
    def __call__(self, x: Any) -> Any:
        h = F.gelu(u.Linear(WIDTH, 4 * WIDTH, name="up")(x))
        return x + u.Linear(4 * WIDTH, WIDTH, init_fn=u.initializers.normal(std=0.02), bias=False, name="down")(h)


def forward(x: Any) -> Any:
    x = u.layer_stack(DEPTH)(lambda x: Block()(x))(x)
    for _ in range(DEPTH):
        x = Block()(x)
    return x


def size(compiled: Any) -> dict[str, Any]:
    memory = compiled.memory_analysis()
    text = compiled.as_text()
    return {
        "arguments": memory.argument_size_in_bytes,
        "outputs": memory.output_size_in_bytes,
        "temporary": memory.temp_size_in_bytes,
        "aliased": memory.alias_size_in_bytes,
        "collectives": [name for name in COLLECTIVES if f" {name}(" in text or f" {name}-start(" in text],
        "code": len(text),
    }


def large() -> dict[str, Any]:
    mesh = Mesh(np.array(jax.devices()), ("model",))
    x = np.random.default_rng(0).standard_normal((4, WIDTH)).astype(np.float32)
    net = u.transform(forward, backend="jax")
    shardings = net.shardings(mesh, RULES, x)
    lowered = jax.jit(lambda: net.init(x, rng=0), out_shardings=shardings).lower()
    init = lowered.compile()
    params = init()
    plain = net.init(x, rng=0)
    optimizer = optax.adam(0.01)

    def step(params: Any, state: Any, x: Any) -> Any:
        loss, gradients = jax.value_and_grad(lambda p: (net.apply(p, x)[0] ** 2).mean())(params)
        updates, state = optimizer.update(gradients, state)
        return optax.apply_updates(params, updates), state, loss

    state = optimizer.init(params)
    program = jax.jit(step, donate_argnums=(0, 1), out_shardings=(shardings, None, None)).lower(params, state, x)
    expected = jax.jit(step)(plain, optimizer.init(plain), x)[2]
    different = [path for path in plain if not _equal(params[path], plain[path])]
    compiled = program.compile()
    sizes = {"init": size(init), "step": size(compiled)}
    loss = compiled(params, state, jax.device_put(x, NamedSharding(mesh, PartitionSpec())))[2]
    return {
        **sizes,
        "text": len(lowered.as_text()),
        "whole": sum(array.nbytes for array in plain.values()),
        "different": different,
        "losses": [float(loss), float(expected)],
    }


def _equal(one: Any, other: Any) -> bool:
    return bool((np.asarray(one).view("u4") == np.asarray(other).view("u4")).all())


def exchanged(folder: Path) -> dict[str, Any]:
    """Load what several processes of torch have written, each device its own part, and write it again."""
    net = u.transform(files.forward, backend="jax")
    mesh = Mesh(np.array(jax.devices()).reshape(4, 2), ("data", "model"))
    rules = {"odd/weight": (None, ("data", "model")), **files.RULES}
    shardings = net.shardings(mesh, rules, files.tokens())
    params = u.load(folder / files.FILE, "jax", like=shardings)
    expected = net.init(files.tokens(), rng=1)
    wrong = [path for path, array in params.items() if array.sharding != shardings[path]]
    different = [path for path in expected if not np.array_equal(params[path], expected[path])]
    assert jnp.all(params["embedding/weight"] == u.load(folder / files.FILE, "jax")["embedding/weight"])
    u.save(folder / "again.safetensors", params)
    return {"different": different, "wrong": wrong, "devices": len(params["odd/weight"].addressable_shards)}


if __name__ == "__main__":
    print(json.dumps({"large": large(), "exchanged": exchanged(Path(sys.argv[1]))}))
