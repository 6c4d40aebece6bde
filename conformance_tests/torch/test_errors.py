"""Bad input: the message names the path and what to do, and nothing is lost."""

import jax.numpy as jnp
import pytest
import torch
from torch import nn

import unified as u
from conformance_tests.torch.models import Case, batch, each_model, fresh, mlp, only

X = torch.ones(2, 4)


def model(forward, *inputs):
    """Return the initialised model of `forward`."""
    return u.transform(forward, backend="torch").init(*(inputs or (X,)), rng=0)


def raises(error, pattern):
    """Return `pytest.raises` with a pattern that the message must contain."""
    return pytest.raises(error, match=pattern)


@pytest.mark.parametrize(
    "use",
    [
        lambda: u.Linear(2, 2),
        lambda: u.get_parameter("scale", (2,)),
        lambda: u.get_state("mean", (2,)),
        lambda: u.set_state("mean", torch.ones(2)),
        lambda: u.wrap(nn.Identity),
        lambda: u.random.normal((2,)),
        u.Module,
        u.is_training,
        u.current_path,
        u.next_rng_key,
    ],
)
def test_outside_a_model(use):
    with raises(u.NoActiveTransformError, r"outside a model.*unified\.transform.*init"):
        use()


@each_model
@pytest.mark.parametrize("use", ["call", "apply", "load_params"])
def test_before_init(case: Case, use: str):
    net, x = u.transform(case.forward, backend="torch"), batch(case)
    with raises(u.NotInitializedError, rf"{case.forward.__name__}.*call init\(\.\.\.\)"):
        {"call": lambda: net(x), "apply": lambda: net.apply({}, x), "load_params": lambda: net.load_params({})}[use]()


CHANGES = {
    "class": (lambda x: u.Bilinear(4, 4, 3, name="linear")(x, x), r"'linear' .*Linear\(4, 3\).*Bilinear\(4, 4, 3"),
    "size": (only(u.Linear, 4, 5), r"'linear' .*Linear\(4, 3\).*Linear\(4, 5\)"),
    "option": (only(u.Linear, 4, 3, bias=False), r"'linear' .*Linear\(4, 3, bias=False\)"),
    "name": (only(u.Linear, 4, 3, name="liner"), r"'liner'.*nothing.*closest known paths are 'linear'"),
    "order": (lambda x: u.LayerNorm(4)(u.Linear(4, 3)(x)), r"'layer_norm' .*LayerNorm\(3\).*LayerNorm\(4\)"),
    "one more": (only(u.Tanh), r"Tanh\(\) at 'tanh', where init registered nothing.*init again"),
    "parameter": (lambda x: u.get_parameter("scales", (3,)), r"'scales', which init did not register.*'scale'"),
    "parameter's shape": (lambda x: u.get_parameter("scale", (4,)), r"'scale' .*float32\[3\].*float32\[4\]"),
    "parameter's dtype": (lambda x: u.get_parameter("scale", 3, dtype="float64"), r"'scale' .*float32.*float64\[3\]"),
    "collection": (lambda x: u.get_state("scale", (3,)), r"'scale' .*'params'.*'state'"),
    "state": (lambda x: u.set_state("mean", torch.ones(3)), r"'mean', which init did not register"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_structure(change):
    changed = []

    def forward(x):
        if changed:
            CHANGES[change][0](x)
        y = u.Linear(4, 3)(x)
        return u.LayerNorm(3)(y) * u.get_parameter("scale", (3,), init_fn=torch.ones)

    net = model(forward)
    expected, names = net(X), list(net.state_dict())
    changed.append(True)
    with raises(u.StructureChangedError, CHANGES[change][1]):
        net(X)
    changed.clear()
    assert torch.equal(net(X), expected) and list(net.state_dict()) == names


def test_a_method_that_init_did_not_call():
    later = []

    class Two(u.Module):
        def __call__(self, x):
            return u.Linear(4, 4)(x)

        def other(self, x):
            return u.Linear(4, 4)(x)

    def forward(x):
        two = Two()
        return two.other(two(x)) if later else two(x)

    net = model(forward)
    later.append(True)
    with raises(u.StructureChangedError, "'two/other': this method of Two was not called during init"):
        net(X)


def test_set_state_of_a_parameter():
    def forward(x):
        u.set_state("scale", u.get_parameter("scale", (4,)))
        return x

    with raises(ValueError, "'scale' is a parameter.*get_state"):
        model(forward)


@pytest.mark.parametrize("name", ["", "a/b", "a.b", "1a", "a b", 3.0, -3, True])
@pytest.mark.parametrize(
    "give",
    [
        lambda x, name: u.Linear(4, 3, name=name)(x),
        lambda x, name: u.get_parameter(name, (4,)),
        lambda x, name: u.get_state(name, (4,)),
        lambda x, name: u.wrap(nn.Identity, name=name)(x),
    ],
    ids=["layer", "parameter", "state", "wrap"],
)
def test_invalid_names(give, name):
    with raises(ValueError, "cannot be a name: (names are Python identifiers|a number counts from 0)"):
        model(lambda x: give(x, name))


def test_a_variable_called_like_a_layer():
    def forward(x):
        y = u.Linear(4, 3)(x)
        return y * u.get_parameter("linear", (3,))

    with raises(ValueError, "'linear' is already the path of a layer.*another name"):
        model(forward)


def test_a_layer_called_like_another_gets_the_next_name():
    def forward(x):
        x = u.Linear(4, 4, name="a")(x)
        return u.Linear(4, 4, name="a")(x)

    assert list(model(forward).params) == ["a/weight", "a/bias", "a_1/weight", "a_1/bias"]


@pytest.mark.parametrize(
    ("values", "error", "pattern"),
    [
        ({"linear/weight": torch.ones(2, 2)}, ValueError, r"'linear/weight' has shape .*3, 4.*2, 2"),
        ({"linear/bias": torch.ones(3).double()}, ValueError, "'linear/bias' has dtype .*float32.*float64"),
        ({"linear/wieght": torch.ones(3, 4)}, KeyError, "no variable 'linear/wieght'.*'linear/weight'"),
        ({"linear/bias": 1.0}, ValueError, "'linear/bias' has shape.*no array"),
    ],
)
def test_update(values, error, pattern):
    with raises(error, pattern):
        model(only(u.Linear, 4, 3)).params.update(values)


def test_params_are_immutable():
    params = model(only(u.Linear, 4, 3)).params
    with raises(TypeError, "immutable.*update"):
        params["linear/bias"] = torch.ones(3)
    with raises(TypeError, "immutable.*update"):
        del params["linear/bias"]


@each_model
def test_load_state_dict_with_other_keys(case: Case):
    net, twin = fresh(case), case.twin()
    state_dict = {name: tensor for name, tensor in net.state_dict().items() if name != "linear.bias"} | {"extra": X}
    messages = []
    for module in (net, twin):
        with pytest.raises(RuntimeError) as caught:
            module.load_state_dict(state_dict)
        messages.append(str(caught.value).partition("\n")[2])
    assert messages[0] == messages[1] and '"extra"' in messages[0]
    result = net.load_state_dict(state_dict, strict=False)
    assert result.unexpected_keys == ["extra"]


@each_model
def test_load_params_that_do_not_fit(case: Case):
    net = fresh(case)
    before = {path: value.clone() for path, value in net.params.items()}
    path = next(iter(before))
    for params, error, pattern in (
        ({name: value for name, value in before.items() if name != path}, KeyError, f"missing .*{path}"),
        (before | {"extra": X}, KeyError, "unexpected .*extra"),
        (before | {path: torch.ones(1, 1, 1)}, ValueError, rf"'{path}' has shape .*\(1, 1, 1\)"),
    ):
        with raises(error, pattern):
            net.load_params({name: torch.zeros_like(value) for name, value in params.items()})
    assert all(torch.equal(value, before[name]) for name, value in net.params.items())


def test_apply_with_params_that_do_not_fit():
    net = model(only(u.Linear, 4, 3))
    with raises(u.StructureChangedError, "'linear/bias', which the params do not have"):
        net.apply({"linear/weight": torch.ones(3, 4), "extra": X}, X)
    with raises(u.StructureChangedError, r"'linear/weight' has shape \(2, 2\).*\(3, 4\)"):
        net.apply({**net.params, "linear/weight": torch.ones(2, 2)}, X)


@each_model
def test_arrays_of_jax(case: Case):
    net, x = fresh(case), jnp.asarray(batch(case).numpy())
    for use in (
        lambda: net(x),
        lambda: net.init(x, rng=0),
        lambda: net.apply(net.params, x),
        lambda: u.transform(case.forward, backend="torch").init(x, rng=0),
    ):
        with raises(u.BackendError, r"an array of jax.*torch\.from_numpy"):
            use()
    with raises(u.BackendError, r"takes tensors, got .*params\.to\('torch'\)"):
        net.apply(net.params.to("jax"), batch(case))
    assert net(batch(case)).shape == (6, 3)


def test_unknown_backend():
    with raises(u.BackendError, "no backend 'tensorflow': choose one of 'jax', 'torch'"):
        u.transform(mlp, backend="tensorflow")


def test_unknown_rng():
    with raises(ValueError, "rng must be None or 'portable'"):
        u.transform(mlp, backend="torch", rng="fast")


def test_no_function():
    with raises(TypeError, "transform takes a function, got 3"):
        u.transform(3, backend="torch")


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
@pytest.mark.parametrize("rng", [None, "portable"])
def test_dropout_probability(p, rng):
    with raises(ValueError, "'dropout': a dropout probability lies between 0 and 1, got"):
        u.transform(only(u.Dropout, p), backend="torch", rng=rng).init(X, rng=0)


@pytest.mark.parametrize(
    ("layer", "args", "kwargs", "error", "pattern"),
    [
        (u.Linear, (4,), {}, TypeError, "Linear.*missing a required argument: 'out_features'"),
        (u.Linear, (4, 3), {"biass": False}, TypeError, "Linear.*unexpected keyword argument 'biass'"),
        (u.Linear, (4, -3), {}, ValueError, "'linear': out_features"),
        (u.Conv2d, (3, 4, 3), {"groups": 2}, ValueError, "'conv2d': groups.*in_channels"),
        (u.Conv2d, (3, 4, 3), {"padding_mode": "mirror"}, ValueError, "'conv2d': padding_mode"),
        (u.Embedding, (3, 4), {"padding_idx": 5}, ValueError, "'embedding': padding_idx.*got 5"),
    ],
)
def test_arguments_of_layers(layer, args, kwargs, error, pattern):
    with raises(error, pattern):
        model(only(layer, *args, **kwargs))


def test_wrap_of_something_else():
    with raises(TypeError, "'wrapped': .*must return an nn.Module, got int"):
        model(only(u.wrap, lambda: 3))


def test_a_portable_draw_that_init_did_not_make():
    def forward(x):
        return x if u.is_initializing() else x + u.random.normal((4,))

    net = u.transform(forward, backend="torch", rng="portable").init(X, rng=0)
    with raises(RuntimeError, "no layer did during init: init the model again"):
        net(X)


@each_model
def test_an_error_of_torch_leaves_nothing_behind(case: Case):
    net, x = fresh(case).eval(), batch(case)
    expected = net(x)
    with pytest.raises(RuntimeError):
        net(torch.ones(2, 7, 7, 7, 7))
    with pytest.raises(u.NoActiveTransformError):
        u.current_path()
    assert torch.equal(net(x), expected)
