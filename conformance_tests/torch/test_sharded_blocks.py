"""Blocks are what torch.distributed and accelerate shard, wrap, split and offload."""

import copy

import pytest
import torch

import unified as u
import unified.functional as F


class Block(u.Module):
    def __call__(self, x):
        return x + u.Linear(16, 8)(F.gelu(u.Linear(8, 16)(x)))


def forward(x):
    for _ in range(3):
        x = Block()(x)
    return u.Linear(8, 3)(x)


X = torch.randn(4, 8, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def net():
    return u.transform(forward, backend="torch").init(X, rng=0).eval()


@pytest.fixture
def process_group(tmp_path):
    """Set up a group of this process alone."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/group", rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


def test_fully_shard_each_block(net, process_group):
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import FSDPModule, fully_shard

    sharded, mesh = copy.deepcopy(net), init_device_mesh("cpu", (1,))
    for module in (sharded.block, sharded.block_1, sharded.block_2, sharded):
        fully_shard(module, mesh=mesh)
    assert isinstance(sharded.block, FSDPModule) and isinstance(sharded.block, type(net.block))
    assert torch.equal(sharded(X), net(X))
    sharded(X).sum().backward(), net(X).sum().backward()
    for one, other in zip(sharded.parameters(), net.parameters(), strict=True):
        assert torch.equal(one.grad.full_tensor(), other.grad)


@pytest.mark.filterwarnings("ignore")  # of FSDP1 about its successor
def test_module_wrap_policy(net, process_group):
    from torch.distributed.fsdp import FullyShardedDataParallel
    from torch.distributed.fsdp.wrap import ModuleWrapPolicy

    wrapped = FullyShardedDataParallel(
        copy.deepcopy(net), auto_wrap_policy=ModuleWrapPolicy({type(net.block)}), device_id=torch.device("cpu")
    )
    assert sum(isinstance(module, FullyShardedDataParallel) for module in wrapped.modules()) == 4
    assert torch.equal(wrapped(X), net(X))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_pipelining_splits_at_blocks(net):
    from torch.distributed.pipelining import SplitPoint, pipeline

    split = {"block_1": SplitPoint.BEGINNING, "block_2": SplitPoint.BEGINNING}
    pipe = pipeline(copy.deepcopy(net), mb_args=(X,), split_spec=split)
    assert pipe.num_stages == 3
    output = X
    for stage in range(3):
        output = pipe.get_stage_module(stage)(output)
    assert torch.equal(output, net(X))


@pytest.mark.full
def test_accelerate_offloads_and_keeps_blocks_whole(net, tmp_path):
    accelerate = pytest.importorskip("accelerate")
    size = sum(p.numel() * p.element_size() for p in net.block.parameters())
    places = accelerate.infer_auto_device_map(
        net, {"cpu": int(2.6 * size), "disk": 100 * size}, no_split_module_classes=["Block"]
    )
    assert places == {"block": "cpu", "block_1": "disk", "block_2": "disk", "linear": "disk"} or (
        set(places) == {"block", "block_1", "block_2", "linear"}
    )
    assert torch.equal(accelerate.disk_offload(copy.deepcopy(net), tmp_path, offload_buffers=True)(X), net(X))
    assert torch.equal(accelerate.cpu_offload(copy.deepcopy(net), torch.device("cpu"))(X), net(X))

    class Doubled(accelerate.hooks.ModelHook):
        def post_forward(self, module, output):
            return 2 * output

    hooked = copy.deepcopy(net)
    accelerate.hooks.add_hook_to_module(hooked.block_2, Doubled())
    assert torch.equal(hooked(X), net.linear(2 * net.block_2(net.block_1(net.block(X)))))
    zeros = {path: torch.zeros_like(value) for path, value in net.params.items() if path.startswith("block_2/")}
    expected = net.linear(2 * net.block_1(net.block(X)))
    assert torch.equal(hooked.apply(hooked.params.update(zeros), X)[0], expected)  # the hook runs the replica's block
