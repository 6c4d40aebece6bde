"""What a process of several does with files, for `torch_process`: writes and reads its own part."""

import os
import signal
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, Partial

import unified as u
from conformance_tests.sharding.files import FILE, forward, tokens
from unified.backends.torch.shards import is_sharded, local_part

__all__ = ["files", "killed"]


def sharded(how: str, seed: int) -> Any:
    net = u.transform(forward, backend="torch").init(torch.from_numpy(tokens()), rng=seed)
    if how == "tensor":
        mesh = init_device_mesh("cpu", (dist.get_world_size(),), mesh_dim_names=("model",))
        return u.distribute(net, mesh, {"h/*/weight": ("model", None), "embedding/weight": (None, "model")})
    fully_shard(net)
    return net


def differences(net: Any, expected: u.Params) -> list[str]:
    """Return the paths of variables of which this process holds other values."""
    found = []
    for path, tensor in net.params.items():
        local, start = local_part(path, tensor)
        box = tuple(slice(first, first + size) for first, size in zip(start, local.shape, strict=True))
        if not torch.equal(local, expected[path].detach()[box]):
            found.append(path)
    return found


def files(rank: int, world: int, folder: Path) -> dict[str, Any]:
    """Save by `fully_shard`, load in other placements; load what JAX wrote; fail in one process; save in a thread."""
    result: dict[str, Any] = {}
    expected = u.transform(forward, backend="torch").init(torch.from_numpy(tokens()), rng=1).params
    u.save(folder / FILE, sharded("fully_shard", 1))
    for how in ("fully_shard", "tensor"):
        net = sharded(how, 2)
        loaded = u.load(folder / FILE, like=net)
        result[f"{how}: sharded"] = sum(map(is_sharded, loaded.values()))
        net.load_params(loaded)
        result[how] = differences(net, expected)
        net = sharded(how, 2)
        net.load_params(u.load(folder / "jax.safetensors", like=net))
        result[f"{how}: of jax"] = differences(net, expected)

    mesh = init_device_mesh("cpu", (world,), mesh_dim_names=("model",))
    try:
        u.save(folder / "sum.safetensors", {"a/weight": DTensor.from_local(torch.ones(2), mesh, [Partial()])})
    except ValueError as error:
        result["summands"] = str(error)

    # A process that fails leaves the checkpoint as it was, and all are told.
    net = sharded("fully_shard", 5)
    try:
        with _full_disk() if rank == world - 1 else nullcontext():
            u.save(folder / FILE, net, timeout=30)
        result["failed"] = "nothing was raised"
    except (u.CheckpointError, OSError) as error:
        result["failed"] = str(error)
    net = sharded("fully_shard", 2)
    net.load_params(u.load(folder / FILE, like=net))
    result["after the failure"] = differences(net, expected)

    # In a thread: what is trained meanwhile is not in the file.
    dist.barrier()
    saving = u.save(folder / "later.safetensors", net, background=True)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
    saving.wait()
    net.load_params(u.load(folder / "later.safetensors", like=net))
    result["in a thread"] = differences(net, expected)
    result["names"] = sorted(os.listdir(folder))
    return result


def killed(rank: int, folder: Path) -> str:
    """Save, and save again while process 1 is killed; return what process 0 was told."""
    from unified.core.checkpoint import together

    u.save(folder / FILE, sharded("fully_shard", 1))
    if rank == 1:
        together.write_tensors = lambda *args: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    try:
        u.save(folder / FILE, sharded("fully_shard", 2), timeout=2)
    except u.CheckpointError as error:
        return str(error)
    return "nothing was raised"


class _full_disk:
    """The writes of this process fail."""

    def __enter__(self) -> None:
        from unified.core.checkpoint import together

        self.real = together.write_tensors

        def fail(*args: Any) -> None:
            time.sleep(0.2)
            raise OSError("no space left on device")

        together.write_tensors = fail  # type: ignore[assignment]

    def __exit__(self, *error: Any) -> None:
        from unified.core.checkpoint import together

        together.write_tensors = self.real
