"""Each operator of the table against torch's own: values, dtypes and gradients."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch.utils import _pytree as pytree

from conformance_tests.from_torch.against_torch import close
from conformance_tests.from_torch.operator_calls import CALLS
from unified.aten import exporting, table
from unified.aten.program import Step, _run_step

# Operators that draw are compared with the layers of unified, and those of sizes run in every program.
UNCALLED = {name for name in table.names() if (o := table.find(name)) and (o.draws or o.discards)} | {
    "sym_size.int", "sym_numel.default", "sym_is_contiguous.default", "lift.default", "native_dropout.default",
    "channel_shuffle.default",  # torch has it for CPUs without a gradient
}  # fmt: skip
# Operators whose other results torch keeps for its backward pass alone.
FIRST_ONLY = {
    "_embedding_bag.default", "_embedding_bag_forward_only.default", "_native_batch_norm_legit.default",
    "_native_batch_norm_legit_no_training.default", "embedding_bag.default", "native_batch_norm.default",
    "native_group_norm.default",
}  # fmt: skip
NO_GRADIENT = ("copy.default", "_embedding_bag_forward_only.default")  # torch has none for them


def _torch_function(name: str) -> Any:
    packet, _, overload = name.partition(".")
    return getattr(getattr(torch.ops.aten, packet), overload)


def _run(name: str, args: Any, kwargs: Any, dtypes: Any) -> Any:
    """Return the result of the table's function, as a program runs it."""
    operator = table.find(name)
    assert operator is not None
    kwargs = {key: value for key, value in kwargs.items() if key not in exporting.DROPPED}
    args = pytree.tree_map(lambda value: None if isinstance(value, exporting.NO_VALUES) else value, args)
    return _run_step(Step(name, operator.function, tuple(args), kwargs, 0, dtypes, operator.typed), [])


def _with_tensors(args: Any, arrays: Any) -> Any:
    """Return arguments with other arrays in the places of their tensors."""
    rest = iter(arrays)
    return pytree.tree_map(lambda leaf: next(rest) if isinstance(leaf, torch.Tensor) else leaf, args)


def _to_jax(value: Any) -> Any:
    return jnp.asarray(value.detach().numpy()) if isinstance(value, torch.Tensor) else value


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_an_operator_is_that_of_torch(name):
    for call in CALLS[name]:
        *args, last = (*call, None)
        kwargs = args.pop() if args and isinstance(args[-1], dict) else {}
        assert last is None
        leaves = [leaf for leaf in pytree.tree_leaves(args) if isinstance(leaf, torch.Tensor)]
        wrt = [leaf.is_floating_point() for leaf in leaves]
        if "batch_norm" in name and not name.endswith("no_stats"):  # running statistics have no gradient
            wrt[-2:] = False, False
        if name in NO_GRADIENT:
            wrt = [False] * len(wrt)
        tensors = [leaf.clone().requires_grad_(is_float) for leaf, is_float in zip(leaves, wrt, strict=True)]
        given = _with_tensors(args, tensors)
        expected = _torch_function(name)(*given, **kwargs)
        dtypes = exporting._dtypes(expected)

        def run(*arrays: Any, args=args, kwargs=kwargs, dtypes=dtypes) -> Any:
            return _run(name, _with_tensors(args, arrays), kwargs, dtypes)

        arrays = [_to_jax(leaf) for leaf in leaves]
        actual = run(*arrays)
        outputs = list(expected) if isinstance(expected, (tuple, list)) else [expected]
        results = list(actual) if isinstance(actual, (tuple, list)) else [actual]
        if name in FIRST_ONLY:
            outputs, results = outputs[:1], results[:1]
        assert len(outputs) == len(results)
        for result, output in zip(results, outputs, strict=True):
            wide = output.float() if output.dtype is torch.bfloat16 else output.resolve_conj()
            _close(result, wide, f"{name}{call}")
        differentiable = [k for k, output in enumerate(outputs) if output.requires_grad and not output.is_complex()]
        if differentiable and any(wrt):
            sum(
                (outputs[k] * torch.cos(outputs[k].detach())).nan_to_num(0, 0, 0).sum() for k in differentiable
            ).backward()

            def loss(*arrays: Any, run=run, ks=differentiable) -> Any:
                results = run(*arrays)
                results = list(results) if isinstance(results, (tuple, list)) else [results]
                terms = (results[k] * jnp.cos(jax.lax.stop_gradient(results[k])) for k in ks)
                return sum(jnp.nan_to_num(term, nan=0, posinf=0, neginf=0).sum() for term in terms)

            places = tuple(place for place, is_float in enumerate(wrt) if is_float)
            for place, gradient in zip(places, jax.grad(loss, places)(*arrays), strict=True):
                other = tensors[place].grad
                other = torch.zeros_like(leaves[place]) if other is None else torch.zeros_like(leaves[place]) + other
                if bool(torch.isfinite(other).all()):
                    tolerance = 1e-3 if any(leaf.dtype is torch.float16 for leaf in leaves) else 1e-4
                    close(gradient, other, f"gradient {place} of {name}{call}", tolerance)


def _close(result: Any, output: torch.Tensor, what: str) -> None:
    result = np.asarray(result, np.float32) if result.dtype == jnp.bfloat16 else np.asarray(result)
    expected = output.detach().numpy()
    if expected.dtype == np.int64:  # what 32 bits cannot hold is at their limit
        limits = np.iinfo(np.int32)
        expected = np.clip(expected, limits.min, limits.max)
    np.testing.assert_array_equal(np.isnan(result), np.isnan(expected), what)
    close(np.nan_to_num(result), np.nan_to_num(expected), what, 1e-5 if expected.dtype != np.float16 else 1e-3)


def test_every_operator_is_called():
    called = set(CALLS) | {name.partition(".")[0] for name in CALLS}
    assert {name for name in table.names() if name not in called} - UNCALLED == set()


# Operators of core ATen without a function, and why.
WITHOUT = {
    "of values that decide shapes": {"nonzero.default", "_local_scalar_dense.default"},
    "of memory": {"as_strided.default", "resize_.default", "sym_storage_offset.default", "sym_stride.int"},
    "of backward passes, which no forward calls": {
        "_adaptive_avg_pool2d_backward.default", "avg_pool2d_backward.default", "convolution_backward.default",
        "embedding_dense_backward.default", "max_pool2d_with_indices_backward.default",
        "native_group_norm_backward.default", "native_layer_norm_backward.default",
    },
    "not written yet": {"_fft_c2r.default", "_fft_r2c.default", "_pdist_forward.default"},
}  # fmt: skip


def test_core_aten_is_covered():
    names = [name.removeprefix("aten::") for name in torch._C._dispatch_get_all_op_names() if name.startswith("aten::")]
    operators = [getattr(torch.ops.aten, name.partition(".")[0]) for name in names]
    overloads = [name.partition(".")[2] or "default" for name in names]
    core = {
        f"{operator.__name__}.{overload}"
        for operator, overload in zip(operators, overloads, strict=True)
        if not overload.endswith("out") and torch.Tag.core in getattr(operator, overload).tags
    }
    assert len(core) > 150
    missing = {name for name in core if table.find(name) is None}
    assert missing == set().union(*WITHOUT.values())
