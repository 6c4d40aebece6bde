"""What kind of computation a layer, function or primitive is, by its name in any library."""

__all__ = ["kind"]

KINDS = {
    "conv": ("conv",),
    "norm": ("norm",),
    "dropout": ("dropout",),
    "pool": ("pool", "reduce_window"),
    "attention": ("attention",),
    "softmax": ("softmax",),
    "embedding": ("embed",),
    "activation": ("gelu", "relu", "tanh", "sigmoid", "silu", "swish", "softplus", "logistic", "elu"),
    "recurrent": ("lstm", "gru", "rnn"),
    "interpolation": ("interpolate", "resize", "upsample", "grid_sample"),
    "linear": ("linear", "dense", "dot_general", "matmul", "addmm", "einsum", "bmm"),
}


def kind(layer: str) -> str:
    """Return the kind of a layer by its class, function or primitive; an empty text if it is none that is known.

    >>> kind("BatchNorm2d"), kind("DenseGeneral"), kind("add")
    ('norm', 'linear', '')
    """
    name = layer.lower()
    return next((found for found, words in KINDS.items() if any(word in name for word in words)), "")
