"""What a process of several trains, for `torch_process`: variables split over a mesh, or by `fully_shard`."""

from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

import unified as u
import unified.functional as F
from conformance_tests.sharding.model import BATCH, annotated, forward, inputs

__all__ = ["trained"]


def losses(net, x, y, reduce=False):
    """Of five steps."""
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    found = []
    for _ in range(5):
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss = loss.detach().clone()
        if reduce:
            dist.all_reduce(loss)
            loss /= dist.get_world_size()
        found.append(loss.item())
    return found


def trained(rank: int, world: int, how: str) -> dict[str, Any]:
    """Return the losses of some steps, of the model whole and split, and the bytes of what this process holds."""
    x, y = map(torch.from_numpy, inputs())
    plain = losses(u.transform(forward, backend="torch").init(x, rng=0), x, y)
    net = annotated(u.transform(forward, backend="torch").init(x, rng=0))
    if how == "tensor":
        mesh = init_device_mesh("cpu", (1, world), mesh_dim_names=("data", "model"))
        u.distribute(net, mesh, {"hidden": "model"})
        sharded = losses(net, x, y)
    else:
        fully_shard(net, mesh=init_device_mesh("cpu", (world,), mesh_dim_names=("data",)))
        mine = slice(rank * BATCH // world, (rank + 1) * BATCH // world)
        sharded = losses(net, x[mine], y[mine], reduce=True)
    tensors = {path: value for path, value in net.params.items() if isinstance(value, DTensor)}
    sizes = {path: value.to_local().numel() * value.element_size() for path, value in tensors.items()}
    return {"plain": plain, "sharded": sharded, "bytes": sizes}
