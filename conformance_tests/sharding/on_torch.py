"""A process of several: steps with variables split over a mesh, or by `fully_shard`. Process 0 prints JSON.

`python -m conformance_tests.sharding.on_torch RANK WORLD FILE HOW`
"""

import json
import sys

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

import unified as u
import unified.functional as F
from conformance_tests.sharding.model import BATCH, annotated, forward, inputs


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


if __name__ == "__main__":
    rank, world, file, how = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=rank, world_size=world)
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
    if rank == 0:
        print(json.dumps({"plain": plain, "sharded": sharded, "bytes": sizes}))
    dist.destroy_process_group()
