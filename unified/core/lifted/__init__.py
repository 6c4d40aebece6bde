"""Transforms of parts of a body that may own variables, set state and draw random numbers.

JAX's own transforms know nothing of the layers in the function that they are given: a layer that is made, or state that
is set, within `jax.lax.scan` leaks a tracer. These wrap them, and on torch do the same by `torch.func`,
`torch.utils.checkpoint` or a loop, with equal names, values and signatures.

* In init the part runs once, or each branch once, in line: its variables are made as if it stood in the body.
* Otherwise it is a `Subfunction`, which a framework's `Transforms` (`unified.core.protocol`) run as often as needed.
* Random numbers within have a key of their own for each transform, and each step or lane if they are split.
* Variables are shared by all steps or lanes, or stacked, a slice each (`unified.core.stacks`).
"""

from unified.core.lifted.branches import cond, switch
from unified.core.lifted.functions import eval_shape, grad, jit, remat, value_and_grad
from unified.core.lifted.layer_stack import layer_stack
from unified.core.lifted.loops import fori_loop, map, scan, while_loop
from unified.core.lifted.mapping import vmap
from unified.core.lifted.recurrence import RecurrentCell, unroll

__all__ = [
    "RecurrentCell",
    "cond",
    "eval_shape",
    "fori_loop",
    "grad",
    "jit",
    "layer_stack",
    "map",
    "remat",
    "scan",
    "switch",
    "unroll",
    "value_and_grad",
    "vmap",
    "while_loop",
]
