"""What a Haiku body does in training, by dm-haiku or by ours, and whether the two are equal."""

from typing import Any

import numpy as np

import unified.compat.jax as ujax

__all__ = ["compare", "leaves", "made", "observe", "transformed"]


def transformed(haiku_like: Any, jax_like: Any, body: Any) -> Any:
    """`body(hk, jax, x)` as Haiku's pair of functions."""
    return haiku_like.transform_with_state(lambda x: body(haiku_like, jax_like, x))


def leaves(tree: Any) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in ujax.tree_util.tree_leaves(tree)]


def made(params: Any, state: Any) -> dict[str, Any]:
    """The names, shapes, dtypes and values of parameters and state."""
    every = leaves((params, state))
    return {
        "names": [(m, k) for tree in (params, state) for m in sorted(tree) for k in sorted(tree[m])],
        "shapes": [leaf.shape for leaf in every], "dtypes": [leaf.dtype for leaf in every],
        "initial": leaves(params), "initial state": leaves(state),
    }  # fmt: skip


def _loss(net: Any, jax_like: Any) -> Any:
    jnp = jax_like.numpy

    def loss(params: Any, state: Any, key: Any, x: Any) -> Any:
        out, state = net.apply(params, state, key, x)
        total = sum(
            (leaf * jnp.cos(jnp.arange(leaf.size).reshape(leaf.shape))).sum()
            for leaf in jax_like.tree_util.tree_leaves(out)
            if jnp.issubdtype(leaf.dtype, jnp.floating)
        )
        return total, (out, state)

    return loss


def observe(
    haiku_like: Any, jax_like: Any, body: Any, x: np.ndarray, *, steps: int = 3, jit: bool = False
) -> dict[str, Any]:
    """Initial values, then outputs, gradients by parameters and inputs, and state of steps of gradient descent."""
    net = transformed(haiku_like, jax_like, body)
    given, compiled = jax_like.numpy.asarray(x), jax_like.jit if jit else lambda function: function
    params, state = compiled(net.init)(jax_like.random.PRNGKey(42), given)
    found = made(params, state)
    floating = x.dtype.kind == "f"
    differentiate = compiled(
        jax_like.value_and_grad(_loss(net, jax_like), argnums=(0, 3) if floating else 0, has_aux=True)
    )
    for step in range(steps):
        (_, (out, state)), grads = differentiate(params, state, jax_like.random.PRNGKey(step), given)
        by_params = grads[0] if floating else grads
        found[f"outputs {step}"], found[f"gradients {step}"], found[f"state {step}"] = map(leaves, (out, grads, state))
        params = jax_like.tree_util.tree_map(lambda p, g: p - 0.01 * g, params, by_params)
    return found


def compare(found: dict[str, Any], wanted: dict[str, Any], initial: float, tolerance: float) -> None:
    """Equal names, shapes and dtypes, initial parameters within `initial`, all else within `tolerance`."""
    for what in ("names", "shapes", "dtypes"):
        assert found[what] == wanted[what]
    for what in wanted.keys() - {"names", "shapes", "dtypes"}:
        assert len(found[what]) == len(wanted[what]), what
        relative, absolute = (0, initial) if what == "initial" else (tolerance, tolerance)
        for ours, theirs in zip(found[what], wanted[what], strict=True):
            assert ours.shape == theirs.shape, what
            np.testing.assert_allclose(ours, theirs, rtol=relative, atol=absolute, err_msg=what)
