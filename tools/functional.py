"""The generator of `unified/functional.py`: a function for each supported name of `torch.nn.functional`.

Functions are written out, rather than made when they are imported, so that importing them is fast, editors know them,
and a call costs a few nanoseconds, where `getattr(functional, name)(*args, **kwargs)` takes a hundred, which a small
layer shows. The types of their parameters are those of torch's own stubs.
"""

import ast
import inspect
import re
from pathlib import Path

import torch

from tools.text import WIDTH, closed, definition, filled

__all__ = ["SIGNATURES", "files"]

FILE = Path(__file__).parents[1] / "unified" / "functional.py"

# The parameters of torch's functions, with the same positions and defaults on every framework.
SIGNATURES = {
    "group_norm": "input, num_groups, weight=None, bias=None, eps=1e-05",
    "instance_norm": "input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, "
    "momentum=0.1, eps=1e-05",
    "local_response_norm": "input, size, alpha=0.0001, beta=0.75, k=1.0",
    "normalize": "input, p=2.0, dim=1, eps=1e-12, out=None",
    "rms_norm": "input, normalized_shape, weight=None, eps=None",
    "adaptive_avg_pool1d": "input, output_size",
    "adaptive_avg_pool2d": "input, output_size",
    "adaptive_avg_pool3d": "input, output_size",
    "adaptive_max_pool1d": "input, output_size, return_indices=False",
    "adaptive_max_pool2d": "input, output_size, return_indices=False",
    "adaptive_max_pool3d": "input, output_size, return_indices=False",
    "alpha_dropout": "input, p=0.5, training=False, inplace=False",
    "avg_pool1d": "input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True",
    "avg_pool2d": "input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, "
    "divisor_override=None",
    "avg_pool3d": "input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, "
    "divisor_override=None",
    "batch_norm": "input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05",
    "bilinear": "input1, input2, weight, bias=None",
    "celu": "input, alpha=1.0, inplace=False",
    "channel_shuffle": "input, groups",
    "conv1d": "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1",
    "conv2d": "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1",
    "conv3d": "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1",
    "conv_transpose1d": "input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1",
    "conv_transpose2d": "input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1",
    "conv_transpose3d": "input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1",
    "cross_entropy": "input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, "
    "reduction='mean', label_smoothing=0.0",
    "dropout": "input, p=0.5, training=True, inplace=False",
    "dropout1d": "input, p=0.5, training=True, inplace=False",
    "dropout2d": "input, p=0.5, training=True, inplace=False",
    "dropout3d": "input, p=0.5, training=True, inplace=False",
    "elu": "input, alpha=1.0, inplace=False",
    "embedding": "input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, "
    "sparse=False",
    "embedding_bag": "input, weight, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False, "
    "mode='mean', sparse=False, per_sample_weights=None, include_last_offset=False, padding_idx=None",
    "feature_alpha_dropout": "input, p=0.5, training=False, inplace=False",
    "fold": "input, output_size, kernel_size, dilation=1, padding=0, stride=1",
    "fractional_max_pool2d": "input, kernel_size, output_size=None, output_ratio=None, return_indices=False, "
    "_random_samples=None",
    "fractional_max_pool3d": "input, kernel_size, output_size=None, output_ratio=None, return_indices=False, "
    "_random_samples=None",
    "gelu": "input, approximate='none'",
    "glu": "input, dim=-1",
    "affine_grid": "theta, size, align_corners=None",
    "grid_sample": "input, grid, mode='bilinear', padding_mode='zeros', align_corners=None",
    "gumbel_softmax": "logits, tau=1, hard=False, eps=1e-10, dim=-1",
    "hardshrink": "input, lambd=0.5",
    "hardsigmoid": "input, inplace=False",
    "hardswish": "input, inplace=False",
    "hardtanh": "input, min_val=-1.0, max_val=1.0, inplace=False",
    "layer_norm": "input, normalized_shape, weight=None, bias=None, eps=1e-05",
    "leaky_relu": "input, negative_slope=0.01, inplace=False",
    "linear": "input, weight, bias=None",
    "log_softmax": "input, dim=None, _stacklevel=3, dtype=None",
    "logsigmoid": "input",
    "lp_pool1d": "input, norm_type, kernel_size, stride=None, ceil_mode=False",
    "lp_pool2d": "input, norm_type, kernel_size, stride=None, ceil_mode=False",
    "lp_pool3d": "input, norm_type, kernel_size, stride=None, ceil_mode=False",
    "max_pool1d": "input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False",
    "max_pool2d": "input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False",
    "max_pool3d": "input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False",
    "max_unpool1d": "input, indices, kernel_size, stride=None, padding=0, output_size=None",
    "max_unpool2d": "input, indices, kernel_size, stride=None, padding=0, output_size=None",
    "max_unpool3d": "input, indices, kernel_size, stride=None, padding=0, output_size=None",
    "mish": "input, inplace=False",
    "mse_loss": "input, target, size_average=None, reduce=None, reduction='mean', weight=None",
    "multi_head_attention_forward": "query, key, value, embed_dim_to_check, num_heads, in_proj_weight, "
    "in_proj_bias, bias_k, bias_v, add_zero_attn, dropout_p, out_proj_weight, out_proj_bias, training=True, "
    "key_padding_mask=None, need_weights=True, attn_mask=None, use_separate_proj_weight=False, "
    "q_proj_weight=None, k_proj_weight=None, v_proj_weight=None, static_k=None, static_v=None, "
    "average_attn_weights=True, is_causal=False",
    "one_hot": "tensor, num_classes=-1",
    "pad": "input, pad, mode='constant', value=None",
    "pixel_shuffle": "input, upscale_factor",
    "pixel_unshuffle": "input, downscale_factor",
    "prelu": "input, weight",
    "relu": "input, inplace=False",
    "relu6": "input, inplace=False",
    "rrelu": "input, lower=0.125, upper=0.3333333333333333, training=False, inplace=False",
    "scaled_dot_product_attention": "query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, "
    "enable_gqa=False",
    "selu": "input, inplace=False",
    "sigmoid": "input",
    "silu": "input, inplace=False",
    "softmax": "input, dim=None, _stacklevel=3, dtype=None",
    "softmin": "input, dim=None, _stacklevel=3, dtype=None",
    "softplus": "input, beta=1.0, threshold=20.0",
    "softshrink": "input, lambd=0.5",
    "softsign": "input",
    "tanh": "input",
    "tanhshrink": "input",
    "threshold": "input, threshold, value, inplace=False",
    "unfold": "input, kernel_size, dilation=1, padding=0, stride=1",
    "binary_cross_entropy": "input, target, weight=None, size_average=None, reduce=None, reduction='mean'",
    "binary_cross_entropy_with_logits": "input, target, weight=None, size_average=None, reduce=None, reduction='mean', "
    "pos_weight=None",
    "cosine_embedding_loss": "input1, input2, target, margin=0, size_average=None, reduce=None, reduction='mean'",
    "cosine_similarity": "x1, x2, dim=1, eps=1e-08",
    "ctc_loss": "log_probs, targets, input_lengths, target_lengths, blank=0, reduction='mean', zero_infinity=False",
    "gaussian_nll_loss": "input, target, var, full=False, eps=1e-06, reduction='mean'",
    "hinge_embedding_loss": "input, target, margin=1.0, size_average=None, reduce=None, reduction='mean'",
    "huber_loss": "input, target, reduction='mean', delta=1.0, weight=None",
    "interpolate": "input, size=None, scale_factor=None, mode='nearest', align_corners=None, "
    "recompute_scale_factor=None, antialias=False",
    "kl_div": "input, target, size_average=None, reduce=None, reduction='mean', log_target=False",
    "l1_loss": "input, target, size_average=None, reduce=None, reduction='mean', weight=None",
    "linear_cross_entropy": "input, linear_weight, target, *, linear_bias=None, weight=None, "
    "reduction='mean', ignore_index=None, "
    "label_smoothing=0.0, options=None",
    "margin_ranking_loss": "input1, input2, target, margin=0, size_average=None, reduce=None, reduction='mean'",
    "multi_margin_loss": "input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, "
    "reduction='mean'",
    "multilabel_margin_loss": "input, target, size_average=None, reduce=None, reduction='mean'",
    "multilabel_soft_margin_loss": "input, target, weight=None, size_average=None, reduce=None, reduction='mean'",
    "nll_loss": "input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean'",
    "pairwise_distance": "x1, x2, p=2.0, eps=1e-06, keepdim=False",
    "pdist": "input, p=2.0",
    "poisson_nll_loss": "input, target, log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, "
    "reduction='mean'",
    "smooth_l1_loss": "input, target, size_average=None, reduce=None, reduction='mean', beta=1.0",
    "soft_margin_loss": "input, target, size_average=None, reduce=None, reduction='mean'",
    "triplet_margin_loss": "anchor, positive, negative, margin=1.0, p=2, eps=1e-06, swap=False, "
    "size_average=None, reduce=None, "
    "reduction='mean'",
    "triplet_margin_with_distance_loss": "anchor, positive, negative, *, distance_function=None, margin=1.0, "
    "swap=False, reduction='mean'",
}


HEAD = '''"""Functions of `torch.nn.functional`, on either framework's arrays.

`unified.functional.relu(x)` is `torch.nn.functional.relu` in a torch model. In a JAX model it is a function on JAX
arrays with the same name, arguments and values. Outside a model the type of the arguments selects the framework. No
function overwrites its input: `inplace` has no effect.

Written by `make generate`.

>>> import numpy, torch, unified.functional as F
>>> F.relu(torch.tensor([-1.0, 2.0])).tolist()
[0.0, 2.0]
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from unified.core import backends
from unified.core.annotations import ArrayLike, ArrayT, DType, ShapeLike
from unified.core.backends import FUNCTIONAL
from unified.core.errors import BackendError
from unified.core.scope import current

# fmt: off
__all__ = [
{names},
]


def _of(*arguments: Any) -> Any:
    """Return the functions of the framework that one of `arguments` belongs to."""
    for argument in arguments:
        functional = FUNCTIONAL.get(type(argument))  # which torch.compile follows, and the search below it does not
        if functional is not None:
            return functional
    return _found(arguments)


def _found(arguments: tuple[Any, ...]) -> Any:
    """Return the functions of the framework that takes one of `arguments`, and keep them for arrays of its class."""
    functional = backends.find_functions(arguments, "functional", FUNCTIONAL)
    if functional is not None:
        return functional
    name = sys._getframe(2).f_code.co_name  # written into each call, it would lengthen this file by half
    raise BackendError(
        f"unified.functional.{{name}} was called outside a model, on "
        f"{{', '.join(type(a).__name__ for a in arguments)}}: pass an array of an installed framework"
    )


def _native(dtype: Any, array: Any) -> Any:
    """Return the dtype of the framework that runs, or that `array` belongs to, for any framework's dtype."""
    scope = current.scope
    backend = backends.of_array(array) if scope is None else scope.frame.backend
    return dtype if backend is None else backend.dtype(dtype)

'''

# torch's stubs, in the order in which a function is looked for.
STUBS = ("nn/functional.pyi", "_C/_nn.pyi", "_C/_VariableFunctions.pyi")
STUB_NAMES = {"logsigmoid": "log_sigmoid"}

# Types that torch does not say, or says for its own arrays alone.
TYPES = {
    "align_corners": "bool | None",
    "distance_function": "Callable[[Any, Any], Any] | None",
    "dtype": "DType",
    "input_lengths": "ArrayLike | Sequence[int]",
    "lambd": "float",
    "options": "Any",
    "output_ratio": "float | Sequence[float] | None",
    "reduction": "str",
    "target_lengths": "ArrayLike | Sequence[int]",
    "weight": "ArrayLike | None",
}


def _stubs() -> dict[str, ast.FunctionDef]:
    """torch's own declarations, of overloads the first."""
    found: dict[str, ast.FunctionDef] = {}
    for stub in STUBS:
        for node in ast.parse((Path(torch.__file__).parent / stub).read_text()).body:
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, node)
    return found


def _type(function: str, name: str, annotation: str, is_first: bool) -> str:
    """The type of a parameter, from torch's annotation of it."""
    if is_first:
        return "ArrayT"
    if name == "return_indices":
        return "bool"
    if name == "output_size" and function.startswith("adaptive"):
        return "int | Sequence[int | None] | None"
    if name == "padding" and re.fullmatch(r"conv\dd", function):
        return "str | ShapeLike"
    if re.search(r"\b_size|Sequence\[_int", annotation):
        return "ShapeLike | None" if "None" in annotation or "opt" in annotation else "ShapeLike"
    if name in TYPES and (name != "weight" or not annotation):
        return TYPES[name]
    replaced = annotation.replace(" | SymInt", "").replace("list[", "Sequence[").replace("Tensor", "ArrayLike")
    return re.sub(r"\b_(int|float|bool)\b", r"\1", replaced)


class _Function:
    """A function: its parameters with their types, and how they are passed on."""

    def __init__(self, name: str, signature: str, stub: ast.FunctionDef) -> None:
        self.name = name
        arguments = [*stub.args.posonlyargs, *stub.args.args, *stub.args.kwonlyargs]
        annotations = {each.arg: ast.unparse(each.annotation) for each in arguments if each.annotation is not None}
        by_name = {each.arg for each in stub.args.kwonlyargs}
        in_python = inspect.isfunction(getattr(torch.nn.functional, name))  # functions of C++ may want names
        self.parameters: list[str] = []
        self.passed: list[str] = []
        self.arrays: list[str] = []
        for text in signature.split(", "):
            parameter, equals, default = text.partition("=")
            if parameter == "*":
                self.parameters.append("*")
                by_name |= {each.partition("=")[0] for each in signature.partition("*, ")[2].split(", ")}
                continue
            kind = _type(name, parameter, annotations.get(parameter, ""), not self.passed)
            if default == "None" and kind not in ("Any", "DType") and not kind.endswith("None"):
                kind += " | None"
            if "ArrayT" in kind or kind.startswith("ArrayLike"):
                self.arrays.append(parameter)
            default = default.replace("'", '"')
            self.parameters.append(f"{parameter}: {kind}{f' = {default}' if equals else ''}")
            named = parameter in by_name or (equals and not in_python)
            if kind == "DType":
                self.passed.append(f"dtype if dtype is None else _native(dtype, {self.arrays[0]})")
            elif parameter != "inplace":  # to overwrite an input would give other results than on JAX
                self.passed.append(f"{parameter}={parameter}" if named else parameter)

    def __str__(self) -> str:
        returned = "ArrayT"
        if "return_indices: bool = False" in self.parameters:
            returned = "ArrayT | Any"  # with indices a tuple
        elif self.name == "multi_head_attention_forward":
            returned = "tuple[ArrayT, ArrayT | None]"
        arrays = ", ".join(self.arrays)
        found = f"    return (s.functional if (s := current.scope) else _of({arrays})).{self.name}("
        call = f"{found}{', '.join(self.passed)})"
        if len(call) > WIDTH:
            call = "\n".join([found, *(f"    {line}" for line in closed(filled(self.passed, ", ", 8), ")", 4))])
        if len(found) > WIDTH:
            start = "    functional = s.functional if (s := current.scope) else _of("
            head = "\n".join([start, *(f"    {line}" for line in closed(filled(self.arrays, ", ", 8), ")", 4))])
            call = f"{head}\n" + call.replace(found, f"    return functional.{self.name}(")
        doc = f'    """See `torch.nn.functional.{self.name}`."""'
        return "\n".join([definition(self.name, self.parameters, returned, end=""), doc, call]) + "\n"


def files() -> dict[Path, str]:
    """The text of the module."""
    stubs = _stubs()
    names = "\n".join(f"    {line}" for line in filled([f'"{name}"' for name in sorted(SIGNATURES)], ", ", 5))
    functions = [
        str(_Function(name, signature, stubs[STUB_NAMES.get(name, name)]))
        for name, signature in sorted(SIGNATURES.items())
    ]
    return {FILE: "\n".join([HEAD.format(names=names), *functions])}
