"""Pairs of transformers: fused and separate projections, heads as axes, tied embeddings."""

import flax.linen as fnn
import jax
import jax.numpy as jnp
import numpy as np
import torch
from flax import nnx
from torch import nn
from torch.nn import functional as F

from conformance_tests.compare.pairs.pair import Pair, normal, pair, trained
from unified.testing import sides


class Attention(nn.Module):
    def __init__(self, width=16, heads=4):
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x, need_weights=False)[0]


@pair
def attention_linen():
    module, x = fnn.MultiHeadDotProductAttention(num_heads=4), normal(3, 5, 16)
    return Pair(sides.torch(trained(Attention())), sides.flax(module, module.init(jax.random.key(0), x)), (x,))


class LinenEncoderLayer(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        y = fnn.LayerNorm(epsilon=1e-5)(x + fnn.MultiHeadDotProductAttention(num_heads=4)(x))
        hidden = fnn.Dense(16)(fnn.relu(fnn.Dense(24)(y)))
        return fnn.LayerNorm(epsilon=1e-5)(y + hidden)


class LinenEncoder(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        for _ in range(3):
            x = LinenEncoderLayer()(x)
        return x


@pair
def encoder_linen():
    module, x = LinenEncoder(), normal(3, 5, 16)
    layer = nn.TransformerEncoderLayer(16, 4, 24, batch_first=True)
    first = trained(nn.TransformerEncoder(layer, 3, enable_nested_tensor=False))
    return Pair(sides.torch(first), sides.flax(module, module.init(jax.random.key(0), x)), (x,))


class LinenScannedLayer(fnn.Module):
    @fnn.compact
    def __call__(self, x, _):
        return LinenEncoderLayer()(x), None


class LinenScannedEncoder(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        scanned = fnn.scan(LinenScannedLayer, variable_axes={"params": 0}, split_rngs={"params": True}, length=3)
        return scanned()(x, None)[0]


@pair
def encoder_scanned():
    """Fused projections in separate layers against separate projections in one stack."""
    module, x = LinenScannedEncoder(), normal(3, 5, 16)
    layer = nn.TransformerEncoderLayer(16, 4, 24, batch_first=True)
    first = trained(nn.TransformerEncoder(layer, 3, enable_nested_tensor=False))
    return Pair(sides.torch(first), sides.flax(module, module.init(jax.random.key(0), x)), (x,))


class GPT2Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.c_fc, self.c_out = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        b, t, w = x.shape
        q, k, v = (
            part.view(b, t, self.heads, w // self.heads).transpose(1, 2)
            for part in self.c_attn(self.ln_1(x)).split(w, 2)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, w)
        x = x + self.c_proj(y)
        return x + self.c_out(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))


class GPT2(nn.Module):
    def __init__(self, width=16, heads=4, depth=2):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(30, width), nn.Embedding(12, width)
        self.h = nn.ModuleList([GPT2Block(width, heads) for _ in range(depth)])
        self.ln_f = nn.LayerNorm(width)
        self.lm_head = nn.Linear(width, 30, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, ids):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))


class NnxGPT2Block(nnx.Module):
    def __init__(self, width, heads, rngs):
        self.heads = heads
        self.norm1, self.norm2 = (nnx.LayerNorm(width, epsilon=1e-5, rngs=rngs) for _ in range(2))
        self.query, self.key, self.value, self.out = (nnx.Linear(width, width, rngs=rngs) for _ in range(4))
        self.up, self.down = nnx.Linear(width, 4 * width, rngs=rngs), nnx.Linear(4 * width, width, rngs=rngs)

    def __call__(self, x):
        b, t, w = x.shape
        y = self.norm1(x)
        q, k, v = (layer(y).reshape(b, t, self.heads, -1) for layer in (self.query, self.key, self.value))
        y = jax.nn.dot_product_attention(q, k, v, is_causal=True).reshape(b, t, w)
        x = x + self.out(y)
        return x + self.down(jax.nn.gelu(self.up(self.norm2(x)), approximate=True))


class NnxGPT2(nnx.Module):
    def __init__(self, rngs, width=16, heads=4, depth=2):
        self.tokens, self.positions = nnx.Embed(30, width, rngs=rngs), nnx.Embed(12, width, rngs=rngs)
        self.blocks = nnx.List([NnxGPT2Block(width, heads, rngs) for _ in range(depth)])
        self.norm = nnx.LayerNorm(width, epsilon=1e-5, rngs=rngs)

    def __call__(self, ids):
        x = self.tokens(ids) + self.positions(jnp.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.tokens.attend(self.norm(x))


def token_ids(*shape, below=30, seed=0):
    return np.random.default_rng(seed).integers(0, below, shape)


@pair
def gpt2_nnx():
    return Pair(sides.torch(trained(GPT2())), sides.nnx(NnxGPT2(nnx.Rngs(0))), (token_ids(3, 9),))


class Grouped(nn.Module):
    """Attention with fewer heads for keys and values, fused in one weight of unequal parts."""

    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(16, 16 + 2 * 8, bias=False), nn.Linear(16, 16, bias=False)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = self.qkv(x).split([16, 8, 8], -1)
        q, k, v = (part.view(b, t, -1, 4).transpose(1, 2) for part in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
        return self.proj(y.transpose(1, 2).reshape(b, t, 16))


class LinenGrouped(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        q = fnn.DenseGeneral((4, 4), use_bias=False, name="q_proj")(x)
        k = fnn.DenseGeneral((2, 4), use_bias=False, name="k_proj")(x)
        v = fnn.DenseGeneral((2, 4), use_bias=False, name="v_proj")(x)
        y = jax.nn.dot_product_attention(q, k, v)
        return fnn.DenseGeneral(16, axis=(-2, -1), use_bias=False, name="o_proj")(y)


@pair
def grouped_attention_linen():
    module, x = LinenGrouped(), normal(3, 5, 16)
    return Pair(sides.torch(trained(Grouped())), sides.flax(module, module.init(jax.random.key(0), x)), (x,))


class ViT(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 4, 4)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 17, width))
        layer = nn.TransformerEncoderLayer(width, 4, 24, activation="gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(width), enable_nested_tensor=False)
        self.head = nn.Linear(width, 5)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embed
        return self.head(self.encoder(x)[:, 0])


class LinenViT(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        x = fnn.Conv(16, (4, 4), (4, 4), name="embedding")(x)
        x = x.reshape(x.shape[0], -1, 16)
        token = self.param("cls", fnn.initializers.zeros, (1, 1, 16))
        x = jnp.concatenate([jnp.broadcast_to(token, (len(x), 1, 16)), x], 1)
        x = x + self.param("pos_embedding", fnn.initializers.normal(0.02), (1, 17, 16))
        for _ in range(2):
            y = fnn.LayerNorm(epsilon=1e-5)(x)
            x = x + fnn.MultiHeadDotProductAttention(num_heads=4)(y)
            y = fnn.LayerNorm(epsilon=1e-5)(x)
            x = x + fnn.Dense(16)(fnn.gelu(fnn.Dense(24)(y), approximate=False))
        return fnn.Dense(5, name="head")(fnn.LayerNorm(epsilon=1e-5)(x)[:, 0])


@pair
def vit_linen():
    module, x = LinenViT(), normal(2, 3, 16, 16)
    second = sides.flax(module, module.init(jax.random.key(0), x.transpose(0, 2, 3, 1)))
    return Pair(sides.torch(trained(ViT())), second, (x,), {0: "NCHW->NHWC"})
