"""Say what to differentiate where `jax.grad` would refuse the integers among `Params`.

JAX lists the leaves of what it differentiates and looks at each by itself: its own error names a dtype, and no variable
("got uint32"). Who lists them is read from the stack; under other names, in another release, JAX's error stands.
"""

from types import FrameType
from typing import Any

from jax import tree_util

from unified.core.dtypes import isdtype
from unified.core.pages import end_with_link
from unified.core.params import Params

__all__ = ["LISTERS", "refuse_in_gradients"]

# The functions of JAX that list the leaves of trees, by their code.
LISTERS = frozenset(fn.__code__ for fn in (tree_util.tree_leaves, tree_util.tree_flatten, tree_util.tree_map))

_GRADIENTS = {"value_and_grad_f": "jax.grad", "jacfun": "jax.jacobian"}
_REAL = ("real floating", "complex floating")
_OUTPUTS = ("ans", "y")  # what they call the output of the function, once they have run it


def refuse_in_gradients(params: Params, lister: FrameType) -> None:
    """Raise if `params` have integers, and a function of JAX that cannot differentiate them asks for its leaves.

    Args:
        params: the params.
        lister: the running frame of one of `LISTERS`.

    Raises:
        TypeError: names the first integers, and `params.split()`.
    """
    caller = lister.f_back
    while caller is not None and caller.f_code in LISTERS:
        caller = caller.f_back
    if caller is None or caller.f_code.co_name not in _GRADIENTS or caller.f_globals.get("__name__") != "jax._src.api":
        return
    variables: dict[str, Any] = caller.f_locals
    if variables.get("allow_int") or any(name in variables for name in _OUTPUTS):
        return
    integers = [path for path, value in params.items() if hasattr(value, "dtype") and not isdtype(value.dtype, _REAL)]
    if integers:
        raise TypeError(
            end_with_link(
                f"{_GRADIENTS[caller.f_code.co_name]} of Params with integers, which have no gradient: "
                f"{', '.join(map(repr, integers[:3]))}{', ...' if len(integers) > 3 else ''}. Split them, `weights, "
                "rest = params.split()`, differentiate a function of the weights, and give the model `weights | rest`; "
                "u.grad does so by itself",
                "jax#why-paramssplit",
            )
        )
