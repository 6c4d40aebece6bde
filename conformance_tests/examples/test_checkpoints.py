"""The models of docs/checkpoints.md load the checkpoints of the originals and compute the same, on both frameworks."""

import re
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u

PAGE = Path(__file__).parents[2] / "docs" / "checkpoints.md"
SEQUENCE = {"vocab_size": 17, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
IDS = torch.arange(10).reshape(2, 5)


@pytest.fixture(scope="module")
def page():
    """The names that the page's code leaves."""
    names = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), names)
    return names


def optional(name):
    """Import a library that is tested against where it is installed and fits the installed torch."""
    try:
        return __import__(name)
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"{name} cannot be imported: {error}")


def compare(body, original, x, weights=lambda state_dict: u.Params(state_dict), **sizes):
    """Load `original`'s weights into the body's model on both frameworks and compare the outputs."""
    original = original.eval()
    with torch.no_grad():  # no weight may have a value that another could have too
        for number, parameter in enumerate(original.parameters()):
            torch.manual_seed(number)
            parameter.copy_(torch.randn(parameter.shape) * 0.3)
        for name, buffer in original.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_()
        output = original(x)
        expected = getattr(output, "logits", output)
    assert expected.std() > 0.1
    loaded = weights(original.state_dict())

    net = u.transform(body, backend="torch", **sizes).init(x, rng=0).eval()
    net.load_state_dict(loaded.state_dict())
    with torch.no_grad():
        found = net(x)
    scale = float(expected.abs().max())
    assert float((found - expected).abs().max()) <= 1e-5 * scale

    model = u.transform(body, backend="jax", **sizes)
    array = jnp.asarray(x.numpy())
    params = model.init(array, rng=0).from_state_dict(loaded)
    assert np.abs(np.asarray(model.apply(params, array)[0]) - expected.numpy()).max() <= 1e-5 * scale
    assert {path.replace("/", ".") for path in params} == set(net.state_dict())


@pytest.mark.full
@pytest.mark.filterwarnings("ignore")
class TestOriginals:
    def test_gpt2(self, page):
        t = optional("transformers")
        config = t.GPT2Config(n_layer=2, n_head=2, n_embd=8, n_positions=16, **SEQUENCE)
        sizes = {"vocabulary": 17, "positions": 16, "width": 8, "layers": 2, "heads": 2}
        compare(page["gpt2"], t.GPT2LMHeadModel(config), IDS, page["load_gpt2"], **sizes)

    def test_llama(self, page):
        t = optional("transformers")
        sizes = {"num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
        config = t.LlamaConfig(hidden_size=16, intermediate_size=24, **sizes, **SEQUENCE)
        sizes = {"vocabulary": 17, "width": 16, "inner": 24, "layers": 2, "heads": 4, "kv_heads": 2}
        compare(page["llama"], t.LlamaForCausalLM(config), IDS, **sizes)

    def test_vit(self, page):
        t = optional("transformers")
        sizes = {"hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2}
        config = t.ViTConfig(image_size=8, patch_size=4, num_labels=3, **sizes)
        sizes = {"size": 8, "patch": 4, "width": 8, "inner": 12, "layers": 2, "heads": 2, "classes": 3}
        compare(page["vit"], t.ViTForImageClassification(config), torch.randn(2, 3, 8, 8), **sizes)

    def test_resnet18(self, page):
        vision = optional("torchvision")
        compare(page["resnet18"], vision.models.resnet18(num_classes=5), torch.randn(2, 3, 64, 64), classes=5)
