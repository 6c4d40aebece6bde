"""The Trainer of Hugging Face, which reads the parameters of `forward`, beside a hand-written module."""

import pytest
import torch
from torch import nn

import unified as u
import unified.functional as F

transformers = pytest.importorskip("transformers")
pytest.importorskip("accelerate")

pytestmark = pytest.mark.full  # `make test-full` installs them

IDS = torch.randint(0, 11, (32, 5), generator=torch.Generator().manual_seed(0))
DATA = [{"ids": ids, "labels": label, "unused": 0} for ids, label in zip(IDS, IDS[:, 0] % 3, strict=True)]


def classifier(ids, labels=None):
    logits = u.Linear(8, 3)(u.Embedding(11, 8)(ids).mean(1))
    return {"logits": logits} if labels is None else {"loss": F.cross_entropy(logits, labels), "logits": logits}


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.linear = nn.Embedding(11, 8), nn.Linear(8, 3)

    def forward(self, ids, labels=None):
        logits = self.linear(self.embedding(ids).mean(1))
        if labels is None:
            return {"logits": logits}
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


def trainer(net, folder):
    arguments = transformers.TrainingArguments(
        str(folder),
        max_steps=8,
        save_steps=4,
        per_device_train_batch_size=8,
        learning_rate=1e-2,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        seed=0,
    )
    return transformers.Trainer(net, arguments, train_dataset=DATA, eval_dataset=DATA)


@pytest.mark.slow
def test_train_evaluate_predict_and_resume(tmp_path):
    net, hand = u.transform(classifier, backend="torch").init(IDS, rng=0), Classifier()
    hand.load_state_dict(net.state_dict())
    results = []
    for name, module in (("net", net), ("hand", hand)):
        runner = trainer(module, tmp_path / name)
        loss = runner.train().training_loss
        results.append((loss, runner.evaluate()["eval_loss"], runner.predict(DATA).predictions.tolist()))
    assert results[0] == results[1]
    resumed = u.transform(classifier, backend="torch").init(IDS, rng=1)
    runner = trainer(resumed, tmp_path / "net")
    runner.train(resume_from_checkpoint=str(tmp_path / "net" / "checkpoint-4"))
    assert all(torch.equal(tensor, net.state_dict()[name]) for name, tensor in resumed.state_dict().items())
