"""GPT-2 and Llama in plain PyTorch, by hand: classes with caches in buffers that are written in place.

`generate.py` compares the models with them.
"""

import torch
from models import Size
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    """Causal attention with a cache, which holds the keys and values of the first `length` steps."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.length = 0
        self.keys = self.values = torch.zeros(0)

    def clear(self, batch: int) -> None:
        """Forget what has been read."""
        self.length = 0
        self.keys, self.values = torch.zeros(
            2, batch, self.size.kv_heads, self.size.positions, self.size.features
        ).unbind(0)

    def split(self, x: torch.Tensor, heads: int) -> torch.Tensor:
        """Return `(batch, time, width)` as `(batch, heads, time, features)`."""
        return x.view(*x.shape[:2], heads, -1).transpose(1, 2)

    def attend(self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        """Write keys and values into the cache, and attend to all in it."""
        start, self.length = self.length, self.length + query.shape[2]
        self.keys[:, :, start : self.length], self.values[:, :, start : self.length] = key, value
        at, of = torch.arange(start, self.length)[:, None], torch.arange(self.length)
        mask = of <= at
        if self.size.window is not None:
            mask &= of > at - self.size.window
        keys, values = self.keys[:, :, : self.length], self.values[:, :, : self.length]
        y = F.scaled_dot_product_attention(query, keys, values, attn_mask=mask, enable_gqa=True)
        return y.transpose(1, 2).flatten(2)


class GPT2Attention(Attention):
    """The attention of GPT-2."""

    def __init__(self, size: Size) -> None:
        super().__init__(size)
        self.c_attn = nn.Linear(size.width, 3 * size.width)
        self.c_proj = nn.Linear(size.width, size.width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        query, key, value = (self.split(part, self.size.heads) for part in self.c_attn(x).chunk(3, -1))
        return self.c_proj(self.attend(query, key, value))


class GPT2MLP(nn.Module):
    """The feed-forward layers of GPT-2."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.c_fc = nn.Linear(size.width, 4 * size.width)
        self.c_proj = nn.Linear(4 * size.width, size.width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class GPT2Block(nn.Module):
    """A layer of GPT-2."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(size.width)
        self.attn = GPT2Attention(size)
        self.ln_2 = nn.LayerNorm(size.width)
        self.mlp = GPT2MLP(size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT2(nn.Module):
    """The logits of the next tokens."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(size.vocabulary, size.width),
                "wpe": nn.Embedding(size.positions, size.width),
                "h": nn.ModuleList([GPT2Block(size) for _ in range(size.layers)]),
                "ln_f": nn.LayerNorm(size.width),
            }
        )

    def forward(self, tokens: torch.Tensor, start: int) -> torch.Tensor:
        layers = self.transformer
        x = layers["wte"](tokens) + layers["wpe"](torch.arange(start, start + tokens.shape[1]))
        for block in layers["h"]:
            x = block(x)
        return F.linear(layers["ln_f"](x), layers["wte"].weight)


class LlamaAttention(Attention):
    """The attention of Llama."""

    def __init__(self, size: Size) -> None:
        super().__init__(size)
        kv_width = size.kv_heads * size.features
        self.q_proj = nn.Linear(size.width, size.width, bias=False)
        self.k_proj = nn.Linear(size.width, kv_width, bias=False)
        self.v_proj = nn.Linear(size.width, kv_width, bias=False)
        self.o_proj = nn.Linear(size.width, size.width, bias=False)

    def forward(self, x: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
        query = rotate(self.split(self.q_proj(x), self.size.heads), turn)
        key = rotate(self.split(self.k_proj(x), self.size.kv_heads), turn)
        return self.o_proj(self.attend(query, key, self.split(self.v_proj(x), self.size.kv_heads)))


def rotate(x: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    """Turn the pairs of the two halves of the features, as complex numbers."""
    first, second = x.chunk(2, -1)
    turned = torch.complex(first, second) * turn
    return torch.cat((turned.real, turned.imag), -1)


class LlamaMLP(nn.Module):
    """The gated feed-forward layers of Llama."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(size.width, size.inner, bias=False)
        self.up_proj = nn.Linear(size.width, size.inner, bias=False)
        self.down_proj = nn.Linear(size.inner, size.width, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class LlamaBlock(nn.Module):
    """A layer of Llama."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(size.width, 1e-6)
        self.self_attn = LlamaAttention(size)
        self.post_attention_layernorm = nn.RMSNorm(size.width, 1e-6)
        self.mlp = LlamaMLP(size)

    def forward(self, x: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
        x = x + self.self_attn(self.input_layernorm(x), turn)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    """The logits of the next tokens."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.model = nn.ModuleDict(
            {
                "embed_tokens": nn.Embedding(size.vocabulary, size.width),
                "layers": nn.ModuleList([LlamaBlock(size) for _ in range(size.layers)]),
                "norm": nn.RMSNorm(size.width, 1e-6),
            }
        )
        self.lm_head = nn.Linear(size.width, size.vocabulary, bias=False)
        rates = 10000.0 ** (-torch.arange(0, size.features, 2) / size.features)
        angles = torch.arange(size.positions)[:, None] * rates
        self.register_buffer("turns", torch.polar(torch.ones_like(angles), angles), persistent=False)

    def forward(self, tokens: torch.Tensor, start: int) -> torch.Tensor:
        x = self.model["embed_tokens"](tokens)
        for block in self.model["layers"]:
            x = block(x, self.turns[start : start + tokens.shape[1]])
        return self.lm_head(self.model["norm"](x))


@torch.no_grad()
def generate(
    model: nn.Module, prompt: torch.Tensor, steps: int, temperature: float, noise: list[torch.Tensor]
) -> torch.Tensor:
    """Return the `steps` tokens after a prompt `(batch, time)`: `(batch, steps)`.

    Each is the one of the largest logit, or a sample: with the noise of a Gumbel distribution, one array a step.
    """
    for module in model.modules():
        if isinstance(module, Attention):
            module.clear(prompt.shape[0])
    tokens, start, generated = prompt, 0, []
    for step in range(steps):
        logits = model(tokens, start)[:, -1]
        start += tokens.shape[1]
        scores = logits / temperature + noise[step] if temperature else logits
        tokens = scores.argmax(-1, keepdim=True)
        generated.append(tokens)
    return torch.cat(generated, 1)
