"""`assert_parity` accepts what agrees, and says where models part."""

import numpy as np
import pytest

import unified as u
import unified.functional as F
from unified.testing import ParityError, assert_parity

X = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
IMAGES = np.random.default_rng(1).normal(size=(4, 3, 8, 8)).astype(np.float32)


class Block(u.Module):
    def __init__(self, width):
        self.width = width

    def __call__(self, x):
        scale = u.get_parameter("scale", (x.shape[-1],), u.initializers.normal(1.0, 0.1))
        h = F.gelu(u.Linear(x.shape[-1], self.width)(x))
        return x + scale * u.Linear(self.width, x.shape[-1])(h)


def mlp(x):
    x = u.Linear(None, 8)(x)
    for _ in range(2):
        x = Block(16)(x)
    return {"mean": x.mean(), "logits": u.Linear(8, 3)(u.Dropout(0.3)(x))}


def convnet(x):
    x = F.relu(u.BatchNorm2d(None)(u.Conv2d(None, 8, 3, padding="same")(x)))
    x = u.MaxPool2d(2)(x)
    x = u.AdaptiveAvgPool2d(1)(x).reshape(x.shape[0], -1)
    return u.Linear(None, 10)(u.Dropout(0.2)(x))


def stateful(x):
    mean = u.get_state("mean", (x.shape[-1],))
    if u.is_training():
        u.set_state("mean", 0.9 * mean + 0.1 * x.mean(0))
    noise = u.random.normal(x.shape)
    x = F.dropout(x, 0.25, u.is_training())
    return x - mean + noise * u.random.uniform((1,), minval=-1.0, maxval=2.0)


def integers(tokens):
    x = u.Embedding(11, 6, padding_idx=0)(tokens)
    return u.LayerNorm(6)(x).sum(1)


@pytest.mark.parametrize(
    ("forward", "inputs"),
    [
        (mlp, [X]),
        (convnet, [IMAGES]),
        (stateful, [X]),
        (integers, [np.array([[0, 3, 10], [1, 1, 2]])]),
        (lambda x, scale, flag: u.Linear(None, 2)(x) * scale if flag else x, [X, 2.5, True]),
        (lambda x: x * 2, [X]),
        (lambda batch: u.Linear(None, 2)(batch["x"]) + batch["more"][0], [{"x": X, "more": [X[:, :2]], "none": None}]),
        (lambda x: (u.random.uniform((3,)), u.Linear(None, 2)(x), 5, True), [X]),
    ],
    ids=["mlp", "convnet", "stateful", "integers", "static arguments", "no layers", "nested", "constants first"],
)
def test_models_agree(forward, inputs):
    assert_parity(forward, *inputs)


def message(forward, *inputs, **options) -> str:
    with pytest.raises(ParityError) as caught:
        assert_parity(forward, *inputs, **options)
    return str(caught.value)


def on_jax() -> bool:
    return u.backend() == "jax"


def test_a_diverging_layer_is_named():
    def forward(x):
        x = u.Linear(None, 8, name="stem")(x)
        x = u.GELU("tanh" if on_jax() else "none")(x * 5)
        return u.Linear(8, 3, name="head")(x)

    report = message(forward, X)
    assert "torch and jax disagree in evaluation" in report
    assert "first layer whose output diverges: 'gelu' (layer 2 of 3 to run)" in report
    assert "layers that agree before it: stem" in report
    assert "largest difference" in report
    assert report.count("float32[4, 8]") == 2, "the statistics of both values"


def test_a_difference_in_training_alone_is_found():
    def forward(x):
        return u.Linear(6, 6)(x) * (2 if on_jax() and u.is_training() else 1)

    assert_parity(forward, X, training=False)
    assert "disagree in training" in message(forward, X)


def test_a_difference_in_the_body_is_told_from_one_in_a_layer():
    report = message(lambda x: u.Linear(6, 6)(x) + (1e-3 if on_jax() else 0), X)
    assert "every layer's output agrees (the last is 'linear')" in report
    assert "first difference: output 'output'" in report


def test_a_difference_in_gradients_alone_is_found():
    def forward(x):
        layer = u.Linear(6, 6)
        if on_jax():
            import jax

            return jax.lax.stop_gradient(layer(x))
        return layer(x)

    report = message(forward, X)
    assert "gradient" in report
    assert "output 'output'" not in report
    assert_parity(forward, X, gradients=False)


def test_a_difference_in_state_alone_is_found():
    def forward(x):
        u.get_state("calls", (), u.initializers.zeros)
        u.set_state("calls", x.sum() * 0 + (2.0 if on_jax() else 1.0))
        return x

    assert "state 'calls'" in message(forward, X)


def test_names_and_shapes_that_differ_are_listed():
    def forward(x):
        x = u.Linear(None, 5 if on_jax() else 4, name="stem")(x)
        return u.Linear(None, 2, name="last" if on_jax() else "head")(x)

    report = message(forward, X)
    assert "only torch has head/weight, head/bias" in report
    assert "only jax has last/weight, last/bias" in report
    assert "'stem/weight' has shape (4, 6) on torch and (5, 6) on jax" in report


def test_initial_values_that_differ_are_found():
    def forward(x):
        return u.Linear(6, 6, init_fn=u.initializers.normal(0, 1.0 if on_jax() else 2.0))(x)

    assert "first variable whose initial value differs: 'linear/weight'" in message(forward, X)


def test_bodies_that_run_other_layers_are_told():
    def forward(x):
        first, second = u.Linear(6, 6), u.Linear(6, 6)
        return second(first(x)) if on_jax() else first(second(x))

    assert "the bodies diverge: layer 1 to run is 'linear_1' on one and 'linear' on the other" in message(forward, X)


def test_not_a_number_differs_from_a_number():
    def forward(x):
        return u.Identity()(x * (float("nan") if on_jax() else 1))

    assert "non-finite" in message(forward, X)


def test_a_body_that_diverges_before_a_layer_is_told_from_the_layer():
    def forward(x):
        x = u.Linear(6, 6, name="stem")(x)
        return u.Linear(6, 3, name="head")(x + (1e-2 if on_jax() else 0))

    report = message(forward, X)
    assert "first layer whose input diverges: 'head' (layer 2 of 2 to run)" in report
    assert "arises in the body, after 'stem'" in report


def test_layers_within_a_layer_are_part_of_it():
    class Normed(u.Linear):
        def forward(self, x):
            return u.LayerNorm(6)(super().forward(x))

    assert_parity(lambda x: Normed(6, 6)(x), X)
    assert "'head'" in message(lambda x: u.Identity(name="head")(Normed(6, 6)(x) + on_jax()), X)


def test_inputs_by_keyword():
    assert_parity(lambda x, scale: u.Linear(None, 2)(x) * scale, X, kwargs={"scale": np.float32(2)})


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(TypeError, match="output is a set, which cannot be compared"):
        assert_parity(lambda x: {1, 2}, X)


def test_numbers_and_dtypes_are_compared():
    assert "output 'output[1]'" in message(lambda x: (x, 5 if on_jax() else 7), X)

    def half(x):
        import jax.numpy as jnp

        return x.astype(jnp.bfloat16).astype(jnp.float16) if on_jax() else x

    assert "float32[4, 6] and float16[4, 6]" in message(half, X, gradients=False, atol=1.0)


def test_a_body_may_write_to_its_input_on_torch():
    def forward(x):
        x += 1
        return u.Linear(6, 2)(x)

    assert_parity(forward, X)


def test_tolerances_are_respected():
    def forward(x):
        return x + (1e-3 if on_jax() else 0)

    assert_parity(forward, X, atol=1e-2)
    message(forward, X, atol=1e-4, rtol=0)


def test_the_fixture_runs_once_a_backend(pytester):
    pytester.makepyfile("""
        import unified as u

        def test_default(unified_backend):
            assert u.transform(lambda x: x)._fn is not None
            print("ran on", unified_backend)
    """)
    result = pytester.runpytest("-s", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines_random(["*ran on torch*", "*ran on jax*"])
