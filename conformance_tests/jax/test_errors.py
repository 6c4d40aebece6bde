"""Errors of bad input, which name the path and what to do; the next call works."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F
from conformance_tests.jax.models import CASES, MLP, Case, mlp, model
from unified.core.scope import current


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """Assert after each test that no scope is left, and that a model initialises and runs."""
    yield
    assert current.scope is None
    np.testing.assert_array_equal(MLP.net.init(MLP.x, rng=0)["linear/weight"], MLP.params["linear/weight"])
    assert MLP.evaluate(MLP.params, MLP.x)[0].shape == (4, 3)


class Block(u.Module):
    def __call__(self, x: jax.Array) -> jax.Array:
        return x


@pytest.mark.parametrize(
    "use",
    [
        lambda: u.Linear(3, 4),
        lambda: Block(),
        lambda: u.get_parameter("w", (3,)),
        lambda: u.get_state("s", (3,)),
        lambda: u.set_state("s", jnp.ones(3)),
        lambda: u.random.uniform((3,)),
        lambda: u.next_rng_key(),
        lambda: u.is_training(),
        lambda: u.current_path(),
        lambda: u.wrap(dict),
        lambda: F.dropout(jnp.ones(3)),
    ],
)
def test_outside_a_model(use: Callable[[], Any]) -> None:
    with pytest.raises(u.NoActiveTransformError, match=r"outside a model.*unified\.transform\(function\)"):
        use()


def test_a_model_is_not_called() -> None:
    with pytest.raises(TypeError, match=r"holds no parameters: call net\.apply\(params, \.\.\.\)"):
        MLP.net(MLP.x)


def make_model() -> tuple[Any, list[Callable[[jax.Array], Any]], u.Params]:
    """Return a model of `body/scale` and `body/linear`, a list whose last function its body runs, and its params."""
    functions: list[Callable[[jax.Array], Any]] = [lambda x: u.Linear(5, 3)(x)]

    class Body(u.Module):
        def __call__(self, x: jax.Array) -> jax.Array:
            scale = u.get_parameter("scale", (5,), jnp.ones)
            return functions[-1](x * scale)

    net = model(lambda x: Body()(x))
    return net, functions, net.init(MLP.x, rng=0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (lambda x: u.Linear(5, 3, name="lineal")(x), r"'body/lineal'.*closest known paths are 'body/linear'"),
        (lambda x: u.Linear(5, 4)(x), r"'body/linear' was registered.*Linear\(5, 3\).*asks for Linear\(5, 4\)"),
        (lambda x: u.LayerNorm(5, name="linear")(x), r"'body/linear' was registered.*Linear\(5, 3\).*LayerNorm\(5"),
        (lambda x: u.Linear(5, 3, bias=False)(x), r"'body/linear'.*asks for Linear\(5, 3, bias=False\)"),
        (lambda x: (u.Linear(5, 3)(x), u.Linear(5, 3)(x)), r"Linear\(5, 3\) at 'body/linear_1', where init registered"),
        (
            lambda x: u.get_parameter("scale", (4,)),
            r"'body/scale' was registered by init as float32\[5\].*float32\[4\]",
        ),
        (lambda x: u.get_parameter("scale", (5,), dtype="int32"), r"'body/scale'.*asks for int32\[5\]"),
        (lambda x: u.get_state("scale", (5,)), r"'body/scale'.*in 'params'.*in 'state'"),
        (lambda x: u.get_parameter("scales", (5,)), r"'body/scales', which init did not.*'body/scale'"),
        (lambda x: Block()(x), r"'body/block', where init registered nothing"),
        (lambda x: u.set_state("last", x), r"'body/last', which init did not register"),
    ],
)
def test_a_structure_that_changed(changed: Callable[[jax.Array], Any], message: str) -> None:
    net, functions, params = make_model()
    expected = net.apply(params, MLP.x)[0]
    functions.append(changed)
    for apply in (net.apply, jax.jit(net.apply)):
        with pytest.raises(u.StructureChangedError, match=message):
            apply(params, MLP.x)
    functions.pop()
    np.testing.assert_array_equal(net.apply(params, MLP.x)[0], expected)


def test_layers_in_another_order() -> None:
    def body(x: jax.Array, *, wide_first: bool) -> jax.Array:
        sizes = (5, 8, 5) if wide_first else (5, 5, 5)
        for fan_in, fan_out in itertools.pairwise(sizes):
            x = u.Linear(fan_in, fan_out)(x)
        return x

    net = model(body)
    params = net.init(MLP.x, wide_first=True, rng=0)
    with pytest.raises(u.StructureChangedError, match=r"'linear' was registered by init as Linear\(5, 8\)"):
        net.apply(params, MLP.x, wide_first=False)


def test_another_input_size_where_the_size_was_taken_from_the_input() -> None:
    with pytest.raises(u.StructureChangedError, match=r"'linear/weight' has shape \(8, 5\).*Linear with \(8, 7\)"):
        MLP.net.apply(MLP.params, np.ones((4, 7), np.float32))


@pytest.mark.parametrize("path", MLP.paths)
def test_params_without_a_variable(path: str) -> None:
    bare = {other: value for other, value in MLP.params.items() if other != path}
    near = path.rpartition("/")[0]
    for params in (bare, MLP.params.split(lambda info: info.path != path)[0]):
        with pytest.raises(u.StructureChangedError, match=rf"the variable '{path}', which the params do not.*'{near}"):
            MLP.net.apply(params, MLP.x)


def test_params_of_another_shape() -> None:
    bare = {**MLP.params, "linear_1/weight": jnp.ones((8, 7))}
    transposed = jax.tree.map(lambda value: value.T, MLP.params)
    for params, path in ((bare, "linear_1/weight"), (transposed, "linear/weight")):
        with pytest.raises(u.StructureChangedError, match=rf"'{path}' has shape"):
            MLP.net.apply(params, MLP.x)


def test_an_own_parameter_of_another_shape() -> None:
    net = model(lambda x: x * u.get_parameter("scale", (5,), jnp.ones))
    params = net.init(MLP.x, rng=0)
    for small in ({"scale": jnp.ones(1)}, jax.tree.map(lambda value: value[:1], params)):
        with pytest.raises(u.StructureChangedError, match=r"'scale'.*\(1,\)"):
            net.apply(small, MLP.x)


def test_an_update_of_another_shape_or_dtype() -> None:
    with pytest.raises(ValueError, match=r"'linear/bias' has shape \(8,\).*shape \(9,\)"):
        MLP.params.update({"linear/bias": jnp.ones(9)})
    with pytest.raises(ValueError, match=r"'linear/bias' has dtype float32.*int32"):
        MLP.params.update({"linear/bias": jnp.ones(8, jnp.int32)})
    with pytest.raises(KeyError, match=r"no variable 'linear/bia'.*'linear/bias'"):
        MLP.params.update({"linear/bia": jnp.ones(8)})


def test_bare_arrays_by_path_are_enough(case: Case) -> None:
    bare = {path: np.asarray(value) for path, value in case.params.items()}
    (out, changes), (expected, expected_changes) = case.train(bare, case.x), case.train(case.params, case.x)
    np.testing.assert_array_equal(out, expected)
    assert set(changes) == set(expected_changes)
    for path in changes:
        np.testing.assert_array_equal(changes[path], expected_changes[path])
    from_numpy, _ = case.evaluate(case.params.to("numpy"), case.x)
    np.testing.assert_array_equal(from_numpy, case.evaluate(case.params, case.x)[0])


def test_numpy_params_need_no_jit() -> None:
    out, _ = MLP.net.apply(MLP.params.to("numpy"), MLP.x)
    np.testing.assert_array_equal(out, MLP.net.apply(MLP.params, MLP.x)[0])


@pytest.mark.parametrize("params", [None, [1], np.ones(3), "linear"], ids=str)
def test_params_that_are_no_mapping(params: Any) -> None:
    with pytest.raises(TypeError, match=rf"apply takes params first.*got {type(params).__name__}"):
        MLP.net.apply(params, MLP.x)


def test_params_that_are_nested() -> None:
    with pytest.raises(TypeError, match=r"whole paths, such as 'linear/weight'.*'linear' is a dict"):
        MLP.net.apply({"linear": {"weight": jnp.ones((8, 5))}}, MLP.x)


def test_a_torch_tensor_as_input() -> None:
    x = torch.ones(4, 5)
    for call in (
        lambda: MLP.net.apply(MLP.params, x),
        lambda: MLP.net.init(x, rng=0),
        lambda: MLP.net.eval_shape(x),
        lambda: model(lambda pair: mlp(pair["x"])).init({"x": x}, rng=0),
    ):
        with pytest.raises(u.BackendError, match=r"a jax model was called with a Tensor.*jnp\.asarray\(x\.numpy\(\)\)"):
            call()


@pytest.mark.parametrize("name", CASES)
def test_params_of_torch(name: str) -> None:
    case = CASES[name]
    for training in (False, True):
        with pytest.raises(u.BackendError, match=r"params with params\.to\('jax'\)"):
            case.net.apply(case.params.to("torch"), case.x, training=training)


def test_a_jax_array_given_to_the_torch_model() -> None:
    net = u.transform(mlp, backend="torch").init(torch.ones(4, 5), rng=0)
    with pytest.raises(u.BackendError, match="jax"):
        net(jnp.ones((4, 5)))


def test_no_seed() -> None:
    with pytest.raises(TypeError, match=r"init needs rng= on jax: an integer seed"):
        MLP.net.init(MLP.x)


def test_training_that_is_traced() -> None:
    with pytest.raises(TypeError, match=r"training must be a Python bool.*static_argnames='training'"):
        jax.jit(MLP.net.apply)(MLP.params, MLP.x, training=True)


@pytest.mark.parametrize("p", [math.nan, -0.1, 1.5])
def test_a_dropout_probability_that_is_none(p: float) -> None:
    for fn in (lambda x: u.Dropout(p)(x), lambda x: F.dropout(x, p)):
        with pytest.raises(ValueError, match="a dropout probability lies between 0 and 1"):
            model(fn).init(MLP.x, rng=0)
    with pytest.raises(ValueError, match="'block/drop'"):
        model(lambda x: Named()(x, p)).init(MLP.x, rng=0)


class Named(u.Module):
    def __init__(self) -> None:
        super().__init__(name="block")

    def __call__(self, x: jax.Array, p: float) -> jax.Array:
        return u.Dropout(p, name="drop")(x)


@pytest.mark.parametrize("name", ["", "a/b", "a.b", "1st", "for loop"])
def test_a_name_that_is_none(name: str) -> None:
    for fn in (lambda x: u.Linear(5, 3, name=name)(x), lambda x: u.get_parameter(name, (3,))):
        with pytest.raises(ValueError, match=repr(name)):
            model(fn).init(MLP.x, rng=0)


def test_names_that_clash() -> None:
    def clash(x: jax.Array) -> jax.Array:
        u.get_parameter("linear", (3,))
        return u.Linear(5, 3, name="linear")(x)

    def clash_later(x: jax.Array) -> jax.Array:
        x = u.Linear(5, 3)(x)
        return x + u.get_parameter("linear", (3,))

    with pytest.raises(ValueError, match="'linear' is already the path of a layer"):
        model(clash_later).init(MLP.x, rng=0)
    params = model(clash).init(MLP.x, rng=0)
    assert list(params) == ["linear", "linear_1/weight", "linear_1/bias"]


@pytest.mark.parametrize("jitted", [False, True], ids=["eager", "jitted"])
def test_a_body_that_raises_half_way(jitted: bool) -> None:
    failing = [False]

    class Fragile(u.Module):
        def __call__(self, x: jax.Array) -> jax.Array:
            x = u.Linear(5, 4)(x)
            if failing[0]:
                raise RuntimeError("half way")
            return u.Linear(4, 3)(x)

    net = model(lambda x: Fragile()(x))
    init = jax.jit(lambda key: net.init(MLP.x, rng=key)) if jitted else lambda key: net.init(MLP.x, rng=key)
    apply = jax.jit(net.apply) if jitted else net.apply
    failing[0] = True
    with pytest.raises(RuntimeError, match="half way"):
        init(jax.random.key(0))
    assert current.scope is None
    failing[0] = False
    params = init(jax.random.key(0))
    assert list(params) == [
        f"fragile/{layer}/{leaf}" for layer in ("linear", "linear_1") for leaf in ("weight", "bias")
    ]
    failing[0] = True
    with pytest.raises(RuntimeError, match="half way"):
        apply(params, MLP.x)
    assert current.scope is None
    failing[0] = False
    assert apply(params, MLP.x)[0].shape == (4, 3)


def test_init_twice_is_init_once() -> None:
    one, two = MLP.net.init(MLP.x, rng=0), MLP.net.init(MLP.x, rng=0)
    assert jax.tree.structure(one) == jax.tree.structure(two)
    assert jax.tree.all(jax.tree.map(lambda a, b: bool((a == b).all()), one, two))


def test_drawing_in_apply_alone() -> None:
    net = model(lambda x: x if u.is_initializing() else x + u.random.uniform(x.shape))
    with pytest.raises(u.StructureChangedError, match=r"'rng/key' and 'rng/counter'.*Draw in init too"):
        net.apply(net.init(MLP.x, rng=0), MLP.x)
