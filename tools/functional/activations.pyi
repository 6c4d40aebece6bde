"""Activations: functions of each value, or of the values along one axis.

The output has the shape of `input` but for `glu`, which halves an axis.
"""

def celu(input, alpha=1.0, inplace=False):
    """Return `input` above zero, else `alpha * (exp(input / alpha) - 1)`, whose slope has no jump at zero.

    Args:
        input: an array of any shape.
        alpha: minus the least value; not zero.

    Source: `torch.nn.functional.celu`; Barron (2017).

    >>> F.celu(torch.tensor([-4.0, 0.0, 2.0]), alpha=2.0)
    tensor([-1.7293,  0.0000,  2.0000])
    """

def elu(input, alpha=1.0, inplace=False):
    """Return `input` above zero, else `alpha * (exp(input) - 1)`.

    Args:
        input: an array of any shape.
        alpha: minus the least value.

    Source: `torch.nn.functional.elu`; Clevert et al. (2015).

    >>> F.elu(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([-0.6321,  0.0000,  2.0000])
    """

def gelu(input, approximate="none"):
    """Return `input` times the probability that a standard normal value is less than it.

    Args:
        input: an array of any shape, of a floating-point dtype.
        approximate: `"none"`, or `"tanh"` for the faster approximation of the probability by a hyperbolic tangent.

    Raises:
        ValueError: `approximate` is something else (on torch a `RuntimeError`).

    Source: `torch.nn.functional.gelu`; Hendrycks and Gimpel (2016).

    >>> F.gelu(torch.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.1587,  0.0000,  0.8413])
    """

def glu(input, dim=-1):
    """Return the first half along `dim`, gated by the sigmoid of the second half.

    Args:
        input: an array `(..., 2 * M, ...)`.
        dim: the axis that is halved; its size is even.

    Returns:
        An array `(..., M, ...)`.

    Source: `torch.nn.functional.glu`; Dauphin et al. (2016).

    >>> F.glu(torch.tensor([3.0, 4.0, 0.0, 0.0]))
    tensor([1.5000, 2.0000])
    """

def hardshrink(input, lambd=0.5):
    """Return `input`, with zero for values from `-lambd` to `lambd`.

    Args:
        input: an array of any shape.
        lambd: the greatest distance from zero that becomes zero.

    >>> F.hardshrink(torch.tensor([-1.0, 0.25, 0.5, 2.0]))
    tensor([-1.,  0.,  0.,  2.])
    """

def hardsigmoid(input, inplace=False):
    """Return `input / 6 + 1 / 2`, clamped to 0 and 1: a sigmoid of three straight pieces.

    >>> F.hardsigmoid(torch.tensor([-4.0, 0.0, 1.5, 4.0]))
    tensor([0.0000, 0.5000, 0.7500, 1.0000])
    """

def hardswish(input, inplace=False):
    """Return `input * hardsigmoid(input)`; minus infinity gives NaN.

    Source: `torch.nn.functional.hardswish`; Howard et al. (2019).

    >>> F.hardswish(torch.tensor([-4.0, 0.0, 3.0]))
    tensor([-0., 0., 3.])
    """

def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """Return `input`, clamped to `min_val` and `max_val`.

    Args:
        input: an array of any shape.
        min_val: the least value of the output.
        max_val: the greatest value of the output, not less than `min_val`.

    >>> F.hardtanh(torch.tensor([-3.0, 0.5, 3.0]))
    tensor([-1.0000,  0.5000,  1.0000])
    """

def leaky_relu(input, negative_slope=0.01, inplace=False):
    """Return `input`, multiplied by `negative_slope` where it is not positive.

    The gradient at zero is `negative_slope`.

    >>> F.leaky_relu(torch.tensor([-2.0, 3.0]), negative_slope=0.5)
    tensor([-1.,  3.])
    """

def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """Return the logarithm of `softmax`, computed so that it does not overflow.

    Args:
        input: an array of any shape, of a floating-point dtype unless `dtype` is passed.
        dim: the axis of the classes; without it there is a warning, and torch's implicit choice.
        dtype: the dtype to which the input is converted first, of any framework or by name.

    >>> F.log_softmax(torch.tensor([0.0, 0.0]), dim=0)
    tensor([-0.6931, -0.6931])
    """

def logsigmoid(input):
    """Return `log(sigmoid(input))`, computed so that it does not underflow.

    >>> F.logsigmoid(torch.tensor([-100.0, 0.0]))
    tensor([-100.0000,   -0.6931])
    """

def mish(input, inplace=False):
    """Return `input * tanh(softplus(input))`.

    Source: `torch.nn.functional.mish`; Misra (2019).

    >>> F.mish(torch.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.3034,  0.0000,  0.8651])
    """

def prelu(input, weight):
    """Return `input`, multiplied by a slope that is learned where it is not positive.

    Args:
        input: an array `(N, C, ...)` or of any other shape.
        weight: the slope: one number, or a vector `(C,)` with one for each channel (axis 1).

    Source: `torch.nn.functional.prelu`; He et al. (2015).

    >>> F.prelu(torch.tensor([[-2.0, -2.0]]), torch.tensor([0.5, 0.25]))
    tensor([[-1.0000, -0.5000]])
    """

def relu(input, inplace=False):
    """Return the positive part of each value; the gradient at zero is zero on both frameworks.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.relu(torch.tensor([-1.0, 2.0])).tolist(), F.relu(jnp.array([-1.0, 2.0])).tolist()
    ([0.0, 2.0], [0.0, 2.0])
    """

def relu6(input, inplace=False):
    """Return `input`, clamped to 0 and 6.

    >>> F.relu6(torch.tensor([-1.0, 2.0, 9.0]))
    tensor([0., 2., 6.])
    """

def rrelu(input, lower=0.125, upper=0.3333333333333333, training=False, inplace=False):
    """Return `input`, multiplied by random slopes where it is not positive.

    Args:
        input: an array of any shape.
        lower: the least slope.
        upper: the greatest slope.
        training: whether slopes are drawn for each value; without it all are `(lower + upper) / 2`. On JAX they are
            drawn by the running body, outside of which a draw raises `NoActiveTransformError`.

    Source: `torch.nn.functional.rrelu`; Xu et al. (2015).

    >>> F.rrelu(torch.tensor([-2.0, 3.0]), lower=0.25, upper=0.75)
    tensor([-1.,  3.])
    """

def selu(input, inplace=False):
    """Return `elu(input, 1.6733)` times 1.0507: the constants that keep a mean of 0 and a variance of 1 over layers.

    Source: `torch.nn.functional.selu`; Klambauer et al. (2017).

    >>> F.selu(torch.tensor([-100.0, 0.0, 1.0]))
    tensor([-1.7581,  0.0000,  1.0507])
    """

def sigmoid(input):
    """Return `1 / (1 + exp(-input))`; integers are taken as float32.

    >>> F.sigmoid(torch.tensor([0.0, 100.0]))
    tensor([0.5000, 1.0000])
    """

def silu(input, inplace=False):
    """Return `input * sigmoid(input)`, which is also called swish.

    Source: `torch.nn.functional.silu`; Elfwing et al. (2017).

    >>> F.silu(torch.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.2689,  0.0000,  0.7311])
    """

def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """Return `exp(input)`, scaled so that it sums to one along `dim`.

    Args:
        input: an array of any shape, of a floating-point dtype unless `dtype` is passed.
        dim: the axis of the classes; without it there is a warning, and torch's implicit choice.
        dtype: the dtype to which the input is converted first, of any framework or by name.

    >>> F.softmax(torch.tensor([1000.0, 1000.0]), dim=0)
    tensor([0.5000, 0.5000])
    """

def softmin(input, dim=None, _stacklevel=3, dtype=None):
    """Return the `softmax` of the negated input.

    Args:
        input: an array of any shape, of a floating-point dtype.
        dim: the axis of the classes; without it there is a warning, and torch's implicit choice.
        dtype: the dtype to which the input is converted first, of any framework or by name.

    >>> F.softmin(torch.tensor([0.0, 1000.0]), dim=0)
    tensor([1., 0.])
    """

def softplus(input, beta=1.0, threshold=20.0):
    """Return `log(1 + exp(beta * input)) / beta`, a smooth `relu`.

    Args:
        input: an array of any shape.
        beta: how sharp the bend is.
        threshold: where `beta * input` exceeds it, the output is `input` itself.

    >>> F.softplus(torch.tensor([0.0, 50.0]))
    tensor([ 0.6931, 50.0000])
    """

def softshrink(input, lambd=0.5):
    """Return `input`, moved towards zero by `lambd` and not past it.

    Args:
        input: an array of any shape.
        lambd: the distance; not negative.

    >>> F.softshrink(torch.tensor([-2.0, 0.25, 1.0]))
    tensor([-1.5000,  0.0000,  0.5000])
    """

def softsign(input):
    """Return `input / (1 + |input|)`.

    >>> F.softsign(torch.tensor([-1.0, 0.0, 3.0]))
    tensor([-0.5000,  0.0000,  0.7500])
    """

def tanh(input):
    """Return the hyperbolic tangent; integers are taken as float32.

    >>> F.tanh(torch.tensor([-100.0, 0.0, 100.0]))
    tensor([-1.,  0.,  1.])
    """

def tanhshrink(input):
    """Return `input - tanh(input)`.

    >>> F.tanhshrink(torch.tensor([-100.0, 0.0, 100.0]))
    tensor([-99.,   0.,  99.])
    """

def threshold(input, threshold, value, inplace=False):
    """Return `input` where it exceeds `threshold`, and `value` elsewhere.

    >>> F.threshold(torch.tensor([0.5, 1.0, 2.0]), 1.0, -7.0)
    tensor([-7., -7.,  2.])
    """
