"""`jax.test_util` on torch: derivatives against differences."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from unified.compat.jax.on_torch import transforms, tree_util
from unified.compat.jax.on_torch.array import Array, as_array
from unified.compat.jax.on_torch.behaviour import Behaviour

__all__ = ["check_grads", "check_jvp", "check_vjp"]

BEHAVIOUR = Behaviour(on_arrays=True)

STEP = {torch.float64: 1e-4}  # of a difference; 1e-2 in other dtypes
TOLERANCE = {torch.float64: 1e-5, torch.float32: 2e-3, torch.float16: 1e-2, torch.bfloat16: 2e-1}


def _like(tree: Any, random: np.random.Generator) -> Any:
    """Return a tree of normal values with the shapes and dtypes of `tree`."""

    def draw(leaf: Any) -> Array:
        value = as_array(leaf).tensor
        drawn = torch.from_numpy(np.asarray(random.standard_normal(tuple(value.shape))))
        if value.is_complex():
            drawn = torch.complex(drawn, torch.from_numpy(np.asarray(random.standard_normal(tuple(value.shape)))))
        return Array(drawn.to(value.dtype))

    return tree_util.tree_map(draw, tree)


def _moved(tree: Any, direction: Any, step: float) -> Any:
    return tree_util.tree_map(lambda x, d: Array(as_array(x).tensor + step * as_array(d).tensor), tree, direction)


def _difference(f: Callable[..., Any], args: Any, direction: Any, eps: float | None) -> Any:
    dtypes = [as_array(leaf).tensor.dtype for leaf in tree_util.tree_leaves(args)]
    step = eps if eps is not None else max((STEP.get(dtype, 1e-2) for dtype in dtypes), default=1e-2)
    above, below = f(*_moved(args, direction, step / 2)), f(*_moved(args, direction, -step / 2))
    return tree_util.tree_map(lambda a, b: Array((as_array(a).tensor - as_array(b).tensor) / step), above, below)


def _check_close(found: Any, expected: Any, atol: float | None, rtol: float | None, what: str) -> None:
    for one, two in zip(tree_util.tree_leaves(found), tree_util.tree_leaves(expected), strict=True):
        a, b = as_array(one).tensor.detach(), as_array(two).tensor.detach()
        least = TOLERANCE.get(a.real.dtype if a.is_complex() else a.dtype, 2e-3)
        wide = torch.complex128 if a.is_complex() or b.is_complex() else torch.float64
        np.testing.assert_allclose(
            a.to(wide).cpu().numpy(),
            b.to(wide).cpu().numpy(),
            rtol=least if rtol is None else rtol,
            atol=least if atol is None else atol,
            err_msg=what,
        )


def _dot(a: Any, b: Any) -> torch.Tensor:
    pairs = zip(tree_util.tree_leaves(a), tree_util.tree_leaves(b), strict=True)
    return torch.stack([(as_array(x).tensor * as_array(y).tensor).sum() for x, y in pairs]).sum()


def check_jvp(
    f: Any, f_jvp: Any, args: Any, atol: Any = None, rtol: Any = None, eps: Any = None, err_msg: str = ""
) -> None:
    args = tuple(args)
    direction = _like(args, np.random.default_rng(0))
    value, tangent = f_jvp(args, direction)
    _check_close(value, f(*args), atol, rtol, f"{err_msg} value of the jvp")
    _check_close(tangent, _difference(f, args, direction, eps), atol, rtol, f"{err_msg} tangent of the jvp")


def check_vjp(
    f: Any, f_vjp: Any, args: Any, atol: Any = None, rtol: Any = None, eps: Any = None, err_msg: str = ""
) -> None:
    args = tuple(args)
    random = np.random.default_rng(0)
    value, pull_back = f_vjp(*args)
    _check_close(value, f(*args), atol, rtol, f"{err_msg} value of the vjp")
    direction, cotangent = _like(args, random), _like(value, random)
    found = _dot(direction, pull_back(cotangent))
    expected = _dot(_difference(f, args, direction, eps), cotangent)
    _check_close(Array(found), Array(expected), atol, rtol, f"{err_msg} cotangent of the vjp")


def check_grads(
    f: Any, args: Any, order: int, modes: Sequence[str] = ("fwd", "rev"), atol: Any = None, rtol: Any = None,
    eps: Any = None,
) -> None:  # fmt: skip
    """Raise `AssertionError` unless the derivatives of `f` up to an order equal differences."""
    args = tuple(args)
    if "fwd" in modes:
        _check_forward(f, args, order, tuple(modes), atol, rtol, eps)
    if "rev" in modes:
        _check_reverse(f, args, order, tuple(modes), atol, rtol, eps)


def _check_forward(f: Any, args: Any, order: int, modes: Any, atol: Any, rtol: Any, eps: Any) -> None:
    check_jvp(f, lambda primals, tangents: transforms.jvp(f, primals, tangents), args, atol, rtol, eps)
    if order > 1:
        direction = _like(args, np.random.default_rng(1))
        check_grads(lambda *args: transforms.jvp(f, args, direction)[1], args, order - 1, modes, atol, rtol, eps)


def _check_reverse(f: Any, args: Any, order: int, modes: Any, atol: Any, rtol: Any, eps: Any) -> None:
    check_vjp(f, lambda *args: transforms.vjp(f, *args), args, atol, rtol, eps)
    if order > 1:
        cotangent = _like(f(*args), np.random.default_rng(1))
        check_grads(lambda *args: transforms.vjp(f, *args)[1](cotangent), args, order - 1, modes, atol, rtol, eps)
