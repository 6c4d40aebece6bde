"""Images: sizes, windows, padding, and the order of channels and pixels."""

def affine_grid(theta, size, align_corners=None):
    """Return the points at which `grid_sample` takes an affine picture of its input.

    Args:
        theta: the maps of output coordinates to input coordinates, `(N, 2, 3)` or `(N, 3, 4)`, floating-point.
        size: the size of the output, `(N, C, H, W)` or `(N, C, D, H, W)`.
        align_corners: whether -1 and 1 are the centres of the corner pixels (`True`) or their outer edges; `None` is
            `False` with a warning.

    Returns:
        An array `(N, H, W, 2)` or `(N, D, H, W, 3)`, with coordinates of the last axis first.

    Source: `torch.nn.functional.affine_grid`; Jaderberg et al. (2015).

    >>> identity = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    >>> F.affine_grid(identity, (1, 1, 2, 2), align_corners=True).tolist()
    [[[[-1.0, -1.0], [1.0, -1.0]], [[-1.0, 1.0], [1.0, 1.0]]]]
    """

def channel_shuffle(input, groups):
    """Return the channels in another order: the first of each group, then the second of each, and so on.

    Args:
        input: an array `(N, C, ...)`.
        groups: the number of groups, which divides `C`.

    Returns:
        An array of the shape of `input`.

    Source: `torch.nn.functional.channel_shuffle`; Zhang et al. (2017).

    >>> F.channel_shuffle(torch.arange(4.0).reshape(1, 4, 1, 1), 2).flatten()
    tensor([0., 2., 1., 3.])
    """

def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Return the sum of windows at the places from which `unfold` takes them.

    Args:
        input: the windows, `(N, C * kh * kw, places)` or without `N`.
        output_size: the height and width of the output.
        kernel_size: the height `kh` and width `kw` of a window, or one number for both.
        dilation: the distance between the elements of a window.
        padding: the zeros that stood at each end.
        stride: the distance between windows.

    Returns:
        An array `(N, C, H, W)` or `(C, H, W)`.

    Raises:
        ValueError: the windows have another size or number (on torch a `RuntimeError`).

    >>> F.fold(F.unfold(torch.ones(1, 1, 3, 3), 2), (3, 3), 2)
    tensor([[[[1., 2., 1.],
              [2., 4., 2.],
              [1., 2., 1.]]]])
    """

def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """Return the values of `input` at points between its pixels.

    Args:
        input: an array `(N, C, H, W)` or `(N, C, D, H, W)`.
        grid: the points, `(N, h, w, 2)` or `(N, d, h, w, 3)`, from -1 to 1 with the last axis first.
        mode: `"bilinear"`, `"nearest"` or, for images, `"bicubic"`.
        padding_mode: what is taken beyond the ends: `"zeros"`, `"border"` or `"reflection"`.
        align_corners: whether -1 and 1 are the centres of the corner pixels (`True`) or their outer edges; `None` is
            `False` with a warning.

    Returns:
        An array `(N, C, h, w)` or `(N, C, d, h, w)`.

    Source: `torch.nn.functional.grid_sample`; Jaderberg et al. (2015).

    >>> points = torch.tensor([[[[-1.0, 0.0], [0.0, 0.0]]]])
    >>> F.grid_sample(torch.tensor([[[[2.0, 4.0]]]]), points, align_corners=True)
    tensor([[[[2., 3.]]]])
    """

def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    """Return `input` with other numbers of positions along its last one, two or three axes.

    Args:
        input: an array `(N, C, L)`, `(N, C, H, W)` or `(N, C, D, H, W)`.
        size: the new sizes, or one for all.
        scale_factor: the factors of the sizes, or one for all, instead of `size`.
        mode: `"nearest"`, `"nearest-exact"`, `"area"`, `"linear"` (one axis), `"bilinear"`, `"bicubic"` and
            `"lanczos"` (two) or `"trilinear"` (three).
        align_corners: whether the centres of the corner pixels stay in place; for the linear and cubic modes.
        recompute_scale_factor: whether the factors are computed again from the new sizes.
        antialias: whether values are averaged when the size shrinks; for two axes, and needed by `"lanczos"`.

    Returns:
        An array with the first two sizes of `input`.

    >>> F.interpolate(torch.tensor([[[0.0, 2.0]]]), size=3, mode="linear", align_corners=True)
    tensor([[[0., 1., 2.]]])
    """

def pad(input, pad, mode="constant", value=None):
    """Return `input` with more values at the ends of its last axes, or fewer.

    Args:
        input: an array of any shape; modes other than `"constant"` pad the last one to three axes, with one or two axes
            before them.
        pad: the numbers of values before and after each axis, the last axis first; a negative number cuts off.
        mode: `"constant"`, `"reflect"` (without the last value), `"replicate"` or `"circular"`.
        value: what `"constant"` adds, by default zero.

    Raises:
        ValueError: the widths do not fit the axes (on torch some are a `RuntimeError`).

    >>> import jax.numpy as jnp, torch, unified.functional as F
    >>> F.pad(torch.tensor([1.0, 2.0, 3.0]), (1, 2))
    tensor([0., 1., 2., 3., 0., 0.])
    >>> F.pad(jnp.array([[1.0, 2.0, 3.0]]), (2, -1), mode="reflect").tolist()
    [[3.0, 2.0, 1.0, 2.0]]
    """

def pixel_shuffle(input, upscale_factor):
    """Return `input` with channels rearranged to pixels: each block of `r * r` of them becomes a square.

    Args:
        input: an array `(..., C * r * r, H, W)`.
        upscale_factor: the factor `r` of height and width.

    Returns:
        An array `(..., C, H * r, W * r)`.

    Source: `torch.nn.functional.pixel_shuffle`; Shi et al. (2016).

    >>> F.pixel_shuffle(torch.arange(4.0).reshape(4, 1, 1), 2)
    tensor([[[0., 1.],
             [2., 3.]]])
    """

def pixel_unshuffle(input, downscale_factor):
    """Return `input` with squares of pixels rearranged to channels: the inverse of `pixel_shuffle`.

    Args:
        input: an array `(..., C, H * r, W * r)`.
        downscale_factor: the factor `r`, which divides height and width.

    Returns:
        An array `(..., C * r * r, H, W)`.

    >>> F.pixel_unshuffle(torch.arange(4.0).reshape(1, 2, 2), 2).flatten()
    tensor([0., 1., 2., 3.])
    """

def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """Return the windows of `input` as columns.

    Args:
        input: an array `(N, C, H, W)` or `(C, H, W)`.
        kernel_size: the height `kh` and width `kw` of a window, or one number for both.
        dilation: the distance between the elements of a window.
        padding: the zeros at each end.
        stride: the distance between windows.

    Returns:
        An array `(N, C * kh * kw, places)`, or without `N`.

    >>> F.unfold(torch.arange(6.0).reshape(1, 2, 3), (2, 2))
    tensor([[0., 1.],
            [1., 2.],
            [3., 4.],
            [4., 5.]])
    """
