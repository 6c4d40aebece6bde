"""The methods of `torch.nn.Module` on objects of both frameworks, compared with torch.nn's own."""

import copy
import pickle
import threading

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
import unified.nn as nn

BACKENDS = ("torch", "jax")
both = pytest.mark.parametrize("backend", BACKENDS)
X = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)


def array(backend, value=X):
    return torch.tensor(value) if backend == "torch" else jnp.asarray(value)


def host(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def define(nn, ones):
    """The same classes over any `nn`."""

    class Block(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.norm = nn.LayerNorm(width)
            self.linear = nn.Linear(width, width, bias=False)
            self.act = nn.ReLU()
            self.register_buffer("scale", ones(width))
            self.register_buffer("hidden", ones(width), persistent=False)
            self.register_buffer("none", None)
            self.register_parameter("absent", None)

        def forward(self, x):
            return x + self.act(self.linear(self.norm(x))) * self.scale

        def extra_repr(self):
            return "extra=1"

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.gain = nn.Parameter(ones(4))
            self.blocks = nn.ModuleList([Block(4), Block(4)])
            self.named = nn.ModuleDict({"a": nn.Linear(4, 4), "b": nn.Identity()})
            self.list = nn.ParameterList([nn.Parameter(ones(1)), nn.Parameter(ones(2))])
            self.dict = nn.ParameterDict({"k": nn.Parameter(ones(4))})
            self.chain = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.0), nn.BatchNorm1d(4))
            self.again = self.blocks[0]
            self.head = nn.Linear(4, 4)
            self.head.weight = self.named["a"].weight
            self.add_module("extra", nn.Linear(4, 2))
            self.extra.requires_grad_(False)

        def forward(self, x):
            for block in self.blocks:
                x = block(x)
            return self.extra(self.head(self.chain(self.named["a"](x) * self.gain + self.dict["k"])))

    return Net


HAND = define(torch.nn, torch.ones)
OURS = define(nn, lambda n: np.ones(n, np.float32))


def made(backend):
    return u.build(OURS, backend=backend, rng=0)


@both
def test_names_of_all_walks(backend):
    hand, net = HAND(), made(backend)
    for walk in (
        lambda m: [name for name, _ in m.named_modules()],
        lambda m: [name for name, _ in m.named_modules(remove_duplicate=False)],
        lambda m: [name for name, _ in m.named_children()],
        lambda m: [name for name, _ in m.named_parameters()],
        lambda m: [name for name, _ in m.named_parameters(recurse=False)],
        lambda m: [name for name, _ in m.named_parameters(prefix="p")],
        lambda m: [name for name, _ in m.named_buffers()],
        lambda m: list(m.state_dict()),
        lambda m: list(m.state_dict(prefix="q.")),
        lambda m: [tuple(p.shape) for p in m.parameters()],
        lambda m: [p.requires_grad for p in m.parameters()],
        lambda m: sum(p.numel() for p in m.parameters()),
        lambda m: len(list(m.buffers())),
        lambda m: [type(c).__name__ for c in m.modules()],
        lambda m: [len(m.blocks), len(m.named), len(m.list), len(m.dict), len(m.chain)],
        lambda m: list(m.named) + list(m.dict) + list(m.named.keys()),
        lambda m: [m.blocks[0].absent, m.blocks[0].none, m.blocks[0].linear.bias],
        lambda m: m.get_submodule("blocks.1.linear").in_features,
        lambda m: tuple(m.get_parameter("blocks.1.linear.weight").shape),
        lambda m: tuple(m.get_buffer("blocks.1.scale").shape),
        lambda m: "extra=1" in repr(m),
        lambda m: type(m.chain[1:]).__name__ + str(len(m.chain[1:])) + str(list(m.chain[1:]._modules)),
        lambda m: [hasattr(m, "gain"), hasattr(m, "nothing"), "gain" in dir(m)],
    ):
        assert walk(net) == walk(hand)


@both
def test_modes_and_freezing(backend):
    net = made(backend)
    assert net.training and net.blocks[0].linear.training
    assert net.eval() is net and not any(module.training for module in net.modules())
    net.blocks.train()
    assert net.blocks[1].norm.training and not net.chain.training
    net.head.requires_grad_(False)
    assert "extra/weight" not in net.params.split()[0] and "gain" in net.params.split()[0]
    for p in net.blocks.parameters():
        p.requires_grad = False
    assert [path for path in net.params.split()[0] if path.startswith("blocks")] == []


@both
def test_state_dict_errors_and_conversions(backend):
    hand, net = HAND(), made(backend)
    state = hand.state_dict()
    result = net.load_state_dict(state)
    assert result.missing_keys == [] and result.unexpected_keys == []
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(host(value), host(state[name]))
    hand.eval(), net.eval()
    np.testing.assert_allclose(host(net(array(backend))), host(hand(torch.tensor(X))), rtol=1e-5, atol=1e-6)
    del state["gain"]
    with pytest.raises(RuntimeError, match="gain"):
        net.load_state_dict(state)
    assert net.load_state_dict(state, strict=False).missing_keys == ["gain"]
    with pytest.raises(RuntimeError, match=r"extra\.more"):
        net.load_state_dict({**hand.state_dict(), "extra.more": torch.ones(1)})
    with pytest.raises(RuntimeError, match="size mismatch for gain"):
        net.load_state_dict({**hand.state_dict(), "gain": torch.ones(5)})


@both
def test_params_go_out_and_in(backend):
    net, other = made(backend), u.build(OURS, backend=backend, rng=1)
    params = net.params
    other.load_params(params)
    assert other.params == params
    other.load_params(u.build(OURS, backend="jax" if backend == "torch" else "torch", rng=2).params)
    assert other.params != params
    hand = HAND().state_dict()  # without what does not persist
    np.testing.assert_array_equal(host(params.from_state_dict(hand)["gain"]), np.ones(4))
    with pytest.raises(KeyError, match="missing"):
        other.load_params(params.filter("blocks/*"))
    frozen = params.freeze("blocks/*")
    other.load_params(frozen)
    assert not other.blocks[0].linear.get_parameter("weight").requires_grad


def test_checkpoints_go_from_either_to_either(tmp_path):
    on_torch, on_jax = made("torch"), u.build(OURS, backend="jax", rng=1)
    u.save(tmp_path / "net.safetensors", on_torch)
    on_jax.load_params(u.load(tmp_path / "net.safetensors"))
    for path, value in on_torch.params.items():
        np.testing.assert_array_equal(host(value), host(on_jax.params[path]))
    u.display(on_jax), u.display(on_torch)


@both
def test_copies_and_pickles(backend):
    net = made(backend).eval()
    expected = host(net(array(backend)))
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(define_at_top(net)))):
        np.testing.assert_array_equal(host(twin(array(backend))), expected)
        assert type(twin) is type(net) and isinstance(twin, OURS)
        twin.load_params({path: value * 0 for path, value in twin.params.items()})
        assert twin.head.weight is not net.head.weight and not np.any(host(twin(array(backend))))
        twin.again.linear.load_state_dict(
            {"weight": np.ones((4, 4), np.float32)} if backend == "jax" else {"weight": torch.ones(4, 4)}
        )
        assert np.all(host(twin.blocks[0].linear.weight) == 1)  # still one module
    np.testing.assert_array_equal(host(net(array(backend))), expected)


def define_at_top(net):
    """Let pickle find the classes, which are made in a function here."""
    for cls in {type(m)._user_class for m in net.modules() if hasattr(type(m), "_user_class")}:
        if cls.__module__ == __name__:
            cls.__qualname__ = cls.__name__
            globals()[cls.__name__] = cls
    return net


@both
def test_hooks(backend):
    net, calls = made(backend).eval(), []
    x = array(backend)
    plain = host(net(x))
    handles = [
        net.register_forward_pre_hook(lambda module, args: calls.append("pre")),
        net.head.register_forward_hook(lambda module, args, output: calls.append(("head", tuple(output.shape)))),
        net.register_forward_hook(lambda module, args, output: output * 2),
        net.register_forward_hook(lambda module, args, kwargs, output: calls.append(kwargs), with_kwargs=True),
    ]
    np.testing.assert_allclose(host(net(x)), 2 * plain, rtol=1e-6)
    assert calls == ["pre", ("head", (5, 4)), {}]
    for handle in handles:
        handle.remove()
    np.testing.assert_array_equal(host(net(x)), plain)
    handle = net.register_forward_pre_hook(lambda module, args: (args[0] * 0,))
    assert not np.array_equal(host(net(x)), plain)
    handle.remove()


@both
def test_dtypes(backend):
    net = made(backend).eval()
    assert (
        net.half() is net
        and "float16" in str(net.gain.dtype)
        and "int64" in net.params.info["chain/2/num_batches_tracked"].dtype
    )
    net.to(dtype=torch.bfloat16 if backend == "torch" else jnp.bfloat16)
    assert "bfloat16" in str(net.blocks[0].linear.weight.dtype)
    net.float()
    assert "float32" in str(net.gain.dtype) and net(array(backend)).shape == (5, 2)
    with pytest.raises(TypeError):
        net.to(torch.int32 if backend == "torch" else jnp.int32)


@both
def test_apply_with_a_function_and_init(backend):
    seen = []

    def init(module):
        seen.append(type(module).__name__)
        if isinstance(module, nn.Linear):
            nn.init.constant_(module.weight, 0.5)
            if module.bias is not None:
                module.bias.data.zero_()

    net = made(backend)
    before = host(net.gain).copy()
    assert net.apply(init) is net
    hand = []
    HAND().apply(lambda m: hand.append(type(m).__name__))
    assert seen == hand
    assert np.all(host(net.head.weight) == 0.5) and not np.any(host(net.head.bias))
    np.testing.assert_array_equal(host(net.gain), before)


def test_reinitialised_values_are_equal_on_both():
    values = []
    for backend in BACKENDS:
        net = made(backend)
        net.apply(lambda m: nn.init.xavier_normal_(m.weight) if isinstance(m, nn.Linear) else None)
        values.append(net.params)
    for path, value in values[0].items():
        np.testing.assert_array_equal(host(value), host(values[1][path]), err_msg=path)


INITS = {
    "uniform_": (-0.1, 0.2),
    "normal_": (1.0, 0.3),
    "trunc_normal_": (0.0, 0.1, -0.15, 0.15),
    "constant_": (0.25,),
    "ones_": (),
    "zeros_": (),
    "eye_": (),
    "xavier_uniform_": (2.0,),
    "xavier_normal_": (),
    "kaiming_uniform_": (0.1, "fan_out", "leaky_relu"),
    "kaiming_normal_": (0.0, "fan_in", "relu"),
    "orthogonal_": (0.5,),
}


@pytest.mark.parametrize("name", INITS)
def test_each_function_of_init(name):
    class Net(nn.Module):
        def __init__(self):
            self.w = nn.param((60, 40))
            getattr(nn.init, name)(self.w, *INITS[name])

    one, two = (host(u.build(Net, backend=b, rng=0).w) for b in BACKENDS)
    np.testing.assert_array_equal(one, two)
    torch.manual_seed(0)
    hand = getattr(torch.nn.init, name)(torch.empty(60, 40), *INITS[name]).numpy()
    assert abs(one.mean() - hand.mean()) < 0.02 and abs(one.std() - hand.std()) < 0.02
    assert one.min() >= hand.min() - 0.4 and one.max() <= hand.max() + 0.4
    tensor = torch.empty(60, 40)
    torch.manual_seed(0)
    np.testing.assert_array_equal(getattr(nn.init, name)(tensor, *INITS[name]).numpy(), hand)  # torch's own


@both
def test_computing_in_a_constructor_is_refused(backend):
    class Reads(nn.Module):
        def __init__(self, how):
            super().__init__()
            self.linear = nn.Linear(2, 2)
            how(self)

    for how in (
        lambda m: m.linear.weight * 2,
        lambda m: m.linear.weight.sum(),
        lambda m: m.linear.weight[0],
        lambda m: float(m.linear.bias[0]),
        lambda m: np.asarray(m.linear.weight),
        lambda m: F.relu(m.linear.weight),
        lambda m: m.linear(m.linear.weight),
    ):
        with pytest.raises((ValueError, u.BackendError, TypeError)):
            u.build(Reads, how, backend=backend, rng=0)
    for how in (
        lambda m: (m.linear.weight.shape, m.linear.weight.ndim, m.linear.weight.dim(), m.linear.weight.numel()),
        lambda m: m.linear.weight.size(0) + m.linear.weight.requires_grad,
        lambda m: copy.deepcopy(m.linear),
        lambda m: repr(m),
        lambda m: [p.numel() for p in m.parameters()],
    ):
        u.build(Reads, how, backend=backend, rng=0)


@both
def test_ties_made_later(backend):
    net, other = made(backend), made(backend)
    net.extra = nn.build(nn.Linear, 4, 4, backend=backend, rng=3)
    net.extra.weight = net.head.weight
    assert "extra/weight" not in net.params and "extra.weight" in net.state_dict()
    assert "extra/bias" in net.params
    twin = copy.deepcopy(net)
    twin.head.weight = twin.chain[0].weight
    assert "chain/0/weight" in net.params and "chain/0/weight" in twin.params
    assert other.params.keys() >= {"head/bias"}


@both
def test_subclasses_of_layers(backend):
    class Scaled(nn.Linear):
        def __init__(self, inputs, outputs, scale):
            super().__init__(inputs, outputs)
            self.scale = nn.Parameter(np.full(outputs, scale, np.float32))

        def forward(self, x):
            return super().forward(x) * self.scale

    class Conv(nn.Sequential):
        def __init__(self, inputs, outputs):
            super().__init__(nn.Conv1d(inputs, outputs, 1), nn.ReLU())

    class Net(nn.Module):
        def __init__(self):
            self.scaled, self.conv = Scaled(4, 3, 2.0), Conv(3, 2)

        def forward(self, x):
            return self.conv(self.scaled(x)[..., None])

    net = u.build(Net, backend=backend, rng=0)
    assert list(net.params) == ["scaled/weight", "scaled/bias", "scaled/scale", "conv/0/weight", "conv/0/bias"]
    assert isinstance(net.scaled, nn.Linear) and isinstance(net.scaled, Scaled) and isinstance(net.conv, nn.Sequential)
    if backend == "torch":
        assert isinstance(net.scaled, torch.nn.Linear) and isinstance(net.conv, torch.nn.Sequential)
    plain = host(net.scaled(array(backend)))
    expected = (X @ host(net.scaled.weight).T + host(net.scaled.bias)) * 2
    np.testing.assert_allclose(plain, expected, rtol=1e-5, atol=1e-6)
    assert net(array(backend)).shape == (5, 2, 1)


@both
def test_threads(backend):
    net = made(backend).eval()
    values = [net.params, net.params.replaced({"gain": net.params["gain"] * 3})]
    expected = [host(net.apply(params, array(backend))[0]) for params in values]
    failures = []

    def work(which):
        for _ in range(10):
            y, _ = net.apply(values[which], array(backend), training=False)
            if not np.array_equal(host(y), expected[which]):
                failures.append(which)

    threads = [threading.Thread(target=work, args=(i % 2,)) for i in range(4)]
    [t.start() for t in threads], [t.join() for t in threads]
    assert failures == []


@both
def test_mistakes_are_refused(backend):
    net = made(backend)
    with pytest.raises((TypeError, KeyError)):
        net.register_buffer("gain", array(backend))
    with pytest.raises(KeyError):
        net.register_buffer("a.b", array(backend))
    with pytest.raises(TypeError, match="no name"):
        u.build(lambda: nn.Linear(2, 2, name="l"), backend=backend, rng=0)
    with pytest.raises(AttributeError, match="nothing"):
        net.nothing
    with pytest.raises(TypeError, match="cannot assign"):
        net.head = 3
    with pytest.raises(TypeError, match="build takes"):
        u.build(dict, backend=backend, rng=0)
    with pytest.raises(TypeError, match="constructor of another"):

        class Nested(nn.Module):
            def __init__(self):
                self.inner = u.build(nn.Linear, 2, 2, backend=backend, rng=0)

        u.build(Nested, backend=backend, rng=0)


@both
def test_seeds(backend):
    before = u.available_backends()
    u.set_backend(backend)
    try:
        nn.seed(5)
        one, two = nn.Linear(2, 2), nn.Linear(2, 2)
        nn.seed(5)
        three = nn.Linear(2, 2)
        assert np.array_equal(host(one.weight), host(three.weight))
        assert not np.array_equal(host(one.weight), host(two.weight))
        np.testing.assert_array_equal(host(one.weight), host(u.build(nn.Linear, 2, 2, backend=backend, rng=5).weight))
    finally:
        u.set_backend(None)
        nn.construction.current.seed = None
    if backend == "jax":
        with pytest.raises(TypeError, match="needs a seed"):
            u.build(nn.Linear, 2, 2, backend="jax")
    else:
        torch.manual_seed(0)
        a = u.build(nn.Linear, 2, 2, backend="torch")
        torch.manual_seed(0)
        b = u.build(nn.Linear, 2, 2, backend="torch")
        assert torch.equal(a.weight, b.weight)
    assert before
