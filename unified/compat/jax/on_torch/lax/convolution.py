"""Convolutions in any layout, and functions of windows, by torch's kernels.

torch takes channels first; other layouts are views, so that arrays with channels last reach the kernels in their
memory format `channels_last`, which needs no copy.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from unified.compat.jax.on_torch.arguments import ArgumentError
from unified.compat.jax.on_torch.array import Array, tensor, unwrap
from unified.compat.jax.on_torch.behaviour import NONE, Behaviour, jax_function
from unified.compat.jax.on_torch.dtypes import KINDS, torch_dtype
from unified.compat.jax.on_torch.lax import compiled_convolution
from unified.compat.jax.on_torch.numpy.operands import inverse
from unified.compat.jax.on_torch.tracing import known

__all__ = [
    "ConvDimensionNumbers",
    "conv",
    "conv_dimension_numbers",
    "conv_general_dilated",
    "conv_general_dilated_patches",
    "conv_transpose",
    "conv_with_general_padding",
    "padtype_to_pads",
    "reduce",
    "reduce_window",
]

BEHAVIOUR = Behaviour(operands="lhs rhs", promotes=False)  # unless a decorator declares otherwise


class ConvDimensionNumbers(NamedTuple):
    """Where batch and channels are in the operand and in the output, and output and input channels in the kernel."""

    lhs_spec: tuple[int, ...]
    rhs_spec: tuple[int, ...]
    out_spec: tuple[int, ...]


@jax_function(operands=NONE)
def conv_dimension_numbers(lhs_shape: Any, rhs_shape: Any, dimension_numbers: Any) -> ConvDimensionNumbers:
    if isinstance(dimension_numbers, ConvDimensionNumbers):
        return dimension_numbers
    ndim = len(lhs_shape)
    if dimension_numbers is None:
        whole = tuple(range(ndim))
        return ConvDimensionNumbers(whole, whole, whole)
    lhs, rhs, out = dimension_numbers
    if not isinstance(lhs, str):
        return ConvDimensionNumbers(tuple(lhs), tuple(rhs), tuple(out))
    for spec in (lhs, rhs, out):
        if len(spec) != ndim:
            raise ValueError(f"dimension numbers {spec!r} do not name the {ndim} axes of the operand")
    spatial = [letter for letter in rhs if letter not in "IO"]
    orders = []
    for spec, first in ((lhs, "NC"), (rhs, "OI"), (out, "NC")):
        if sorted(spec) != sorted([*first, *spatial]):
            raise ValueError(f"dimension numbers {spec!r} do not name {', '.join([*first, *spatial])}, each once")
        orders.append(tuple(spec.index(letter) for letter in (*first, *spatial)))
    return ConvDimensionNumbers(*orders)


@jax_function(operands=NONE)
def padtype_to_pads(in_shape: Any, window_shape: Any, window_strides: Any, padding: str) -> list[tuple[int, int]]:
    """The elements before and after each axis that "SAME", "SAME_LOWER" or "VALID" mean."""
    if padding.upper() == "VALID":
        return [(0, 0)] * len(in_shape)
    if padding.upper() not in ("SAME", "SAME_LOWER"):
        raise RuntimeError(f"padding is VALID, SAME, SAME_LOWER or pairs of numbers, got {padding!r}")
    found = []
    for size, window, stride in zip(in_shape, window_shape, window_strides, strict=True):
        total = max((-(-size // stride) - 1) * stride + window - size, 0)
        half = (total // 2, total - total // 2)
        found.append(half if padding.upper() == "SAME" else half[::-1])
    return found


LARGE_KERNEL = 1 << 12  # elements from which on the order of a kernel in memory matters


def _kernel_of(rhs: torch.Tensor, order: tuple[int, ...]) -> torch.Tensor:
    """Return a kernel with torch's axes.

    A large one that has the outputs last is copied as a transposed matrix: the convolution's own copy of strides takes
    as long as the convolution.
    """
    is_large = rhs.dim() == 4 and order == (3, 2, 0, 1) and rhs.numel() >= LARGE_KERNEL and rhs.device.type == "cpu"
    if not is_large or torch.compiler.is_compiling():
        return rhs.permute(order)
    height, width, inputs, outputs = rhs.shape
    return rhs.reshape(-1, outputs).t().contiguous().reshape(outputs, height, width, inputs).permute(0, 3, 1, 2)


CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


def _cropped(x: torch.Tensor, pads: list[tuple[int, int]], fill: float = 0.0) -> torch.Tensor:
    """The axes from the third on, with elements added or, for negative numbers, taken away."""
    if all(pad == (0, 0) for pad in pads):
        return x
    return F.pad(x, [width for pad in pads[::-1] for width in pad], value=fill)


def _dilated(x: torch.Tensor, dilation: Any) -> torch.Tensor:
    """Zeros between the elements."""
    for axis, step in enumerate(dilation, 2):
        if step > 1 and x.shape[axis] > 1:
            shape = [n if i != axis else (n - 1) * step + 1 for i, n in enumerate(x.shape)]
            x = x.new_zeros(shape).index_copy(axis, torch.arange(x.shape[axis], device=x.device) * step, x)
    return x


def conv_general_dilated(
    lhs: Any, rhs: Any, window_strides: Any, padding: Any, lhs_dilation: Any = None, rhs_dilation: Any = None,
    dimension_numbers: Any = None, feature_group_count: int = 1, batch_group_count: int = 1, precision: Any = None,
    preferred_element_type: Any = None, **options: Any,
) -> torch.Tensor:  # fmt: skip
    lhs, rhs = tensor(lhs), tensor(rhs)
    if lhs.dtype is not rhs.dtype:
        raise TypeError(f"a convolution takes two arrays of one dtype, got {lhs.dtype} and {rhs.dtype}")
    numbers = conv_dimension_numbers(lhs.shape, rhs.shape, dimension_numbers)
    x, kernel = lhs.permute(numbers.lhs_spec), _kernel_of(rhs, tuple(numbers.rhs_spec))
    rank = x.dim() - 2
    if x.shape[1] != kernel.shape[1] * feature_group_count:
        raise ArgumentError(
            f"the operand has {x.shape[1]} channels, and the kernel takes {kernel.shape[1]} in each of "
            f"{feature_group_count} groups"
        )
    strides = tuple(window_strides) if window_strides is not None else (1,) * rank
    lhs_dilation = tuple(lhs_dilation) if lhs_dilation is not None else (1,) * rank
    rhs_dilation = tuple(rhs_dilation) if rhs_dilation is not None else (1,) * rank
    if isinstance(padding, str):
        if any(step > 1 for step in lhs_dilation):
            raise ValueError(
                f"a dilated operand needs explicit padding, (low, high) for each axis, got {padding!r}: "
                "pass the pairs, or call conv_transpose, which takes names"
            )
        window = [(size - 1) * step + 1 for size, step in zip(kernel.shape[2:], rhs_dilation, strict=True)]
        pads = padtype_to_pads(x.shape[2:], window, strides, padding)
    else:
        pads = [(int(low), int(high)) for low, high in padding]
    groups, out_order = feature_group_count, inverse(numbers.out_spec)
    if batch_group_count > 1:
        parts = x.chunk(batch_group_count)
        x, groups = torch.cat(parts, 1), batch_group_count
    plain = batch_group_count == 1 and all(step == 1 for step in lhs_dilation)
    if plain and compiled_convolution.applies(lhs, _out_size(x, kernel, strides, pads, rhs_dilation)):
        if any(low != high or low < 0 for low, high in pads):
            widths = dict(zip(numbers.lhs_spec[2:], pads, strict=True))
            flat = [width for axis in reversed(range(lhs.dim())) for width in widths.get(axis, (0, 0))]
            lhs, pads = F.pad(lhs, flat), [(0, 0)] * rank
        orders, padding = (numbers.lhs_spec, numbers.rhs_spec, out_order), [low for low, _ in pads]
        found = compiled_convolution.convolution(lhs, rhs, orders, strides, padding, rhs_dilation, groups)
    else:
        found = _convolve(x, kernel, strides, pads, lhs_dilation, rhs_dilation, groups).permute(out_order)
    return found if preferred_element_type is None else found.to(torch_dtype(preferred_element_type))


def _out_size(x: torch.Tensor, kernel: torch.Tensor, strides: Any, pads: Any, dilation: Any) -> list[int]:
    """The spatial axes of what comes out; 0 where the window does not fit."""
    return [
        max((size + sum(pad) - (window - 1) * spread - 1) // step + 1, 0)
        for size, window, step, pad, spread in zip(x.shape[2:], kernel.shape[2:], strides, pads, dilation, strict=True)
    ]


def _convolve(
    x: torch.Tensor, kernel: torch.Tensor, strides: Any, pads: Any, lhs_dilation: Any, rhs_dilation: Any, groups: int
) -> torch.Tensor:
    rank = x.dim() - 2
    if rank == 0:
        return F.conv1d(x[..., None], kernel[..., None], groups=groups)[..., 0]
    if rank > 3:
        raise NotImplementedError("torch has convolutions of at most three spatial dimensions")
    if x.dtype is torch.bool:
        return _convolve(x.float(), kernel.float(), strides, pads, lhs_dilation, rhs_dilation, groups) > 0.5
    if x.dtype in (torch.int8, torch.int16, torch.int32, torch.uint8):
        return _convolve(x.double(), kernel.double(), strides, pads, lhs_dilation, rhs_dilation, groups).to(x.dtype)
    if any(step > 1 for step in lhs_dilation):
        result = _transposed(x, kernel, strides, pads, lhs_dilation, rhs_dilation, groups)
        if result is not None:
            return result
        x = _dilated(x, lhs_dilation)
    equal = all(low == high >= 0 for low, high in pads)
    if not equal:
        x = _cropped(x, pads)
    padding = [low for low, _ in pads] if equal else [0] * rank
    out_size = _out_size(x, kernel, strides, [(pad, pad) for pad in padding], rhs_dilation)
    if 0 in out_size:
        return x.new_zeros(x.shape[0], kernel.shape[0], *out_size)
    return CONV[rank](x, kernel, None, strides, padding, rhs_dilation, groups)


TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def _transposed(
    x: torch.Tensor, kernel: torch.Tensor, strides: Any, pads: Any, lhs_dilation: Any, rhs_dilation: Any, groups: int
) -> torch.Tensor | None:
    """The convolution of a dilated operand as torch's transposed convolution; `None` if it is not one."""
    if any(step != 1 for step in strides) or 0 in x.shape:
        return None
    window = [(size - 1) * step for size, step in zip(kernel.shape[2:], rhs_dilation, strict=True)]
    before = [w - low for w, (low, _) in zip(window, pads, strict=True)]
    extra = [low_cut - (w - high) for low_cut, w, (_, high) in zip(before, window, pads, strict=True)]
    valid = all(cut >= 0 for cut in before) and all(
        0 <= more < max(step, dilation) for more, step, dilation in zip(extra, lhs_dilation, rhs_dilation, strict=True)
    )
    if not valid:
        return None
    rank = x.dim() - 2
    out, inner = kernel.shape[0], kernel.shape[1]
    flipped = kernel.flip(list(range(2, 2 + rank)))
    flipped = flipped.reshape(groups, out // groups, inner, *kernel.shape[2:]).transpose(1, 2)
    flipped = flipped.reshape(groups * inner, out // groups, *kernel.shape[2:])
    return TRANSPOSED[rank](x, flipped, None, lhs_dilation, before, extra, groups, rhs_dilation)


def conv(
    lhs: Any, rhs: Any, window_strides: Any, padding: Any, precision: Any = None, preferred_element_type: Any = None
) -> torch.Tensor:
    return conv_general_dilated(lhs, rhs, window_strides, padding, preferred_element_type=preferred_element_type)


def conv_with_general_padding(
    lhs: Any, rhs: Any, window_strides: Any, padding: Any, lhs_dilation: Any, rhs_dilation: Any, precision: Any = None,
    preferred_element_type: Any = None,
) -> torch.Tensor:  # fmt: skip
    return conv_general_dilated(lhs, rhs, window_strides, padding, lhs_dilation, rhs_dilation)


def conv_transpose(
    lhs: Any, rhs: Any, strides: Any, padding: Any, rhs_dilation: Any = None, dimension_numbers: Any = None,
    transpose_kernel: bool = False, precision: Any = None, preferred_element_type: Any = None, **options: Any,
) -> torch.Tensor:  # fmt: skip
    lhs, rhs = tensor(lhs), tensor(rhs)
    ndim = lhs.dim()
    if dimension_numbers is None:
        dimension_numbers = {
            3: ("NHC", "HIO", "NHC"), 4: ("NHWC", "HWIO", "NHWC"), 5: ("NHWDC", "HWDIO", "NHWDC"),
        }[ndim]  # fmt: skip
    numbers = conv_dimension_numbers(lhs.shape, rhs.shape, dimension_numbers)
    rank = ndim - 2
    rhs_dilation = (1,) * rank if rhs_dilation is None else tuple(rhs_dilation)
    sizes = [rhs.shape[axis] for axis in numbers.rhs_spec[2:]]
    if isinstance(padding, str):
        pads = []
        for size, step, dilation in zip(sizes, strides, rhs_dilation, strict=True):
            window = (size - 1) * dilation + 1
            if padding.upper() == "SAME":
                total = window + step - 2
                low = window - 1 if step > window - 1 else -(-total // 2)
            elif padding.upper() == "VALID":
                total = window + step - 2 + max(window - step, 0)
                low = window - 1
            else:
                raise ValueError(f"the padding of conv_transpose is SAME, VALID or pairs, got {padding!r}")
            pads.append((low, total - low))
    else:
        pads = [(int(low), int(high)) for low, high in padding]
    if transpose_kernel:
        rhs = rhs.flip(list(numbers.rhs_spec[2:])).transpose(numbers.rhs_spec[0], numbers.rhs_spec[1])
    return conv_general_dilated(
        lhs, rhs, (1,) * rank, pads, strides, rhs_dilation, numbers, preferred_element_type=preferred_element_type
    )


@jax_function(weak=False)
def conv_general_dilated_patches(
    lhs: Any, filter_shape: Any, window_strides: Any, padding: Any, lhs_dilation: Any = None, rhs_dilation: Any = None,
    dimension_numbers: Any = None, precision: Any = None, preferred_element_type: Any = None,
) -> torch.Tensor:  # fmt: skip
    """The windows of each channel as channels, which vary fastest over the window."""
    lhs = tensor(lhs)
    filter_shape = tuple(filter_shape)
    numbers = conv_dimension_numbers(lhs.shape, (1, 1, *filter_shape), dimension_numbers)
    count, channels = math.prod(filter_shape), lhs.shape[numbers.lhs_spec[1]]
    kernel = torch.eye(count, dtype=lhs.dtype, device=lhs.device).reshape(count, 1, *filter_shape)
    kernel = kernel.repeat(channels, *[1] * (kernel.dim() - 1)).permute(inverse(numbers.rhs_spec))
    return conv_general_dilated(
        lhs, kernel, window_strides, padding, lhs_dilation, rhs_dilation, numbers, feature_group_count=channels
    )


def _windows(x: torch.Tensor, window: Any, strides: Any, dilation: Any) -> torch.Tensor:
    """All windows, as a last axis."""
    shape = list(x.shape)
    where: list[Any] = []
    rank = x.dim()
    for axis, (size, width, step, spread) in enumerate(zip(shape, window, strides, dilation, strict=True)):
        count = max((size - (width - 1) * spread - 1) // step + 1, 0)
        starts = torch.arange(count, device=x.device) * step
        places = starts[:, None] + torch.arange(width, device=x.device) * spread
        form = [1] * (2 * rank)
        form[axis], form[rank + axis] = count, width
        where.append(places.reshape(form))
    result = x[tuple(where)]
    return result.reshape((*result.shape[:rank], -1))


def _is_folded(operand: Any, init_value: Any, computation: Any, *args: Any, **options: Any) -> bool:
    neutral = {"add": 0, "mul": 1, "max": -math.inf, "min": math.inf}
    return isinstance(init_value, KINDS) and init_value == neutral.get(_name(computation)[:3])


@jax_function(operands="operand init_value", promotes=False, weak=_is_folded)
def reduce_window(
    operand: Any, init_value: Any, computation: Callable[..., Any], window_dimensions: Any, window_strides: Any,
    padding: Any, base_dilation: Any = None, window_dilation: Any = None,
) -> torch.Tensor:  # fmt: skip
    """Sums, products and extrema of windows; other functions are folded over each window one element after another."""
    x = tensor(operand)
    rank = x.dim()
    strides = (1,) * rank if window_strides is None else tuple(window_strides)
    dilation = (1,) * rank if window_dilation is None else tuple(window_dilation)
    window = tuple(window_dimensions)
    fill = _initial("reduce_window", init_value, x, computation)
    if base_dilation is not None:
        from unified.compat.jax.on_torch.lax.shapes import pad

        x = pad(x, fill, [(0, 0, step - 1) for step in base_dilation])
    if isinstance(padding, str):
        padding = padtype_to_pads(
            x.shape, [(w - 1) * d + 1 for w, d in zip(window, dilation, strict=True)], strides, padding
        )
    name = _name(computation)
    pads = [(int(low), int(high)) for low, high in padding]
    number: Any = init_value if isinstance(init_value, KINDS) and x.dtype is not torch.bool else known(fill).item()
    result = _pooled(x, number, name, window, strides, pads, dilation)
    if result is not None:
        return result
    flat = [width for pair in pads[::-1] for width in pair]
    neutral, fold = _folds(x.dtype).get(name[:3] if name in FOLDED else "", (number, None))
    parts = _windows(F.pad(x, flat, value=neutral), window, strides, dilation)
    if fold is not None:
        return unwrap(computation(Array(fold(parts)), Array(fill)))
    total = fill.expand(parts.shape[:-1])
    for part in parts.unbind(-1):
        total = unwrap(computation(Array(total), Array(part)))
    return total


FOLDED = ("add", "max", "min", "mul", "maximum", "minimum", "multiply")


def _folds(dtype: torch.dtype) -> dict[str, tuple[Any, Any]]:
    """Return the neutral value and the reduction of the last axis, for functions by their first letters."""
    is_real = dtype.is_floating_point
    low, high = (-math.inf, math.inf) if is_real or dtype.is_complex else (0, 1)
    if not is_real and dtype is not torch.bool and not dtype.is_complex:
        low, high = torch.iinfo(dtype).min, torch.iinfo(dtype).max
    return {
        "add": (0, lambda t: t.sum(-1, dtype=t.dtype)), "mul": (1, lambda t: t.prod(-1, dtype=t.dtype)),
        "max": (low, lambda t: t.amax(-1)), "min": (high, lambda t: t.amin(-1)),
    }  # fmt: skip


def _initial(what: str, value: Any, x: torch.Tensor, computation: Any) -> torch.Tensor:
    """Return the value that a reduction starts from: of the operand's dtype, or a number that changes nothing."""
    result, name = tensor(value), _name(computation)
    if x.dtype is torch.bool and name[:3] in ("add", "mul") and name in FOLDED:
        raise TypeError(
            "booleans are neither added nor multiplied: lax.max is their disjunction, lax.min their conjunction"
        )
    neutral, _ = _folds(x.dtype).get(name[:3] if name in FOLDED else "", (None, None))
    is_neutral = isinstance(value, KINDS) and neutral is not None
    if is_neutral and (value == neutral or (value, name[:3]) in ((-math.inf, "max"), (math.inf, "min"))):
        return torch.tensor(neutral, dtype=x.dtype, device=x.device)
    if result.dim() or result.dtype is not x.dtype:
        raise TypeError(
            f"lax.{what} starts from a number of the operand's dtype {x.dtype}, got {result.dtype}{list(result.shape)}"
        )
    return result


def _name(computation: Any) -> str:
    return getattr(unwrap(computation), "__name__", "")


def _pooled(
    x: torch.Tensor, fill: Any, name: str, window: Any, strides: Any, pads: Any, dilation: Any
) -> torch.Tensor | None:
    """Maxima and sums over up to three axes by torch's pooling kernels; `None` if they do not apply."""
    axes = [
        axis for axis, (w, s, p) in enumerate(zip(window, strides, pads, strict=True)) if (w, s, p) != (1, 1, (0, 0))
    ]
    if not 1 <= len(axes) <= 3 or not x.is_floating_point() or x.is_meta:
        return None
    rank = len(axes)
    rest = [axis for axis in range(x.dim()) if axis not in axes]
    order = [*rest, *axes]
    batch = [x.shape[axis] for axis in rest]
    channels_last = len(rest) == 2 and rest == [0, x.dim() - 1]
    moved = x.permute(order)
    moved = moved if channels_last else moved.reshape(1, math.prod(batch), *moved.shape[len(rest) :])
    widths, steps = [window[a] for a in axes], [strides[a] for a in axes]
    spreads, edges = [dilation[a] for a in axes], [pads[a] for a in axes]
    if any(n + sum(e) < (w - 1) * d + 1 for n, e, w, d in zip(moved.shape[2:], edges, widths, spreads, strict=True)):
        return None
    if name in ("max", "maximum") and fill == -math.inf:
        small = all(low == high <= w // 2 for (low, high), w in zip(edges, widths, strict=True))
        moved = moved if small else _cropped(moved, edges, -math.inf)
        pool: Any = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1]
        result = pool(moved, widths, steps, [low for low, _ in edges] if small else 0, spreads)
    elif name == "add" and fill == 0 and all(d == 1 for d in spreads):
        moved = _cropped(moved, edges)
        pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[rank - 1]
        result = pool(moved, widths, steps) * math.prod(widths)
    else:
        return None
    result = result if channels_last else result.reshape((*batch, *result.shape[2:]))
    return result.permute(inverse(tuple(order)))


@jax_function(operands="operands init_values", promotes=False)
def reduce(operands: Any, init_values: Any, computation: Callable[..., Any], dimensions: Any) -> torch.Tensor:
    x = tensor(operands)
    fill = _initial("reduce", init_values, x, computation)
    axes = tuple(dimensions)
    if not axes:
        return x
    rest = [axis for axis in range(x.dim()) if axis not in axes]
    parts = x.permute((*rest, *axes)).reshape((*[x.shape[axis] for axis in rest], -1))
    total = fill.expand(parts.shape[:-1])
    for part in parts.unbind(-1):
        total = unwrap(computation(Array(total), Array(part)))
    return total
