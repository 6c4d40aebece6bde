"""A module of PyTorch and its model on JAX, side by side: outputs, gradients, buffers and a training step."""

import copy
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch import nn
from torch.utils import _pytree as pytree

import unified as u

# XLA compiles a large net for a minute; what it computes is the same without the expensive passes of LLVM.
COMPILER = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
TOLERANCE = 1e-4  # of the largest value of an array, and at least of one


def close(actual: Any, expected: Any, what: str = "", tolerance: float = TOLERANCE) -> float:
    """Assert that two arrays are equal within the tolerance, and return the largest difference."""
    if isinstance(expected, torch.Tensor):
        expected = expected.detach().numpy()
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"{what}: {actual.shape} and {expected.shape}"
    assert actual.dtype.kind == expected.dtype.kind, f"{what}: {actual.dtype} and {expected.dtype}"
    if not expected.size:
        return 0.0
    if expected.dtype.kind not in "fc":
        assert (actual == expected).all(), what
        return 0.0
    assert (np.isfinite(actual) == np.isfinite(expected)).all(), f"{what}: values that are not finite differ"
    finite = np.isfinite(expected)
    actual, expected = np.where(finite, actual, 0), np.where(finite, expected, 0)
    error = float(abs(actual - expected).max() / max(1.0, abs(expected).max()))
    assert error <= tolerance, f"{what}: differs by {error:.2e}"
    return error


def to_jax(value: Any) -> Any:
    """Return arguments of torch as those of JAX."""
    return pytree.tree_map_only(torch.Tensor, lambda tensor: jnp.asarray(tensor.detach().numpy()), value)


def leaves(output: Any) -> list[Any]:
    """Return the floating-point arrays of an output of either framework, in the order of `jax.tree`."""
    if isinstance(output, (list, tuple)):
        return [leaf for part in output for leaf in leaves(part)]
    if isinstance(output, dict):
        names = sorted(output) if type(output) is dict else list(output)
        return [leaf for name in names for leaf in leaves(output[name])]
    is_floating = (isinstance(output, torch.Tensor) and output.is_floating_point()) or (
        isinstance(output, jax.Array) and jnp.issubdtype(output.dtype, jnp.floating)
    )
    return [output] if is_floating else []


def _loss(output: Any, cos: Any, arange: Any) -> Any:
    """Return a number to which every value of the output counts differently."""
    return sum(
        (value * cos(arange(value)).reshape(value.shape)).sum() / max(value.reshape(-1).shape[0], 1)
        for value in leaves(output)
    )


def torch_loss(output: Any) -> Any:
    return _loss(output, torch.cos, lambda value: torch.arange(value.numel(), dtype=value.dtype))


def jax_loss(output: Any) -> Any:
    return _loss(output, jnp.cos, lambda value: jnp.arange(value.size, dtype=value.dtype))


def without_dropout(module: nn.Module) -> nn.Module:
    """Return the module with all probabilities of dropout at zero, so that training is the same in every run."""
    for part in module.modules():
        for name in (
            "p",
            "dropout",
            "attention_dropout",
            "dropout_p",
            "activation_dropout",
            "dropout_prob",
            "hidden_dropout",
        ):
            if isinstance(part.__dict__.get(name), float):
                setattr(part, name, 0.0)
    return module


def check(
    module: nn.Module, *args: Any, net: Any = None, tolerance: float = TOLERANCE, rate: float = 0.1, **kwargs: Any
) -> Any:
    """Assert that a module and its model have equal outputs, gradients, buffers and a step; return the model."""
    net = u.from_torch(module, *args, **kwargs) if net is None else net
    params = net.init(rng=0)
    inputs, named = to_jax(args), to_jax(kwargs)
    module = copy.deepcopy(module).eval()
    with torch.no_grad():
        expected = leaves(copy.deepcopy(module)(*args, **kwargs))
    arrays = {name: value for name, value in named.items() if isinstance(value, jax.Array)}
    constants = {name: value for name, value in named.items() if name not in arrays}
    apply = jax.jit(functools.partial(net.apply, **constants), compiler_options=COMPILER)
    output, _ = apply(params, *inputs, **arrays)
    assert len(leaves(output)) == len(expected) > 0
    for index, (one, other) in enumerate(zip(leaves(output), expected, strict=True)):
        close(one, other, f"output {index}", tolerance)
    check_step(module, net, params, args, kwargs, tolerance, rate)
    return net


def check_step(module: nn.Module, net: Any, params: Any, args: Any, kwargs: Any, tolerance: float, rate: float) -> None:
    """Assert that a step of gradient descent in training has equal outputs, gradients, buffers and next parameters."""
    inputs, named = to_jax(args), to_jax(kwargs)
    module.train()
    optimizer = torch.optim.SGD(module.parameters(), rate)
    optimizer.zero_grad()
    output = module(*args, **kwargs)
    loss = torch_loss(output)
    loss.backward()
    gradients = {name: parameter.grad for name, parameter in module.named_parameters() if parameter.requires_grad}
    assert {name.replace(".", "/") for name in gradients} == {*params.split()[0]}

    @functools.partial(jax.jit, compiler_options=COMPILER)
    def step(params: Any) -> Any:
        weights, rest = params.split()

        def loss(weights: Any) -> Any:
            output, changes = net.apply(weights | rest, *inputs, training=True, **named)
            return jax_loss(output), (changes, output)

        (value, (changes, output)), grads = jax.value_and_grad(loss, has_aux=True)(weights)
        return value, output, grads, changes, jax.tree.map(lambda w, g: w - rate * g, weights, grads) | rest | changes

    value, outputs, grads, changes, updated = step(params)
    for index, (one, other) in enumerate(zip(leaves(outputs), leaves(output), strict=True)):
        close(one, other, f"output {index} in training", tolerance)
    close(value, loss, "loss", tolerance)
    scale = max([1.0, *(float(g.abs().max()) for g in gradients.values() if g is not None and g.numel())])
    for name, gradient in gradients.items():
        path = name.replace(".", "/")
        expected = torch.zeros(grads[path].shape) if gradient is None else gradient
        close(grads[path] / scale, expected / scale, f"gradient of {path}", tolerance)
    optimizer.step()
    state = {name.replace(".", "/"): tensor for name, tensor in (*module.named_parameters(), *module.named_buffers())}
    for path, array in updated.items():
        if not path.startswith("rng/"):
            close(array, state[path], f"{path} after the step", tolerance)
    before = {path: np.asarray(array) for path, array in params.items()}
    for path, tensor in state.items():  # what torch changed, is among the changes
        if path in before and path not in grads and not np.array_equal(before[path], tensor.detach().numpy()):
            assert path in changes, path
