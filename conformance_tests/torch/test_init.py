"""`init`: seeds, initial values, dtypes and devices."""

import pytest
import torch
from torch import nn

import unified as u
import unified.numpy as unp
from conformance_tests.torch.models import Case, batch, convnet, each_model, fresh, mlp, only


def on_torch(forward, *inputs, **options):
    """Return the initialised model of `forward`."""
    return u.transform(forward, backend="torch").init(*inputs, **options)


def values(model):
    """Return a copy of the `state_dict`."""
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(one, other):
    """Return whether two `state_dict`s are equal."""
    return list(one) == list(other) and all(torch.equal(one[name], other[name]) for name in one)


@each_model
def test_without_rng_follows_manual_seed(case: Case):
    models = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        models.append(values(on_torch(case.forward, batch(case))))
    assert same(models[0], models[1]) and not same(models[0], models[2])
    assert not same(models[2], values(on_torch(case.forward, batch(case))))


@each_model
def test_a_seed_repeats_and_leaves_the_generator_alone(case: Case):
    state = torch.get_rng_state()
    one, other = values(on_torch(case.forward, batch(case), rng=7)), values(on_torch(case.forward, batch(case), rng=7))
    assert same(one, other) and not same(one, values(on_torch(case.forward, batch(case), rng=8)))
    assert torch.equal(torch.get_rng_state(), state)


def test_a_jax_key_is_a_seed():
    import jax

    x = torch.ones(2, 4)
    assert same(values(on_torch(mlp, x, rng=jax.random.key(5))), values(on_torch(mlp, x, rng=5)))


def test_rng_that_is_no_seed():
    with pytest.raises(TypeError, match="rng must be an integer or a key"):
        on_torch(mlp, torch.ones(2, 4), rng=1.5)


@each_model
def test_init_again(case: Case):
    model, x = fresh(case), batch(case)
    first = values(model)
    model(x)
    assert model.init(x, rng=1) is model and not same(values(model), first)
    assert same(values(model.init(x, rng=0)), first)


def test_init_again_with_another_width():
    net = on_torch(mlp, torch.ones(2, 4), rng=0)
    assert net.init(torch.ones(2, 9), rng=0).linear.weight.shape == (8, 9)
    assert net(torch.ones(2, 9)).shape == (2, 3)


@each_model
def test_init_keeps_the_mode(case: Case):
    model = fresh(case).eval().init(batch(case), rng=1)
    assert not any(module.training for module in model.modules())


def by_value(x):
    """Apply two linear layers, and read a value of the first one's output."""
    y = u.Linear(4, 8)(x)
    assert y[0, 0].item() != 0
    if y.sum() == 0:
        raise AssertionError("the weights are not filled")
    return u.Linear(8, 3)(torch.tanh(y))


def test_a_body_that_reads_values_gets_the_same_ones():
    def plain(x):
        y = u.Linear(4, 8)(x)
        return u.Linear(8, 3)(torch.tanh(y))

    x = torch.ones(2, 4)
    assert same(values(on_torch(by_value, x, rng=0)), values(on_torch(plain, x, rng=0)))


def test_values_computed_from_values():
    def forward(x):
        y = u.Linear(4, 3)(x)
        return y - u.get_parameter("mean", (3,), init_fn=lambda shape, dtype: y.detach().mean(0))

    x = torch.randn(5, 4)
    net = on_torch(forward, x, rng=0)
    torch.testing.assert_close(net(x).mean(0), torch.zeros(3), rtol=0, atol=1e-6)


def test_init_fn_an_initializer():
    net = on_torch(only(u.Linear, 4, 3, init_fn=u.initializers.constant(2.0)), torch.ones(2, 4), rng=0)
    assert (net.linear.weight == 2).all() and (net.linear.bias != 2).all()


def test_init_fn_a_dict():
    init_fn = {"weight": u.initializers.constant(2.0), "bias": u.initializers.ones}
    net = on_torch(only(u.Linear, None, 3, init_fn=init_fn), torch.ones(2, 4), rng=0)
    assert torch.equal(net(torch.ones(2, 4)), torch.full((2, 3), 9.0))


def test_init_fn_a_function_of_the_layer():
    layers = []

    def orthogonal(layer):
        layers.append(layer)
        nn.init.orthogonal_(layer.weight)

    net = on_torch(only(u.Linear, 4, 4, init_fn=orthogonal), torch.ones(2, 4), rng=0)
    torch.testing.assert_close(net.linear.weight @ net.linear.weight.T, torch.eye(4), rtol=0, atol=1e-5)
    net(torch.ones(2, 4))
    assert layers == [net.linear] and type(net.linear) is nn.Linear


def test_init_fn_of_a_module():
    modules = []

    class Scaled(u.Module):
        def __call__(self, x):
            return x * u.get_parameter("scale", (4,))

    def forward(x):
        return Scaled(init_fn=modules.append)(x)

    net = on_torch(forward, torch.ones(2, 4), rng=0)
    net(torch.ones(2, 4))
    assert [type(module) for module in modules] == [Scaled]


def test_init_fn_of_a_name_that_is_none():
    with pytest.raises(ValueError, match=r"'linear': init_fn names \['kernel'\].*\['bias', 'weight'\]"):
        on_torch(only(u.Linear, 4, 3, init_fn={"kernel": u.initializers.ones}), torch.ones(2, 4), rng=0)


@pytest.mark.parametrize(
    ("init_fn", "expected"),
    [
        (None, 0.0),
        (torch.ones, 1.0),
        (torch.zeros, 0.0),
        (lambda shape, dtype: torch.full(shape, 3.0, dtype=dtype), 3.0),
        (u.initializers.constant(4.0), 4.0),
    ],
)
def test_init_fn_of_variables(init_fn, expected):
    def forward(x):
        return x * u.get_parameter("scale", (4,), init_fn=init_fn) + u.get_state("shift", 4, init_fn=init_fn)

    net = on_torch(forward, torch.ones(2, 4), rng=0)
    assert isinstance(net.scale, nn.Parameter) and torch.equal(net.scale, torch.full((4,), expected))
    assert torch.equal(net.shift, torch.full((4,), expected)) and not isinstance(net.shift, nn.Parameter)


def test_random_values_of_variables_depend_on_the_path_alone():
    def forward(x):
        return x * u.get_parameter("scale", (4,), init_fn=u.initializers.normal())

    def longer(x):
        return u.Linear(4, 3)(forward(u.Linear(4, 4)(x)))

    x = torch.ones(2, 4)
    assert torch.equal(on_torch(forward, x, rng=0).scale, on_torch(longer, x, rng=0).scale)


def test_a_wrong_shape_from_init_fn():
    def forward(x):
        return x * u.get_parameter("scale", (4,), init_fn=lambda shape, dtype: torch.ones(3, dtype=dtype))

    with pytest.raises(ValueError, match=r"'scale': init_fn returned shape \(3,\), expected \(4,\)"):
        on_torch(forward, torch.ones(2, 4), rng=0)


@each_model
def test_a_forward_that_raises_leaves_the_model_as_it_was(case: Case):
    broken = []

    def forward(x):
        y = case.forward(x)
        if broken:
            raise ZeroDivisionError("half-way")
        return y

    model, x = u.transform(forward, backend="torch"), batch(case)
    broken.append(True)
    with pytest.raises(ZeroDivisionError, match="half-way"):
        model.init(x, rng=0)
    assert not list(model.modules())[1:] and repr(model) == "forward(not initialised)"
    with pytest.raises(u.NotInitializedError):
        model(x)
    broken.clear()
    before, output = values(model.init(x, rng=0).eval()), model(x)
    broken.append(True)
    with pytest.raises(ZeroDivisionError):
        model.init(x, rng=1)
    broken.clear()
    assert same(values(model), before) and torch.equal(model(x), output)
    assert not same(values(model.init(x, rng=1)), before)
    with pytest.raises(u.NoActiveTransformError):
        u.Linear(2, 2)


@each_model
def test_init_moves_no_state(case: Case):
    model = fresh(case)
    assert all(value.eq(0).all() for path, value in model.params.items() if path.endswith(("mean", "tracked")))
    assert all(value.eq(1).all() for path, value in model.params.items() if path.endswith("running_var"))


@each_model
def test_a_batch_of_one(case: Case):
    assert same(values(on_torch(case.forward, batch(case, 1), rng=0)), values(fresh(case)))


def test_batch_norm_of_one_value_per_channel():
    assert on_torch(only(u.BatchNorm1d, None), torch.ones(1, 4), rng=0).batch_norm1d.weight.shape == (4,)


@pytest.mark.parametrize("dtype", [torch.float64, "float64", torch.bfloat16, "bfloat16", torch.float16])
def test_dtype_of_a_layer(dtype):
    expected = getattr(torch, dtype) if isinstance(dtype, str) else dtype

    def forward(x):
        scale = u.get_parameter("scale", (3,), init_fn=u.initializers.normal(), dtype=dtype)
        return u.BatchNorm1d(3, dtype=dtype)(u.Linear(None, 3, dtype=dtype)(x)) * scale

    x = torch.ones(2, 4, dtype=expected)
    net = on_torch(forward, x, rng=0).eval()
    assert {value.dtype for value in net.params.values()} == {expected, torch.int64}
    assert net(x).dtype is expected
    single = on_torch(only(u.Linear, 4, 3), torch.ones(2, 4), rng=0).linear.weight
    torch.testing.assert_close(net.linear.weight.float(), single, rtol=1e-2, atol=1e-7)


@each_model
def test_default_dtype(case: Case):
    torch.set_default_dtype(torch.float64)
    try:
        model = on_torch(case.forward, batch(case).double(), rng=0)
    finally:
        torch.set_default_dtype(torch.float32)
    assert {p.dtype for p in model.parameters()} == {torch.float64}
    for name, tensor in fresh(case).state_dict().items():
        torch.testing.assert_close(model.state_dict()[name].to(tensor.dtype), tensor, rtol=1e-6, atol=1e-7)


@each_model
def test_on_the_meta_device(case: Case):
    with torch.device("meta"):
        model = on_torch(case.forward, torch.empty(6, *case.shape), rng=0)
    assert {tensor.device.type for tensor in model.state_dict().values()} == {"meta"}
    assert model(torch.empty(2, *case.shape, device="meta")).shape == (2, 3)
    model.to_empty(device="cpu").load_state_dict(fresh(case).state_dict())
    assert torch.equal(model.eval()(batch(case)), fresh(case).eval()(batch(case)))


def test_a_layer_on_a_device():
    net = on_torch(only(u.Linear, 4, 3, device="meta"), torch.empty(2, 4, device="meta"), rng=0)
    assert net.linear.weight.device.type == "meta"


def test_a_size_of_none_that_is_never_given():
    def forward(x):
        u.Linear(None, 3)
        return x

    with pytest.raises(ValueError, match=r"'linear': a size of Linear is None.*never called"):
        on_torch(forward, torch.ones(2, 4), rng=0)


def test_attributes_of_a_layer_that_waits_for_its_size():
    with pytest.raises(AttributeError, match="'linear' has no 'weight' yet"):
        on_torch(lambda x: u.Linear(None, 3).weight, torch.ones(2, 4), rng=0)


def _zeros(x):
    return u.Linear(None, 2)(x + unp.zeros(4))  # the layer is there before the call of its argument


def _in_a_module(x):
    class Block(u.Module):
        def __init__(self):
            self.linear = u.weight_norm(u.Linear(None, 2))

        def __call__(self, x):
            return self.linear(x + unp.ones(4))

    return Block()(x)


def _in_a_container(x):
    return u.Sequential(u.Linear(None, 2), u.ReLU())(x * unp.arange(4))


def _state(x):
    linear, steps = u.Linear(None, 2), u.get_state("steps", ())
    u.set_state("steps", steps + unp.ones(()))
    return linear(x)


def _in_a_mapped_part(x):
    linear, norm = u.Linear(None, 2), u.BatchNorm1d(4)(x, is_training=True)
    return linear(u.vmap(lambda row: u.Linear(None, 4)(row + unp.zeros(4)))(norm))


def _in_a_branch(x):
    linear, y = u.Linear(None, 2), u.BatchNorm1d(4)(x, is_training=True)
    return linear(u.cond(y.sum() > 0, lambda y: y, lambda y: u.BatchNorm1d(4)(y, is_training=True), y))


@pytest.mark.parametrize("body", [_zeros, _in_a_module, _in_a_container, _state, _in_a_mapped_part, _in_a_branch])
def test_arrays_are_made_while_a_layer_waits_for_its_size(body):
    net = on_torch(body, torch.ones(3, 4), rng=0)
    params = u.transform(body, backend="jax").init(torch.ones(3, 4).numpy(), rng=0)
    assert [path for path in params if not path.startswith("rng")] == list(net.params)


class TestPortableDropout:
    x = torch.ones(50, 40)

    def model(self, seed=0, p=0.25):
        return u.transform(only(u.Dropout, p), backend="torch", rng="portable").init(self.x, rng=seed)

    def test_masks_depend_on_the_seed_and_the_call_alone(self):
        one, other = self.model(), self.model()
        torch.manual_seed(1)
        first = one(self.x)
        torch.manual_seed(2)
        assert torch.equal(other(self.x), first)
        assert not torch.equal(one(self.x), first)
        assert not torch.equal(self.model(seed=1)(self.x), first)

    def test_a_mask_keeps_and_scales(self):
        output = self.model()(self.x)
        kept = output != 0
        assert torch.equal(output[kept], torch.full_like(output[kept], 1 / 0.75))
        assert abs(kept.float().mean() - 0.75) < 4 * (0.25 * 0.75 / self.x.numel()) ** 0.5

    def test_evaluation_draws_nothing(self):
        model = self.model().eval()
        assert torch.equal(model(self.x), self.x) and model.params["rng/counter"] == 0

    def test_the_counter_is_a_variable(self):
        model = self.model()
        first = model(self.x)
        model(self.x)
        assert model.state_dict()["rng.counter"] == 2
        _, changes = model.apply(model.params, self.x, training=True)
        assert list(changes) == ["rng/counter"] and changes["rng/counter"] == 3
        twin = self.model(seed=9)
        twin.load_state_dict(self.model().state_dict())
        assert torch.equal(twin(self.x), first)

    def test_the_generator_is_left_alone(self):
        model, state = self.model(), torch.get_rng_state()
        model(self.x)
        assert torch.equal(torch.get_rng_state(), state)


def test_plain_dropout_follows_manual_seed():
    model, x = fresh(Case(convnet, nn.Module, (1, 8, 8))), torch.ones(4, 1, 8, 8)
    outputs = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        outputs.append(model(x))
    assert torch.equal(outputs[0], outputs[1]) and not torch.equal(outputs[0], outputs[2])
