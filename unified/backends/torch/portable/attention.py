"""Attention that drops the same weights as on every backend."""

import math
import threading
from types import FunctionType, SimpleNamespace
from typing import Any

import torch
from torch import nn

from unified.backends.torch.portable.drawing import drop

__all__ = ["FUNCTIONS", "LAYERS"]


def scaled_dot_product_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    path: str | None = None,
) -> torch.Tensor:
    """Compute `torch.nn.functional.scaled_dot_product_attention`, written out if weights are dropped."""
    if dropout_p == 0:
        return nn.functional.scaled_dot_product_attention(
            query, key, value, attn_mask, 0.0, is_causal, scale=scale, enable_gqa=enable_gqa
        )
    if enable_gqa:
        key = key.repeat_interleave(query.shape[-3] // key.shape[-3], -3)
        value = value.repeat_interleave(query.shape[-3] // value.shape[-3], -3)
    scores = query @ key.transpose(-2, -1) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    if is_causal:
        attn_mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
    if attn_mask is not None:
        hidden = torch.zeros_like(scores).masked_fill(~attn_mask, -math.inf) if attn_mask.dtype == torch.bool else None
        scores = scores + (attn_mask if hidden is None else hidden)
    weights = torch.softmax(scores, -1).masked_fill((scores == -math.inf).all(-1, keepdim=True), 0)
    return drop(weights, dropout_p, False, path) @ value


class _Running(threading.local):
    """The path of the attention that this thread computes."""

    def __init__(self) -> None:
        self.path: str | None = None


_running = _Running()


def _dropout(input: torch.Tensor, p: float = 0.5, training: bool = True) -> torch.Tensor:
    return drop(input, p, False, _running.path) if training and p > 0 else input


def _attend(*args: Any, **kwargs: Any) -> torch.Tensor:
    return scaled_dot_product_attention(*args, **{**kwargs, "path": _running.path})


def _replace_globals(function: Any, **replacements: Any) -> Any:
    """Return a copy of a function with other functions in place of some that it calls."""
    scope = {**function.__globals__, **replacements}
    del scope["__name__"]  # dynamo would look for the globals in the module of that name
    twin = FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin


_attention_forward = _replace_globals(
    nn.functional.multi_head_attention_forward, dropout=_dropout, scaled_dot_product_attention=_attend
)
# A mode that watches torch's functions, as `apply` does, gets this function, and not torch's own, to call.
_attention_forward.__globals__["multi_head_attention_forward"] = _attention_forward
# `torch.nn.MultiheadAttention.forward` with dropout masks that are drawn at the running path.
_forward = _replace_globals(
    nn.MultiheadAttention.forward,
    F=SimpleNamespace(**{**vars(nn.functional), "multi_head_attention_forward": _attention_forward}),
)


class MultiheadAttention(nn.MultiheadAttention):
    """`torch.nn.MultiheadAttention`, with dropout masks drawn at the layer's path."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        if not self.training or self.dropout == 0:
            return super().forward(*args, **kwargs)
        outer = _running.path
        _running.path = self.__dict__["_path"]
        try:
            return _forward(self, *args, **kwargs)
        finally:
            _running.path = outer


LAYERS: dict[str, type[nn.Module]] = {"MultiheadAttention": MultiheadAttention}

FUNCTIONS = {"scaled_dot_product_attention": scaled_dot_product_attention}
