"""Pooling: one number for each window, over one, two or three axes of positions."""

def adaptive_avg_pool1d(input, output_size):
    """Return the means of windows that cover the last axis evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        output_size: the number of windows.

    Returns:
        An array `(N, C, L')`, or `(C, L')`.

    >>> F.adaptive_avg_pool1d(torch.tensor([[1.0, 2.0, 4.0, 8.0]]), 2)
    tensor([[1.5000, 6.0000]])
    """

def adaptive_avg_pool2d(input, output_size):
    """Return the means of windows that cover the last two axes evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        output_size: the numbers of windows along both axes, or one for both; `None` keeps an axis as it is.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`.

    >>> F.adaptive_avg_pool2d(torch.arange(16.0).reshape(1, 4, 4), 1)
    tensor([[[7.5000]]])
    """

def adaptive_avg_pool3d(input, output_size):
    """Return the means of windows that cover the last three axes evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        output_size: the numbers of windows along the three axes, or one for all; `None` keeps an axis as it is.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`.

    >>> F.adaptive_avg_pool3d(torch.arange(64.0).reshape(1, 4, 4, 4), 1)
    tensor([[[[31.5000]]]])
    """

def adaptive_max_pool1d(input, output_size, return_indices=False):
    """Return the greatest values of windows that cover the last axis evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        output_size: the number of windows.
        return_indices: whether the positions of the values are returned too, counted over the last axis.

    Returns:
        An array `(N, C, L')`, or `(C, L')`; with `return_indices` a tuple of it and the positions.

    >>> F.adaptive_max_pool1d(torch.tensor([[1.0, 2.0, 4.0, 8.0]]), 2)
    tensor([[2., 8.]])
    """

def adaptive_max_pool2d(input, output_size, return_indices=False):
    """Return the greatest values of windows that cover the last two axes evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        output_size: the numbers of windows along both axes, or one for both; `None` keeps an axis as it is.
        return_indices: whether the positions of the values are returned too, counted over the last two axes.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`; with `return_indices` a tuple of it and the positions.

    >>> F.adaptive_max_pool2d(torch.arange(16.0).reshape(1, 4, 4), 1)
    tensor([[[15.]]])
    """

def adaptive_max_pool3d(input, output_size, return_indices=False):
    """Return the greatest values of windows that cover the last three axes evenly, as many as `output_size` says.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        output_size: the numbers of windows along the three axes, or one for all; `None` keeps an axis as it is.
        return_indices: whether the positions of the values are returned too, counted over the last three axes.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`; with `return_indices` a tuple of it and the positions.

    >>> F.adaptive_max_pool3d(torch.arange(64.0).reshape(1, 4, 4, 4), 1)
    tensor([[[[63.]]]])
    """

def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """Return the mean of each window of the last axis.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        kernel_size: the size of a window.
        stride: the distance between windows, by default `kernel_size`.
        padding: the zeros at each end, at most half of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        count_include_pad: whether padded zeros count in the mean.

    Returns:
        An array `(N, C, L')`, or `(C, L')`.

    >>> F.avg_pool1d(torch.tensor([[1.0, 2.0, 4.0, 8.0]]), 2)
    tensor([[1.5000, 6.0000]])
    """

def avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the mean of each window of the last two axes.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        kernel_size: the height and width of a window, or one number for both.
        stride: the distance between windows, by default `kernel_size`.
        padding: the zeros at each end, at most half of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        count_include_pad: whether padded zeros count in the mean.
        divisor_override: the number by which sums are divided instead of the size of the window.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`.

    >>> F.avg_pool2d(torch.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 2.5000,  4.5000],
             [10.5000, 12.5000]]])
    """

def avg_pool3d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """Return the mean of each window of the last three axes.

    A window has to fit the input without its padding.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        kernel_size: the sizes of a window, or one number for all.
        stride: the distance between windows, by default `kernel_size`.
        padding: the zeros at each end, at most half of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        count_include_pad: whether padded zeros count in the mean.
        divisor_override: the number by which sums are divided instead of the size of the window.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`.

    >>> F.avg_pool3d(torch.arange(64.0).reshape(1, 4, 4, 4), 2).shape
    torch.Size([1, 2, 2, 2])
    """

def fractional_max_pool2d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """Return the greatest value of each of `output_size` windows of the last two axes, at places drawn at random.

    In a body the places are drawn at the current scope. Outside of one torch draws them from its generator, and JAX
    raises `NoActiveTransformError` unless `_random_samples` are passed.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        kernel_size: the height and width of a window, or one number for both.
        output_size: the numbers of windows, or one for all axes.
        output_ratio: the size of the output relative to the input, between 0 and 1 for each axis; instead of
            `output_size`.
        return_indices: whether the positions of the values are returned too, counted over the last two axes.
        _random_samples: numbers `(N, C, 2)` from 0 to 1 that decide the places.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`; with `return_indices` a tuple of it and the positions.

    Source: `torch.nn.functional.fractional_max_pool2d`; Graham (2014).

    >>> F.fractional_max_pool2d(torch.ones(1, 3, 8, 8), 2, output_ratio=(0.5, 0.5)).shape
    torch.Size([1, 3, 4, 4])
    """

def fractional_max_pool3d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """Return the greatest value of each of `output_size` windows of the last three axes, at places drawn at random.

    In a body the places are drawn at the current scope. Outside of one torch draws them from its generator, and JAX
    raises `NoActiveTransformError` unless `_random_samples` are passed.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        kernel_size: the sizes of a window, or one number for all.
        output_size: the numbers of windows, or one for all axes.
        output_ratio: the size of the output relative to the input, between 0 and 1 for each axis; instead of
            `output_size`.
        return_indices: whether the positions of the values are returned too, counted over the last three axes.
        _random_samples: numbers `(N, C, 3)` from 0 to 1 that decide the places.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`; with `return_indices` a tuple of it and the positions.

    Source: `torch.nn.functional.fractional_max_pool3d`; Graham (2014).

    >>> F.fractional_max_pool3d(torch.ones(1, 3, 8, 8, 8), 2, output_size=3).shape
    torch.Size([1, 3, 3, 3, 3])
    """

def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """Return the norm of each window of the last axis: `sum(x ** norm_type) ** (1 / norm_type)`.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        norm_type: the degree of the norm, not zero.
        kernel_size: the size of a window.
        stride: the distance between windows, by default `kernel_size`.
        ceil_mode: whether a window that ends beyond the input counts.

    Returns:
        An array `(N, C, L')`, or `(C, L')`.

    >>> F.lp_pool1d(torch.tensor([[3.0, 4.0, 6.0, 8.0]]), 2, 2)
    tensor([[ 5., 10.]])
    """

def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """Return the norm of each window of the last two axes: `sum(x ** norm_type) ** (1 / norm_type)`.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        norm_type: the degree of the norm, not zero.
        kernel_size: the height and width of a window, or one number for both.
        stride: the distance between windows, by default `kernel_size`.
        ceil_mode: whether a window that ends beyond the input counts.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`.

    >>> F.lp_pool2d(torch.ones(1, 4, 4), 2, 2)
    tensor([[[2., 2.],
             [2., 2.]]])
    """

def lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """Return the norm of each window of the last three axes: `sum(x ** norm_type) ** (1 / norm_type)`.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        norm_type: the degree of the norm, not zero.
        kernel_size: the sizes of a window, or one number for all.
        stride: the distance between windows, by default `kernel_size`.
        ceil_mode: whether a window that ends beyond the input counts.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`.

    >>> F.lp_pool3d(torch.ones(1, 4, 4, 4), 2, 2)
    tensor([[[[2.8284, 2.8284],
              [2.8284, 2.8284]],
    <BLANKLINE>
             [[2.8284, 2.8284],
              [2.8284, 2.8284]]]])
    """

def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """Return the greatest value of each window of the last axis.

    Args:
        input: an array `(N, C, L)` or `(C, L)`.
        kernel_size: the size of a window.
        stride: the distance between windows, by default `kernel_size`.
        padding: how far windows reach over each end, at most half of a window; nothing there is greatest.
        dilation: the distance between the elements of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        return_indices: whether the positions `l` of the values are returned too, which `max_unpool1d` takes.

    Returns:
        An array `(N, C, L')`, or `(C, L')`; with `return_indices` a tuple of it and the positions.

    >>> F.max_pool1d(torch.tensor([[1.0, 2.0, 4.0, 8.0]]), 2, return_indices=True)
    (tensor([[2., 8.]]), tensor([[1, 3]]))
    """

def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """Return the greatest value of each window of the last two axes.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        kernel_size: the height and width of a window, or one number for both.
        stride: the distance between windows, by default `kernel_size`.
        padding: how far windows reach over each end, at most half of a window; nothing there is greatest.
        dilation: the distance between the elements of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        return_indices: whether the positions `h * W + w` of the values are returned too, which `max_unpool2d` takes.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`; with `return_indices` a tuple of it and the positions.

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.max_pool2d(torch.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 5.,  7.],
             [13., 15.]]])
    >>> F.max_pool2d(jnp.arange(16.0).reshape(1, 4, 4), 2)
    Array([[[ 5.,  7.],
            [13., 15.]]], dtype=float32)
    """

def max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """Return the greatest value of each window of the last three axes.

    Args:
        input: an array `(N, C, D, H, W)` or `(C, D, H, W)`.
        kernel_size: the sizes of a window, or one number for all.
        stride: the distance between windows, by default `kernel_size`.
        padding: how far windows reach over each end, at most half of a window; nothing there is greatest.
        dilation: the distance between the elements of a window.
        ceil_mode: whether a window that ends beyond the input counts.
        return_indices: whether the positions `(d * H + h) * W + w` of the values are returned too, which
            `max_unpool3d` takes.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`; with `return_indices` a tuple of it and the positions.

    >>> F.max_pool3d(torch.arange(64.0).reshape(1, 4, 4, 4), 2)
    tensor([[[[21., 23.],
              [29., 31.]],
    <BLANKLINE>
             [[53., 55.],
              [61., 63.]]]])
    """

def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return zeros with the values of `max_pool1d` at the positions where it found them.

    A position out of range raises on torch; on JAX, which cannot raise for a value, its channel becomes NaN.

    Args:
        input: the output of `max_pool1d`, `(N, C, L)` or `(C, L)`.
        indices: its positions.
        kernel_size: the size of a window, as for `max_pool1d`.
        stride: the distance between windows, by default `kernel_size`.
        padding: as for `max_pool1d`.
        output_size: the size to return, of several whose pooling has this shape.

    Returns:
        An array `(N, C, L')`, or `(C, L')`.

    >>> pooled, indices = F.max_pool1d(torch.tensor([[1.0, 5.0, 7.0, 2.0]]), 2, return_indices=True)
    >>> F.max_unpool1d(pooled, indices, 2)
    tensor([[0., 5., 7., 0.]])
    """

def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return zeros with the values of `max_pool2d` at the positions where it found them.

    A position out of range raises on torch; on JAX, which cannot raise for a value, its channel becomes NaN.

    Args:
        input: the output of `max_pool2d`, `(N, C, H, W)` or `(C, H, W)`.
        indices: its positions.
        kernel_size: the height and width of a window, or one number for both, as for `max_pool2d`.
        stride: the distance between windows, by default `kernel_size`.
        padding: as for `max_pool2d`.
        output_size: the size to return, of several whose pooling has this shape.

    Returns:
        An array `(N, C, H', W')`, or `(C, H', W')`.

    >>> pooled, indices = F.max_pool2d(torch.tensor([[[1.0, 5.0], [7.0, 2.0]]]), 2, return_indices=True)
    >>> F.max_unpool2d(pooled, indices, 2)
    tensor([[[0., 0.],
             [7., 0.]]])
    """

def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Return zeros with the values of `max_pool3d` at the positions where it found them.

    A position out of range raises on torch; on JAX, which cannot raise for a value, its channel becomes NaN.

    Args:
        input: the output of `max_pool3d`, `(N, C, D, H, W)` or `(C, D, H, W)`.
        indices: its positions.
        kernel_size: the sizes of a window, or one number for all, as for `max_pool3d`.
        stride: the distance between windows, by default `kernel_size`.
        padding: as for `max_pool3d`.
        output_size: the size to return, of several whose pooling has this shape.

    Returns:
        An array `(N, C, D', H', W')`, or `(C, D', H', W')`.

    >>> pooled, indices = F.max_pool3d(torch.tensor([[[[1.0, 5.0]], [[7.0, 2.0]]]]), (2, 1, 2), return_indices=True)
    >>> F.max_unpool3d(pooled, indices, (2, 1, 2))
    tensor([[[[0., 0.]],
    <BLANKLINE>
             [[7., 0.]]]])
    """
