"""What the tables of layers and of calls cannot say about losses."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F

FEATURES, CLASSES, CUTOFFS = 16, 12, [3, 7]


def test_adaptive_softmax_gives_every_probability_and_the_likeliest_class() -> None:
    def forward(x: Any, y: Any) -> Any:
        layer = u.AdaptiveLogSoftmaxWithLoss(FEATURES, CLASSES, CUTOFFS)
        return layer(x, y), layer.log_prob(x), layer.predict(x)

    x = np.random.default_rng(0).standard_normal((64, FEATURES)).astype(np.float32) * 3
    y = np.arange(64) % CLASSES
    on_torch = u.transform(forward, backend="torch").init(torch.tensor(x), torch.tensor(y), rng=1)
    on_jax = u.transform(forward, backend="jax")
    params = on_jax.init(x, y, rng=1)
    oracle = torch.nn.AdaptiveLogSoftmaxWithLoss(FEATURES, CLASSES, CUTOFFS)
    prefix = "adaptive_log_softmax_with_loss."
    oracle.load_state_dict({k.removeprefix(prefix): v for k, v in on_torch.state_dict().items()})
    truth = oracle.log_prob(torch.tensor(x)).detach().numpy()
    likeliest = oracle.predict(torch.tensor(x)).numpy()
    assert len(set(likeliest) & set(range(3, 12))) > 2  # classes of the clusters too
    for (output, loss), log, best in (
        on_torch(torch.tensor(x), torch.tensor(y)),
        jax.jit(on_jax.apply)(params, x, y)[0],
    ):
        np.testing.assert_allclose(torch.as_tensor(np.array(log.tolist())), truth, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(best.tolist(), likeliest)
        np.testing.assert_allclose(output.tolist(), truth[np.arange(64), y], rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(loss.item(), -truth[np.arange(64), y].mean(), rtol=1e-5)
    ((output, _), _, _), _ = on_jax.apply(params, x[:3], jnp.array([-1, CLASSES, 0]))
    assert np.isnan(output).tolist() == [True, True, False]


def test_ctc_with_lengths_that_are_traced() -> None:
    """Targets one after the other have rows whose length is not known then."""
    rng = np.random.default_rng(0)
    log = rng.standard_normal((6, 3, 4)).astype(np.float32)
    targets, lengths, sizes = np.array([1, 1, 2, 3, 2, 1]), np.array([6, 4, 5]), np.array([3, 1, 2])
    found = jax.jit(F.ctc_loss)(jnp.asarray(log), jnp.asarray(targets), jnp.asarray(lengths), jnp.asarray(sizes))
    truth = torch.nn.functional.ctc_loss(*map(torch.tensor, (log, targets, lengths, sizes)))
    np.testing.assert_allclose(found, truth, rtol=1e-5)


def test_ctc_of_a_target_that_does_not_fit() -> None:
    log = jax.nn.log_softmax(jnp.asarray(np.random.default_rng(0).standard_normal((2, 1, 3)), jnp.float32))
    given = jnp.array([[1, 1]]), jnp.array([2]), jnp.array([2])
    assert F.ctc_loss(log, *given) == np.inf
    loss, gradient = jax.value_and_grad(lambda x: F.ctc_loss(x, *given, zero_infinity=True))(log)
    assert loss == 0
    assert not gradient.any()


def test_ctc_against_all_ways_in_float64() -> None:
    """The sum over all sequences that collapse to the target."""
    length, classes, target = 5, 3, [1, 1, 2]
    probabilities = np.random.default_rng(3).dirichlet(np.ones(classes), length)
    total = 0.0
    for way in np.ndindex(*[classes] * length):
        collapsed = [c for i, c in enumerate(way) if c != 0 and (i == 0 or c != way[i - 1])]
        if collapsed == target:
            total += float(np.prod(probabilities[np.arange(length), way]))
    found = F.ctc_loss(
        jnp.log(jnp.asarray(probabilities)), jnp.array(target), jnp.array(length), jnp.array(3), reduction="sum"
    )
    np.testing.assert_allclose(found, -np.log(total), rtol=1e-6)


def test_what_torch_refuses_by_value_is_nan() -> None:
    """A jitted function cannot raise for values."""
    half = jnp.full(2, 0.5)
    assert np.isnan(F.binary_cross_entropy(jnp.array([-0.1, 1.1]), half, reduction="none")).all()
    assert np.isnan(F.gaussian_nll_loss(half, half, -half, reduction="none")).all()
    assert np.isnan(F.nll_loss(jnp.ones((2, 3)), jnp.array([-1, 3]), reduction="none")).all()
    assert np.isnan(F.multi_margin_loss(jnp.ones((2, 3)), jnp.array([-1, 3]), reduction="none")).all()
    assert np.isnan(F.multilabel_margin_loss(jnp.ones((1, 3)), jnp.array([[3, -1, 0]]), reduction="none")).all()


@pytest.mark.parametrize("name", ["l1_loss", "mse_loss", "smooth_l1_loss", "huber_loss"])
def test_shapes_that_differ_are_warned_of(name: str) -> None:
    """As in torch."""
    with pytest.warns(UserWarning, match="broadcast"):
        getattr(F, name)(jnp.ones((2, 3)), jnp.ones(3))


def test_the_mean_of_a_divergence_is_warned_of() -> None:
    """As in torch."""
    with pytest.warns(UserWarning, match="batchmean"):
        F.kl_div(jnp.ones(3), jnp.ones(3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: u.L1Loss(reduction="median"), "reduction"),
        (lambda: u.KLDivLoss(reduction="median"), "batchmean"),
        (lambda: u.SmoothL1Loss(beta=-1.0), "beta"),
        (lambda: u.HuberLoss(delta=0.0), "delta"),
        (lambda: u.CrossEntropyLoss(label_smoothing=1.5), "label_smoothing"),
        (lambda: u.NLLLoss(np.ones((2, 2))), "weight"),
        (lambda: u.MultiMarginLoss(p=3), "p must"),
        (lambda: u.MultiMarginLoss(weight=np.ones((2, 2))), "weight"),
        (lambda: u.TripletMarginLoss(margin=0.0), "margin"),
        (lambda: u.TripletMarginWithDistanceLoss(margin=0.0), "margin"),
        (lambda: u.LinearCrossEntropyLoss(4, 3, weight=np.ones(2)), "weight"),
        (lambda: u.LinearCrossEntropyLoss(4, -3), "num_classes"),
        (lambda: u.AdaptiveLogSoftmaxWithLoss(8, 12, []), "cutoffs"),
        (lambda: u.AdaptiveLogSoftmaxWithLoss(8, 12, [4, 4]), "cutoffs"),
        (lambda: u.AdaptiveLogSoftmaxWithLoss(8, 12, [12]), "cutoffs"),
        (lambda: u.AdaptiveLogSoftmaxWithLoss(8, 12, [2.5]), "cutoffs"),
    ],
)
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_bad_arguments_are_named(backend: str, make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        u.transform(lambda x: make()(x, x), backend=backend).init(np.ones(3, np.float32), rng=0)


def test_an_input_of_another_shape_names_the_layer() -> None:
    with pytest.raises(ValueError, match="adaptive_log_softmax_with_loss"):
        u.transform(lambda x, y: u.AdaptiveLogSoftmaxWithLoss(8, 12, [4])(x, y), backend="jax").init(
            np.ones((2, 8), np.float32), np.ones(3, int), rng=0
        )
