"""`u.from_torch` against the module in PyTorch: outputs, gradients, buffers, steps of training, and the contract."""

import pickle
import threading
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn

import unified as u
from conformance_tests.from_torch.against_torch import check, close
from conformance_tests.from_torch.models import GPT, MLP, ConvNet, Tagger

torch.manual_seed(0)
IMAGES, WORDS = torch.randn(4, 3, 9, 9), torch.randint(0, 20, (3, 7))
TOKENS, TARGETS = torch.randint(0, 11, (3, 6)), torch.randint(0, 11, (3, 6))
CASES = {
    "mlp": (MLP, (torch.randn(4, 5),)),
    "convnet": (ConvNet, (IMAGES,)),
    "tagger": (Tagger, (WORDS,)),
    "gpt": (GPT, (TOKENS, TARGETS)),
}


@pytest.fixture(scope="module")
def convnet():
    module = ConvNet(p=0.5)
    return module, u.from_torch(module, IMAGES)


@pytest.mark.parametrize("name", CASES)
def test_outputs_gradients_buffers_and_a_step_are_those_of_torch(name):
    make, inputs = CASES[name]
    torch.manual_seed(1)
    check(make(), *inputs, tolerance=1e-5)


def test_params_are_the_state_dict(convnet):
    module, net = convnet
    params = net.init(rng=0)
    state = module.state_dict()
    assert [path for path in params if not path.startswith("rng/")] == [name.replace(".", "/") for name in state]
    for name, tensor in state.items():
        np.testing.assert_array_equal(params[name.replace(".", "/")], tensor.numpy())
    weights, rest = params.split()
    assert list(weights) == [name.replace(".", "/") for name, _ in module.named_parameters()]
    assert {info.collection for info in rest.info.values()} == {"state", "rng"}
    assert list(params.from_state_dict(ConvNet().state_dict())) == list(params)
    shapes = net.eval_shape()
    assert jax.tree.structure(shapes) == jax.tree.structure(params)
    assert [leaf.dtype for leaf in shapes.values()] == [array.dtype for array in params.values()]


def test_init_copies_the_values_of_the_moment():
    module = MLP()
    net = u.from_torch(module, torch.ones(2, 5))
    before = net.init()
    with torch.no_grad():
        module.first.weight.add_(1)
    close(net.init()["first/weight"], module.first.weight)
    close(before["first/weight"] + 1, module.first.weight)


def test_the_module_is_untouched():
    module = ConvNet(p=0.5)
    module.train()
    module.norm.eval()
    state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    net = u.from_torch(module, IMAGES)
    net.apply(net.init(rng=0), IMAGES.numpy(), training=True)
    assert module.training and not module.norm.training and module.drop.training
    assert all(torch.equal(tensor, state[name]) for name, tensor in module.state_dict().items())


def test_tied_parameters_are_one_variable_and_constants_are_no_variables():
    module = GPT()
    params = u.from_torch(module, TOKENS).init()
    assert "head/weight" not in params and "index" not in params and "tokens/weight" in params


def test_one_program_serves_all_batches(convnet):
    module, net = convnet
    params, module = net.init(rng=0), module.eval()
    for batch in (0, 1, 2, 3, 17):
        images = torch.randn(batch, 3, 9, 9)
        with torch.no_grad():
            close(net.apply(params, images.numpy())[0], module(images))
    evaluation = [programs for (training, *_), programs in net._fn._programs.items() if not training]
    assert sorted(len(programs) for programs in evaluation) == [1, 1, 1]  # none, one and all others


def test_batches_that_a_module_tells_apart_have_programs_of_their_own():
    class Halves(nn.Module):
        def forward(self, x):
            if x.shape[0] % 2:
                return x * 3
            return x.view(2, -1, x.shape[1]).sum(0)

    module = Halves()
    net = u.from_torch(module, torch.ones(4, 3))
    for batch in (6, 3, 5, 8, 1):
        x = torch.randn(batch, 3)
        close(net.apply(net.init(), x.numpy())[0], module(x))


def test_transforms_of_jax(convnet):
    _, net = convnet
    params = net.init(rng=0)
    images = jnp.asarray(IMAGES.numpy())
    whole = net.apply(params, images)[0]
    close(jax.jit(net.apply)(params, images)[0], whole)
    close(jax.vmap(lambda image: net.apply(params, image[None])[0][0])(images), whole)
    stacked = jax.tree.map(lambda *arrays: jnp.stack(arrays), params, params)
    close(jax.vmap(net.apply, (0, None))(stacked, images)[0][1], whole)
    bound = u.jit(net.bind(params))
    output, after = bound(images, training=True)
    assert output.shape == (4, 4) and int(after.params["rng/counter"]) == 1
    hessian = jax.hessian(lambda bias: net.apply(params | {"head/bias": bias}, images)[0].sum())(params["head/bias"])
    assert hessian.shape == (4, 4) and bool(jnp.isfinite(hessian).all())


def test_dropout_draws_from_the_key_and_by_the_path_of_its_module():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.dropout = nn.Dropout(0.3)

        def forward(self, x):
            return self.dropout(x)

    x = np.ones((50, 40), np.float32)
    net, inline = u.from_torch(Net(), torch.ones(50, 40)), u.transform(lambda x: u.Dropout(0.3)(x), backend="jax")
    params = net.init(rng=3)
    assert list(params) == ["rng/key", "rng/counter"]
    output, changes = net.apply(params, x, training=True)
    expected, _ = inline.apply(inline.init(x, rng=3), x, training=True)
    np.testing.assert_array_equal(output, expected)
    assert not np.array_equal(output, net.apply(params | changes, x, training=True)[0])
    np.testing.assert_array_equal(net.apply(params, x)[0], x)
    assert abs(float((output == 0).mean()) - 0.3) < 0.03
    with pytest.raises(u.StructureChangedError, match=r"rng/key.*\n*"):
        net.apply(net.init(), x, training=True)


def test_gradients_stop_where_torch_stops_them():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))
            self.register_buffer("mean", torch.zeros(3))

        def forward(self, x):
            with torch.no_grad():
                scale = (self.a * x).sum()
                self.mean.mul_(0.5).add_(self.b * 0.5)
            return x * self.b * scale + (self.a * x).detach() + self.a * self.mean

    check(Net(), torch.randn(3), tolerance=1e-6)


def test_state_of_a_call_is_among_the_changes():
    class Counter(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("steps", torch.zeros((), dtype=torch.int64), persistent=False)
            self.register_buffer("total", torch.zeros(2))

        def forward(self, x):
            self.steps += 1
            self.total = self.total + x.sum(0)
            return x * self.steps

    module = Counter()
    net = u.from_torch(module, torch.ones(3, 2))
    params = net.init()
    for _ in range(2):
        x = torch.randn(4, 2)
        output, changes = net.apply(params, x.numpy())
        params = params | changes
        close(output, module(x))
        close(params["total"], module.total)
        close(params["steps"], module.steps)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_dtypes_of_params_are_those_of_a_cast_module(dtype):
    module = MLP()
    net = u.from_torch(module, torch.ones(4, 5))
    params = net.init().astype(dtype)
    x = torch.randn(4, 5).to(getattr(torch, dtype))
    output, _ = net.apply(params, jnp.asarray(x.float().numpy(), dtype))
    expected = MLP().to(getattr(torch, dtype))
    expected.load_state_dict({name: tensor.to(x.dtype) for name, tensor in module.state_dict().items()})
    assert output.dtype == dtype
    close(np.asarray(output, np.float32), expected(x).float(), tolerance=2e-2)  # a step of bfloat16 is 8e-3


def test_float64_follows_the_setting_of_jax():
    module = MLP().double()
    x = torch.randn(4, 5, dtype=torch.float64)
    net = u.from_torch(module, x)
    assert net.apply(net.init(), x.numpy())[0].dtype == jnp.float32
    with jax.enable_x64(True):
        output, _ = net.apply(net.init(), x.numpy())
        assert output.dtype == jnp.float64
        close(output, module(x), tolerance=1e-12)


def test_arguments_by_name_constants_and_trees():
    class Net(nn.Module):
        def forward(self, pair, *, scale=1.0, mode="sum", mask=None):
            x, y = pair
            out = (x + y if mode == "sum" else x * y) * scale
            return out if mask is None else (out.masked_fill(mask, 0), None, {"mask": mask})

    module, x, y = Net(), torch.randn(2, 3), torch.randn(2, 3)
    net = u.from_torch(module)
    pair, mask = (x.numpy(), y.numpy()), np.array([[True, False, True]])
    close(net.apply({}, pair)[0], module((x, y)))
    close(net.apply({}, pair, scale=2.0, mode="product")[0], module((x, y), scale=2.0, mode="product"))
    output, _ = net.apply({}, pair, mask=mask)
    assert output[1] is None and list(output[2]) == ["mask"]
    close(output[0], module((x, y), mask=torch.tensor(mask))[0])


def test_threads_and_pickles(convnet):
    module, _ = convnet
    net = u.from_torch(module)
    params = net.init(IMAGES, rng=0)
    results, restored = [], pickle.loads(pickle.dumps(net))
    batches = [torch.randn(batch, 3, 9, 9).numpy() for batch in (2, 3, 4, 1)]
    threads = [threading.Thread(target=lambda x=x: results.append((x, net.apply(params, x)[0]))) for x in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for x, output in results:
        np.testing.assert_array_equal(output, restored.apply(params, x)[0])


def test_operands_meet_by_the_rules_of_torch_whatever_jax_allows():
    module = GPT()
    net = u.from_torch(module, TOKENS)
    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"):
        output, _ = jax.jit(net.apply)(net.init(), TOKENS.numpy())
    close(output, module.eval()(TOKENS))


def test_what_torch_returns_by_names_of_its_own_is_a_tuple():
    class Net(nn.Module):
        def forward(self, x):
            return x.max(-1), torch.topk(x, 2)

    x = torch.randn(3, 4)
    output, _ = u.from_torch(Net(), x).apply({}, x.numpy())
    for actual, expected in zip(output, Net()(x), strict=True):
        assert type(actual) is tuple
        close(actual[0], expected.values)
        assert actual[1].tolist() == expected.indices.tolist()


class Pair(NamedTuple):
    """What a module returns."""

    one: torch.Tensor
    two: torch.Tensor | None


def test_a_named_tuple_stays_one():
    class Net(nn.Module):
        def forward(self, x):
            return Pair(x + 1, None)

    output, _ = u.from_torch(Net(), torch.ones(2)).apply({}, np.ones(2, np.float32))
    assert type(output) is Pair and output.one.tolist() == [2, 2] and output.two is None
