"""Norms over an axis of `shard_map` and `pmap`; test_synced runs it with eight devices of JAX on the host."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np

import unified as u


def map_devices(how: str, apply: Callable[..., Any], devices: int) -> Callable[..., Any]:
    """Return `apply(params, x)`, mapped over that number of devices."""
    if how == "pmap":
        return jax.pmap(apply, in_axes=(None, 0), out_axes=(0, None), axis_name="data", devices=jax.devices()[:devices])
    mesh = jax.make_mesh(
        (devices,), ("data",), axis_types=(jax.sharding.AxisType.Auto,), devices=jax.devices()[:devices]
    )
    spec = jax.sharding.PartitionSpec
    mapped = jax.shard_map(
        lambda params, x: apply(params, x[0]),
        mesh=mesh,
        in_specs=(spec(), spec("data")),
        out_specs=(spec("data"), spec()),
    )

    def apply_to_parts(params: Any, x: Any) -> Any:
        output, changes = mapped(params, x)
        return output.reshape(x.shape), changes

    return apply_to_parts


def main(folder: Path) -> None:
    """Write the results of every norm, transform and number of devices."""
    x, weights = (np.load(folder / f"{name}.npy") for name in ("x", "weights"))
    for kind, name in (("BatchNorm1d", "batch_norm1d"), ("SyncBatchNorm", "sync_batch_norm")):
        for how in ("shard_map", "pmap"):
            for devices in (2, 8):
                parts = x.reshape(devices, 8 // devices, *x.shape[1:])

                def body(x: Any, kind: str = kind) -> Any:
                    return getattr(u, kind)(3, momentum=0.3, axis_name="data")(x)

                net = u.transform(body, backend="jax")
                params = net.init(parts[0], rng=0)
                apply = map_devices(how, partial(net.apply, training=True), devices)
                trainable, rest = params.split()

                def loss(trainable: Any, x: Any, apply: Any = apply, rest: Any = rest) -> Any:
                    output, changes = apply(rest | trainable, x)
                    return (output * weights.reshape(x.shape)).sum(), (output, changes)

                (_, (output, changes)), (gradients, x_gradient) = jax.value_and_grad(loss, (0, 1), has_aux=True)(
                    trainable, parts
                )
                np.savez(
                    folder / f"{kind}-{how}-{devices}.npz",
                    output=output,
                    x_gradient=x_gradient,
                    weight_gradient=gradients[f"{name}/weight"],
                    bias_gradient=gradients[f"{name}/bias"],
                    running_mean=changes[f"{name}/running_mean"],
                    running_var=changes[f"{name}/running_var"],
                )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
