"""`Params` as a pytree, in JAX's own functions, Optax and pickle."""

import pickle
from typing import Any

import cloudpickle
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from jax.flatten_util import ravel_pytree

import unified as u
from conformance_tests.jax.fresh import run_fresh
from conformance_tests.jax.models import CASES, CONVNET, MLP, NESTED, Case, model


def equal(left: u.Params, right: u.Params) -> bool:
    """Return whether two `Params` have the same paths, dtypes and bits."""
    return list(left) == list(right) and all(
        np.asarray(left[path]).dtype == np.asarray(right[path]).dtype
        and np.asarray(left[path]).tobytes() == np.asarray(right[path]).tobytes()
        for path in left
    )


def test_leaves_are_the_values_in_the_order_of_the_paths(case: Case) -> None:
    assert tuple(case.params) == case.paths
    assert [id(leaf) for leaf in jax.tree.leaves(case.params)] == [id(value) for value in case.params.values()]


def test_key_paths_are_the_variable_paths(case: Case) -> None:
    paths = jax.tree_util.tree_map_with_path(lambda keys, _: jax.tree_util.keystr(keys, simple=True), case.params)
    assert dict(paths) == {path: path for path in case.paths}
    keys = [jax.tree_util.keystr(keys) for keys, _ in jax.tree_util.tree_leaves_with_path(case.params)]
    assert keys == [f"[{path!r}]" for path in case.paths]


def test_tree_map_keeps_the_class_and_the_infos(case: Case) -> None:
    doubled = jax.tree.map(lambda value: value * 2, case.params)
    assert isinstance(doubled, u.Params)
    assert doubled.info == case.params.info
    assert doubled._structure.scopes is case.params._structure.scopes
    for path in case.paths:
        np.testing.assert_array_equal(doubled[path], 2 * np.asarray(case.params[path]))


def test_structures_of_one_model_are_equal_and_hash_alike(case: Case) -> None:
    structure = jax.tree.structure(case.params)
    other = case.net.init(case.x, rng=1)
    trainable, rest = other.split()
    stepped, _ = case.step(other, case.x)
    for params in (other, trainable | rest, rest | trainable, stepped, case.net.eval_shape(case.x)):
        assert jax.tree.structure(params) == structure
        assert hash(jax.tree.structure(params)) == hash(structure)
    trainable_structure = jax.tree.structure(trainable)
    assert trainable_structure == jax.tree.structure(case.params.split()[0])
    assert (trainable_structure != structure) == bool(rest)


def test_structures_of_other_models_differ() -> None:
    structures = [jax.tree.structure(case.params) for case in CASES.values()]
    assert len(set(structures)) == len(structures)
    assert jax.tree.structure(model(lambda x: u.Linear(5, 4)(x)).eval_shape(MLP.x)) != jax.tree.structure(
        model(lambda x: u.Linear(5, 5)(x)).eval_shape(MLP.x)
    )


def test_params_of_another_init_do_not_compile_again(case: Case) -> None:
    traces = []

    @jax.jit
    def apply(params: u.Params, x: jax.Array) -> tuple[jax.Array, u.Params]:
        traces.append(1)
        return case.net.apply(params, x, training=True)

    params = case.params
    for seed in (1, 2):
        _, changes = apply(params, case.x)
        apply(params | changes, case.x)
        trainable, rest = case.net.init(case.x, rng=seed).split()
        params = trainable | rest
    apply(jax.tree.map(lambda value: value, params), case.x)
    apply(pickle.loads(pickle.dumps(params)), case.x)
    assert len(traces) == 1


def test_donated_params_are_consumed() -> None:
    params = CONVNET.net.init(CONVNET.x, rng=3)
    expected = {path: np.array(value) + 1 for path, value in params.items()}
    new = jax.jit(lambda p: jax.tree.map(lambda value: value + 1, p), donate_argnums=0)(params)
    assert all(value.is_deleted() for value in params.values())
    for path, value in expected.items():
        np.testing.assert_array_equal(new[path], value)
    params = CONVNET.net.init(CONVNET.x, rng=3)
    np.testing.assert_array_equal(params["linear/weight"] + 1, expected["linear/weight"])


def test_shapes_are_params_too(case: Case) -> None:
    shapes = case.net.eval_shape(case.x)
    zeros = jax.tree.map(lambda shape: jnp.zeros(shape.shape, shape.dtype), shapes)
    assert isinstance(zeros, u.Params)
    assert {path: value.shape for path, value in zeros.items()} == {p: v.shape for p, v in case.params.items()}
    assert jax.tree.all(jax.tree.map(lambda shape, value: shape.dtype == value.dtype, shapes, case.params))


def test_ravel_pytree_goes_there_and_back(case: Case) -> None:
    trainable, _ = case.params.split()
    flat, unravel = ravel_pytree(trainable)
    assert flat.shape == (sum(value.size for value in trainable.values()),)
    assert equal(unravel(flat), trainable)


def test_params_in_the_carry_of_a_scan() -> None:
    def halve(params: u.Params, _: None) -> tuple[u.Params, jax.Array]:
        params = jax.tree.map(lambda value: value / 2, params)
        return params, params["linear/bias"]

    trainable, _ = NESTED.params.split()
    last, biases = jax.lax.scan(halve, trainable, None, length=3)
    assert equal(last, jax.tree.map(lambda value: value / 8, trainable))
    np.testing.assert_array_equal(biases[0], trainable["linear/bias"] / 2)


def test_params_as_a_mapped_argument() -> None:
    stacked = jax.tree.map(lambda *values: jnp.stack(values), *[MLP.net.init(MLP.x, rng=seed) for seed in range(3)])
    sums = jax.vmap(lambda params: params["linear/weight"].sum(), in_axes=0)(stacked)
    assert sums.shape == (3,)
    for seed in range(3):
        np.testing.assert_allclose(sums[seed], MLP.net.init(MLP.x, rng=seed)["linear/weight"].sum(), rtol=1e-6)


def test_pickle_keeps_bits_infos_and_structure(case: Case) -> None:
    loaded = pickle.loads(pickle.dumps(case.params))
    assert equal(loaded, case.params)
    assert loaded.info == case.params.info
    assert jax.tree.structure(loaded) == jax.tree.structure(case.params)


def print_structures_equal(path: str) -> None:
    """Print whether pickled params equal those of this process, in structure and values."""
    with open(path, "rb") as file:
        loaded = pickle.load(file)
    params = NESTED.net.init(NESTED.x, rng=0)
    print(jax.tree.structure(loaded) == jax.tree.structure(params), equal(loaded, params))


def test_params_pickled_by_another_process_fit_this_ones(tmp_path) -> None:
    (tmp_path / "params").write_bytes(pickle.dumps(NESTED.params))
    printed = run_fresh(__name__, "print_structures_equal", str(tmp_path / "params"), PYTHONHASHSEED="12345")
    assert printed.split() == ["True", "True"]


@pytest.mark.parametrize("framework", ["numpy", "torch"])
def test_to_another_framework_and_back(case: Case, framework: str) -> None:
    converted = case.params.to(framework)
    kind = np.ndarray if framework == "numpy" else torch.Tensor
    assert all(isinstance(value, kind) for value in converted.values())
    back = converted.to("jax")
    assert all(isinstance(value, jax.Array) for value in back.values())
    assert equal(back, case.params)
    assert jax.tree.structure(back) == jax.tree.structure(case.params)


def test_adam_trains(case: Case) -> None:
    trainable, rest = case.params.split()
    optimizer = optax.adam(1e-2)
    state = optimizer.init(trainable)
    assert isinstance(state[0].mu, u.Params)
    update = jax.jit(optimizer.update)
    losses = []
    for _ in range(10):
        (loss, changes), gradients = case.gradients(trainable, rest, case.x)
        updates, state = update(gradients, state, trainable)
        trainable, rest = optax.apply_updates(trainable, updates), rest | changes
        losses.append(float(loss))
    assert np.mean(losses[-3:]) < np.mean(losses[:3])
    assert jax.tree.structure(trainable | rest) == jax.tree.structure(case.params)


def is_bias(params: u.Params) -> u.Params:
    """Return for each variable whether it is a bias."""
    return jax.tree_util.tree_map_with_path(lambda keys, _: keys[-1].key.endswith("bias"), params)


def test_an_optimizer_masked_by_path_changes_those_alone(case: Case) -> None:
    trainable, _ = case.params.split()
    ones = jax.tree.map(jnp.ones_like, trainable)
    optimizer = optax.chain(optax.masked(optax.set_to_zero(), is_bias), optax.sgd(1.0))
    updates, _ = optimizer.update(ones, optimizer.init(trainable), trainable)
    for path, value in updates.items():
        np.testing.assert_array_equal(value, 0.0 if path.endswith("bias") else -1.0)


def test_two_optimizers_by_path(case: Case) -> None:
    trainable, _ = case.params.split()
    labels = jax.tree.map(lambda bias: "fast" if bias else "slow", is_bias(trainable))
    optimizer = optax.multi_transform({"fast": optax.sgd(1.0), "slow": optax.sgd(0.5)}, labels)
    updates, _ = optimizer.update(jax.tree.map(jnp.ones_like, trainable), optimizer.init(trainable), trainable)
    for path, value in updates.items():
        np.testing.assert_array_equal(value, -1.0 if path.endswith("bias") else -0.5)


DIFFERENTIATED: dict[str, Any] = {
    "grad": jax.grad,
    "value_and_grad": jax.value_and_grad,
    "jacrev": jax.jacrev,
    "jacfwd": jax.jacfwd,
    "hessian": jax.hessian,
    "jit of grad": lambda fn: jax.jit(jax.grad(fn)),
    "grad of jit": lambda fn: jax.grad(jax.jit(fn)),
    "vmap of grad": lambda fn: lambda params: jax.vmap(lambda _: jax.grad(fn)(params))(jnp.ones(2)),
}


@pytest.mark.parametrize("transform", DIFFERENTIATED)
@pytest.mark.parametrize("is_bound", [False, True])
def test_gradients_of_integers_name_them_and_split(transform: str, is_bound: bool) -> None:
    net = u.transform(lambda x: u.Dropout(0.5)(u.Linear(3, 2)(x)), backend="jax")
    x = jnp.ones((2, 3))
    params = net.init(x, rng=0)

    def loss(tree: Any) -> Any:
        return (tree(x)[0] if is_bound else net.apply(tree, x)[0]).sum()

    with pytest.raises(TypeError, match=r"'rng/key', 'rng/counter'\. Split them, `weights, rest = params\.split\(\)`"):
        DIFFERENTIATED[transform](loss)(net.bind(params) if is_bound else params)
    weights, rest = params.split()
    gradients = jax.grad(lambda weights: loss(net.bind(weights | rest) if is_bound else weights | rest))(weights)
    assert list(gradients) == ["linear/weight", "linear/bias"]
    assert list(u.grad(lambda params: net.apply(params, x)[0].sum())(params)) == list(gradients)


def test_integers_of_params_are_leaves_of_everything_else() -> None:
    """Those who allow them get what JAX makes of them, and an output is not mistaken for what is differentiated."""
    params = u.Params({"weight": jnp.ones(2), "count": jnp.array(3), "flag": jnp.array(True)})
    gradients = jax.grad(lambda p: (p["weight"] * p["count"]).sum(), allow_int=True)(params)
    assert gradients["weight"].tolist() == [3.0, 3.0]
    assert gradients["count"].dtype == jax.dtypes.float0
    assert [leaf.dtype.name for leaf in jax.tree.leaves(params)] == ["float32", "int32", "bool"]
    output, pullback = jax.vjp(lambda p: p["weight"] * p["count"], params)
    assert pullback(jnp.ones_like(output))[0]["weight"].tolist() == [3.0, 3.0]
    with pytest.raises(TypeError, match="requires real-valued outputs"):
        jax.jacrev(lambda x: params | {"weight": x})(jnp.ones(2))


def test_cloudpickle_takes_params(case: Case) -> None:
    assert equal(cloudpickle.loads(cloudpickle.dumps(case.params)), case.params)
    structure = case.params._structure
    assert cloudpickle.loads(cloudpickle.dumps(structure)) is structure


SMALL = u.transform(lambda x: u.Linear(3, 2)(u.Dropout(0.5)(x)), backend="jax")


def test_values_that_are_no_arrays_are_shown() -> None:
    params = SMALL.init(jnp.ones((1, 3)), rng=0)
    shapes = jax.tree.map(jnp.shape, params)
    rows = ["  linear/weight  (2, 3)", "  linear/bias    (2,)", "  rng/key        (2,)", "  rng/counter    ()"]
    assert repr(shapes).split("\n") == ["Params(4 variables, 0 values)", *rows]
    assert "weight  (2, 3)" in shapes._repr_html_()
    halves = jax.tree.map(lambda leaf: leaf if leaf.ndim == 2 else None, params)
    assert repr(halves).split("\n")[:3] == [
        "Params(4 variables, 6 values, jax)",
        "  linear/weight  float32[2, 3]",
        rows[1][:17] + "None",
    ]
    hessian = jax.hessian(lambda p: (SMALL.apply(p, jnp.ones((1, 3)))[0] ** 2).sum())(params.split()[0])
    assert repr(hessian).split("\n")[1].startswith("  linear/weight  Params(2 variables, 48 values, jax)")


def test_half_of_a_partition_is_refused() -> None:
    params = SMALL.init(jnp.ones((1, 3)), rng=0)
    arrays, rest = (
        jax.tree.map(lambda leaf, keep=keep: leaf if jnp.issubdtype(leaf.dtype, jnp.floating) is keep else None, params)
        for keep in (True, False)
    )
    np.testing.assert_array_equal(SMALL.apply(arrays, jnp.ones((1, 3)))[0], SMALL.apply(params, jnp.ones((1, 3)))[0])
    with pytest.raises(u.StructureChangedError, match="'rng/key' is None in the params"):
        SMALL.apply(arrays, jnp.ones((1, 3)), training=True)
    with pytest.raises(u.StructureChangedError, match=r"'linear/weight' is None in the params.*equinox\.combine"):
        jax.jit(SMALL.apply)(rest, jnp.ones((1, 3)))
