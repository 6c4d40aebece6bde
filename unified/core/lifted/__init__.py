"""Transforms of parts of a body that may own variables, set state and draw random numbers.

JAX's own transforms know nothing of layers: a layer that is created, or state that is set, within `jax.lax.scan` leaks
a tracer. The functions here wrap them, and do the same on torch by `torch.func`, `torch.utils.checkpoint` or a loop.
Names, values and signatures are the same on both.

* During init the part runs once, or each branch once, in line: its variables are created as if the body itself declared
  them.
* Otherwise the part is a `Subfunction`, which a framework's `Transforms` (`unified.core.protocol`) run as often as
  needed.
* Random draws use a different key for each transform, and for each step or mapped element if keys are split.
* Variables are shared by all steps or elements, or stacked with one slice for each (`unified.core.stacks`).
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
