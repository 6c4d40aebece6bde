"""accelerate's training loop, checkpoints, device maps and empty weights, beside a hand-written module."""

import copy

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import unified as u
from conformance_tests.torch.ecosystem.models import LABELS, MARKS, X, assert_equal_variables, loop, make, pair

pytestmark = MARKS


@pytest.fixture
def accelerate():
    module = pytest.importorskip("accelerate")
    yield module
    module.state.AcceleratorState._reset_state(reset_partial_state=True)


def trained(accelerate, model, folder, precision):
    """Train with an Accelerator, and return the losses, the model that it made and the accelerator."""
    accelerate.state.AcceleratorState._reset_state(reset_partial_state=True)
    accelerator = accelerate.Accelerator(cpu=True, gradient_accumulation_steps=2, mixed_precision=precision)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    prepared = accelerator.prepare(model, optimizer, DataLoader(TensorDataset(X, LABELS), batch_size=8), schedule)
    model, optimizer, batches, schedule = prepared
    losses = []
    torch.manual_seed(0)  # the dropout's
    for x, labels in [batch for _ in range(2) for batch in batches]:
        with accelerator.accumulate(model):
            loss = nn.functional.cross_entropy(model(x), labels)
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step(), schedule.step(), optimizer.zero_grad()
        losses.append(loss.item())
    accelerator.save_state(folder)
    return losses, model, accelerator


@pytest.mark.parametrize("precision", ["no", "bf16"])
def test_training_and_its_checkpoints(accelerate, tmp_path, precision):
    results = []
    for name, model in zip(("net", "hand"), pair(), strict=True):
        losses, prepared, accelerator = trained(accelerate, model, tmp_path / name, precision)
        assert accelerator.unwrap_model(prepared) is model and losses[-1] != losses[0]
        with torch.no_grad():
            kept = [p.clone() for p in model.parameters()]
            [p.zero_() for p in model.parameters()]
        accelerator.load_state(tmp_path / name)
        assert all(torch.equal(p, before) for p, before in zip(model.parameters(), kept, strict=True))
        results.append((losses, model, list(accelerator.get_state_dict(prepared))))
    (losses, net, names), (hand_losses, hand, hand_names) = results
    assert losses == hand_losses and names == hand_names
    assert_equal_variables(net, hand)
    files = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("net", "hand")]
    assert files[0] == files[1]


def test_a_model_without_memory_is_loaded_by_its_device_map(accelerate, tmp_path):
    net, hand = (model.eval() for model in pair())
    accelerate.Accelerator(cpu=True).save_model(hand, tmp_path)
    with accelerate.init_empty_weights(include_buffers=True):  # `init` runs the body, so that all is on one device
        empty = u.transform(loop, backend="torch").init(X.to("meta"), rng=1).eval()
    assert {p.device.type for p in empty.parameters()} == {"meta"}
    size = sum(p.numel() * p.element_size() for p in net.block.parameters())
    maps = [
        accelerate.infer_auto_device_map(
            model, {"cpu": int(2.2 * size), "disk": 100 * size}, no_split_module_classes=[type(model.block).__name__]
        )
        for model in (net, hand)
    ]
    assert maps[0] == maps[1] and set(maps[0].values()) == {"cpu", "disk"}
    loaded = accelerate.load_checkpoint_and_dispatch(
        empty, tmp_path, device_map=maps[0], offload_folder=tmp_path / "disk"
    )
    assert torch.equal(loaded(X), net(X))


def test_buffers_that_keep_their_memory_are_refused(accelerate):
    with (
        pytest.raises(RuntimeError, match="cpu is not on the expected device meta") as caught,
        accelerate.init_empty_weights(),
    ):
        u.transform(loop, backend="torch").init(X.to("meta"), rng=1)
    assert "raised in 'statistics' (BatchNorm1d)" in caught.value.__notes__[0]


def test_offloading(accelerate, tmp_path):
    net = make().eval()
    for offload in (
        lambda model: accelerate.disk_offload(model, tmp_path, offload_buffers=True),
        lambda model: accelerate.cpu_offload(model, torch.device("cpu")),
    ):
        assert torch.equal(offload(copy.deepcopy(net))(X), net(X))


def test_sizes_and_ties(accelerate):
    net, hand = pair()
    for question in (accelerate.utils.calculate_maximum_sizes, accelerate.utils.find_tied_parameters):
        assert question(net) == question(hand)
