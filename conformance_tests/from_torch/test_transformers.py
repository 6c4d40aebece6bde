"""Architectures of transformers, with random weights and few layers, against PyTorch."""

from typing import Any

import jax
import numpy as np
import pytest
import torch
from torch import nn

import unified as u
from conformance_tests.from_torch.against_torch import check, without_dropout
from conformance_tests.from_torch.libraries import transformers

t = transformers()
pytestmark = pytest.mark.full

SIZES = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "vocab_size": 99,
    "max_position_embeddings": 64, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
}  # fmt: skip
GROUPED = {**SIZES, "num_key_value_heads": 2}
VISION = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "image_size": 32,
    "patch_size": 8,
}  # fmt: skip
SEQ2SEQ = {
    "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "vocab_size": 99, "bos_token_id": 1,
    "eos_token_id": 2, "pad_token_id": 0, "decoder_start_token_id": 1,
}  # fmt: skip

torch.manual_seed(0)
IDS = torch.randint(5, 99, (2, 8))
MASK = (torch.arange(8) < torch.tensor([[6], [8]])).long()
IMAGES = torch.randn(2, 3, 32, 32)
TEXT = {"input_ids": IDS, "attention_mask": MASK}
CAUSAL = {**TEXT, "use_cache": False}
PAIR = {"input_ids": IDS, "decoder_input_ids": IDS[:, :5], "use_cache": False}

# The classes of the model and its configuration, what the configuration has, and the arguments of a call.
ARCHITECTURES: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "albert": ("AlbertForMaskedLM", "AlbertConfig", {**SIZES, "embedding_size": 16}, TEXT),
    "bart": ("BartForConditionalGeneration", "BartConfig", {**SEQ2SEQ, "max_position_embeddings": 64}, PAIR),
    "bert": ("BertForSequenceClassification", "BertConfig", SIZES, TEXT),
    "clip": ("CLIPTextModel", "CLIPTextConfig", SIZES, TEXT),
    "deit": ("DeiTForImageClassification", "DeiTConfig", VISION, {"pixel_values": IMAGES}),
    "distilbert": (
        "DistilBertForSequenceClassification",
        "DistilBertConfig",
        {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64, "vocab_size": 99},
        TEXT,
    ),
    "electra": ("ElectraForPreTraining", "ElectraConfig", {**SIZES, "embedding_size": 16}, TEXT),
    "gemma": ("GemmaForCausalLM", "GemmaConfig", {**GROUPED, "head_dim": 8}, CAUSAL),
    "gpt2": (
        "GPT2LMHeadModel",
        "GPT2Config",
        {"n_embd": 32, "n_layer": 2, "n_head": 4, "vocab_size": 99, "bos_token_id": 1, "eos_token_id": 2},
        CAUSAL,
    ),
    "gpt_neox": ("GPTNeoXForCausalLM", "GPTNeoXConfig", SIZES, CAUSAL),
    "llama": ("LlamaForCausalLM", "LlamaConfig", GROUPED, CAUSAL),
    "mamba": (
        "MambaForCausalLM",
        "MambaConfig",
        {"hidden_size": 32, "num_hidden_layers": 2, "vocab_size": 99, "state_size": 4},
        {"input_ids": IDS, "use_cache": False},
    ),
    "mistral": ("MistralForCausalLM", "MistralConfig", GROUPED, CAUSAL),
    "opt": ("OPTForCausalLM", "OPTConfig", {**SIZES, "ffn_dim": 64, "word_embed_proj_dim": 32}, CAUSAL),
    "phi": ("PhiForCausalLM", "PhiConfig", SIZES, CAUSAL),
    "qwen2": ("Qwen2ForCausalLM", "Qwen2Config", GROUPED, CAUSAL),
    "roberta": ("RobertaForMaskedLM", "RobertaConfig", SIZES, TEXT),
    "t5": (
        "T5ForConditionalGeneration",
        "T5Config",
        {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4, "vocab_size": 99},
        PAIR,
    ),
    "vit": ("ViTForImageClassification", "ViTConfig", VISION, {"pixel_values": IMAGES}),
    "wav2vec2": (
        "Wav2Vec2Model",
        "Wav2Vec2Config",
        {
            **{name: SIZES[name] for name in ("hidden_size", "num_hidden_layers", "num_attention_heads")},
            "intermediate_size": 64, "conv_dim": (16, 16), "conv_stride": (5, 2), "conv_kernel": (10, 3),
            "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4, "layerdrop": 0.0,
            "mask_time_prob": 0.0, "mask_feature_prob": 0.0,
        },
        {"input_values": torch.randn(2, 400)},
    ),
    "whisper": (
        "WhisperModel",
        "WhisperConfig",
        {**SEQ2SEQ, "num_mel_bins": 8, "max_source_positions": 20, "max_target_positions": 20},
        {"input_features": torch.randn(2, 8, 40), "decoder_input_ids": IDS[:, :5], "use_cache": False},
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_architecture_is_that_of_torch(name):
    cls, config, options, arguments = ARCHITECTURES[name]
    torch.manual_seed(0)
    module = without_dropout(getattr(t, cls)(getattr(t, config)(**options)))
    check(module, **arguments)


def test_outputs_of_other_classes_are_dicts():
    output_class = t.modeling_outputs.BaseModelOutput

    class Net(nn.Module):
        def forward(self, x):
            return output_class(last_hidden_state=x * 2, hidden_states=(x, x + 1))

    output, _ = jax.jit(u.from_torch(Net(), torch.ones(2)).apply)({}, np.ones(2, np.float32))
    assert list(output) == ["last_hidden_state", "hidden_states"]
    assert output["hidden_states"][1].tolist() == [2, 2]
