"""A `layer_stack` whose layers have variables of their own: the same model, from the same checkpoints."""

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from unified.testing import ParityError, assert_parity

X = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
T = torch.tensor(X)


class Block(u.Module):
    def __call__(self, x: Any) -> Any:
        return x + F.tanh(u.Linear(4, 4)(u.BatchNorm1d(4)(u.Dropout(0.2)(x))))


def deep(x: Any) -> Any:
    return u.Linear(4, 2)(u.layer_stack(11, name="h")(lambda x: Block()(x))(x))


def nested(x: Any) -> Any:
    def outer(x: Any) -> Any:
        inner = u.layer_stack(2, name="inner")(lambda x: u.Dropout(0.2)(x + u.Linear(4, 4)(x)))
        return u.random.uniform(()) + inner(u.Linear(4, 4)(x))

    return u.layer_stack(2, name="outer", remat=True)(outer)(x)


def ensemble(x: Any) -> Any:
    inner = lambda x: u.layer_stack(2, name="h")(lambda x: u.Linear(4, 4)(x))(x)  # noqa: E731
    return u.vmap(inner, axis_size=3, in_axes=None, variable_axes={...: -1}, name="members")(x)


BODIES = {"nested": nested, "ensemble": ensemble}


SLOW = (pytest.param(stacks, marks=pytest.mark.slow) for stacks in ("separate", {"jax": "separate"}))


@pytest.mark.parametrize("stacks", [{"torch": "separate"}, *SLOW], ids=str)
def test_parity_of_both_forms(stacks: Any) -> None:
    assert_parity(nested, X, stacks=stacks, rtol=1e-4, training=True)


def test_parity_of_state_and_of_stacked_axes() -> None:
    def body(x: Any) -> Any:
        return u.layer_stack(2)(lambda x: Block()(x))(x)

    assert_parity(body, X, stacks={"torch": "separate"}, rtol=1e-4, training=True)
    assert_parity(ensemble, X, stacks={"torch": "separate"}, rtol=1e-4, training=False)


def test_parity_finds_a_difference_between_the_forms() -> None:
    def body(x: Any) -> Any:
        return u.layer_stack(2)(lambda x: x + u.Linear(4, 4, bias=u.backend() == "jax")(x))(x)

    with pytest.raises(ParityError, match="only jax has layer_stack/0/linear/bias, layer_stack/1/linear/bias"):
        assert_parity(body, X, stacks={"torch": "separate"})


def test_names_are_those_of_a_module_list() -> None:
    block = torch.nn.ModuleDict({"fc": torch.nn.Linear(4, 4)})
    by_hand = torch.nn.ModuleDict({"h": torch.nn.ModuleList([block, block])})

    def body(x: Any) -> Any:
        return u.layer_stack(2, name="h")(lambda x: u.Linear(4, 4, name="fc")(x))(x)

    names = list(by_hand.state_dict())
    assert list(u.transform(body, backend="torch", stacks="separate").init(T, rng=0).state_dict()) == names
    params = u.transform(body, backend="jax", stacks="separate").init(X, rng=0)
    assert list(params.filter(u.filters.not_("rng")).state_dict()) == names
    assert u.transform(body, backend="jax", stacks="separate").eval_shape(X).stacks == params.stacks


def test_a_stack_that_says_its_form_keeps_it() -> None:
    def body(x: Any) -> Any:
        x = u.layer_stack(2, stacked=True, name="a")(lambda x: u.Linear(4, 4, bias=False)(x))(x)
        x = u.layer_stack(2, stacked=False, name="b")(lambda x: u.Linear(4, 4, bias=False)(x))(x)
        return u.layer_stack(2, name="c")(lambda x: u.Linear(4, 4, bias=False)(x))(x)

    fixed = ["a.linear.weight", "b.0.linear.weight", "b.1.linear.weight"]
    for stacks, last in (("stacked", ["c.linear.weight"]), ("separate", ["c.0.linear.weight", "c.1.linear.weight"])):
        assert list(u.transform(body, backend="torch", stacks=stacks).init(T).state_dict()) == fixed + last
    with pytest.raises(ValueError, match="stacks must be None, 'stacked' or 'separate', got 'apart'"):
        u.transform(body, stacks="apart")


@pytest.mark.parametrize("name", BODIES)
def test_conversion_of_all_stacks(name: str) -> None:
    stacked = u.transform(BODIES[name], backend="torch").init(T, rng=0).params
    separate = u.transform(BODIES[name], backend="torch", stacks="separate").init(T, rng=0).params
    for converted, expected in ((stacked.unstack(), separate), (separate.stack(), stacked)):
        assert converted.keys() == expected.keys()
        for path, value in expected.items():
            torch.testing.assert_close(converted[path], value, rtol=0, atol=0)
            assert converted.info[path] == expected.info[path]


@pytest.mark.parametrize("name", BODIES)
def test_each_form_loads_the_other(name: str) -> None:
    body = BODIES[name]
    forms = ("stacked", "separate")
    of_jax = {form: u.transform(body, backend="jax", stacks=form).init(X, rng=0) for form in forms}
    for form, other in (forms, forms[::-1]):
        net = u.transform(body, backend="torch", stacks=form).init(T, rng=7)
        source = u.transform(body, backend="torch", stacks=other).init(T, rng=0).params
        plain = {path: value.detach().numpy() for path, value in reversed(list(source.items()))}
        for params in (source, of_jax[other], of_jax[form], plain):
            net.init(T, rng=7).load_params(params)
            for path, value in net.params.items():
                np.testing.assert_array_equal(value.detach(), of_jax[form][path], err_msg=path)
        loaded = u.transform(body, backend="jax", stacks=form).init(X, rng=7).from_state_dict(source.state_dict())
        assert all(np.array_equal(loaded[path], of_jax[form][path]) for path in source.pick(loaded))


class Method(u.Module):
    def __call__(self, x: Any) -> Any:
        return self.step(x)

    def step(self, x: Any) -> Any:
        return u.Dropout(0.5)(x + u.Linear(4, 4)(x))


def shared(x: Any) -> Any:
    dropout, method = u.Dropout(0.5), Method()
    return u.layer_stack(3)(lambda x: dropout(method(Method()(x))))(x)


def same_numbers_in_all_layers(x: Any) -> Any:
    return u.layer_stack(3, split_rngs=False)(lambda x: u.Dropout(0.5)(x + 1))(x)


def twice_in_a_scan(xs: Any) -> Any:
    def step(carry: Any, x: Any) -> Any:
        for _ in range(2):
            carry = u.layer_stack(2)(lambda y: u.Dropout(0.5)(y))(carry + x)
        return carry, carry

    return u.scan(step, xs[0], xs)[1]


def draws_of_the_body(x: Any) -> Any:
    return u.layer_stack(2)(lambda x: x[u.random.permutation(3)] + u.random.normal((4,)))(x)


@pytest.mark.parametrize("body", [nested, shared, same_numbers_in_all_layers, twice_in_a_scan, draws_of_the_body])
def test_both_forms_draw_the_same_random_numbers(body: Any) -> None:
    stacked, separate = (
        u.transform(body, backend="torch", stacks=form, rng="portable").init(T, rng=0) for form in (None, "separate")
    )
    first = separate(T)
    torch.testing.assert_close(first, stacked(T))
    assert not torch.equal(separate(T), first)


def test_compiled_code_draws_the_same_random_numbers() -> None:
    net = u.transform(shared, backend="torch", stacks="separate", rng="portable").init(T, rng=0)
    compiled = torch.compile(copy.deepcopy(net), backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(T), net(T))


def test_forms_survive_pickles_and_copies() -> None:
    for form in (None, "separate"):
        net = u.transform(deep, backend="torch", stacks=form).init(T, rng=0)
        params = net.params.to("numpy")
        assert pickle.loads(pickle.dumps(params)).stacks == params.stacks == copy.deepcopy(net).params.stacks
        twin = pickle.loads(pickle.dumps(net)).init(T, rng=0)
        assert list(twin.state_dict()) == list(net.state_dict())


def test_params_of_separate_layers_run_on_jax() -> None:
    separate = u.transform(nested, backend="torch", stacks="separate", rng="portable").init(T, rng=0)
    output, _ = u.transform(nested, backend="jax").apply(separate.params.to("jax"), X, training=True)
    np.testing.assert_allclose(output, separate(T).detach(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("form", ["stacked", "separate"])
def test_files_serve_both_forms(form: Any, tmp_path: Path) -> None:
    other: Any = {"stacked": "separate", "separate": "stacked"}[form]
    net = u.transform(deep, backend="torch", stacks=form).init(T, rng=0).eval()
    u.save(tmp_path / "net.safetensors", net)
    of_torch = u.load_model(tmp_path / "net.safetensors", deep, T, backend="torch", stacks=other).eval()
    assert ("h.10.block.linear.weight" in of_torch.state_dict()) == (other == "separate")
    torch.testing.assert_close(of_torch(T), net(T))
    of_jax = u.load_model(tmp_path / "net.safetensors", deep, X, backend="jax", stacks=other)
    np.testing.assert_allclose(of_jax(X)[0], net(T).detach(), rtol=1e-5, atol=1e-5)


def test_sharding_moves_with_the_axes() -> None:
    def body(x: Any) -> Any:
        linear = {"weight": {"sharding": (None, "model")}, "bias": {"note": 1}}
        return u.layer_stack(2)(lambda x: u.Linear(4, 4, metadata=linear)(x))(x)

    stacked = u.transform(body, backend="torch").init(T, rng=0).params
    separate = u.transform(body, backend="torch", stacks="separate").init(T, rng=0).params
    assert stacked.unstack().info["layer_stack/0/linear/weight"].metadata == {"sharding": (None, "model")}
    assert separate.stack().info["layer_stack/linear/weight"].metadata == {"sharding": (None, None, "model")}
    assert separate.stack().info["layer_stack/linear/bias"].metadata == {"note": 1}


def test_what_cannot_be_stacked_is_refused() -> None:
    net = u.transform(deep, backend="torch", stacks="separate").init(T, rng=0)
    stacked = u.transform(deep, backend="torch").init(T, rng=1)
    before = {name: value.clone() for name, value in stacked.state_dict().items()}
    with pytest.raises(ValueError, match="'h/3/block/linear/bias' is frozen, and the same variable of other layers is"):
        stacked.load_params(net.freeze("h/3/block/linear/bias").params)
    params = net.unfreeze().params
    with pytest.raises(ValueError, match=r"the layers below 'h' are \[0, 2, 3, .*\], and not all from 0 on"):
        stacked.load_params(params.filter(u.filters.not_("h/1/*")))
    with pytest.raises(ValueError, match="no record of a model, which tells where stacks are: pass their paths"):
        u.Params({"h/0/w": X}).stack()
    fewer = {path: value for path, value in params.items() if not path.startswith("h/10/")}
    with pytest.raises(ValueError, match=r"has shape \(11, 4\) in the model and \(10, 4\) in the params"):
        stacked.load_params(fewer)
    assert all(torch.equal(value, before[name]) for name, value in stacked.state_dict().items())


def test_params_of_both_forms_are_not_merged() -> None:
    stacked, separate = (
        u.transform(deep, backend="torch", stacks=form).init(T, rng=0).params for form in (None, "separate")
    )
    with pytest.raises(
        u.StructureChangedError, match="a stack of 11 in the first and 11 separate layers in the second"
    ):
        stacked | separate
