"""Convolutions, over one, two or three axes of positions.

Without padding, a kernel of size `k` on an axis of size `n` has `(n - dilation * (k - 1) - 1) // stride + 1` places.
"""

def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Return the sum of products of `weight` with each window of the last axis, for each output channel.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        weight: an array `(out, C / groups, kernel)`.
        bias: an array `(out,)` that is added.
        stride: the distance between windows: a number.
        padding: the zeros at each end: a number; or `"valid"` for none, or `"same"` for an output of the input's size,
            with a stride of 1.
        dilation: the distance between the elements of a window: a number.
        groups: into how many groups the channels of input and output are divided, each with its own weights.

    Returns:
        An array `(N, out, L')`, or `(out, L')`.

    Raises:
        ValueError: the channels do not fit, or the kernel is larger than the padded input (on torch a `RuntimeError`).

    >>> F.conv1d(torch.tensor([[1.0, 2.0, 4.0]]), torch.tensor([[[1.0, -1.0]]]))
    tensor([[-1., -2.]])
    """

def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Return the sum of products of `weight` with each window of the last two axes, for each output channel.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        weight: an array `(out, C / groups, kh, kw)`.
        bias: an array `(out,)` that is added.
        stride: the distance between windows: one number for all axes, or one for each.
        padding: the zeros at each end: one number for all axes, or one for each; or `"valid"` for none, or `"same"`
            for an output of the input's size, with a stride of 1.
        dilation: the distance between the elements of a window: one number for all axes, or one for each.
        groups: into how many groups the channels of input and output are divided, each with its own weights.

    Returns:
        An array `(N, out, H', W')`, or `(out, H', W')`.

    Raises:
        ValueError: the channels do not fit, or the kernel is larger than the padded input (on torch a `RuntimeError`).

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.conv2d(torch.ones(1, 3, 3), torch.ones(1, 1, 2, 2))
    tensor([[[4., 4.],
             [4., 4.]]])
    >>> F.conv2d(jnp.ones((1, 3, 3)), jnp.ones((1, 1, 2, 2))).tolist()
    [[[4.0, 4.0], [4.0, 4.0]]]
    """

def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Return the sum of products of `weight` with each window of the last three axes, for each output channel.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        weight: an array `(out, C / groups, kd, kh, kw)`.
        bias: an array `(out,)` that is added.
        stride: the distance between windows: one number for all axes, or one for each.
        padding: the zeros at each end: one number for all axes, or one for each; or `"valid"` for none, or `"same"`
            for an output of the input's size, with a stride of 1.
        dilation: the distance between the elements of a window: one number for all axes, or one for each.
        groups: into how many groups the channels of input and output are divided, each with its own weights.

    Returns:
        An array `(N, out, D', H', W')`, or `(out, D', H', W')`.

    Raises:
        ValueError: the channels do not fit, or the kernel is larger than the padded input (on torch a `RuntimeError`).

    >>> F.conv3d(torch.ones(2, 3, 4, 5, 6), torch.ones(8, 3, 3, 3, 3), padding="same").shape
    torch.Size([2, 8, 4, 5, 6])
    """

def conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Return the sum of `weight` times each value of `input`, at places `stride` apart: the gradient of `conv1d`.

    An axis of size `n` becomes `(n - 1) * stride - 2 * padding + dilation * (k - 1) + output_padding + 1`.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        weight: an array `(C, out / groups, kernel)`, whose kernel has the sizes `k`.
        bias: an array `(out,)` that is added.
        stride: the distance between places: a number.
        padding: how much is cut off each end: a number.
        output_padding: how much is added at the end, less than the stride or the dilation: a number.
        groups: into how many groups the channels of input and output are divided, each with its own weights.
        dilation: the distance between the elements of the kernel: a number.

    Returns:
        An array `(N, out, L')`, or `(out, L')`.

    >>> F.conv_transpose1d(torch.tensor([[1.0, 2.0]]), torch.ones(1, 1, 2), stride=2)
    tensor([[1., 1., 2., 2.]])
    """

def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Return the sum of `weight` times each value of `input`, at places `stride` apart: the gradient of `conv2d`.

    An axis of size `n` becomes `(n - 1) * stride - 2 * padding + dilation * (k - 1) + output_padding + 1`.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        weight: an array `(C, out / groups, kh, kw)`, whose kernel has the sizes `k`.
        bias: an array `(out,)` that is added.
        stride: the distance between places: one number for all axes, or one for each.
        padding: how much is cut off each end: one number for all axes, or one for each.
        output_padding: how much is added at the end, less than the stride or the dilation: one number for all axes, or
            one for each.
        groups: into how many groups the channels of input and output are divided, each with its own weights.
        dilation: the distance between the elements of the kernel: one number for all axes, or one for each.

    Returns:
        An array `(N, out, H', W')`, or `(out, H', W')`.

    >>> F.conv_transpose2d(torch.ones(8, 3, 5, 5), torch.ones(3, 4, 2, 2), stride=2).shape
    torch.Size([8, 4, 10, 10])
    """

def conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Return the sum of `weight` times each value of `input`, at places `stride` apart: the gradient of `conv3d`.

    An axis of size `n` becomes `(n - 1) * stride - 2 * padding + dilation * (k - 1) + output_padding + 1`.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        weight: an array `(C, out / groups, kd, kh, kw)`, whose kernel has the sizes `k`.
        bias: an array `(out,)` that is added.
        stride: the distance between places: one number for all axes, or one for each.
        padding: how much is cut off each end: one number for all axes, or one for each.
        output_padding: how much is added at the end, less than the stride or the dilation: one number for all axes, or
            one for each.
        groups: into how many groups the channels of input and output are divided, each with its own weights.
        dilation: the distance between the elements of the kernel: one number for all axes, or one for each.

    Returns:
        An array `(N, out, D', H', W')`, or `(out, D', H', W')`.

    >>> F.conv_transpose3d(torch.ones(3, 2, 2, 2), torch.ones(3, 4, 3, 3, 3)).shape
    torch.Size([4, 4, 4, 4])
    """
