"""Lightning's Trainer, its callbacks and its summary with a model in a `LightningModule`, beside a hand-written one."""

import copy
import functools
import logging

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from conformance_tests.torch.ecosystem.models import LABELS, MARKS, X, assert_equal_variables, make, pair

pytestmark = MARKS


@pytest.fixture(scope="module")
def lightning():
    module = pytest.importorskip("lightning")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    return module


@functools.cache
def task_class():
    import lightning

    class Task(lightning.LightningModule):
        """A user's task around a network."""

        def __init__(self, net):
            super().__init__()
            self.net, self.example_input_array, self.losses = net, X[:3], []

        def forward(self, x):
            return self.net(x)

        def training_step(self, batch, index):
            loss = nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.losses.append(loss.item())
            return loss

        def validation_step(self, batch, index):
            self.log("validation", nn.functional.cross_entropy(self.net(batch[0]), batch[1]))

        def configure_optimizers(self):
            return torch.optim.Adam([p for p in self.parameters() if p.requires_grad], 1e-2)

    return Task


def batches():
    return DataLoader(TensorDataset(X, LABELS), batch_size=8)


def trainer(lightning, folder, **options):
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    return lightning.Trainer(
        **{"max_epochs": 3, "accelerator": "cpu", "default_root_dir": folder, **quiet, **options},
    )


def fitted(lightning, folder, model, callbacks=(), **options):
    """Return the task after training, and its trainer."""
    task, runner = task_class()(model), trainer(lightning, folder, callbacks=list(callbacks), **options)
    torch.manual_seed(0)  # the dropout's
    runner.fit(task, batches(), batches())
    return task, runner


def test_fit_validate_predict_and_checkpoints(lightning, tmp_path):
    results = []
    for name, model in zip(("net", "hand"), pair(), strict=True):
        best = lightning.pytorch.callbacks.ModelCheckpoint(tmp_path / name, monitor="validation", save_last=True)
        task, runner = fitted(
            lightning, tmp_path, model, [best], gradient_clip_val=1.0, accumulate_grad_batches=2, max_epochs=2
        )
        scores = runner.validate(task, batches(), verbose=False)
        outputs = torch.cat(runner.predict(task, DataLoader(X, batch_size=8)))
        loaded = task_class().load_from_checkpoint(best.best_model_path, net=copy.deepcopy(model))
        resumed = task_class()(make() if name == "net" else copy.deepcopy(model))
        torch.manual_seed(1)
        trainer(lightning, tmp_path, max_epochs=3).fit(resumed, batches(), ckpt_path=best.last_model_path)
        assert len(task.losses) == 6 and len(resumed.losses) == 3
        results.append((scores, outputs.tolist(), task.losses, resumed.losses, loaded, resumed))
    net, hand = results
    assert net[:4] == hand[:4]
    assert_equal_variables(net[4], hand[4])
    assert_equal_variables(net[5], hand[5])


@pytest.mark.parametrize("precision", ["bf16-mixed", "bf16-true", "64-true"])
def test_precision(lightning, tmp_path, precision):
    net, hand = (
        fitted(lightning, tmp_path, model, precision=precision, enable_checkpointing=False)[0] for model in pair()
    )
    assert net.losses == hand.losses and net.losses[-1] < net.losses[0]
    assert [p.dtype for p in net.parameters()] == [p.dtype for p in hand.parameters()]


CALLBACKS = {
    "stochastic averages": lambda callbacks: callbacks.StochasticWeightAveraging(1e-2, swa_epoch_start=1),
    "exponential averages": lambda callbacks: callbacks.EMAWeightAveraging(),
    "pruning": lambda callbacks: callbacks.ModelPruning("l1_unstructured", amount=0.3),
}


@pytest.mark.parametrize("kind", CALLBACKS)
def test_callbacks_that_change_weights(lightning, tmp_path, kind):
    net, hand = (
        fitted(lightning, tmp_path, model, [CALLBACKS[kind](lightning.pytorch.callbacks)], enable_checkpointing=False)[
            0
        ]
        for model in pair()
    )
    assert net.losses == hand.losses
    assert_equal_variables(net, hand)


def test_fabric(lightning, tmp_path):
    results = []
    for model in pair():
        torch.manual_seed(0)
        fabric = lightning.Fabric(accelerator="cpu", precision="bf16-mixed")
        wrapped, optimizer = fabric.setup(model, torch.optim.SGD(model.parameters(), 0.1))
        fabric.backward(nn.functional.cross_entropy(wrapped(X), LABELS))
        optimizer.step()
        before = model.block.up.weight.clone()
        fabric.save(tmp_path / "state", {"model": wrapped})
        nn.init.zeros_(model.block.up.weight)
        fabric.load(tmp_path / "state", {"model": wrapped})
        assert torch.equal(model.block.up.weight, before)
        results.append(model)
    assert_equal_variables(*results)


def test_blocks_are_frozen_and_thawed(lightning, tmp_path):
    class Thaw(lightning.pytorch.callbacks.BaseFinetuning):
        def freeze_before_training(self, task):
            self.freeze([task.net.embed, task.net.block])

        def finetune_function(self, task, epoch, optimizer):
            if epoch == 1:
                self.unfreeze_and_add_param_group(task.net.block, optimizer)

    before = make().state_dict()
    net, hand = (fitted(lightning, tmp_path, model, [Thaw()], enable_checkpointing=False)[0] for model in pair())
    assert net.losses == hand.losses
    assert_equal_variables(net, hand)
    assert torch.equal(net.net.embed.weight, before["embed.weight"])
    assert not torch.equal(net.net.block.up.weight, before["block.up.weight"])


def test_the_summary_has_the_rows_of_the_hand_written_module(lightning):
    def rows(model):
        summary = lightning.pytorch.utilities.model_summary.ModelSummary(task_class()(model), max_depth=-1)
        columns = (summary.layer_names, summary.in_sizes, summary.out_sizes, summary.param_nums)
        return list(zip(*columns, strict=True)), summary.layer_types, summary.total_flops

    (net, kinds, flops), (hand, hand_kinds, hand_flops) = (rows(model) for model in pair())
    assert net == hand and flops == hand_flops
    assert kinds == ["loop", *(kind.removeprefix("Hand") for kind in hand_kinds[1:])]
