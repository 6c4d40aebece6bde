"""What JAX's libraries make of `Params` and models: Flax's state, treescope, notebooks, rich, optax and chex."""

import copy
import html.parser
import io
import subprocess
import sys

import chex
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import rich.console
import treescope
from flax import serialization, traverse_util

import unified as u
import unified.trees as ut


def forward(x):
    return u.BatchNorm1d(3, name="norm")(u.Linear(2, 3)(x))


NET = u.transform(forward, backend="jax")
X = np.ones((4, 2), np.float32)


@pytest.fixture(scope="module")
def params():
    return NET.init(X, rng=0)


def zeroed(tree):
    return jax.tree.map(jnp.zeros_like, tree)


def test_flax_state_is_that_of_a_dict_of_paths(params):
    expected = serialization.to_state_dict(dict(params))
    found = serialization.to_state_dict(params)
    assert list(found) == list(expected) and all(found[path] is expected[path] for path in params)
    assert serialization.to_bytes(params) == serialization.to_bytes(dict(params))


def test_flax_bytes_come_back_as_params(params):
    restored = serialization.from_bytes(zeroed(params), serialization.to_bytes(params))
    assert restored == params and all(isinstance(value, jax.Array) for value in restored.values())
    bound = NET.bind(params)
    for model in (bound, u.jit(bound)):
        other = serialization.from_bytes(zeroed(model), serialization.to_bytes(model))
        assert type(other) is type(model) and other.params == params
        np.testing.assert_array_equal(other(X)[0], model(X)[0])


def test_flax_bytes_of_an_optimizer(params):
    weights, _ = params.split()
    optimizer = optax.chain(optax.masked(optax.trace(0.9), lambda p: p.mask("linear/*")), optax.adam(1e-3))
    _, state = optimizer.update(weights, optimizer.init(weights), weights)
    restored = serialization.from_bytes(zeroed(state), serialization.to_bytes(state))
    chex.assert_trees_all_equal(restored, state)
    assert jax.tree.structure(restored) == jax.tree.structure(state)


def test_flax_bytes_of_a_module_of_trees():
    module = ut.Sequential([ut.Linear(2, 3), jnp.tanh, ut.BatchNorm1d(3)])
    module = ut.fill(module, rng=0, backend="jax")
    restored = serialization.from_bytes(zeroed(module), serialization.to_bytes(module))
    assert jax.tree.structure(restored) == jax.tree.structure(module)
    chex.assert_trees_all_equal(restored, module)


def test_flax_states_that_do_not_fit(params):
    state = serialization.to_state_dict(params)
    with pytest.raises(ValueError, match=r"missing \['linear/bias'\], unexpected \['linear/b'\].*whole paths"):
        serialization.from_state_dict(params, {("linear/b" if k == "linear/bias" else k): v for k, v in state.items()})
    with pytest.raises(ValueError, match=r"'linear/bias' has shape \(3,\).*\(4,\)"):
        serialization.from_state_dict(params, {**state, "linear/bias": np.ones(4, np.float32)})
    with pytest.raises(ValueError, match=r"unexpected.*from_nested"):
        serialization.from_state_dict(params, params.nested())


LATE = """
import importlib.util, sys, jax, numpy as np, unified as u, unified.backends.jax, unified.trees as ut
params = u.Params({'a': np.ones(2)})
assert "flax" not in sys.modules and importlib.util.find_spec("flax")
import flax.serialization
assert type(flax.serialization.from_bytes(params, flax.serialization.to_bytes(params))) is u.Params
module = ut.fill(ut.Linear(2, 3), backend="jax")
assert type(flax.serialization.from_bytes(module, flax.serialization.to_bytes(module))) is ut.Linear
"""


@pytest.mark.slow
def test_flax_is_told_when_it_is_imported_last():
    subprocess.run([sys.executable, "-c", LATE], check=True, timeout=120)


def test_flax_traversals_take_nested_dicts(params):
    flat = traverse_util.flatten_dict(params.nested(), sep="/")
    assert list(flat) == list(params)
    assert params.update(flat) == params
    doubled = traverse_util.path_aware_map(lambda path, x: x * 2 if path[-1] == "weight" else x, params.nested())
    assert (params.update(u.Params.from_nested(doubled))["linear/weight"] == params["linear/weight"] * 2).all()


class Text(html.parser.HTMLParser):
    """The text of each line, and whether all tags are closed."""

    def __init__(self, source):
        super().__init__()
        self.open, self.lines = [], []
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.lines.append((self.open.count("details"), data))


def test_notebooks_show_a_tree(params):
    odd = params.annotate("linear/weight", note="<script>")
    lines = Text(odd._repr_html_()).lines
    assert lines[0] == (1, "Params, 7 variables, 22 values")
    assert (2, "linear: Linear(in_features=2, out_features=3)") in lines
    assert (2, "weight  float32[3, 2]  note='<script>'") in lines and "<script>" not in odd._repr_html_()
    assert (2, "running_mean  float32[3]  state") in lines
    silent = u.transform(lambda x: u.ReLU()(u.Linear(2, 3)(x)), backend="jax").init(np.ones((1, 2), np.float32), rng=0)
    assert (1, "relu: ReLU") in Text(silent._repr_html_()).lines  # nothing to unfold
    assert Text(NET.bind(params)._repr_html_()).lines[0] == (1, "JaxModel(forward), 7 variables, 22 values")
    assert Text(u.Params({})._repr_html_()).lines == [(0, "Params, 0 variables, 0 values")]  # nothing to unfold
    assert len(u.Params({f"v{i}": np.ones(1) for i in range(5000)})._repr_html_()) < 200_000


def test_treescope(params):
    import torch

    text = treescope.render_to_text(params)
    assert text.startswith("Params({") and all(f"'{path}':" in text for path in params) and "DictKey" not in text
    assert "linear/weight" in treescope.render_to_html(params, compressed=False)
    text = treescope.render_to_text(NET.bind(params))
    assert text.startswith("BoundModel(") and "JaxModel(forward)" in text and "'linear/bias'" in text
    assert "np.ndarray float32(100,)" in treescope.render_to_text(u.Params({"a": torch.ones(100)}))
    seen = []
    jax.make_jaxpr(lambda p: seen.append(treescope.render_to_text(p)) or p["linear/bias"])(params)
    assert "'linear/bias'" in seen[0]


def test_rich_prints_a_line_for_each_variable(params):
    console = rich.console.Console(file=io.StringIO(), width=100)
    console.print(params)
    lines = console.file.getvalue().splitlines()
    assert lines[0] == "Params(7 variables, 22 values, jax)" and len(lines) == 8


def test_messages_of_optax_and_chex_name_paths(params):
    other = params.update({"linear/bias": params["linear/bias"] + 1})
    with pytest.raises(AssertionError, match="differ in leaves 'linear/bias'"):
        chex.assert_trees_all_close(params, other)
    with pytest.raises(AssertionError, match=r"leaves 'linear/bias': shapes: \(3,\) != \(7,\)"):
        chex.assert_trees_all_equal_shapes(params, params.replaced({"linear/bias": jnp.ones(7)}))
    with pytest.raises(ValueError, match="norm/num_batches_tracked"):
        optax.tree.add(params, params.split()[0])
    assert list(optax.tree.get(optax.adam(1e-3).init(params.split()[0]), "mu")) == list(params.split()[0])


def test_a_copy_of_params_is_equal(params):
    assert copy.copy(params) == params


OPTIMIZERS = """
adabelief adadelta adafactor adagrad adam adamax adamaxw adamw adan amsgrad fromage lamb lars lion nadam nadamw novograd
optimistic_gradient_descent polyak_sgd radam rmsprop rprop sgd sign_sgd sm3 yogi
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMIZERS.split())
def test_optimizers_of_optax_do_what_they_do_with_a_dict(name, params):
    optimizer = getattr(optax, name)(1e-2)
    weights, rest = params.split()

    def loss_fn(weights):
        return (NET.apply(rest | dict(weights), X)[0] ** 2).sum()

    def trained(weights):
        state = optimizer.init(weights)
        for _ in range(2):
            value, grads = jax.value_and_grad(loss_fn)(weights)
            options = {"value": value} if name == "polyak_sgd" else {}
            updates, state = optimizer.update(grads, state, weights, **options)
            weights = optax.apply_updates(weights, updates)
        return weights

    found, expected = trained(weights), trained(dict(weights))
    for path in weights:
        np.testing.assert_array_equal(found[path], expected[path], err_msg=path)
