"""One model, one step and one script for many processes: FSDP2 and DTensor on PyTorch, GSPMD on JAX.

Every process runs this file with the environment that `torchrun` sets, on either framework:

    torchrun --nproc-per-node 4 examples/scale/train.py --backend torch --how full
    torchrun --nproc-per-node 4 examples/scale/train.py --backend jax --how full

`python examples/scale/train.py` runs it on one device; other launchers set RANK, WORLD_SIZE, MASTER_ADDR and
MASTER_PORT. `--how` splits the batch over the processes (`data`), the batch and all weights (`full`), or the weights by
the annotations in the body (`tensor`). All print the same losses, in about half a minute. `--save FILE` writes a
checkpoint, each process its part, and `--load FILE` goes on from it, on another number of processes or on the other
framework.
Needs: unified-nn[all]
"""

import argparse
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import unified as u
import unified.functional as F

SEED = 0
BATCH, LENGTH, VOCABULARY = 16, 12, 32
WIDTH, HIDDEN, HEADS, BLOCKS = 32, 64, 4, 2
LEARNING_RATE, BETA_1, BETA_2, EPSILON = 1e-2, 0.9, 0.99, 1e-6

# Over which axis of the mesh each kind of dimension is split. PyTorch's `fully_shard` splits all weights by itself.
RULES: dict[str, dict[str, str | None]] = {
    "data": {"embed": None, "hidden": None},
    "full": {"embed": "data", "hidden": None},
    "tensor": {"embed": None, "hidden": "model"},
}
INTO_HIDDEN = {"sharding": ("hidden", "embed")}
OUT_OF_HIDDEN = {"sharding": ("embed", "hidden")}

State = dict[str, u.Params]  # the parameters, and the two moments of each
Gradients = Callable[[u.Params, Any], tuple[Any, u.Params]]


class Block(u.Module):
    """Attention and a gated layer, whose heads and hidden features are split."""

    def __call__(self, x: Any) -> Any:
        x = x + self._attention(u.RMSNorm(WIDTH)(x))
        h = u.RMSNorm(WIDTH)(x)
        gate, up = (u.Linear(WIDTH, HIDDEN, bias=False, name=name, metadata=INTO_HIDDEN)(h) for name in ("gate", "up"))
        return x + u.Linear(HIDDEN, WIDTH, bias=False, name="down", metadata=OUT_OF_HIDDEN)(F.silu(gate) * up)

    def _attention(self, x: Any) -> Any:
        batch, length, _ = x.shape
        query, key, value = (
            u.Linear(WIDTH, WIDTH, bias=False, name=name, metadata=INTO_HIDDEN)(x)
            .reshape(batch, length, HEADS, WIDTH // HEADS)
            .swapaxes(1, 2)
            for name in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(2, 3) * (WIDTH // HEADS) ** -0.5
        mixed = F.softmax(scores + self._mask(length), -1) @ value
        mixed = mixed.swapaxes(1, 2).reshape(batch, length, WIDTH)
        return u.Linear(WIDTH, WIDTH, bias=False, name="out", metadata=OUT_OF_HIDDEN)(mixed)

    def _mask(self, length: int) -> Any:
        """A buffer, so that it is where the weights are."""
        mask = np.triu(np.full((length, length), -1e9, np.float32), 1)
        return u.get_state("mask", (length, length), init_fn=u.initializers.constant(mask))


def forward(tokens: Any) -> Any:
    """Return the logits of the next tokens for tokens `(batch, time)`."""
    x = u.Embedding(VOCABULARY, WIDTH)(tokens)
    for _ in range(BLOCKS):
        x = Block()(x)
    return u.Linear(WIDTH, VOCABULARY, bias=False, name="head")(u.RMSNorm(WIDTH)(x))


def loss_of(logits: Any, targets: Any) -> Any:
    return F.cross_entropy(logits.reshape(-1, VOCABULARY), targets.reshape(-1))


def step(gradients_of: Gradients, state: State, number: Any, batch: Any) -> tuple[State, Any]:
    """One step of Adam, on whichever arrays: whole ones, `DTensor`s, or tracers of `jax.jit`."""
    loss, gradients = gradients_of(state["params"], batch)
    first, second, params = {}, {}, {}
    for path, gradient in gradients.items():
        first[path] = BETA_1 * state["first"][path] + (1 - BETA_1) * gradient
        second[path] = BETA_2 * state["second"][path] + (1 - BETA_2) * gradient * gradient
        mean, square = first[path] / (1 - BETA_1**number), second[path] / (1 - BETA_2**number)
        params[path] = state["params"][path] - LEARNING_RATE * mean / (square**0.5 + EPSILON)
    new = {"params": params, "first": first, "second": second}
    return {name: values.replaced(new[name]) for name, values in state.items()}, loss


def batches(begin: int, steps: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the number and the sequences of each step: counts up by a stride of the sequence's own."""
    for number in range(begin, begin + steps):
        rng = np.random.default_rng(number)
        start, stride = rng.integers(0, VOCABULARY, (2, BATCH, 1))
        yield number + 1, (start + stride % 4 * np.arange(LENGTH + 1)) % VOCABULARY


class OnTorch:
    """The engines of PyTorch: FSDP2, DTensor, DistributedDataParallel, torch.distributed with gloo."""

    backend = "torch"

    def __init__(self, how: str) -> None:
        import torch
        import torch.distributed as dist
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard

        self.torch, self.dist, self.how = torch, dist, how
        torch.set_num_threads(1)
        dist.init_process_group("gloo")
        self.rank, self.world = dist.get_rank(), dist.get_world_size()
        net = u.transform(forward, backend="torch")
        with torch.device("meta"):
            net.init(torch.zeros(1, LENGTH, dtype=torch.long))
        if how == "tensor":
            u.distribute(net, init_device_mesh("cpu", (self.world,), mesh_dim_names=("model",)), RULES[how])
        elif how == "full":
            for number in range(BLOCKS):
                fully_shard(net.get_submodule(f"block_{number}" if number else "block"))
            fully_shard(net)
        net.to_empty(device="cpu").reset(rng=SEED)
        self.net = net
        self.call = torch.nn.parallel.DistributedDataParallel(net) if how == "data" else net
        self.state = {"params": net.params, **{name: zeros(net.params, torch) for name in ("first", "second")}}

    def batch(self, sequences: np.ndarray) -> Any:
        rows = len(sequences) // self.world
        mine = slice(None) if self.how == "tensor" else slice(self.rank * rows, (self.rank + 1) * rows)
        return self.torch.from_numpy(sequences[mine])

    def gradients(self, params: u.Params, sequences: Any) -> Any:
        """The engines average gradients in the backward pass of the modules that have the parameters."""
        with self.torch.enable_grad():
            loss = loss_of(self.call(sequences[:, :-1]), sequences[:, 1:])
            loss.backward()
        weights, _ = params.split()
        gradients = weights.replaced({path: self.summed(weight) for path, weight in weights.items()})
        self.net.zero_grad()
        loss = loss.detach() / (1 if self.how == "tensor" else self.world)
        if self.how != "tensor":
            self.dist.all_reduce(loss)
        return loss, gradients

    @staticmethod
    def summed(weight: Any) -> Any:
        """Return a gradient; one whose summands are on several devices is split as its weight is."""
        placements = getattr(weight, "placements", None)
        return weight.grad if placements is None else weight.grad.redistribute(placements=placements)

    def step(self, number: int, sequences: np.ndarray) -> float:
        with self.torch.no_grad():
            self.state, loss = step(self.gradients, self.state, number, self.batch(sequences))
            self.put(self.state)
        return float(loss)

    def put(self, state: State) -> None:
        """Copy parameters into the modules, which compute with them."""
        with self.torch.no_grad():
            for path, tensor in self.net.params.items():
                tensor.copy_(state["params"][path])
        self.state = {**state, "params": self.net.params}

    def finish(self) -> None:
        self.dist.destroy_process_group()


class OnJax:
    """The engine of JAX: GSPMD, over all devices of all processes of jax.distributed."""

    backend = "jax"

    def __init__(self, how: str) -> None:
        import jax
        import jax.numpy as jnp
        from jax.sharding import Mesh, NamedSharding, PartitionSpec

        world, rank = int(os.environ["WORLD_SIZE"]), int(os.environ["RANK"])
        if world > 1:
            port = int(os.environ["MASTER_PORT"]) + 1  # torchrun listens at its own
            jax.distributed.initialize(f"{os.environ['MASTER_ADDR']}:{port}", world, rank)
        self.jax, self.rank, self.world = jax, jax.process_index(), jax.process_count()
        shape = (1, -1) if how == "tensor" else (-1, 1)
        mesh = Mesh(np.array(jax.devices()).reshape(shape), ("data", "model"))
        self.rows = NamedSharding(mesh, PartitionSpec("data"))
        net = u.transform(forward, backend="jax")
        tokens = np.zeros((1, LENGTH), np.int32)
        shardings = net.shardings(mesh, RULES[how], tokens)
        params = jax.jit(lambda: net.init(tokens, rng=SEED), out_shardings=shardings)()
        self.state = {"params": params, **{name: zeros(params, jnp) for name in ("first", "second")}}
        places = {name: shardings.pick(values) for name, values in self.state.items()}

        def gradients(params: u.Params, sequences: Any) -> Any:
            weights, rest = params.split()

            def loss(weights: u.Params) -> Any:
                return loss_of(net.apply(weights | rest, sequences[:, :-1])[0], sequences[:, 1:])

            return jax.value_and_grad(loss)(weights)

        self.program = jax.jit(
            lambda state, number, batch: step(gradients, state, number, batch),
            donate_argnums=0,
            out_shardings=(places, NamedSharding(mesh, PartitionSpec())),
        )

    def step(self, number: int, sequences: np.ndarray) -> float:
        split = self.jax.make_array_from_callback(
            sequences.shape, self.rows, lambda index: sequences[index].astype(np.int32)
        )
        self.state, loss = self.program(self.state, float(number), split)
        return float(loss)

    def put(self, state: State) -> None:
        self.state = state

    def finish(self) -> None:
        pass


def zeros(params: u.Params, namespace: Any) -> u.Params:
    """Return zeros that are split as the parameters are."""
    weights, _ = params.split()
    return weights.replaced({path: namespace.zeros_like(array) for path, array in weights.items()})


def flat(state: State) -> dict[str, Any]:
    return {f"{name}/{path}": array for name, values in state.items() for path, array in values.items()}


def restore(run: OnTorch | OnJax, file: str) -> int:
    """Load what this process holds of a checkpoint, and return the number of steps that it has seen."""
    loaded = u.load(file, run.backend, like=flat(run.state))
    run.put({name: values.replaced(loaded.subtree(name)) for name, values in run.state.items()})
    return int(loaded.info["params/head/weight"].metadata["steps"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Train a small language model on many processes.")
    parser.add_argument("--backend", choices=("torch", "jax"), default="torch")
    parser.add_argument("--how", choices=tuple(RULES), default="full")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--save", metavar="FILE")
    parser.add_argument("--load", metavar="FILE")
    options = parser.parse_args()
    for name, value in {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29400"}.items():
        os.environ.setdefault(name, value)
    run = OnTorch(options.how) if options.backend == "torch" else OnJax(options.how)
    begin = restore(run, options.load) if options.load else 0
    losses = [run.step(number, sequences) for number, sequences in batches(begin, options.steps)]
    if options.save:
        saved = u.Params(flat(run.state)).annotate(..., steps=begin + options.steps)
        u.save(options.save, saved, background=True).wait()
    if run.rank == 0:
        print(json.dumps({"processes": run.world, "losses": losses}))
    run.finish()


if __name__ == "__main__":
    main()
