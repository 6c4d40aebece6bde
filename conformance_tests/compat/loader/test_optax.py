"""optax on torch against optax on JAX: each of its optimizers, schedules and losses, over several steps."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

from unified.compat import load

ours = load("optax", "torch")
RANDOM = np.random.default_rng(0)
PARAMS = {
    "w": RANDOM.normal(size=(4, 3)).astype(np.float32),
    "b": RANDOM.normal(size=(3,)).astype(np.float32),
    "s": np.float32(0.5),
}
GRADIENTS = [
    {name: RANDOM.normal(size=np.shape(value)).astype(np.float32) for name, value in PARAMS.items()} for _ in range(4)
]
OPTIMIZERS = {
    "adabelief": {}, "adadelta": {"learning_rate": 0.1}, "adafactor": {"min_dim_size_to_factor": 2}, "adagrad": {},
    "adam": {}, "adamax": {}, "adamaxw": {}, "adamw": {}, "adan": {}, "amsgrad": {}, "fromage": {}, "lamb": {},
    "lars": {}, "lion": {}, "nadam": {}, "nadamw": {}, "noisy_sgd": {"key": 0}, "novograd": {}, "optimistic_adam_v2": {},
    "optimistic_gradient_descent": {}, "polyak_sgd": None, "radam": {}, "rmsprop": {"momentum": 0.9, "centered": True},
    "rprop": {}, "sgd": {"momentum": 0.9, "nesterov": True}, "sign_sgd": {}, "sm3": {}, "yogi": {}, "lbfgs": None,
    "contrib.adopt": {}, "contrib.ademamix": {}, "contrib.dadapt_adamw": {}, "contrib.dog": {}, "contrib.galore": None,
    "contrib.momo": None, "contrib.muon": {}, "contrib.prodigy": {}, "contrib.sophia": None,
    "contrib.schedule_free_adamw": {},
}  # fmt: skip


def made(library: Any, name: str) -> Any:
    for part in name.split("."):
        library = getattr(library, part)
    options = dict(OPTIMIZERS[name] or {})
    if "learning_rate" not in options and not name.endswith(("lbfgs", "dog", "prodigy", "dadapt_adamw", "polyak_sgd")):
        options["learning_rate"] = 0.01
    return library(**options)


def steps(library: Any, name: str, array: Any) -> list[Any]:
    optimizer = made(library, name)
    # sm3 takes no arrays without axes.
    params = {key: array(value) for key, value in PARAMS.items() if name != "sm3" or key != "s"}
    state, found = optimizer.init(params), []
    for gradients in GRADIENTS:
        updates, state = optimizer.update({key: array(gradients[key]) for key in params}, state, params)
        params = library.apply_updates(params, updates)
        found.append({key: np.asarray(value) for key, value in params.items()})
    return found


@pytest.mark.parametrize("name", [name for name, options in OPTIMIZERS.items() if options is not None])
def test_optimizers(name: str) -> None:
    found, wanted = steps(ours, name, torch.as_tensor), steps(optax, name, jnp.asarray)
    for one, two in zip(found, wanted, strict=True):
        for key in two:
            np.testing.assert_allclose(one[key], two[key], rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["lbfgs", "polyak_sgd", "contrib.momo"])
def test_optimizers_that_need_the_value(name: str) -> None:
    def trained(library: Any, namespace: Any, differentiate: Any, array: Any) -> list[float]:
        def loss(params: Any) -> Any:
            return (((params["w"] - 1.0) ** 2).sum() + ((params["b"] + 0.5) ** 2).sum()) / 3.0

        if name == "polyak_sgd":
            optimizer = library.polyak_sgd(max_learning_rate=0.5)
        else:
            optimizer = library.contrib.momo(0.1) if name == "contrib.momo" else library.lbfgs()
        params = {key: array(PARAMS[key]) for key in ("w", "b")}
        state, losses = optimizer.init(params), []
        for _ in range(4):
            value, gradients = differentiate(loss)(params)
            extra = {"grad": gradients, "value_fn": loss} if name == "lbfgs" else {}
            updates, state = optimizer.update(gradients, state, params, value=value, **extra)
            params = library.apply_updates(params, updates)
            losses.append(float(value))
        return losses

    on_torch = load("jax", "torch")
    copy = __import__("sys").modules["unified.compat.on_torch.optax"]
    found = trained(copy, on_torch.numpy, on_torch.value_and_grad, on_torch.numpy.asarray)
    wanted = trained(optax, jnp, jax.value_and_grad, jnp.asarray)
    assert found == pytest.approx(wanted, rel=1e-5, abs=1e-6)


LOSSES = {
    "cosine_distance": 2, "cosine_similarity": 2, "hinge_loss": 2, "huber_loss": 2, "kl_divergence": 2, "l2_loss": 2,
    "log_cosh": 2, "sigmoid_binary_cross_entropy": 2, "smooth_labels": 1, "softmax_cross_entropy": 2,
    "squared_error": 2, "sigmoid_focal_loss": 2, "generalized_kl_divergence": 2,
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    values = [RANDOM.uniform(0.1, 0.9, size=(4, 5)).astype(np.float32) for _ in range(2)][: LOSSES[name]]
    extra = (0.1,) if name == "smooth_labels" else ()
    found = getattr(ours.losses, name)(*[torch.as_tensor(value) for value in values], *extra)
    assert type(found) is torch.Tensor
    np.testing.assert_allclose(found, getattr(optax.losses, name)(*values, *extra), rtol=1e-5, atol=1e-6)


def test_losses_of_integers() -> None:
    logits, labels = RANDOM.normal(size=(4, 5)).astype(np.float32), np.array([0, 4, 2, 2])
    name = "softmax_cross_entropy_with_integer_labels"
    found = getattr(ours, name)(torch.as_tensor(logits), torch.as_tensor(labels))
    np.testing.assert_allclose(found, getattr(optax, name)(logits, labels), rtol=1e-5)


SCHEDULES: dict[str, tuple[Any, ...]] = {
    "constant_schedule": (0.1,), "cosine_decay_schedule": (0.1, 20, 0.2), "exponential_decay": (0.1, 5, 0.5),
    "linear_schedule": (0.1, 0.0, 10), "polynomial_schedule": (0.1, 0.0, 2, 10), "linear_onecycle_schedule": (20, 0.1),
    "cosine_onecycle_schedule": (20, 0.1), "warmup_cosine_decay_schedule": (0.0, 0.1, 5, 20),
    "warmup_exponential_decay_schedule": (0.0, 0.1, 5, 20, 0.5), "piecewise_constant_schedule": (0.1, {3: 0.5, 7: 0.1}),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name: str) -> None:
    schedules = [getattr(library, name)(*SCHEDULES[name]) for library in (ours, optax)]
    found, wanted = ([float(schedule(step)) for step in (0, 1, 4, 9, 15, 30)] for schedule in schedules)
    assert found == pytest.approx(wanted, rel=1e-5, abs=1e-8)
