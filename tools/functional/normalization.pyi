"""Normalization."""

def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05):
    """Return each channel with the mean subtracted and divided by the standard deviation, then scaled and shifted.

    With `training` the statistics are those of the batch, and torch updates `running_mean` and `running_var` in place.
    JAX's arrays cannot be written: they stay as they are, and the layer `unified.BatchNorm2d` returns new ones.

    Args:
        input: an array `(N, C, ...)`.
        running_mean: the mean of each channel, `(C,)`; `None` is for training alone.
        running_var: the variance of each channel, `(C,)`; `None` is for training alone.
        weight: the scale of each channel, `(C,)`.
        bias: the shift of each channel, `(C,)`.
        training: whether the batch's statistics are used.
        momentum: the weight of the batch in the update of the running statistics.
        eps: a number that is added to the variance.

    Raises:
        ValueError: there is one value per channel in training.

    Source: `torch.nn.functional.batch_norm`; Ioffe and Szegedy (2015).

    >>> F.batch_norm(torch.tensor([[1.0], [3.0]]), None, None, training=True, eps=1e-12)
    tensor([[-1.],
            [ 1.]])
    """

def group_norm(input, num_groups, weight=None, bias=None, eps=1e-05):
    """Return `input`, normalized over each group of channels of each sample, then scaled and shifted by channel.

    Args:
        input: an array `(N, C, ...)`.
        num_groups: the number of groups, which divides `C`.
        weight: the scale of each channel, `(C,)`.
        bias: the shift of each channel, `(C,)`.
        eps: a number that is added to the variance.

    Source: `torch.nn.functional.group_norm`; Wu and He (2018).

    >>> F.group_norm(torch.tensor([[1.0, 3.0, 10.0, 30.0]]), 2, eps=1e-12)
    tensor([[-1.,  1., -1.,  1.]])
    """

def instance_norm(
    input,
    running_mean=None,
    running_var=None,
    weight=None,
    bias=None,
    use_input_stats=True,
    momentum=0.1,
    eps=1e-05,
):
    """Return each channel of each sample, normalized over its positions, then scaled and shifted.

    Torch updates the running statistics in place; on JAX they stay as they are, and the layer
    `unified.InstanceNorm2d` returns new ones.

    Args:
        input: an array `(N, C, ...)`.
        running_mean: the mean of each channel, `(C,)`.
        running_var: the variance of each channel, `(C,)`.
        weight: the scale of each channel, `(C,)`.
        bias: the shift of each channel, `(C,)`.
        use_input_stats: whether the input's own statistics are used instead of the running ones.
        momentum: the weight of the input in the update of the running statistics.
        eps: a number that is added to the variance.

    Source: `torch.nn.functional.instance_norm`; Ulyanov et al. (2016).

    >>> F.instance_norm(torch.tensor([[[1.0, 3.0], [10.0, 30.0]]]), eps=1e-12)
    tensor([[[-1.,  1.],
             [-1.,  1.]]])
    """

def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05):
    """Return `input`, normalized over its last axes, then scaled and shifted.

    Args:
        input: an array `(..., *normalized_shape)`.
        normalized_shape: the sizes of the axes over which mean and variance are computed.
        weight: the scale, of the shape `normalized_shape`.
        bias: the shift, of the shape `normalized_shape`.
        eps: a number that is added to the variance.

    Source: `torch.nn.functional.layer_norm`; Ba et al. (2016).

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.layer_norm(torch.tensor([[1.0, 3.0]]), (2,), eps=1e-12)
    tensor([[-1.,  1.]])
    >>> F.layer_norm(jnp.array([[1.0, 3.0]]), (2,), eps=1e-12)
    Array([[-1.,  1.]], dtype=float32)
    """

def local_response_norm(input, size, alpha=0.0001, beta=0.75, k=1.0):
    """Return `input`, divided by `(k + alpha * mean(neighbours**2)) ** beta`.

    Args:
        input: an array `(N, C, ...)`.
        size: the number of neighbouring channels of which the mean square is taken; zeros stand beyond the ends.
        alpha: the factor of the mean square.
        beta: the exponent.
        k: the number that is added to it.

    Source: `torch.nn.functional.local_response_norm`; Krizhevsky et al. (2012).

    >>> F.local_response_norm(torch.tensor([[[2.0]]]), 1, alpha=0.75, beta=0.5)
    tensor([[[1.]]])
    """

def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    """Return `input`, divided by its norm along an axis.

    Args:
        input: an array of any shape.
        p: the degree of the norm.
        dim: the axis of the vectors.
        eps: the least divisor.
        out: an array that torch writes the result to; refused on JAX with a `ValueError`.

    >>> F.normalize(torch.tensor([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    """

def rms_norm(input, normalized_shape, weight=None, eps=None):
    """Return `input`, divided by the root of its mean square over the last axes, then scaled.

    Args:
        input: an array `(..., *normalized_shape)`.
        normalized_shape: the sizes of the axes over which the mean is computed.
        weight: the scale, of the shape `normalized_shape`.
        eps: a number that is added to the mean square; by default the machine epsilon of float32, or of
            float64 for such an input.

    Source: `torch.nn.functional.rms_norm`; Zhang and Sennrich (2019).

    >>> F.rms_norm(torch.tensor([1.0, 7.0]), (2,))
    tensor([0.2000, 1.4000])
    """
