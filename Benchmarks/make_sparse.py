"""Makes a sharded safetensors checkpoint of a Llama with weights of zero, as sparse files that take no room on the disk.

usage: make_sparse.py FOLDER [--gigabytes 20] [--shards 8]

The layers' number follows from the size; names and config.json are those of transformers.
"""

import argparse
import json
import os

WIDTH, INNER, HEADS, VOCABULARY = 5120, 13824, 40, 32000


def tensors(layers):
    """Names and shapes, in the order of the file; bfloat16."""
    yield "model.embed_tokens.weight", [VOCABULARY, WIDTH]
    for layer in range(layers):
        prefix = f"model.layers.{layer}"
        for role in "qkvo":
            yield f"{prefix}.self_attn.{role}_proj.weight", [WIDTH, WIDTH]
        for role, shape in (("gate", [INNER, WIDTH]), ("up", [INNER, WIDTH]), ("down", [WIDTH, INNER])):
            yield f"{prefix}.mlp.{role}_proj.weight", shape
        for role in ("input", "post_attention"):
            yield f"{prefix}.{role}_layernorm.weight", [WIDTH]
    yield "model.norm.weight", [WIDTH]
    yield "lm_head.weight", [VOCABULARY, WIDTH]


def byte_count(shape):
    count = 2
    for extent in shape:
        count *= extent
    return count


def write_shard(path, shard):
    """A safetensors file whose data are a hole."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in shard:
        end = offset + byte_count(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + offset)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--gigabytes", type=float, default=20)
    parser.add_argument("--shards", type=int, default=8)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    sizes = [sum(byte_count(shape) for _, shape in tensors(layers)) for layers in (0, 1)]
    layers = max(1, round((options.gigabytes * 1e9 - sizes[0]) / (sizes[1] - sizes[0])))
    everything = list(tensors(layers))
    total = sum(byte_count(shape) for _, shape in everything)
    shards, filled = [[]], 0
    for name, shape in everything:
        if filled > total / options.shards and len(shards) < options.shards:
            shards.append([])
            filled = 0
        shards[-1].append((name, shape))
        filled += byte_count(shape)
    names = [f"model-{number:05}-of-{len(shards):05}.safetensors" for number in range(1, len(shards) + 1)]
    for name, shard in zip(names, shards):
        write_shard(f"{options.folder}/{name}", shard)
    index = {
        "metadata": {"total_size": total},
        "weight_map": {tensor: name for name, shard in zip(names, shards) for tensor, _ in shard},
    }
    configuration = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": VOCABULARY, "hidden_size": WIDTH,
        "intermediate_size": INNER, "num_hidden_layers": layers, "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS, "hidden_act": "silu", "max_position_embeddings": 4096, "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0, "tie_word_embeddings": False, "torch_dtype": "bfloat16",
    }
    for name, value in (("model.safetensors.index.json", index), ("config.json", configuration)):
        with open(f"{options.folder}/{name}", "w") as file:
            json.dump(value, file, indent=1)
    print(f"{total / 1e9:.1f} GB in {len(shards)} files, {layers} layers")


if __name__ == "__main__":
    main()
