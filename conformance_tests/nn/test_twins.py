"""Classes that PyTorch users write run from one source on both frameworks, as their twins with torch's imports do."""

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.nn as nn
from conformance_tests.nn.twins import EXAMPLES, load

DRAWN_BY_INIT = {  # what each example's constructor gives a value that torch's layer would not have
    "gpt": "lm_head.weight",
    "resnet": "conv1.weight",
}


def host(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def leaves(value):
    return [host(item) for item in (value if isinstance(value, tuple) else (value,))]


def made(key, backend):
    name, cls, kwargs, inputs = EXAMPLES[key]
    net = nn.build(getattr(load(name), cls), **kwargs, backend=backend, rng=0)
    arrays = [torch.tensor(x) if backend == "torch" else jnp.asarray(x) for x in inputs]
    return net, arrays


def torch_layers(net):
    """The classes of torch of the layers; an embedding's has a subclass with `attend`."""
    classes = (next(c for c in type(m).__mro__ if c.__module__.startswith("torch.")) for m in net.modules())
    return [cls for cls in classes if cls is not torch.nn.Module]


@pytest.mark.parametrize("key", EXAMPLES)
def test_names_bits_outputs_and_gradients(key):
    name, cls, kwargs, _ = EXAMPLES[key]
    torch.manual_seed(0)
    twin = getattr(load(name, as_torch=True), cls)(**kwargs)
    on_torch, tensors = made(key, "torch")
    on_jax, arrays = made(key, "jax")

    # Names are the twin's, and first values are equal on both.
    names = list(twin.state_dict())
    assert list(on_torch.state_dict()) == names == list(on_jax.state_dict())
    for path, value in on_torch.params.items():
        assert np.array_equal(host(value), host(on_jax.params[path])), path
    assert isinstance(on_torch, torch.nn.Module)
    assert torch_layers(on_torch) == torch_layers(twin)
    shapes = {name: tuple(value.shape) for name, value in twin.state_dict().items()}
    assert {name: tuple(value.shape) for name, value in on_jax.state_dict().items()} == shapes

    # The twin's checkpoint gives its outputs and gradients.
    on_torch.load_state_dict(twin.state_dict())
    on_jax.load_state_dict(twin.state_dict())
    twin.eval(), on_torch.eval(), on_jax.eval()
    expected = twin(*tensors)
    for got in (on_torch(*tensors), on_jax(*arrays)):
        for one, other in zip(leaves(got), leaves(expected), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)

    def loss(net, *inputs):
        output = net(*inputs)
        return sum((part**2).mean() for part in (output if isinstance(output, tuple) else (output,)))

    loss(twin, *tensors).backward()
    for net, inputs_ in ((on_torch, tensors), (on_jax, arrays)):
        value, grads = nn.value_and_grad(loss)(net, *inputs_)
        for name, parameter in twin.named_parameters():
            if parameter.requires_grad:
                np.testing.assert_allclose(
                    host(grads[name.replace(".", "/")]), host(parameter.grad), rtol=1e-5, atol=1e-5, err_msg=name
                )


@pytest.mark.parametrize("key", ["resnet", "unet", "tagger"])
def test_training_writes_the_state_that_torch_writes(key):
    name, cls, kwargs, _ = EXAMPLES[key]
    twin = getattr(load(name, as_torch=True), cls)(**kwargs)
    on_jax, arrays = made(key, "jax")
    on_jax.load_state_dict(twin.state_dict())
    _, tensors = made(key, "torch")
    for _ in range(2):
        expected, got = twin(*tensors), on_jax(*arrays)
    np.testing.assert_allclose(host(got), host(expected), rtol=1e-4, atol=1e-5)
    for name, buffer in twin.named_buffers():
        np.testing.assert_allclose(host(on_jax.get_buffer(name)), host(buffer), rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("key", EXAMPLES)
def test_the_initial_values_are_those_that_the_constructor_asks_for(key):
    net, _ = made(key, "jax")
    params = net.params
    if key == "gpt":
        assert "lm_head/weight" not in params and "transformer/wte/weight" in params  # tied
        assert abs(float(np.std(params["transformer/wte/weight"])) - 0.02) < 2e-3
        assert float(np.std(params["transformer/h/0/mlp/c_proj/weight"])) < 0.012
        assert not np.any(params["transformer/h/0/attn/c_attn/bias"])
    elif key == "resnet_bottleneck":
        assert not np.any(params["layer1/0/bn2/weight"])
    elif key == "vit":
        assert 0 < float(np.abs(params["pos_embed"]).max()) < 0.1
        assert not np.any(params["blocks/layers/0/self_attn/out_proj/bias"])
    elif key == "tagger":
        assert float(params["highways/0/gate/bias"][0]) == -2.0
        w = np.asarray(params["lstm/weight_hh_l0"])
        np.testing.assert_allclose(w.T @ w, np.eye(w.shape[1]), atol=1e-5)
        assert "earlier" in params and "earlier" not in net.state_dict()


def test_methods_besides_forward():
    net, (x,) = made("vae", "jax")
    net.eval()
    mu, _ = net.encode(x)
    assert net.decode(mu).shape == x.shape
    assert np.isfinite(net.loss(x))
    compiled = nn.jit(net.loss)
    np.testing.assert_allclose(compiled(x), net.loss(x), rtol=1e-5)
    net.train()
    a, b = net.loss(x), net.loss(x)
    assert a != b  # another draw


def test_a_model_is_trained_by_both_alike():
    losses = {}
    for backend in ("torch", "jax"):
        net, (tokens,) = made("gpt", backend)

        @nn.jit
        def step(net, tokens):
            value, grads = nn.value_and_grad(lambda net: net(tokens, tokens)[1])(net)
            params = nn.state(net, "params")
            nn.update(net, {path: params[path] - 0.1 * grads[path] for path in grads})
            return value

        losses[backend] = [float(step(net, tokens)) for _ in range(5)]
    assert losses["torch"][-1] < losses["torch"][0]
    np.testing.assert_allclose(losses["torch"], losses["jax"], rtol=1e-4)
    assert u.Params
