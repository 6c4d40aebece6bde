"""Incremental decoding: a causal transformer with a key/value cache, token by token, equal to the full forward."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import unified as u
import unified.functional as F

LENGTH, WIDTH, HEADS, VOCABULARY = 7, 8, 2, 11
IDS = np.random.default_rng(0).integers(0, VOCABULARY, (3, LENGTH))


class Attention(u.Module):
    """Causal attention. In decoding `x` is one token, and the cache has the keys and values of the tokens before it."""

    def __call__(self, x: Any, decode: bool) -> Any:
        batch, length, _ = x.shape
        shape = (batch, length, HEADS, WIDTH // HEADS)
        query, key, value = (u.Linear(WIDTH, WIDTH, name=name)(x).reshape(shape) for name in ("q", "k", "v"))
        whole = (batch, LENGTH, HEADS, WIDTH // HEADS)
        keys = u.get_state("keys", whole, collection="cache")
        values = u.get_state("values", whole, collection="cache")
        at = u.get_state("at", (), dtype="int32", collection="cache")
        positions = u.array_namespace(x).arange(LENGTH)
        if decode:
            new = (positions == at)[None, :, None, None]
            xp = u.array_namespace(x)
            key, value = xp.where(new, key, keys), xp.where(new, value, values)
            u.set_state("keys", key)
            u.set_state("values", value)
            u.set_state("at", at + 1)
            mask = (positions <= at)[None, None, None, :]
        else:
            mask = positions[:length, None] >= positions[None, :length]
        heads = (array.swapaxes(1, 2) for array in (query, key, value))
        output = F.scaled_dot_product_attention(*heads, attn_mask=mask)
        return u.Linear(WIDTH, WIDTH, name="out")(output.swapaxes(1, 2).reshape(batch, length, WIDTH))


def transformer(ids: Any, decode: bool = False, stacked: bool = True) -> Any:
    x = u.Embedding(VOCABULARY, WIDTH)(ids)

    def block(x: Any) -> Any:
        x = x + Attention()(u.LayerNorm(WIDTH)(x), decode)
        return x + u.Linear(4 * WIDTH, WIDTH)(F.gelu(u.Linear(WIDTH, 4 * WIDTH)(u.LayerNorm(WIDTH)(x))))

    return u.Linear(WIDTH, VOCABULARY)(u.layer_stack(3, stacked=stacked)(block)(x))


@pytest.mark.parametrize("stacked", [True, False])
def test_token_by_token_is_the_full_forward(stacked: bool) -> None:
    net = u.transform(transformer, stacked=stacked, backend="jax")
    params = net.init(IDS, rng=0)
    assert {info.collection for info in params.info.values()} == {"params", "cache"}
    full, changes = net.apply(params, IDS)
    assert not changes
    traces = []

    @jax.jit
    def step(params: u.Params, token: Any) -> Any:
        traces.append(1)
        output, changes = net.apply(params, token, decode=True)
        return output, params | changes

    model = u.transform(transformer, stacked=stacked, backend="torch").init(torch.tensor(IDS), rng=0).eval()
    np.testing.assert_allclose(model(torch.tensor(IDS)).detach(), full, rtol=1e-4, atol=1e-5)
    for position in range(LENGTH):
        token = IDS[:, position : position + 1]
        output, params = step(params, jnp.asarray(token))
        np.testing.assert_allclose(output[:, 0], full[:, position], rtol=1e-4, atol=1e-5)
        with torch.no_grad():
            on_torch = model(torch.tensor(token), decode=True)
        np.testing.assert_allclose(on_torch[:, 0], full[:, position], rtol=1e-4, atol=1e-5)
    assert len(traces) == 1
    for path, value in model.params.filter("cache").items():
        np.testing.assert_allclose(value, params[path], rtol=1e-4, atol=1e-5, err_msg=path)


def test_a_cache_is_emptied_by_its_collection() -> None:
    net = u.transform(transformer, backend="jax")
    params = net.init(IDS, rng=0)
    _, changes = net.apply(params, IDS[:, :1], decode=True)
    assert {info.collection for info in changes.info.values()} == {"cache"}
    new_params = params | changes
    zeros = {path: jnp.zeros_like(value) for path, value in new_params.filter("cache").items()}
    emptied = new_params.update(zeros)
    np.testing.assert_array_equal(
        net.apply(emptied, IDS[:, :1], decode=True)[0], net.apply(params, IDS[:, :1], decode=True)[0]
    )


def test_decoding_within_a_scan() -> None:
    """Decode greedily in one compiled loop, with the cache as a part of its state."""

    def generate(token: Any) -> Any:
        def step(token: Any, _: Any) -> Any:
            next_token = transformer(token, decode=True)[:, -1:].argmax(-1)
            return next_token, next_token[:, 0]

        return u.scan(step, token, length=LENGTH - 1)[1]

    first = IDS[:, :1].astype(np.int32)
    net = u.transform(generate, backend="jax")
    params = net.init(first, rng=0)
    tokens, changes = jax.jit(net.apply)(params, first)
    whole = jnp.concatenate([first, tokens.swapaxes(0, 1)], 1)
    full = u.transform(transformer, backend="jax")
    expected = full.apply(full.init(IDS, rng=0), whole)[0].argmax(-1)
    np.testing.assert_array_equal(tokens.swapaxes(0, 1), expected[:, :-1])
    assert (changes["layer_stack/attention/at"] == LENGTH - 1).all()
    model = u.transform(generate, backend="torch").init(torch.tensor(IDS[:, :1]), rng=0).eval()
    np.testing.assert_array_equal(model(torch.tensor(IDS[:, :1])), tokens)
