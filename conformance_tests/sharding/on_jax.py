"""A sharded and a plain step on eight host devices: prints what each gave as JSON."""

import json
import os

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

import unified as u
import unified.functional as F
from conformance_tests.sharding.model import annotated, forward, inputs

if __name__ == "__main__":
    x, y = map(jnp.asarray, inputs())
    net = u.transform(forward, backend="jax")
    params = annotated(net.init(x, rng=0))
    optimizer = optax.adam(0.01)

    @jax.jit
    def step(params, state, x, y):
        def loss_of(params):
            return F.cross_entropy(net.apply(params, x)[0], y)

        loss, gradients = jax.value_and_grad(loss_of)(params)
        updates, state = optimizer.update(gradients, state)
        return optax.apply_updates(params, updates), state, loss

    def losses(params, x, y):
        state, found = optimizer.init(params), []
        for _ in range(5):
            params, state, loss = step(params, state, x, y)
            found.append(loss.item())
        return found, params

    plain, _ = losses(params, x, y)
    mesh = Mesh(np.array(jax.devices()).reshape(2, 4), ("data", "model"))
    split = u.distribute(params, mesh, {"hidden": "model"})
    rows = NamedSharding(mesh, PartitionSpec("data"))
    sharded, after = losses(split, jax.device_put(x, rows), jax.device_put(y, rows))
    bytes_of = {path: value.addressable_shards[0].data.nbytes for path, value in after.items()}
    print(json.dumps({"devices": jax.device_count(), "plain": plain, "sharded": sharded, "bytes": bytes_of}))
