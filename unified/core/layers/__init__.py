"""The declarations of the layers, a file for each family. Every public class here is `unified.<name>`."""

from unified.core.layers import activation, conv, dropout, embedding, linear, norm, pooling, shape
from unified.core.layers.activation import *  # noqa: F403
from unified.core.layers.conv import *  # noqa: F403
from unified.core.layers.dropout import *  # noqa: F403
from unified.core.layers.embedding import *  # noqa: F403
from unified.core.layers.linear import *  # noqa: F403
from unified.core.layers.norm import *  # noqa: F403
from unified.core.layers.pooling import *  # noqa: F403
from unified.core.layers.shape import *  # noqa: F403

_FAMILIES = (linear, conv, norm, embedding, dropout, activation, pooling, shape)

__all__ = [name for family in _FAMILIES for name in family.__all__]
