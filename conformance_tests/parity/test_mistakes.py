"""Mistakes of users that once passed in silence, or raised an error that named nothing of theirs."""

import functools

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch.utils.checkpoint import checkpoint

import unified as u
import unified.explicit as bx
import unified.functional as F
import unified.nn as nn
import unified.numpy as unp
import unified.trees as ut

X = {"torch": torch.ones(2, 4), "jax": jnp.ones((2, 4))}


def started(body, backend, **options):
    """A model of the body and its first params."""
    net = u.transform(body, backend=backend, **options)
    params = net.init(X[backend], rng=0)
    return net, net.params if backend == "torch" else params


@pytest.fixture(params=["torch", "jax"])
def backend(request):
    return request.param


NONSENSE = {"string": "xavier", "number": 3, "class": u.initializers.Initializer, "array": np.ones((4, 4))}


@pytest.mark.parametrize("init_fn", [*NONSENSE.values(), {"weight": "xavier"}], ids=[*NONSENSE, "dict"])
@pytest.mark.parametrize("size", [4, None])
def test_init_fn_of_a_layer_that_starts_nothing(init_fn, size, backend):
    with pytest.raises(TypeError, match=r"'linear': init_fn.* unified.initializers"):
        started(lambda x: u.Linear(size, 4, init_fn=init_fn)(x), backend)
    with pytest.raises(TypeError, match="init_fn"):
        u.build(nn.Linear, 4, 4, init_fn=init_fn, backend=backend, rng=0)
    with pytest.raises(TypeError, match="init_fn"):
        bx.Linear(bx.Graph("net"), 4, 4, init_fn=init_fn)
    with pytest.raises(TypeError, match="init_fn"):
        ut.Linear(4, 4, init_fn=init_fn)


def test_objects_refuse_a_function_of_the_layer(backend):
    with pytest.raises(TypeError, match="init_fn"):
        u.build(nn.Linear, 4, 4, init_fn=lambda layer: None, backend=backend, rng=0)


@pytest.mark.parametrize("size", [4, None])
def test_init_fn_that_sets_another_attribute(size, backend):
    def misspelt(layer):
        layer.wieght = 2 * layer.weight

    with pytest.raises(AttributeError, match=r"'linear': init_fn set 'wieght'.*'weight'"):
        started(lambda x: u.Linear(size, 4, init_fn=misspelt)(x), backend)


def test_a_class_of_initializers_by_its_function(backend):
    _, by_name = started(lambda x: u.Linear(4, 4, init_fn=u.initializers.normal)(x), backend)
    _, called = started(lambda x: u.Linear(4, 4, init_fn=u.initializers.normal())(x), backend)
    assert by_name == called


def two_layers(x):
    return u.Linear(4, 4)(u.Linear(4, 4)(x))


def test_a_misspelt_path_in_a_dict_over_the_params_of_a_model(backend):
    net, params = started(two_layers, backend)
    zeros = 0 * params["linear/weight"]
    wrong = {"linear/wieght": zeros}
    first, rest = params.filter("params").split("linear/*")
    for parts in (params, first, rest, params.to("numpy")):
        for merge in (lambda p: p | wrong, lambda p: wrong | p, lambda p: p.merge({}, wrong)):
            with pytest.raises(KeyError, match=r"no variable 'linear/wieght' in the model.*'linear/weight'"):
                merge(parts)
    assert (rest | {"linear_1/weight": zeros})["linear_1/weight"] is zeros  # another part of the model has it
    output, _ = net.apply(params | {"linear/weight": zeros}, X[backend])
    assert output[0].tolist() == params["linear/bias"].tolist()  # the outer layer is built first


def test_params_may_hold_more_than_a_model(backend):
    net, params = started(two_layers, backend)
    _, others = started(lambda x: u.Conv1d(2, 2, 1)(x), backend)
    zeros = 0 * params["linear/bias"]
    extra = {"anything": zeros}
    for more in (
        params | others,
        params | u.Params(extra),
        params.unlocked() | extra,
        u.Params(extra) | {"b": extra["anything"]},
    ):
        assert len(more) > len(extra)
    output, changes = net.apply(params | others | u.Params(extra), X[backend], capture="linear/*")
    assert list(changes) == ["linear/output"]
    assert len(params | changes) == len(params) + 1
    assert output.tolist() == net.apply(params, X[backend])[0].tolist()
    assert "rng/key" in params | {"rng/key": np.zeros(2, np.uint32)}


PATTERNS = {
    "annotate": (lambda p: p.annotate("linaer/*", note=1), r"no variable matches 'linaer/\*'; .*'linear/weight'"),
    "astype": (lambda p: p.astype("bfloat16", "linaer/*"), r"no variable matches 'linaer/\*'; .*'linear/weight'"),
    "freeze": (lambda p: p.freeze("linaer/*"), r"no parameter matches 'linaer/\*'; .*'linear/weight'"),
    "unfreeze": (lambda p: p.unfreeze("*/wieght"), r"no parameter matches '\*/wieght'; .*'linear_1/weight'"),
    "layer": (lambda p: p.freeze("linear"), r"no parameter matches 'linear': 'linear/\*'"),
    "several": (lambda p: p.freeze(["linear", "norm"]), r"'linear/\*' matches all below it"),
    "function": (lambda p: p.freeze(lambda info: False), r"no parameter matches <function"),
    "state": (lambda p: p.freeze("rng/counter"), r"no parameter matches 'rng/counter'$"),
}


def dropped(x):
    return u.Dropout(0.1)(two_layers(x))


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_that_match_nothing(name, backend):
    use, message = PATTERNS[name]
    with pytest.raises(ValueError, match=message):
        use(started(dropped, backend, rng="portable")[1])


def test_selections_may_be_empty(backend):
    _, params = started(two_layers, backend)
    assert not params.filter("nope/*") and not params.split("nope/*")[0] and not params.pop("nope/*")[0]
    assert not params.partition("nope/*", ...)[0] and not any(params.mask("nope/*").values())
    assert params.annotate(note=1) == params


@pytest.mark.parametrize("capture", ["linaer", "linaer/*", ["linaer", "nope"]])
def test_a_capture_of_nothing(capture, backend):
    net, params = started(two_layers, backend)
    with pytest.raises(ValueError, match=r"no layer, module or sown value.*linaer.*'linear'"):
        net.apply(params, X[backend], capture=capture)
    for some in ("linear", ["nope", "linear"], "*/output", lambda info: False):
        assert ("linear/output" in net.apply(params, X[backend], capture=some)[1]) is not callable(some)


def test_a_policy_for_no_layer(backend):
    half = u.Policy(compute="bfloat16")
    for policy in ({"liner": half}, {"*": half, "liner": u.Policy()}):
        with pytest.raises(ValueError, match=r"no layer of the model.* matches 'liner'; .*'linear'"):
            started(two_layers, backend, policy=policy)
    started(two_layers, backend, policy={"linear_1": u.Policy(), "*": half})


def test_params_show_the_dtype_that_is_there(backend):
    _, params = started(lambda x: u.BatchNorm1d(4)(x), backend)
    shown = dict(line.split()[:2] for line in repr(params).splitlines()[1:])
    for path, value in params.items():
        assert shown[path] == str(value.dtype).removeprefix("torch.") + str(list(value.shape)).partition(",")[0]


@pytest.mark.parametrize("device", ["gpuu", "cuda0", ""])
def test_a_device_that_is_none(device, backend):
    error = (ValueError, RuntimeError)
    with pytest.raises(error, match=r"[Dd]evice"):
        started(lambda x: u.Linear(None, 4, device=device)(x), backend)
    with pytest.raises(error, match=r"[Dd]evice"):
        u.build(nn.Linear, 4, 4, device=device, backend=backend, rng=0)
    with pytest.raises(error, match=r"[Dd]evice"):
        bx.Linear(bx.Graph("net"), 4, 4, device=device)(bx.params(seed=0), X[backend])


@pytest.mark.parametrize("device", ["cpu", "cpu:0", None, torch.device("cpu")])
def test_a_device_that_is_one(device, backend):
    _, params = started(lambda x: u.Linear(None, 4, device=device)(x), backend)
    assert list(params) == ["linear/weight", "linear/bias"]


CALLS = {
    "pair": (lambda net, pair: F.relu(pair), TypeError, r"output, changes = net.apply"),
    "pair among others": (lambda net, pair: F.cross_entropy(pair, pair[0]), TypeError, r"output, changes = net.apply"),
    "pair of arrays": (lambda net, pair: unp.mean(pair), TypeError, r"output, changes = net.apply"),
    "index": (lambda net, pair: pair[1][0], TypeError, r"paths of variables.*got 0: list\(params.values\(\)\)"),
    "slice": (lambda net, pair: pair[1][:2], TypeError, r"paths of variables"),
}


@pytest.mark.parametrize("name", CALLS)
def test_results_that_are_used_as_arrays(name, backend):
    use, error, message = CALLS[name]
    net, params = started(two_layers, backend)
    with pytest.raises(error, match=message):
        use(net, net.apply(params, X[backend]))


def plain(x, width=3):
    return u.Linear(4, width)(x)


BODIES = {
    "input": (lambda x: u.Linear(x, 3), "Linear: in_features is a number, got an array of shape \\[2, 4\\]"),
    "batch norm": (lambda x: u.BatchNorm1d(4, x), "BatchNorm1d: eps is a number, got an array"),
    "stack": (
        lambda x: u.layer_stack(plain, 3)(x),
        "number of layers, got <function plain.*u.layer_stack\\(3\\)\\(block",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_arguments_in_the_place_of_others(name, backend):
    body, message = BODIES[name]
    with pytest.raises(TypeError, match=message):
        started(body, backend)


def test_arrays_that_are_arguments(backend):
    started(lambda x: u.CrossEntropyLoss(weight=X[backend][0])(x, x), backend)
    started(lambda x: u.Linear(np.int64(4), np.int32(3))(x), backend)
    started(lambda x: u.layer_stack(np.int64(2))(lambda x: u.Linear(4, 4)(x))(x), backend)


def test_options_that_nothing_takes(backend):
    for option, closest in (("polcy", "policy"), ("widht", "width"), ("bakend", "backend")):
        with pytest.raises(TypeError, match=rf"transform was given {option}=1, which 'plain'.*'{closest}'"):
            u.transform(plain, backend=backend, **{option: 1})
    with pytest.raises(TypeError, match=r"policy is a Policy.*'bfloat16'.*Policy\(compute"):
        u.transform(plain, backend=backend, policy="bfloat16")

    @functools.wraps(plain)
    def takes_more(x, **options):
        return plain(x, options["size"])

    passed_on = lambda x, **options: plain(x, **options)  # noqa: E731
    for fn, option in ((plain, "width"), (passed_on, "width"), (takes_more, "size")):
        _, params = started(fn, backend, **{option: 2})
        assert params["linear/bias"].shape == (2,)


@pytest.mark.parametrize(
    ("module", "name", "message"),
    [
        (u, "Liner", "module 'unified' has .*'Linear'.*docs/layers.md"),
        (u, "ModuleList", "docs/layers.md"),
        (u, "lodd", "'load'"),
        (F, "reluu", "module 'unified.functional' has .*'relu'"),
        (u.tree, "mapp", "module 'unified.tree' has .*'map'"),
        (u.random, "nomral", "module 'unified.random' has .*'normal'"),
        (u.initializers, "normall", "module 'unified.initializers' has .*'normal'"),
        (u.filters, "any_off", "module 'unified.filters' has .*'any_of'"),
    ],
)
def test_names_that_are_misspelt(module, name, message):
    with pytest.raises(AttributeError, match=message):
        getattr(module, name)
    assert not hasattr(module, "__nothing__")


def test_a_capture_of_nothing_in_objects(backend):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(4, 4)

        def forward(self, x):
            return self.linear(x)

    net = u.build(Net, backend=backend, rng=0)
    with pytest.raises(ValueError, match=r"no layer, module or sown value.*'linaer'.*'linear'"):
        net.apply(net.params, X[backend], capture="linaer")


class Forward(u.Module):
    def forward(self, x):
        return u.Linear(4, 4)(x)


def _same(x):
    return x


# What a body does, the error of both frameworks, and what it says.
IN_BODIES = {
    "cond of an array": (lambda x: u.cond(x.sum() > 0, u.Linear(4, 4)(x), _same, x), TypeError, "u.cond: true_fun"),
    "cond by a string": (lambda x: u.cond("yes", _same, _same, x), TypeError, "u.cond: pred is a boolean scalar"),
    "cond by an array": (lambda x: u.cond(x > 0, _same, _same, x), TypeError, r"pred .* shape \(2, 4\)"),
    "switch of arrays": (lambda x: u.switch(1, [_same, x], x), TypeError, r"u.switch: branches\[1\] is a function"),
    "switch by None": (lambda x: u.switch(None, [_same, _same], x), TypeError, "u.switch: index is an integer scalar"),
    "scan in another order": (lambda x: u.scan(x[0], lambda c, y: (c, y), x), TypeError, "u.scan: body is a function"),
    "map of an array": (lambda x: u.map(x, x), TypeError, "u.map: f is a function"),
    "fori_loop in another order": (lambda x: u.fori_loop(_same, 0, 3, x), TypeError, "u.fori_loop: body_fun"),
    "while_loop of values": (lambda x: u.while_loop(x.sum() < 3, _same, x), TypeError, "u.while_loop: cond_fun"),
    "vmap of an array": (lambda x: u.vmap(x)(x), TypeError, "u.vmap: fun is a function"),
    "vmap of a number": (lambda x: u.vmap(lambda a, b: a * b)(x, 2.0), ValueError, "2.0, and no array: pass None"),
    "vmap of a scalar": (lambda x: u.vmap(_same)(x.sum()), ValueError, r"no axis 0 to map, its shape is \(\)"),
    "remat of an array": (lambda x: u.remat(u.Linear(4, 4)(x)), TypeError, "u.remat: fun is a function"),
    "jit of an array": (lambda x: u.jit(x)(x), TypeError, "u.jit: fun is a function"),
    "layer_stack of an array": (lambda x: u.layer_stack(2)(x), TypeError, "u.layer_stack: block is a function"),
    "grad of an array": (lambda x: u.grad(x)(x), TypeError, "u.grad: fun is a function"),
    "grad of no scalar": (lambda x: u.grad(_same)(x), TypeError, r"returns a scalar, .* shape \(2, 4\)"),
    "grad by integers": (
        lambda x: u.grad(lambda n: (n * x).sum())(unp.astype(x, unp.int32)),
        TypeError,
        "floating-point numbers, and one is int32",
    ),
    "unroll of a layer": (lambda x: u.unroll(u.Linear(4, 4), x[None]), TypeError, "RecurrentCell.* got Linear"),
    "unroll of an LSTM": (lambda x: u.unroll(u.LSTM(4, 4), x[None]), TypeError, "RecurrentCell.* got LSTM"),
    "an array as a shape": (lambda x: x + u.get_state("a", x), TypeError, r"'a': a shape .* shape \(2, 4\)"),
    "a string as a shape": (lambda x: x + u.get_parameter("a", "4"), TypeError, "'a': a shape .* got '4'"),
    "a shape of floats": (lambda x: x + u.get_parameter("a", (4.0,)), TypeError, r"'a': a shape .* got \(4.0,\)"),
    "a negative size": (lambda x: x + u.get_parameter("a", (-1,)), ValueError, "'a': no size of a shape is negative"),
    "True as a size": (lambda x: u.Linear(4, True)(x), ValueError, "'linear': out_features .* got True"),
    "a drawn array as a shape": (lambda x: u.random.normal(x), TypeError, r"random.normal: .* shape \(2, 4\)"),
    "normal as on JAX": (lambda x: u.random.normal(u.next_rng_key(), x.shape), TypeError, "dtype .* key is key="),
    "uniform with bounds": (lambda x: u.random.uniform(x.shape, 0.0, 1.0), TypeError, "dtype .* got 0.0: help"),
    "randint in another order": (lambda x: u.random.randint(0, 5, x.shape), TypeError, "maxval is an integer"),
    "randint with floats": (lambda x: u.random.randint(x.shape, 0.5, 3), TypeError, "minval is an integer, got 0.5"),
    "choice in another order": (lambda x: u.random.choice((2,), 5), TypeError, r"an array of rows, got \(2,\): help"),
    "categorical of a number": (lambda x: u.random.categorical(3), TypeError, "logits is an array .* got 3"),
    "permutation of a string": (lambda x: u.random.permutation("ab"), TypeError, "an array of rows, got 'ab'"),
    "permutation of less than none": (lambda x: u.random.permutation(-3), ValueError, "at least 0, got -3"),
    "forward": (lambda x: Forward()(x), NotImplementedError, "Forward must implement __call__.*rename forward"),
}


@pytest.mark.parametrize("name", IN_BODIES)
def test_errors_that_name_the_argument(name, backend):
    body, error, message = IN_BODIES[name]
    with pytest.raises(error, match=f"(?s){message}"):
        started(body, backend, **({"rng": "portable"} if backend == "torch" else {}))


@pytest.mark.parametrize("dtype", [np.float16, np.dtype("float16"), jnp.float16, torch.float16, unp.float16, "float16"])
def test_any_dtype_of_draws(dtype, backend):
    _, params = started(lambda x: u.set_state("a", u.random.normal(x.shape, dtype)), backend)
    _, of_array = started(lambda x: u.set_state("a", u.random.normal(x.shape, x.dtype)), backend)
    assert params["a"].dtype == unp.float16 and of_array["a"].dtype == unp.float32


STATES = {
    "int32": lambda x: x.sum() / 2,
    "bool": lambda x: x.sum(),
    "float32": lambda x: unp.astype(x.sum(), unp.complex64),
}


@pytest.mark.parametrize("dtype", STATES)
def test_state_that_its_variable_cannot_keep(dtype, backend):
    """`set_state` stored 1.5 as 1."""

    def body(x):
        u.get_state("a", (), dtype=dtype)
        u.set_state("a", STATES[dtype](x))
        return x

    with pytest.raises(u.StructureChangedError, match=f"'a' is {dtype}, and set_state got values of"):
        started(body, backend)


def test_state_in_another_precision_is_kept(backend):
    def body(x):
        state, count = u.get_state("a", (4,)), u.get_state("n", (), dtype="float32")
        u.set_state("a", unp.astype(x[0], unp.float16) + 1.5)
        u.set_state("n", unp.asarray(3))
        return state + count

    net, params = started(body, backend)
    changes = net.apply(params, X[backend])[1]
    assert changes["a"].tolist() == [2.5] * 4 and float(changes["n"]) == 3.0


def test_apply_without_params(backend):
    net, _ = started(lambda x: u.Linear(4, 4)(x), backend)
    for wrong in (X[backend], net, None, 3):
        with pytest.raises(TypeError, match="apply takes params first"):
            net.apply(wrong, X[backend])
    with pytest.raises(TypeError, match="'weight' is a dict"):
        net.apply({"weight": {}}, X[backend])


def test_gradients_in_a_body_under_checkpoint():
    """`torch.func` refuses to run while hooks on saved tensors are set, as in a checkpoint of the whole model."""
    net = u.transform(
        lambda x: u.grad(lambda x: F.tanh(u.Linear(4, 3)(x)).sum())(u.Linear(4, 4)(x)), backend="torch"
    ).init(X["torch"], rng=0)
    gradients = []
    for run in (net, lambda x: checkpoint(net, x, use_reentrant=False)):
        net.zero_grad()
        run(X["torch"]).pow(2).sum().backward()
        gradients.append([parameter.grad for parameter in net.parameters()])
    torch.testing.assert_close(gradients[1], gradients[0])
