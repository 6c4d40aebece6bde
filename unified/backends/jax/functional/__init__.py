"""`torch.nn.functional` on JAX arrays: the same names, arguments, layouts and values, in a file for each family."""

import importlib

from unified.backends.jax.functional.activation import *  # noqa: F403
from unified.backends.jax.functional.attention import *  # noqa: F403
from unified.backends.jax.functional.class_loss import *  # noqa: F403
from unified.backends.jax.functional.conv import *  # noqa: F403
from unified.backends.jax.functional.conv_transpose import *  # noqa: F403
from unified.backends.jax.functional.distance import *  # noqa: F403
from unified.backends.jax.functional.dropout import *  # noqa: F403
from unified.backends.jax.functional.embedding import *  # noqa: F403
from unified.backends.jax.functional.fold import *  # noqa: F403
from unified.backends.jax.functional.grid_sample import *  # noqa: F403
from unified.backends.jax.functional.group_norm import *  # noqa: F403
from unified.backends.jax.functional.interpolate import *  # noqa: F403
from unified.backends.jax.functional.linear import *  # noqa: F403
from unified.backends.jax.functional.margin_loss import *  # noqa: F403
from unified.backends.jax.functional.norm import *  # noqa: F403
from unified.backends.jax.functional.pad import *  # noqa: F403
from unified.backends.jax.functional.pooling import *  # noqa: F403
from unified.backends.jax.functional.recurrent import *  # noqa: F403
from unified.backends.jax.functional.regression_loss import *  # noqa: F403
from unified.backends.jax.functional.sequence_loss import *  # noqa: F403
from unified.backends.jax.functional.threshold import *  # noqa: F403

# By name, because some families have the name of one of their functions.
_FAMILIES = (
    "activation",
    "attention",
    "conv",
    "conv_transpose",
    "distance",
    "dropout",
    "embedding",
    "fold",
    "grid_sample",
    "group_norm",
    "interpolate",
    "linear",
    "class_loss",
    "margin_loss",
    "regression_loss",
    "sequence_loss",
    "norm",
    "pad",
    "pooling",
    "recurrent",
    "threshold",
)

__all__ = [name for family in _FAMILIES for name in importlib.import_module(f"{__name__}.{family}").__all__]
