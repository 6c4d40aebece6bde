"""Calls of ATen's operators: names, and their arguments for torch. A tuple at the end may be keyword arguments."""

from typing import Any

import torch

G = torch.Generator().manual_seed(0)


def r(*shape: int) -> torch.Tensor:
    """Return normal values."""
    return torch.randn(shape, generator=G)


def i(high: int, *shape: int) -> torch.Tensor:
    """Return integers below `high`."""
    return torch.randint(0, high, shape, generator=G)


X, Y, POSITIVE, UNIT, INTEGERS, SCALAR = r(3, 4), r(3, 4), r(3, 4).abs() + 0.1, r(3, 4).tanh() * 0.9, i(9, 3, 4), r()
TIES = torch.tensor([[0.0, -1.0, 1.0, 1.0], [2.0, -2.0, 0.5, 2.0]])  # equal values, and the edges of intervals
MASK = X > 0
IMAGE, VOLUME, SIGNAL = r(2, 4, 6, 7), r(2, 2, 4, 4, 4), r(2, 4, 9)
MATRIX, BATCH = r(4, 5), r(2, 3, 4)
W2, B2 = r(6, 2, 3, 3), r(6)
CELL = (r(6, 4), r(6, 2), r(6), r(6))
LSTM = [r(8, 3), r(8, 2), r(8), r(8), r(8, 3), r(8, 2), r(8), r(8)]
GRU, RNN = [r(6, 3), r(6, 2), r(6), r(6)], [r(2, 3), r(2, 2), r(2), r(2)]
INT64 = torch.iinfo(torch.int64)

UNARY = {
    "abs": (X, TIES, INTEGERS - 4), "acos": (UNIT,), "acosh": (POSITIVE + 1,), "alias": (X,), "asin": (UNIT,), "asinh": (X,),
    "atan": (X,), "atanh": (UNIT,), "bitwise_not": (INTEGERS, MASK), "ceil": (X,), "celu": (X,), "clone": (X,),
    "conj_physical": (torch.complex(X, Y),), "contiguous": (X,), "cos": (X, INTEGERS), "cosh": (X,), "deg2rad": (X,),
    "detach": (X,), "digamma": (POSITIVE,), "erf": (X,), "erfc": (X,), "erfinv": (UNIT,), "exp": (X, INTEGERS),
    "exp2": (X,), "expm1": (X,), "floor": (X,), "frac": (X,), "gelu": (X,), "glu": (X,), "hardshrink": (X, TIES),
    "hardsigmoid": (X * 4,), "hardswish": (X * 4,), "hardtanh": (X, TIES), "imag": (torch.complex(X, Y),),
    "isfinite": (X / 0,), "isinf": (X / 0,), "isnan": (X / 0 * 0,), "leaky_relu": (X, TIES), "lgamma": (POSITIVE,),
    "lift_fresh_copy": (X,), "log": (POSITIVE,), "log10": (POSITIVE,), "log1p": (POSITIVE,), "log2": (POSITIVE,),
    "log_sigmoid": (X,), "logical_not": (X, MASK), "logit": (POSITIVE / 10,), "mish": (X,), "nan_to_num": (X / 0,),
    "neg": (X, INTEGERS), "ones_like": (X,), "rad2deg": (X,), "real": (torch.complex(X, Y),), "reciprocal": (X, INTEGERS + 1),
    "relu": (X, TIES), "relu6": (X * 4, TIES), "round": (X * 4, TIES * 1.5), "rsqrt": (POSITIVE, INTEGERS + 1), "selu": (X,),
    "sgn": (X,), "sigmoid": (X,), "sign": (X, INTEGERS - 4), "signbit": (X,), "silu": (X,), "sin": (X,), "sinc": (X, TIES),
    "sinh": (X,), "softplus": (X * 12,), "softshrink": (X, TIES), "sqrt": (POSITIVE,), "square": (X, INTEGERS), "t": (X, X[0]),
    "tan": (X,), "tanh": (X,), "trunc": (X,), "zeros_like": (X, INTEGERS), "empty_like": (torch.zeros(0, 3),),
    "view_as_complex": (r(3, 2),), "view_as_real": (torch.complex(X, Y),), "tril": (X,), "triu": (X,),
}  # fmt: skip

Call = tuple[Any, ...]
CALLS: dict[str, list[Call]] = {f"{name}.default": [(value,) for value in values] for name, values in UNARY.items()}

for name in ("atan2", "copysign", "fmax", "fmin", "fmod", "hypot", "logaddexp", "logaddexp2", "maximum", "minimum"):
    CALLS[f"{name}.Tensor" if name in ("copysign", "fmod") else f"{name}.default"] = [(X, Y)]
for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    CALLS[f"{name}.Tensor"] = [(INTEGERS, INTEGERS.flip(0)), (MASK, Y > 0)]
for name in ("logical_and", "logical_or", "logical_xor"):
    CALLS[f"{name}.default"] = [(MASK, Y > 0), (INTEGERS, X)]
for name in ("eq", "ne", "lt", "le", "gt", "ge"):
    CALLS[f"{name}.Tensor"], CALLS[f"{name}.Scalar"] = [(TIES, TIES.flip(0))], [(TIES, 1), (INTEGERS, INT64.max)]
for name in ("any", "all"):
    CALLS[f"{name}.default"], CALLS[f"{name}.dim"], CALLS[f"{name}.dims"] = (
        [(MASK,)],
        [(INTEGERS, 1, True)],
        [(MASK, [0, 1])],
    )
for name in ("argmax", "argmin"):
    CALLS[f"{name}.default"] = [(X,), (TIES, 1), (X, 0, True)]
for name in ("mm", "dot", "mv", "matmul"):
    two = {"mm": (X, MATRIX), "dot": (X[0], Y[0]), "mv": (X, Y[0]), "matmul": (BATCH, MATRIX)}[name]
    CALLS[f"{name}.default"] = [two]
for axes, image in ((1, SIGNAL), (2, IMAGE), (3, VOLUME)):
    CALLS[f"avg_pool{axes}d.default"] = [(image, [2] * axes), (image, [3] * axes, [2] * axes, [1] * axes, True, False)]
    CALLS[f"max_pool{axes}d.default"] = [
        (image, [2] * axes),
        (image, [3] * axes, [2] * axes, [1] * axes, [1] * axes, True),
    ]
    if axes > 1:
        CALLS[f"max_pool{axes}d_with_indices.default"] = [(image, [2] * axes, [2] * axes)]
        CALLS[f"_adaptive_avg_pool{axes}d.default"] = [(image, [3] * axes)]
    CALLS[f"adaptive_avg_pool{axes}d.default"] = [(image, [3] * axes), (image, [1] * axes)]
    CALLS[f"adaptive_max_pool{axes}d.default"] = [(image, [3] * axes)]
    CALLS[f"reflection_pad{axes}d.default"] = [(image, [1, 2] * axes)]
    CALLS[f"replication_pad{axes}d.default"] = [(image, [1, 2] * axes)]
    linear = {1: "linear", 2: "bilinear", 3: "trilinear"}[axes]
    for kind, corners in (("nearest", ()), ("nearest-exact", ()), (linear, (True,))):
        op = f"_upsample_nearest_exact{axes}d" if kind == "nearest-exact" else f"upsample_{kind}{axes}d"
        CALLS[f"{op}.vec"] = [
            (image, [8] * axes, *corners, None),
            (image, None, *(False for _ in corners), [1.7] * axes),
        ]
        CALLS[f"{op}.default"] = [(image, [8] * axes, *corners)]

CALLS |= {
    "_cdist_forward.default": [(X, Y, 2.0, None), (X, Y, 1.0, None)],
    "_log_softmax.default": [(X, 1, False)], "log_softmax.int": [(X, 0)], "_softmax.default": [(X, 1, False)],
    "softmax.int": [(X, -1), (INTEGERS, 0, torch.float32)],
    "_native_batch_norm_legit.default": [(IMAGE, r(4), r(4), r(4), r(4).abs(), False, 0.1, 1e-5)],
    "_native_batch_norm_legit.no_stats": [(IMAGE, r(4), r(4), True, 0.1, 1e-5)],
    "_native_batch_norm_legit_functional.default": [(IMAGE, r(4), r(4), r(4), r(4).abs(), True, 0.1, 1e-5)],
    "_native_batch_norm_legit_no_training.default": [(IMAGE, None, None, r(4), r(4).abs(), 0.1, 1e-5)],
    "_prelu_kernel.default": [(X, r(1, 4))], "prelu.default": [(X, r(1)), (X, r(4))],
    "_reshape_alias.default": [(X, [4, 3], [3, 1])], "_unsafe_view.default": [(X, [2, 6])],
    "_to_copy.default": [(X, {"dtype": torch.int32}), (X, {"dtype": torch.bool}), (INTEGERS, {"dtype": torch.float16})],
    "to.dtype": [(X, torch.int64)], "to.dtype_layout": [(X, {"dtype": torch.bfloat16})], "type_as.default": [(X, INTEGERS)],
    "_unsafe_index.Tensor": [(X, [i(3, 2)])], "_unsafe_index_put.default": [(X, [i(3, 1)], r(1, 4))],
    "_upsample_bicubic2d_aa.vec": [(IMAGE, [4, 4], False, None)],
    "_upsample_bilinear2d_aa.vec": [(IMAGE, [4, 4], False, None)],
    "upsample_bicubic2d.vec": [(IMAGE, [8, 9], True, None)], "upsample_bicubic2d.default": [(IMAGE, [8, 9], False)],
    "_upsample_bicubic2d_aa.default": [(IMAGE, [4, 4], False)], "_upsample_bilinear2d_aa.default": [(IMAGE, [4, 4], False)],
    "__lshift__.Scalar": [(INTEGERS, 2)], "__rshift__.Scalar": [(INTEGERS, 1)],
    "bitwise_left_shift.Tensor": [(INTEGERS, INTEGERS)], "bitwise_right_shift.Tensor": [(INTEGERS, INTEGERS)],
    "add.Tensor": [(X, Y), (X, SCALAR), (X, 2, {"alpha": 3}), (INTEGERS, 1.5), (MASK, MASK), (X.half(), SCALAR)],
    "add.Scalar": [(X, 2)], "sub.Tensor": [(X, Y, {"alpha": 2}), (INTEGERS, 3)], "rsub.Scalar": [(X, 1.0), (X, 1, 2)],
    "mul.Tensor": [(X, Y), (INTEGERS, 0.5), (INTEGERS, X)], "div.Tensor": [(X, Y), (INTEGERS, INTEGERS + 1), (X, 3)],
    "div.Tensor_mode": [
        (INTEGERS - 4, INTEGERS.flip(0) + 1, {"rounding_mode": "trunc"}), (X, Y, {"rounding_mode": "floor"}),
        (INTEGERS - 4, 3, {"rounding_mode": "floor"}), (X, Y, {"rounding_mode": "trunc"}),
    ],
    "true_divide.Tensor": [(X, Y)], "floor_divide.default": [(INTEGERS - 4, 3)], "xlogy.Tensor": [(POSITIVE, POSITIVE)],
    "remainder.Tensor": [(X, Y)], "remainder.Scalar": [(INTEGERS - 4, 3)], "fmod.Scalar": [(INTEGERS - 4, 3)],
    "pow.Tensor_Scalar": [(X, 2), (X, 3.0), (POSITIVE, 0.5), (INTEGERS, 2), (TIES, 2.0)], "pow.Scalar": [(2.0, X), (3, INTEGERS)],
    "pow.Tensor_Tensor": [(POSITIVE, X)], "max.other": [(X, Y)], "min.other": [(X, Y)],
    "addcdiv.default": [(X, Y, POSITIVE, {"value": 2})], "addcmul.default": [(X, Y, X, {"value": 2})],
    "lerp.Scalar": [(X, Y, 0.3)], "lerp.Tensor": [(X, Y, UNIT)],
    "clamp.default": [(TIES, -1, 1), (X, None, 0.5), (INTEGERS, 2, 5)], "clamp.Tensor": [(X, Y, Y + 1)],
    "clip.default": [(X, -1, 1)], "clamp_min.default": [(TIES, 0.5)], "clamp_max.default": [(TIES, 1)],
    "addmm.default": [(r(5), X, MATRIX), (r(3, 5), X, MATRIX, {"beta": 2, "alpha": 0.5}), (r(5) / 0, X, MATRIX, {"beta": 0})],
    "addmv.default": [(r(3), X, Y[0])], "bmm.default": [(BATCH, BATCH.mT)],
    "baddbmm.default": [(r(2, 3, 3), BATCH, BATCH.mT)],
    "linear.default": [(X, r(5, 4), r(5)), (X, r(5, 4))], "bilinear.default": [(X, Y, r(2, 4, 4), r(2))],
    "outer.default": [(X[0], Y[1])], "kron.default": [(X, MATRIX)], "einsum.default": [("bij, bkj -> bik", [BATCH, BATCH])],
    "linalg_cross.default": [(r(2, 3), r(2, 3))], "cdist.default": [(X, Y)],
    "amax.default": [(TIES, [1]), (X, [0, 1], True), (X,)], "amin.default": [(TIES, [-1]), (X,)],
    "max.default": [(X,)], "min.default": [(X,)], "max.dim": [(TIES, 1), (X, 0, True), (SCALAR, 0)], "min.dim": [(TIES, 1)],
    "sum.default": [(X,), (MASK,)], "sum.dim_IntList": [(X, [1], True), (X, []), (INTEGERS, [0]), (X, None)],
    "mean.default": [(X,)], "mean.dim": [(X, [0, 1], True)], "prod.default": [(X,)], "prod.dim_int": [(X, 1), (INTEGERS, 0, True)],
    "var.correction": [(X, [1]), (X, None, {"correction": 0}), (X, [0], {"keepdim": True})], "var.dim": [(X, [1], False)],
    "var.default": [(X, False)], "var_mean.correction": [(X, [1], {"correction": 0})],
    "logsumexp.default": [(X, [1]), (X, [0, 1], True)], "logcumsumexp.default": [(X, 1)],
    "linalg_vector_norm.default": [
        (X,), (X, 2, [1], True), (X, 1), (TIES, float("inf")), (TIES, 0), (X, 3.0, [0]), (torch.zeros(3), 2), (X, -float("inf")),
    ],
    "cumsum.default": [(X, 1), (INTEGERS, 0), (MASK, 0)], "cumprod.default": [(X, 1)],
    "sort.default": [(X,), (X, 0, True)], "sort.stable": [(TIES, {"stable": True, "dim": 1, "descending": True})],
    "argsort.default": [(X, 0)], "argsort.stable": [(TIES, {"stable": True, "dim": 1})],
    "topk.default": [(X, 2), (X, 2, 0, False)], "searchsorted.Tensor": [(X.sort().values, Y), (X[0].sort().values, Y, {"right": True})],
    "bucketize.Tensor": [(X, Y[0].sort().values)], "isclose.default": [(X, X + 1e-6)],
    "where.self": [(MASK, X, Y), (MASK, X, INTEGERS)], "where.ScalarOther": [(MASK, X, 1.5)], "where.ScalarSelf": [(MASK, 2, X)],
    "where.Scalar": [(MASK, 1.0, 2.0)], "masked_fill.Scalar": [(X, MASK, -float("inf")), (INTEGERS, MASK, INT64.min)],
    "masked_fill.Tensor": [(X, MASK, SCALAR)],
    "full.default": [([2, 3], 1.5), ([2], 3), ([2], True), ([1], INT64.max, {"dtype": torch.int64})],
    "full_like.default": [(X, 2), (X, 1, {"dtype": torch.int64})], "new_full.default": [(X, [2, 2], 7.0)],
    "fill.Scalar": [(X, 2)], "fill.Tensor": [(X, SCALAR)], "zeros.default": [([2, 3],), ([], {"dtype": torch.int64})],
    "empty.memory_format": [([0, 3],)], "empty_strided.default": [([0, 3], [3, 1])], "ones.default": [([2, 3],)],
    "new_zeros.default": [(X, [2])], "new_empty.default": [(X, [0])], "new_empty_strided.default": [(X, [0], [1])],
    "new_ones.default": [(INTEGERS, [2])], "copy.default": [(INTEGERS, X), (X, SCALAR)], "scalar_tensor.default": [(2.5,), (3,)],
    "arange.default": [(5,), (2.5,)], "arange.start": [(1, 5)], "arange.start_step": [(1, 8, 3), (0.0, 1.0, 0.25)],
    "linspace.default": [(0, 1, 7)], "eye.default": [(3,)], "eye.m": [(2, 3)], "complex.default": [(X, Y)], "polar.default": [(POSITIVE, X)],
    "convolution.default": [
        (IMAGE, W2, B2, [1, 2], [1, 0], [1, 1], False, [0, 0], 2), (IMAGE, r(4, 2, 3, 3), None, [2, 2], [1, 1], [1, 1], True, [1, 1], 2),
        (SIGNAL, r(3, 4, 3), r(3), [1], [2], [2], False, [0], 1), (VOLUME, r(2, 2, 2, 2, 2), r(2), [1] * 3, [0] * 3, [1] * 3, False, [0] * 3, 1),
    ],
    "constant_pad_nd.default": [(X, [1, 2], 0.5), (X, [1, -1, 2, 0])], "pad.default": [(IMAGE, [1, 2, 0, 1], "circular")],
    "im2col.default": [(IMAGE, [2, 2], [1, 1], [1, 0], [2, 1])], "col2im.default": [(r(2, 8, 9), [4, 4], [2, 2], [1, 1], [0, 0], [1, 1])],
    "pixel_shuffle.default": [(IMAGE, 2)], "pixel_unshuffle.default": [(r(1, 2, 4, 4), 2)], "channel_shuffle.default": [(IMAGE, 2)],
    "layer_norm.default": [(X, [4], r(4), r(4)), (BATCH, [3, 4])], "native_layer_norm.default": [(X, [4], r(4), None, 1e-5)],
    "rms_norm.default": [(X, [4], r(4), 1e-6), (X, [4])], "group_norm.default": [(IMAGE, 2, r(4), r(4))],
    "native_group_norm.default": [(IMAGE, r(4), r(4), 2, 4, 42, 2, 1e-5)],
    "native_batch_norm.default": [(IMAGE, r(4), None, r(4), r(4).abs(), False, 0.1, 1e-5)],
    "elu.default": [(X,), (X, 1.5, 2.0, 0.5), (X, 1.5, 2.0)], "threshold.default": [(X, 0.1, -3)],
    "gelu.default": [(X,), (X, {"approximate": "tanh"})],
    "scaled_dot_product_attention.default": [
        (r(2, 2, 3, 4), r(2, 2, 5, 4), r(2, 2, 5, 4)), (r(2, 3, 4), r(2, 3, 4), r(2, 3, 4), None, 0.0, True),
        (r(2, 3, 4), r(2, 5, 4), r(2, 5, 4), r(3, 5)), (r(2, 4, 3, 4), r(2, 2, 3, 4), r(2, 2, 3, 4), {"enable_gqa": True, "scale": 0.3}),
    ],
    "lstm.input": [(r(5, 2, 3), [r(2, 2, 2), r(2, 2, 2)], LSTM, True, 1, 0.0, False, True, False)],
    "gru.input": [(r(2, 5, 3), r(1, 2, 2), GRU, True, 1, 0.0, False, False, True), (r(5, 2, 3), r(1, 2, 2), GRU[:2], False, 1, 0.0, False, False, False)],
    "rnn_tanh.input": [(r(5, 2, 3), r(1, 2, 2), RNN, True, 1, 0.0, False, False, False)],
    "rnn_relu.input": [(r(5, 2, 3), r(1, 2, 2), RNN, True, 1, 0.0, False, False, False)],
    "gru_cell.default": [(r(2, 4), r(2, 2), *CELL)], "rnn_tanh_cell.default": [(r(2, 3), r(2, 2), *RNN)],
    "rnn_relu_cell.default": [(r(2, 3), r(2, 2), *RNN)], "lstm_cell.default": [(r(2, 3), [r(2, 2), r(2, 2)], *LSTM[:4])],
    "grid_sampler_2d.default": [(IMAGE, r(2, 3, 3, 2).tanh(), 0, 1, True)],
    "grid_sampler_3d.default": [(VOLUME, r(2, 2, 2, 2, 3).tanh(), 0, 0, False)], "grid_sampler.default": [(IMAGE, r(2, 3, 3, 2).tanh(), 1, 0, False)],
    "view.default": [(X, [2, -1]), (SCALAR, [1])], "reshape.default": [(X.T, [12])], "view_copy.default": [(X, [12])],
    "view.dtype": [(X, torch.int32)], "expand.default": [(X, [2, -1, 4]), (X[:, :1], [3, 5])], "expand_copy.default": [(X, [2, 3, 4])],
    "permute.default": [(BATCH, [2, 0, -2])], "permute_copy.default": [(X, [1, 0])], "transpose.int": [(BATCH, 0, -1)],
    "unsqueeze.default": [(X, -1), (X, 0)], "squeeze.default": [(r(1, 3, 1),)], "squeeze.dim": [(r(1, 3, 1), 0), (X, 1)],
    "squeeze.dims": [(r(1, 3, 1), [0, 1, -1])], "cat.default": [([X, Y], 1), ([torch.zeros(0), X],), ([X, INTEGERS],)],
    "stack.default": [([X, Y], -1)], "split_with_sizes.default": [(X, [1, 3], 1)], "split_with_sizes_copy.default": [(X, [1, 2])],
    "split.sizes": [(X, [1, 2])], "split.Tensor": [(X, 3, -1)], "split_copy.Tensor": [(X, 2)], "chunk.default": [(X, 3, 1), (X, 5)],
    "unbind.int": [(X, 1)], "unbind_copy.int": [(X,)], "select.int": [(X, 1, -2)], "select_copy.int": [(X, 0, 1)],
    "slice.Tensor": [(X, 1, -3, INT64.max), (X, 1, 0, 10, 2), (X, 0, 2, 1), (X,)], "slice_copy.Tensor": [(X, 1, 1, 3)],
    "narrow.default": [(X, 1, 1, 2), (X, 1, -2, 2)], "slice_scatter.default": [(X, r(3, 2), 1, 0, 4, 2)],
    "select_scatter.default": [(X, r(3), -1, 2)], "flip.default": [(X, [0, -1]), (X, [])], "roll.default": [(X, [1, 2], [0, 1]), (X, [3])],
    "repeat.default": [(X, [2, 1, 3])], "tile.default": [(X, [2])], "repeat_interleave.self_int": [(X, 2, 1), (X, 2)],
    "diagonal.default": [(BATCH, 1, 1, 2), (X, -1)], "diagonal_copy.default": [(X,)], "diagonal_scatter.default": [(X, r(3)), (X, r(2), -1)],
    "diag_embed.default": [(X,), (X, 1, 0, 2), (X, -1)], "unfold.default": [(X, 1, 2, 1), (BATCH, 0, 2, 1)], "unfold_copy.default": [(X, 1, 3, 1)],
    "index.Tensor": [(X, [i(3, 2), i(4, 2)]), (BATCH, [None, i(3, 2, 2)]), (BATCH, [i(2, 2), None, i(4, 2)])],
    "index_put.default": [(X, [torch.tensor([0, 2])], r(2, 4)), (X, [i(3, 6)], r(6, 4), True), (X, [MASK], SCALAR), (X, [X[:, 0] > 0], r(4))],
    "index_select.default": [(X, 1, i(4, 6))], "index_add.default": [(X, 0, i(3, 5), r(5, 4), {"alpha": 2})],
    "gather.default": [(X, 1, i(4, 3, 2)), (X, 0, i(3, 2, 4))], "scatter.src": [(X, 1, torch.tensor([[0, 2], [3, 1]]), r(2, 2))],
    "scatter.value": [(X, 0, i(3, 2, 4), 7.0), (INTEGERS, 1, i(4, 3, 1), 5)], "scatter_add.default": [(X, 1, i(4, 3, 4), Y)],
    "scatter_reduce.two": [
        (X, 1, i(4, 3, 4), Y, reduce, {"include_self": own}) for reduce in ("sum", "amax", "amin", "mean") for own in (True, False)
    ] + [(INTEGERS, 1, torch.tensor([[0, 0], [3, 1]]), INTEGERS + 1, "prod")],
    "masked_scatter.default": [(X, MASK, r(12))], "embedding.default": [(MATRIX, i(4, 2, 3)), (MATRIX, i(4, 2, 3), 1)],
    "_embedding_bag.default": [(MATRIX, i(4, 6), torch.tensor([0, 2, 2]), False, 0)],
    "_embedding_bag_forward_only.default": [(MATRIX, i(4, 6), torch.tensor([0, 2, 2]), False, 1)],
    "embedding_bag.default": [(MATRIX, i(4, 6), torch.tensor([0, 2, 5]))], "one_hot.default": [(i(4, 3), 5)],
    "round.decimals": [(X, {"decimals": 2})],
}  # fmt: skip
