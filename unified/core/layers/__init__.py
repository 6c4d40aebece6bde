"""The declarations of the layers, a file for each family. Every public class here is `unified.<name>`."""

from unified.core.layers import (
    activation,
    adaptive_softmax,
    attention,
    class_loss,
    container,
    conv,
    conv_transpose,
    distance,
    dropout,
    embedding,
    fold,
    group_norm,
    lazy,
    linear,
    margin_loss,
    norm,
    padding,
    pooling,
    recurrent,
    regression_loss,
    sequence_loss,
    shape,
    threshold,
    transformer,
    upsampling,
)
from unified.core.layers.activation import *  # noqa: F403
from unified.core.layers.adaptive_softmax import *  # noqa: F403
from unified.core.layers.attention import *  # noqa: F403
from unified.core.layers.class_loss import *  # noqa: F403
from unified.core.layers.container import *  # noqa: F403
from unified.core.layers.conv import *  # noqa: F403
from unified.core.layers.conv_transpose import *  # noqa: F403
from unified.core.layers.distance import *  # noqa: F403
from unified.core.layers.dropout import *  # noqa: F403
from unified.core.layers.embedding import *  # noqa: F403
from unified.core.layers.fold import *  # noqa: F403
from unified.core.layers.group_norm import *  # noqa: F403
from unified.core.layers.lazy import *  # noqa: F403
from unified.core.layers.linear import *  # noqa: F403
from unified.core.layers.margin_loss import *  # noqa: F403
from unified.core.layers.norm import *  # noqa: F403
from unified.core.layers.padding import *  # noqa: F403
from unified.core.layers.pooling import *  # noqa: F403
from unified.core.layers.recurrent import *  # noqa: F403
from unified.core.layers.regression_loss import *  # noqa: F403
from unified.core.layers.sequence_loss import *  # noqa: F403
from unified.core.layers.shape import *  # noqa: F403
from unified.core.layers.threshold import *  # noqa: F403
from unified.core.layers.transformer import *  # noqa: F403
from unified.core.layers.upsampling import *  # noqa: F403

_FAMILIES = (
    linear,
    conv,
    conv_transpose,
    norm,
    embedding,
    dropout,
    activation,
    pooling,
    shape,
    padding,
    fold,
    group_norm,
    upsampling,
    distance,
    regression_loss,
    class_loss,
    margin_loss,
    sequence_loss,
    adaptive_softmax,
    recurrent,
    attention,
    threshold,
    transformer,
    container,
    lazy,
)

__all__ = [name for family in _FAMILIES for name in family.__all__]
