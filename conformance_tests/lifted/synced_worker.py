"""Norms that exchange statistics by gloo; test_synced runs it as processes of torch, each with a part of a batch."""

import os
import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

import unified as u

NAMES = {"BatchNorm1d": "batch_norm1d", "SyncBatchNorm": "sync_batch_norm"}


def run(rank: int, folder: Path, processes: int) -> None:
    """Run one process, and write its results."""
    torch.set_num_threads(1)
    store = dist.FileStore(str(folder / "store"), processes)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=processes)
    x, weights = (torch.tensor(np.load(folder / f"{name}.npy")) for name in ("x", "weights"))
    part, part_weights = x.chunk(processes)[rank].clone(), weights.chunk(processes)[rank]
    for kind, name in NAMES.items():

        def body(x: torch.Tensor, kind: str = kind) -> torch.Tensor:
            return getattr(u, kind)(3, momentum=0.3, axis_name="data")(x)

        model = u.transform(body, backend="torch").init(part, rng=0).train()
        inputs = part.clone().requires_grad_()
        output = model(inputs)
        (output * part_weights).sum().backward()
        layer = model.get_submodule(name)
        results = {
            "output": output.detach(),
            "x_gradient": inputs.grad,
            "weight_gradient": layer.weight.grad,
            "bias_gradient": layer.bias.grad,
            "running_mean": layer.running_mean,
            "running_var": layer.running_var,
        }
        np.savez(folder / f"{kind}{rank}.npz", **{key: value.numpy() for key, value in results.items()})
    groups = [[rank for rank in range(processes) if rank % 2 == parity] for parity in (0, 1)]

    def of_group(x: torch.Tensor) -> torch.Tensor:
        return u.BatchNorm1d(3, axis_name="data", axis_index_groups=groups)(x)

    model = u.transform(of_group, backend="torch").init(part, rng=0).train()
    np.savez(folder / f"Groups{rank}.npz", output=model(part).detach().numpy())
    flat = x.reshape(8, 12).chunk(processes, 1)[rank]
    for kind in ("LayerNorm", "RMSNorm"):

        def body(x: torch.Tensor, kind: str = kind) -> torch.Tensor:
            return getattr(u, kind)(None, axis_name="model")(x)

        model = u.transform(body, backend="torch").init(flat, rng=0)
        np.savez(folder / f"{kind}{rank}.npz", output=model(flat).detach().numpy())
    dist.destroy_process_group()


if __name__ == "__main__":
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    folder, processes = Path(sys.argv[1]), int(sys.argv[2])
    mp.spawn(run, (folder, processes), processes)
