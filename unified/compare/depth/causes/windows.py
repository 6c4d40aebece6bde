"""Forms of convolutions and pooling: their padding, and the bias."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from unified.compare.depth.causes.forms import Form
from unified.compare.depth.causes.subject import Subject

__all__ = ["conv_forms", "pool_forms"]

MOST = 1 << 24  # products of a convolution that is tried
Padding = tuple[tuple[int, int], ...]


def conv_forms(subject: Subject) -> list[Form]:
    """Return the forms of a convolution."""
    weight = subject.weight("weight", "kernel", "w")
    if "conv" not in subject.kinds or not subject.given or weight is None or weight.ndim < 3:
        return []
    x, bias = subject.given[0], subject.weight("bias", "b", number=2)
    if subject.channels_last:
        x, weight = np.moveaxis(x, -1, 1), np.moveaxis(weight, (-1, -2), (0, 1))
    dims = weight.ndim - 2
    if x.ndim != dims + 2 or not weight.shape[1] or x.shape[1] % weight.shape[1]:
        return []
    stride = _tuple(subject.setting("stride", "strides", "window_strides"), dims)
    if x.size // x.shape[1] * weight.size > MOST or subject.setting("dilation", "kernel_dilation") not in (
        None,
        1,
        (1,) * dims,
    ):
        return []
    kernel = weight.shape[2:]
    forms = []
    for text, padding in _paddings(subject, x.shape[2:], kernel, stride).items():
        windows = _windows(x, padding, kernel, stride, 0.0)
        if windows is None:
            continue
        groups = x.shape[1] // weight.shape[1]
        parts = zip(np.split(windows, groups, 1), np.split(weight, groups, 0), strict=True)
        axes = ([1, *range(2 + dims, 2 + 2 * dims)], [1, *range(2, 2 + dims)])
        output = np.concatenate([np.moveaxis(np.tensordot(a, b, axes), -1, 1) for a, b in parts], 1)
        for bias_text, added in (("no bias", None), ("a bias", bias)):
            if bias_text == "a bias" and (added is None or added.size != output.shape[1]):
                continue
            whole = output if added is None else output + added.reshape([1, -1] + [1] * dims)
            forms.append(
                Form(
                    (("padding", text), ("bias", bias_text)),
                    np.moveaxis(whole, 1, -1) if subject.channels_last else whole,
                )
            )
    return forms


def pool_forms(subject: Subject) -> list[Form]:
    """Return the forms of pooling."""
    size = subject.setting("kernel_size", "window_shape")
    if "pool" not in subject.kinds or not subject.given or size is None:
        return []
    x = np.moveaxis(subject.given[0], -1, 1) if subject.channels_last else subject.given[0]
    dims = x.ndim - 2
    if dims < 1:
        return []
    kernel = _tuple(size, dims)
    stride = _tuple(subject.setting("stride", "strides", default=kernel), dims)
    if x.size * math.prod(kernel) > MOST:
        return []
    window_axes = tuple(range(2 + dims, 2 + 2 * dims))
    forms = []
    for text, padding in _paddings(subject, x.shape[2:], kernel, stride).items():
        largest = _windows(x, padding, kernel, stride, -np.inf)
        whole, counted = (
            _windows(x, padding, kernel, stride, 0.0),
            _windows(np.ones_like(x), padding, kernel, stride, 0.0),
        )
        if largest is None or whole is None or counted is None:
            continue
        outputs = {
            ("max", "no"): largest.max(window_axes),
            ("average", "yes"): whole.mean(window_axes),
            ("average", "no"): whole.sum(window_axes) / np.maximum(counted.sum(window_axes), 1),
        }
        for (how, counts), output in outputs.items():
            names = (("padding", text), ("pooling", how), ("count_include_pad", counts))
            forms.append(Form(names, np.moveaxis(output, 1, -1) if subject.channels_last else output))
    return forms


def _paddings(
    subject: Subject, sizes: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...]
) -> dict[str, Padding]:
    """Return the widths of padding by what they are called; equal ones once."""
    totals = [max((math.ceil(n / s) - 1) * s + k - n, 0) for n, k, s in zip(sizes, kernel, stride, strict=True)]
    found: dict[str, Padding] = {}
    own = subject.setting("padding")
    if isinstance(own, int) or (isinstance(own, tuple) and all(isinstance(each, int) for each in own)):
        found[f"{own} on both ends"] = tuple((each, each) for each in _tuple(own, len(sizes)))
    found |= {
        "SAME": tuple((total // 2, total - total // 2) for total in totals),
        "SAME_LOWER": tuple((total - total // 2, total // 2) for total in totals),
        "none": tuple((0, 0) for _ in sizes),
        "half the kernel on both ends": tuple((k // 2, k // 2) for k in kernel),
    }
    kept: dict[str, Padding] = {}
    for text, padding in found.items():
        if padding not in kept.values():
            kept[text] = padding
    return kept


def _windows(
    x: np.ndarray, padding: Padding, kernel: tuple[int, ...], stride: tuple[int, ...], fill: float
) -> np.ndarray | None:
    padded = np.pad(x, ((0, 0), (0, 0), *padding), constant_values=fill)
    if any(n < k for n, k in zip(padded.shape[2:], kernel, strict=True)):
        return None
    axes = tuple(range(2, x.ndim))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel, axes)
    return windows[(slice(None), slice(None), *(slice(None, None, step) for step in stride))]


def _tuple(value: Any, dims: int) -> tuple[int, ...]:
    if isinstance(value, int):
        return (value,) * dims
    return tuple(value) if isinstance(value, tuple) and len(value) == dims else (1,) * dims
