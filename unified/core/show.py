"""`summary` and `display`: a table of a model's calls, and a tree of its variables."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from unified.core.annotations import Array, HasParams
from unified.core.model import Model

if TYPE_CHECKING:
    from unified.core.summary import Summary

__all__ = ["display", "summary"]


def summary(model: Model[Any] | Callable[..., Any], *args: Any, **kwargs: Any) -> "Summary":
    """Return a table of the layers and modules of a call: path, class, output, parameters, size, FLOPs.

    Args:
        model: what `transform` returned, on either backend; it need not be initialised. Or an object of `unified.nn`,
            or a module of PyTorch.
        *args, **kwargs: example inputs, of which only shapes and dtypes matter. Nothing is computed or allocated.

    Returns:
        A `Summary`, which prints as a table and has `rows`, `parameters`, `trainable`, `bytes` and `flops`. FLOPs are
        those of products, two for each multiplication, in a call that evaluates; a layer for which they are not known
        has `None`.

    >>> import torch, unified as u
    >>> print(u.summary(u.transform(lambda x: u.Linear(3, 4)(x), backend="torch"), torch.ones(2, 3)))
    path    class   output  parameters  size  FLOPs
    ──────  ──────  ──────  ──────────  ────  ─────
    linear  Linear  2x4             16  64 B     48
    16 parameters, 16 of them trainable; 64 B of variables; 48 FLOPs in products
    """
    from unified.core.summary import summarize

    return summarize(model, *args, **kwargs)


def display(shown: Mapping[str, Array] | HasParams) -> None:
    """Show the tree of a model's modules, layers and variables.

    In a notebook with treescope it can be folded and shows the arrays' values; elsewhere `rich` prints it, or without
    that plain text.

    Args:
        shown: a torch model, a bound model, or `Params`.

    >>> import numpy as np, unified as u
    >>> u.display(u.Params({"linear/weight": np.ones((3, 2)), "linear/bias": np.zeros(3)}))  # doctest: +SKIP
    Params, 9 values
    └── linear
        ├── weight  float64[3, 2]
        └── bias  float64[3]
    """
    from unified.core.tree_text import draw

    draw(shown)
