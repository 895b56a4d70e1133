# transformers' TensorFlow models with random weights, and the PyTorch models that transformers itself makes of them, are
# translated into each other by Assay: the tensors must have the names, shapes and bytes that the library gives them, and
# the classes of both frameworks must load the folders with no other keys missing and compute the same outputs.
import os
import subprocess
import sys
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
warnings.filterwarnings("ignore")

import h5py
import keras
import numpy as np
import tensorflow as tf
import torch
import transformers
from safetensors import safe_open

assay, work = sys.argv[1:3]

SMALL = {"vocab_size": 31, "num_hidden_layers": 2, "num_attention_heads": 2, "hidden_size": 12,
         "intermediate_size": 20, "max_position_embeddings": 16, "num_labels": 3}
DISTILBERT = {"vocab_size": 31, "n_layers": 2, "n_heads": 2, "dim": 12, "hidden_dim": 20, "max_position_embeddings": 16}
GPT2 = {"vocab_size": 31, "n_layer": 2, "n_head": 2, "n_embd": 12, "n_positions": 16}
T5 = {"vocab_size": 31, "num_layers": 2, "num_heads": 2, "d_model": 12, "d_kv": 5, "d_ff": 20}
GATED = T5 | {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False, "num_decoder_layers": 1}
BART = {"vocab_size": 31, "encoder_layers": 2, "decoder_layers": 1, "encoder_attention_heads": 2,
        "decoder_attention_heads": 2, "d_model": 12, "encoder_ffn_dim": 20, "decoder_ffn_dim": 24,
        "max_position_embeddings": 16}
VIT = {"num_hidden_layers": 2, "num_attention_heads": 2, "hidden_size": 12, "intermediate_size": 20, "image_size": 12,
       "patch_size": 4, "num_labels": 3}
FACTORISED = SMALL | {"embedding_size": 10}
DECODER = SMALL | {"is_decoder": True}

CASES = [
    ("Bert", SMALL, ["Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification",
                     "ForQuestionAnswering"]),
    ("Bert", DECODER, ["LMHeadModel"]),
    ("DistilBert", DISTILBERT, ["Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification",
                                "ForQuestionAnswering"]),
    ("Roberta", SMALL, ["Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification",
                        "ForQuestionAnswering"]),
    ("Albert", FACTORISED, ["Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification",
                            "ForQuestionAnswering"]),
    ("Electra", FACTORISED, ["Model", "ForPreTraining", "ForMaskedLM", "ForSequenceClassification",
                             "ForTokenClassification", "ForQuestionAnswering"]),
    ("GPT2", GPT2, ["Model", "LMHeadModel"]),
    ("T5", T5, ["Model", "ForConditionalGeneration", "EncoderModel"]),
    ("T5", GATED, ["ForConditionalGeneration"]),
    ("Bart", BART, ["Model", "ForConditionalGeneration"]),
    ("ViT", VIT, ["Model", "ForImageClassification"]),
]


def inputs(family, config):
    rng = np.random.default_rng(7)
    if family == "ViT":
        return {"pixel_values": rng.standard_normal((2, 3, 12, 12)).astype(np.float32)}
    words = {"input_ids": rng.integers(4, config.vocab_size, (2, 7))}
    if family in ("T5", "Bart") and config.is_encoder_decoder:
        words["decoder_input_ids"] = rng.integers(4, config.vocab_size, (2, 5))
    return words


def randomise(model):
    """Random weights. Variables that are two names of one tensor in PyTorch get the same; BART's final_logits_bias stays
    zero, since it is a buffer in PyTorch, which transformers itself does not take over from TensorFlow."""
    rng = np.random.default_rng(len(model.weights))
    shared = {}
    for variable in model.weights:
        if "final_logits_bias" in variable.name:
            continue
        key = variable.name.replace("predictions/decoder/bias", "predictions/bias")
        if key not in shared:
            shared[key] = (0.3 * rng.standard_normal(variable.shape)).astype(np.float32)
        variable.assign(shared[key])


def make(family, head, values, folder):
    """The TensorFlow model with random weights in folder/tf, and what transformers makes of it for PyTorch in folder/pt."""
    special = {"EncoderModel": {"is_encoder_decoder": False, "use_cache": False},
               "ForQuestionAnswering": {"num_labels": 2}}.get(head, {})
    config = getattr(transformers, family + "Config")(**values | special)
    # Names of instances are counted anew.
    keras.backend.clear_session()
    model = getattr(transformers, f"TF{family}{head}")(config)
    given = inputs(family, config)
    model({name: tf.constant(value) for name, value in given.items()})
    randomise(model)
    model.save_pretrained(f"{folder}/tf", safe_serialization=False)
    getattr(transformers, family + head).from_pretrained(f"{folder}/tf", from_tf=True).save_pretrained(f"{folder}/pt")
    return given


def stored(folder):
    """Every tensor of a folder by its name."""
    tensors = {}
    if os.path.exists(f"{folder}/tf_model.h5"):
        with h5py.File(f"{folder}/tf_model.h5") as file:
            file.visititems(lambda name, item: tensors.__setitem__(name, item[()]) if hasattr(item, "dtype") else None)
    else:
        with safe_open(f"{folder}/model.safetensors", framework="np") as file:
            assert file.metadata() == {"format": "pt"}, file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    return tensors


def differences(made, truth):
    found = [f"{name} is missing" for name in sorted(truth.keys() - made.keys())]
    found += [f"{name} is not there in truth" for name in sorted(made.keys() - truth.keys())]
    for name in sorted(made.keys() & truth.keys()):
        one, two = made[name], truth[name]
        if one.dtype != two.dtype or one.shape != two.shape or one.tobytes() != two.tobytes():
            found.append(f"{name} differs")
    return found


def plain(outputs):
    values = outputs.to_tuple()
    flat = [part for value in values for part in (value if isinstance(value, (tuple, list)) else [value])]
    return [part.detach().numpy() if torch.is_tensor(part) else part.numpy() for part in flat
            if torch.is_tensor(part) or tf.is_tensor(part)]


def load(class_name, folder, given):
    """The outputs of the model in a folder, and what was wrong with its keys."""
    keras.backend.clear_session()
    loader = getattr(transformers, class_name).from_pretrained
    model, keys = loader(folder, output_loading_info=True)
    if class_name.startswith("TF"):
        outputs = model({name: tf.constant(value) for name, value in given.items()})
    else:
        with torch.no_grad():
            outputs = model.eval()(**{name: torch.from_numpy(value) for name, value in given.items()})
    return plain(outputs), {key: sorted(map(str, value)) for key, value in keys.items()}


def translated(class_name, source, truth, target, given):
    """What is wrong with the folder that Assay makes of `source` in the dialect of `truth`."""
    dialect = "hf-tf-h5" if class_name.startswith("TF") else "hf-safetensors"
    subprocess.run([assay, "convert", source, target, "--to", dialect], check=True, stdout=subprocess.DEVNULL)
    found = differences(stored(target), stored(truth))
    with open(f"{source}/config.json", "rb") as one, open(f"{target}/config.json", "rb") as two:
        if one.read() != two.read():
            found.append("config.json differs")
    (made, made_keys), (original, original_keys) = load(class_name, target, given), load(class_name, truth, given)
    if made_keys != original_keys:
        found.append(f"{class_name} finds other keys: {made_keys}, not {original_keys}")
    if len(made) != len(original) or not all(np.array_equal(one, two) for one, two in zip(made, original)):
        found.append(f"{class_name} computes something else")
    return found


def main():
    failed = count = 0
    wanted = set(sys.argv[3:])
    for number, (family, values, heads) in enumerate(CASES):
        for head in heads:
            if wanted and family + head not in wanted:
                continue
            folder = f"{work}/{number}-{family}{head}"
            given = make(family, head, values, folder)
            pt, tensorflow = f"{folder}/pt", f"{folder}/tf"
            found = translated(family + head, tensorflow, pt, f"{folder}/made-pt", given)
            found += translated(f"TF{family}{head}", pt, tensorflow, f"{folder}/made-tf", given)
            print(f"{family}{head}:", "; ".join(found) or "the same names, bytes and outputs in both frameworks", flush=True)
            failed += bool(found)
            count += 1
    print(f"{count} models by transformers {transformers.__version__}, PyTorch {torch.__version__} and TensorFlow "
          f"{tf.__version__}: {count - failed} loaded alike from the folders that Assay wrote")
    sys.exit(1 if failed or not count else 0)


if __name__ == "__main__":
    main()
