"""Methods of tensors that arrays of other frameworks lack, for notes on errors; read also where torch is not there."""

from unified.core.idioms import NAMES

__all__ = ["CONVERSION", "METHODS"]

SAME_NAMES = ("chunk", "detach", "expand", "masked_fill", "permute", "unsqueeze")  # methods, as the functions are

# What to write for each on every framework.
METHODS = {
    **{name: f"unp.{NAMES[name]}" for name in SAME_NAMES},
    "add_": "x + y",
    "bool": 'unp.astype(x, "bool")',
    "contiguous": "x",
    "dim": "x.ndim",
    "float": 'unp.astype(x, "float32")',
    "int": 'unp.astype(x, "int32")',
    "long": 'unp.astype(x, "int64")',
    "numel": "x.size, or the product of x.shape",
    "relu": "F.relu(x)",
    "size": "x.shape, or x.shape[0]",
    "softmax": "unp.softmax(x, axis=-1)",
    "view": "x.reshape(...)",
}

CONVERSION = "torch.from_numpy(x)"  # of an array of NumPy, where torch's functions take no others
