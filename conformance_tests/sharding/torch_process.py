"""A process of several, each of which fills its own shards: prints JSON about them.

`python -m conformance_tests.sharding.torch_process RANK WORLD FILE HOW,HOW`: `fully_shard`, `tensor` or `both` of a
small model beside the same model whole, `memory` of one that is large enough for its memory to be seen, `files`, or
steps of training.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

import unified as u
import unified.functional as F
from conformance_tests.sharding.files_on_torch import files, killed
from conformance_tests.sharding.on_torch import trained
from unified.backends.torch.shards import local_part

RULES = {
    "blocks/*/linear/weight": ("model", None),
    "blocks/*/linear_1/weight": (None, "model"),
    "block*/linear/weight": ("model", None),
    "block*/linear/bias": ("model",),
    "embedding/weight": (None, "model"),
}


class Block(u.Module):
    def __init__(self, width: int) -> None:
        self.width = width

    def __call__(self, x: Any) -> Any:
        h = F.gelu(u.Linear(self.width, 2 * self.width)(u.LayerNorm(self.width)(x)))
        return x + u.Linear(2 * self.width, self.width, init_fn=u.initializers.normal(std=0.02))(h)


def forward(tokens: Any, width: int = 8, depth: int = 2) -> Any:
    """Layers of their own and a stack of layers, a tied weight, buffers, an odd size and a function of the user's."""
    embedding = u.Embedding(20, width, padding_idx=3)
    x = embedding(tokens)
    for _ in range(depth):
        x = Block(width)(x)
    x = u.layer_stack(depth, name="blocks")(lambda x: Block(width)(x))(x)
    x = x * u.get_parameter("scale", width, init_fn=lambda shape, dtype: torch.arange(width, dtype=dtype))
    x = u.BatchNorm1d(width)(x.reshape(-1, width))
    x = u.Linear(width, 7, init_fn=u.initializers.orthogonal(), name="odd")(x)
    head = u.Linear(7, 20, name="head")
    tied = u.Linear(width, 20, bias=False, name="tied")
    tied.weight = embedding.weight
    return head(x), tied(embedding(tokens))


def shards(rank: int, world: int, how: str) -> dict[str, Any]:
    tokens = torch.zeros(2, 5, dtype=torch.long)
    plain = u.transform(forward, backend="torch").init(tokens, rng=3).params
    net = u.transform(forward, backend="torch")
    with torch.device("meta"):
        net.init(tokens)
    if how == "both":
        mesh = init_device_mesh("cpu", (2, world // 2), mesh_dim_names=("data", "model"))
        u.distribute(net, mesh["model"], RULES)
        fully_shard(net, mesh=mesh["data"])
    elif how == "tensor":
        u.distribute(net, init_device_mesh("cpu", (1, world), mesh_dim_names=("data", "model")), RULES)
    else:
        for name, block in net.named_children():
            if name.startswith("block"):
                fully_shard(block)
        fully_shard(net)
    net.to_empty(device="cpu").reset(rng=3)
    different, split = [], 0
    assert list(net.params) == list(plain)
    for path, tensor in net.params.items():
        local, start = local_part(path, tensor)
        box = tuple(slice(first, first + size) for first, size in zip(start, local.shape, strict=True))
        split += tensor.numel() > local.numel()
        if not torch.equal(local, plain[path].detach()[box]):
            different.append(path)
    full = [path for path, t in net.params.items() if not torch.equal(whole(t), plain[path])]
    outputs = [whole(output) for output in net.eval()(tokens)]
    expected = u.transform(forward, backend="torch").init(tokens, rng=3).eval()(tokens)
    error = max((a - b).abs().max().item() for a, b in zip(outputs, expected, strict=True))
    shared = net.embedding.weight is net.tied.weight
    return {"different": different + full, "split": split, "error": error, "shared": shared}


def whole(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def memory(world: int) -> dict[str, Any]:
    """Bytes that the process takes for its shards, and those of all of the model."""

    def wide(x: Any) -> Any:
        for _ in range(4):
            x = u.Linear(2048, 2048)(x)
        return u.layer_stack(2)(lambda x: u.Linear(2048, 2048, init_fn=u.initializers.normal())(x))(x)

    small = u.transform(forward, backend="torch").init(torch.zeros(1, 2, dtype=torch.long), rng=0)
    fully_shard(small)
    small.reset(rng=0)  # what is imported and kept is there before
    net = u.transform(wide, backend="torch")
    with torch.device("meta"):
        net.init(torch.ones(1, 2048))
    for layer in net.children():
        fully_shard(layer)
    fully_shard(net)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    net.to_empty(device="cpu").reset(rng=0)
    taken = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    sizes = [tensor.numel() * tensor.element_size() for tensor in net.parameters()]
    return {"taken": taken, "whole": sum(sizes), "mine": sum(sizes) // world}


if __name__ == "__main__":
    rank, world, file, hows = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4].split(",")
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=rank, world_size=world)
    folder = Path(file).parent
    checks: dict[str, Any] = {
        "memory": lambda: memory(world),
        "files": lambda: files(rank, world, folder),
        "killed": lambda: killed(rank, folder),
        "train tensor": lambda: trained(rank, world, "tensor"),
        "train fully_shard": lambda: trained(rank, world, "fully_shard"),
    }
    print(json.dumps({how: checks[how]() if how in checks else shards(rank, world, how) for how in hows}))
    if "killed" not in hows:  # the others are waited for
        dist.destroy_process_group()
