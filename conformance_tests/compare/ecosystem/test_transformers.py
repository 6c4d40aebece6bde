"""Models that others maintain, with random weights: transformers' GPT-2 and BERT against ones in nnx and linen."""

import flax.linen as fnn
import jax
import jax.numpy as jnp
import pytest
from flax import nnx

from conformance_tests.compare.pairs.attention import NnxGPT2, token_ids
from conformance_tests.compare.pairs.pair import trained
from conformance_tests.from_torch.libraries import transformers
from unified.testing import compare, sides

t = transformers()
pytestmark = pytest.mark.full


def test_gpt2():
    config = t.GPT2Config(vocab_size=30, n_positions=12, n_embd=16, n_layer=2, n_head=4)
    first = sides.torch(trained(t.GPT2LMHeadModel(config)), call=lambda module, ids: module(ids).logits)
    report = compare(first, sides.nnx(NnxGPT2(nnx.Rngs(0))), token_ids(3, 9))
    assert report.agrees, str(report)
    assert not report.mapping.left_over[0]
    assert 'nnx = "blocks/{i}/query/kernel"' in report.mapping.dumps()


class LinenBert(fnn.Module):
    """BERT of two layers, without its pooler."""

    @fnn.compact
    def __call__(self, ids, types, mask):
        def norm(x):
            return fnn.LayerNorm(epsilon=1e-12)(x)

        x = fnn.Embed(30, 16, name="tokens")(ids) + fnn.Embed(2, 16, name="types")(types)
        x = norm(x + fnn.Embed(12, 16, name="positions")(jnp.arange(ids.shape[1])))
        for _ in range(2):
            attended = fnn.MultiHeadDotProductAttention(num_heads=4)(x, mask=mask[:, None, None, :] > 0)
            x = norm(x + attended)
            hidden = fnn.gelu(fnn.Dense(24)(x), approximate=False)
            x = norm(x + fnn.Dense(16)(hidden))
        return x


def test_bert():
    config = t.BertConfig(
        vocab_size=30, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
        max_position_embeddings=12,
    )  # fmt: skip
    module = trained(t.BertModel(config, add_pooling_layer=False))
    ids, types, mask = token_ids(3, 9), token_ids(3, 9, below=2), (token_ids(3, 9, below=4, seed=1) > 0).astype("int64")
    mask[:, 0] = 1

    def call(module, ids, types, mask):
        return module(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state

    second = LinenBert()
    report = compare(
        sides.torch(module, call=call),
        sides.flax(second, second.init(jax.random.key(0), ids, types, mask)),
        ids,
        types,
        mask,
        atol=1e-5,
    )
    assert report.agrees, str(report)
    # Attention ignores the bias of keys, so that running tells nothing of it.
    untold = [rule.first[0].path for rule in report.mapping.rules if rule.evidence != "running"]
    assert untold == [f"encoder.layer.{n}.attention.self.key.bias" for n in range(2)]
