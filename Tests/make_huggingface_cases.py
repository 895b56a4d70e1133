"""Records what transformers computes for options that the collection has no case of: padding on the left and rows of nothing
but padding, scaling of rotary positions, classifiers that look for a token, untied heads, relative positions, groups of blocks
that share weights, images and patches that are no squares.

    python Tests/make_huggingface_cases.py [NAME ...]        writes Tests/Fixtures/hf-options-NAME, all without names

Run it with transformers 4.46.3, torch and numpy. Weights and inputs are random by fixed seeds; attention is eager, in float32.
"""

import inspect
import json
import pathlib
import shutil
import sys

import numpy as np
import torch
import transformers

FIXTURES = pathlib.Path(__file__).resolve().parent / "Fixtures"
VOCABULARY = 43
SKIPPED = {"past_key_values", "loss"}


def tokens(random, lengths, length, padding=0, left=True):
    """Ids and mask of texts of these lengths, padded on one side."""
    ids = random.integers(3, VOCABULARY - 3, (len(lengths), length))
    mask = np.zeros_like(ids)
    for row, count in enumerate(lengths):
        seen = slice(length - count, length) if left else slice(0, count)
        mask[row, seen] = 1
        ids[row, mask[row] == 0] = padding
    return ids, mask


def text(lengths=(7, 5, 0), length=7, padding=0, left=True, end=None):
    def make(random):
        ids, mask = tokens(random, lengths, length, padding, left)
        if end is not None:
            for row in range(len(lengths)):
                ids[row, (row + 1) % length] = ids[row, -1 - row] = end
        return {"input_ids": ids, "attention_mask": mask}
    return make


def pair(padding=0, start=0):
    def make(random):
        inputs = text(padding=padding)(random)
        ids, mask = tokens(random, (5, 3, 2), 5, padding)
        ids[:, 0] = start
        return inputs | {"decoder_input_ids": ids, "decoder_attention_mask": mask}
    return make


def image(channels, height, width):
    return lambda random: {"pixel_values": random.standard_normal((2, channels, height, width)).astype(np.float32)}


BERT = dict(
    vocab_size=VOCABULARY, hidden_size=12, intermediate_size=14, num_hidden_layers=2, num_attention_heads=3,
    max_position_embeddings=12)
VIT = dict(hidden_size=12, intermediate_size=14, num_hidden_layers=1, num_attention_heads=3)
GPT2 = dict(vocab_size=VOCABULARY, n_positions=12, n_embd=12, n_head=3, n_layer=2)
LLAMA = dict(
    vocab_size=VOCABULARY, hidden_size=12, intermediate_size=14, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=8, head_dim=8, pad_token_id=0)
T5 = dict(
    vocab_size=VOCABULARY, d_model=12, d_kv=5, d_ff=14, num_layers=2, num_decoder_layers=2, num_heads=3,
    relative_attention_num_buckets=8, relative_attention_max_distance=6, decoder_start_token_id=0)
BART = dict(
    vocab_size=VOCABULARY, d_model=12, encoder_layers=1, decoder_layers=1, encoder_attention_heads=3,
    decoder_attention_heads=2, encoder_ffn_dim=14, decoder_ffn_dim=16, max_position_embeddings=12)
FACTORS = dict(short_factor=[1.1, 1.2, 1.3, 1.4], long_factor=[1.5, 2.0, 2.5, 3.0])


def llama(**scaling):
    return {**LLAMA, "rope_theta": 100.0, "rope_scaling": scaling}


CASES = {
    "gpt2-left": ("GPT2LMHeadModel", GPT2, text()),
    "gpt2-scales": (
        "GPT2LMHeadModel",
        GPT2 | dict(scale_attn_by_inverse_layer_idx=True, scale_attn_weights=False, n_inner=17,
                    activation_function="gelu_fast", tie_word_embeddings=False), text()),
    "gpt2-classes": (
        "GPT2ForSequenceClassification", GPT2 | dict(num_labels=3, pad_token_id=0), text((7, 5, 2), left=False)),
    "llama-classes": ("LlamaForSequenceClassification", LLAMA | dict(num_labels=3), text((7, 5, 2))),
    "llama-spans": ("LlamaForQuestionAnswering", LLAMA | dict(mlp_bias=True, attention_bias=True), text()),
    "llama-dynamic": ("LlamaModel", llama(rope_type="dynamic", factor=4.0), text((12, 3), 12)),
    "llama-yarn": ("LlamaModel", llama(type="yarn", factor=4.0), text((12, 3), 12)),
    "llama-longrope": ("LlamaModel", llama(rope_type="longrope", factor=4.0, **FACTORS), text((12, 3), 12)),
    "mistral-window": ("MistralForCausalLM", LLAMA | dict(sliding_window=3), text()),
    "qwen2-window": (
        "Qwen2ForTokenClassification",
        {key: value for key, value in LLAMA.items() if key != "head_dim"}
        | dict(hidden_size=16, use_sliding_window=True, sliding_window=3, num_labels=3), text()),
    "gemma-left": ("GemmaForCausalLM", LLAMA, text()),
    "t5-left": ("T5Model", T5, pair()),
    "t5-silu": (
        "T5ForConditionalGeneration", T5 | dict(feed_forward_proj="gated-silu", tie_word_embeddings=False), pair()),
    "t5-classes": ("T5ForSequenceClassification", T5 | dict(num_labels=3), text((7, 7), left=False, end=1)),
    "bart-classes": ("BartForSequenceClassification", BART | dict(num_labels=2), text((7, 7), padding=1, end=2)),
    "bart-untied": (
        "BartForConditionalGeneration", BART | dict(tie_word_embeddings=False, scale_embedding=True),
        pair(padding=1, start=2)),
    "marian-apart": (
        "MarianMTModel",
        BART | dict(share_encoder_decoder_embeddings=False, decoder_vocab_size=VOCABULARY, pad_token_id=40),
        pair(padding=40, start=40)),
    "bert-pretraining": ("BertForPreTraining", BERT | dict(hidden_act="relu2", layer_norm_eps=1e-5), text()),
    "bert-relative": (
        "BertLMHeadModel", BERT | dict(position_embedding_type="relative_key", is_decoder=True), text(left=False)),
    "roberta-padding": (
        "XLMRobertaForMaskedLM", BERT | dict(pad_token_id=2, tie_word_embeddings=False, type_vocab_size=1),
        text(padding=2)),
    "camembert-classes": (
        "CamembertForSequenceClassification", BERT | dict(num_labels=3, type_vocab_size=1),
        text(padding=1, left=False)),
    "distilbert-words": (
        "DistilBertForMaskedLM",
        dict(vocab_size=VOCABULARY, dim=12, hidden_dim=14, n_layers=1, n_heads=3, max_position_embeddings=12,
             activation="relu"), text()),
    "albert-groups": (
        "AlbertForPreTraining",
        BERT | dict(embedding_size=8, num_hidden_layers=7, num_hidden_groups=3, inner_group_num=2,
                    position_embedding_type="relative_key_query"), text()),
    "electra-words": ("ElectraForMaskedLM", BERT | dict(embedding_size=8), text()),
    "electra-classes": ("ElectraForSequenceClassification", BERT | dict(embedding_size=12, num_labels=3), text()),
    "vit-rectangles": (
        "ViTModel", VIT | dict(image_size=(9, 12), patch_size=(4, 2), num_channels=2, qkv_bias=False),
        image(2, 9, 12)),
    "deit-features": ("DeiTForImageClassification", VIT | dict(image_size=8, patch_size=4, num_labels=0), image(3, 8, 8)),
}


def randomise(model, random):
    """Gives every parameter a value that is not its default; sinusoids are a formula and stay."""
    with torch.no_grad():
        for module in model.modules():
            for name, parameter in module.named_parameters(recurse=False):
                if not parameter.requires_grad:
                    continue
                centre = 1.0 if "Norm" in type(module).__name__ and name == "weight" else 0.0
                spread = 0.3 if parameter.dim() < 2 else parameter.shape[-1] ** -0.5
                parameter.copy_(torch.from_numpy(centre + spread * random.standard_normal(parameter.shape)))
        for name, buffer in model.named_buffers():
            if name == "final_logits_bias":
                buffer.copy_(torch.from_numpy(0.1 * random.standard_normal(buffer.shape)))
    model.tie_weights()


def recorded(model, inputs):
    """The outputs, and the output of every module that owns tensors."""
    modules = {}

    def hook(path):
        def record(_module, _inputs, output):
            count = sum(key.split(":")[0] == path for key in modules)
            modules[f"{path}:{count}" if count else path] = output
        return record

    handles = [
        module.register_forward_hook(hook("layer/" + name.replace(".", "/")))
        for name, module in model.named_modules() if name and list(module.parameters(recurse=False))
    ]
    cache = {"use_cache": False} if "use_cache" in inspect.signature(model.forward).parameters else {}
    with torch.no_grad():
        outputs = model(
            **{name: torch.from_numpy(value) for name, value in inputs.items()}, output_hidden_states=True,
            output_attentions=True, **cache)
    for handle in handles:
        handle.remove()
    values = dict(modules)
    for name, value in outputs.items():
        if isinstance(value, tuple) and name not in SKIPPED:
            values |= {f"layer/{name}.{index}": part for index, part in enumerate(value)}
        elif name not in SKIPPED:
            values[f"out/{name}"] = value
    return {name: value.numpy() for name, value in values.items()}


def write(name, class_name, settings, make_inputs, seed):
    random = np.random.default_rng(seed)
    model_class = getattr(transformers, class_name)
    model = model_class._from_config(model_class.config_class(**settings), attn_implementation="eager").eval()
    randomise(model, random)
    inputs = make_inputs(random)
    folder = FIXTURES / f"hf-options-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    np.savez_compressed(
        folder / "golden.npz", **{f"in/{key}": value for key, value in inputs.items()}, **recorded(model, inputs))
    case = {
        "case": folder.name, "family": "hf-options", "about": f"{class_name}: {name}",
        "made_by": {"transformers": transformers.__version__, "torch": torch.__version__},
        "files": [{"path": "model.safetensors", "dialect": "hf-safetensors", "graph_from": "config.json"}],
        "golden": "golden.npz", "expect": "run", "opaque": [], "tolerance": None, "architecture": None, "notes": "",
    }
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n")


for seed, (name, (class_name, settings, make_inputs)) in enumerate(CASES.items()):
    if name in sys.argv[1:] or not sys.argv[1:]:
        write(name, class_name, settings, make_inputs, seed)
