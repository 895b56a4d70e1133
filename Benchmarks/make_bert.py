"""Makes a BERT encoder with random weights, the same in every form that the benchmarks read.

usage: make_bert.py FOLDER [--layers 12] [--positions 512] [--seed 0] [--forms huggingface,keras,onnx]

FOLDER/huggingface    config.json and model.safetensors, by the names of transformers' BertModel
FOLDER/bert.h5        a legacy Keras file: a functional model of Embedding, MultiHeadAttention, Dense, LayerNormalization
FOLDER/bert.onnx      operator set 17, with the nodes that PyTorch's exporter writes
FOLDER/changed.onnx   the same with one element of one layer moved by a hundredth (only where --forms asks for it)

Width 768 in 12 heads, 3,072 inside: BERT-base with 12 layers. No weight is repeated: biases and scales are random too, since
exporters and runtimes store equal tensors once. Inputs are input_ids, token_type_ids, attention_mask, position_ids
(Hugging Face numbers the positions itself); outputs last_hidden_state and pooler_output.
"""

import argparse
import json
import os

import numpy as np

WIDTH, HEADS, INNER, VOCABULARY, EPSILON = 768, 12, 3072, 30522, 1e-12
HEAD_WIDTH = WIDTH // HEADS
INPUTS = ["input_ids", "token_type_ids", "attention_mask", "position_ids"]


def weights(layers, positions, seed):
    """Tensors by the names of BertModel; kernels are [out, in], as PyTorch stores them."""
    random = np.random.default_rng(seed)
    tensors = {}

    def normal(name, *shape, center=0.0):
        values = random.standard_normal(shape, np.float32)
        values *= np.float32(0.02)
        tensors[name] = values + np.float32(center) if center else values

    def linear(name, outputs, inputs):
        normal(f"{name}.weight", outputs, inputs)
        normal(f"{name}.bias", outputs)

    def norm(name):
        normal(f"{name}.weight", WIDTH, center=1.0)
        normal(f"{name}.bias", WIDTH)

    for kind, rows in (("word", VOCABULARY), ("position", positions), ("token_type", 2)):
        normal(f"embeddings.{kind}_embeddings.weight", rows, WIDTH)
    norm("embeddings.LayerNorm")
    for layer in range(layers):
        prefix = f"encoder.layer.{layer}"
        for role in ("query", "key", "value"):
            linear(f"{prefix}.attention.self.{role}", WIDTH, WIDTH)
        linear(f"{prefix}.attention.output.dense", WIDTH, WIDTH)
        norm(f"{prefix}.attention.output.LayerNorm")
        linear(f"{prefix}.intermediate.dense", INNER, WIDTH)
        linear(f"{prefix}.output.dense", WIDTH, INNER)
        norm(f"{prefix}.output.LayerNorm")
    linear("pooler.dense", WIDTH, WIDTH)
    return tensors


# Hugging Face


def write_hugging_face(folder, tensors, layers, positions):
    from safetensors.numpy import save_file

    os.makedirs(folder, exist_ok=True)
    save_file(tensors, f"{folder}/model.safetensors", metadata={"format": "pt"})
    configuration = {
        "architectures": ["BertModel"], "model_type": "bert", "vocab_size": VOCABULARY, "hidden_size": WIDTH,
        "num_hidden_layers": layers, "num_attention_heads": HEADS, "intermediate_size": INNER, "hidden_act": "gelu",
        "max_position_embeddings": positions, "type_vocab_size": 2, "layer_norm_eps": EPSILON, "pad_token_id": 0,
        "position_embedding_type": "absolute", "initializer_range": 0.02, "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1, "use_cache": True, "torch_dtype": "float32",
    }
    with open(f"{folder}/config.json", "w") as file:
        json.dump(configuration, file, indent=2)


# Keras


class KerasFile:
    """A functional model in the making: layers with their places in the graph, and weights by legacy names."""

    def __init__(self, tensors):
        self.tensors, self.layers, self.stored = tensors, [], {}

    def add(self, class_name, name, operands, keywords=None, **config):
        calls = [[[operand, 0, 0, (keywords or {}) if first == 0 else {}] for first, operand in enumerate(operands)]]
        config = {"name": name, "trainable": True, "dtype": "float32", **config}
        self.layers.append(
            {"class_name": class_name, "config": config, "name": name, "inbound_nodes": calls if operands else []})
        return name

    def input(self, name):
        return self.add("InputLayer", name, [], batch_input_shape=[None, None], dtype="int32", sparse=False, ragged=False)

    def embedding(self, name, source, operand):
        table = self.tensors[f"embeddings.{source}_embeddings.weight"]
        self.stored[name] = {f"{name}/embeddings:0": table}
        return self.add("Embedding", name, [operand], input_dim=len(table), output_dim=WIDTH, mask_zero=False)

    def norm(self, name, source, operand):
        self.stored[name] = {
            f"{name}/gamma:0": self.tensors[f"{source}.weight"], f"{name}/beta:0": self.tensors[f"{source}.bias"]}
        return self.add(
            "LayerNormalization", name, [operand], axis=[-1], epsilon=EPSILON, center=True, scale=True)

    def dense(self, name, source, operand, activation="linear"):
        self.stored[name] = {
            f"{name}/kernel:0": self.tensors[f"{source}.weight"].T, f"{name}/bias:0": self.tensors[f"{source}.bias"]}
        units = len(self.tensors[f"{source}.bias"])
        return self.add("Dense", name, [operand], units=units, activation=activation, use_bias=True)

    def attention(self, name, source, operand, mask):
        stored = self.stored[name] = {}
        for role in ("query", "key", "value"):
            kernel, bias = (self.tensors[f"{source}.self.{role}.{kind}"] for kind in ("weight", "bias"))
            stored[f"{name}/{role}/kernel:0"] = kernel.T.reshape(WIDTH, HEADS, HEAD_WIDTH)
            stored[f"{name}/{role}/bias:0"] = bias.reshape(HEADS, HEAD_WIDTH)
        kernel = self.tensors[f"{source}.output.dense.weight"]
        stored[f"{name}/attention_output/kernel:0"] = kernel.T.reshape(HEADS, HEAD_WIDTH, WIDTH)
        stored[f"{name}/attention_output/bias:0"] = self.tensors[f"{source}.output.dense.bias"]
        keywords = {"value": [operand, 0, 0], "attention_mask": [mask, 0, 0]}
        return self.add(
            "MultiHeadAttention", name, [operand], keywords, num_heads=HEADS, key_dim=HEAD_WIDTH,
            value_dim=HEAD_WIDTH, dropout=0.0, use_bias=True, output_shape=None, attention_axes=[1],
            query_shape=[None, None, WIDTH], key_shape=[None, None, WIDTH], value_shape=[None, None, WIDTH])

    def sum(self, name, operands):
        return self.add("Add", name, operands)

    def first_token(self, name, operand):
        everything = {"start": None, "stop": None, "step": None}
        return self.add(
            "SlicingOpLambda", name, [operand], {"slice_spec": [everything, 0]}, function="__operators__.getitem")

    def write(self, path, outputs):
        import h5py

        configuration = {
            "class_name": "Functional",
            "config": {
                "name": "bert", "trainable": True, "layers": self.layers,
                "input_layers": [[name, 0, 0] for name in INPUTS],
                "output_layers": [[name, 0, 0] for name in outputs],
            },
        }
        with h5py.File(path, "w") as file:
            file.attrs["keras_version"], file.attrs["backend"] = "2.15.0", "tensorflow"
            file.attrs["model_config"] = json.dumps(configuration)
            group = file.create_group("model_weights")
            group.attrs["layer_names"] = [layer["name"].encode() for layer in self.layers]
            for layer in self.layers:
                inner = group.create_group(layer["name"])
                stored = self.stored.get(layer["name"], {})
                inner.attrs["weight_names"] = [name.encode() for name in stored]
                for name, values in stored.items():
                    inner.create_dataset(name, data=np.ascontiguousarray(values))


def write_keras(path, tensors, layers):
    model = KerasFile(tensors)
    for name in INPUTS:
        model.input(name)
    tables = [("word", "input_ids"), ("token_type", "token_type_ids"), ("position", "position_ids")]
    x = model.sum("embeddings", [model.embedding(f"{kind}_embeddings", kind, ids) for kind, ids in tables])
    x = model.norm("embeddings_norm", "embeddings.LayerNorm", x)
    mask = model.add("Reshape", "key_mask", ["attention_mask"], target_shape=[1, -1])
    for layer in range(layers):
        source, name = f"encoder.layer.{layer}", f"layer_{layer}"
        gathered = model.attention(f"{name}_attention", f"{source}.attention", x, mask)
        x = model.norm(
            f"{name}_attention_norm", f"{source}.attention.output.LayerNorm",
            model.sum(f"{name}_attention_sum", [gathered, x]))
        inner = model.dense(f"{name}_intermediate", f"{source}.intermediate.dense", x, "gelu")
        outer = model.dense(f"{name}_output", f"{source}.output.dense", inner)
        x = model.norm(f"{name}_output_norm", f"{source}.output.LayerNorm", model.sum(f"{name}_output_sum", [outer, x]))
    pooled = model.dense("pooler", "pooler.dense", model.first_token("first_token", x), "tanh")
    model.write(path, [x, pooled])


# ONNX


class ONNXFile:
    """A graph in the making, with the nodes of PyTorch's exporter."""

    def __init__(self, tensors):
        self.tensors, self.nodes, self.stored = tensors, [], {}

    def add(self, operation, *operands, **attributes):
        from onnx import helper

        name = f"/{operation}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, operands, [f"{name}_output_0"], name=name, **attributes))
        return f"{name}_output_0"

    def weight(self, name, transposed=False):
        stored = f"onnx::MatMul_{len(self.stored)}" if transposed else name
        values = self.tensors[name]
        self.stored[stored] = np.ascontiguousarray(values.T) if transposed else values
        return stored

    def constant(self, values, type=np.float32):
        name = f"constant_{len(self.stored)}"
        self.stored[name] = np.array(values, type)
        return name

    def linear(self, name, x):
        return self.add("Add", self.weight(f"{name}.bias"), self.add("MatMul", x, self.weight(f"{name}.weight", True)))

    def norm(self, name, x):
        weights = [self.weight(f"{name}.weight"), self.weight(f"{name}.bias")]
        return self.add("LayerNormalization", x, *weights, axis=-1, epsilon=EPSILON)

    def heads(self, name, x, order):
        split = self.add("Reshape", self.linear(name, x), self.constant([0, 0, HEADS, HEAD_WIDTH], np.int64))
        return self.add("Transpose", split, perm=order)

    def attention(self, name, x, bias):
        query = self.heads(f"{name}.self.query", x, [0, 2, 1, 3])
        key = self.heads(f"{name}.self.key", x, [0, 2, 3, 1])
        value = self.heads(f"{name}.self.value", x, [0, 2, 1, 3])
        scores = self.add("Div", self.add("MatMul", query, key), self.constant(HEAD_WIDTH**0.5))
        probabilities = self.add("Softmax", self.add("Add", scores, bias), axis=-1)
        gathered = self.add("Transpose", self.add("MatMul", probabilities, value), perm=[0, 2, 1, 3])
        merged = self.add("Reshape", gathered, self.constant([0, 0, WIDTH], np.int64))
        return self.linear(f"{name}.output.dense", merged)

    def gelu(self, x):
        erf = self.add("Erf", self.add("Div", x, self.constant(2**0.5)))
        return self.add("Mul", self.add("Mul", x, self.add("Add", erf, self.constant(1))), self.constant(0.5))

    def mask_bias(self):
        mask = self.add("Unsqueeze", "attention_mask", self.constant([1, 2], np.int64))
        hidden = self.add("Sub", self.constant(1), self.add("Cast", mask, to=1))
        return self.add("Mul", hidden, self.constant(np.finfo(np.float32).min))

    def write(self, path, outputs):
        import onnx
        from onnx import TensorProto, helper, numpy_helper

        for index, (name, found) in enumerate(outputs.items()):
            self.nodes.append(helper.make_node("Identity", [found], [name], name=f"/output_{index}"))
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in INPUTS]
        shapes = {"last_hidden_state": ["batch", "sequence", WIDTH], "pooler_output": ["batch", WIDTH]}
        results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in outputs]
        stored = [numpy_helper.from_array(values, name) for name, values in self.stored.items()]
        graph = helper.make_graph(self.nodes, "main_graph", inputs, results, stored)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="make_bert")
        onnx.save(model, path)


def write_onnx(path, tensors, layers):
    model = ONNXFile(tensors)
    tables = [("word", "input_ids"), ("token_type", "token_type_ids"), ("position", "position_ids")]
    words, types, positions = (
        model.add("Gather", model.weight(f"embeddings.{kind}_embeddings.weight"), ids) for kind, ids in tables)
    x = model.norm("embeddings.LayerNorm", model.add("Add", model.add("Add", words, types), positions))
    bias = model.mask_bias()
    for layer in range(layers):
        name = f"encoder.layer.{layer}"
        x = model.norm(
            f"{name}.attention.output.LayerNorm", model.add("Add", model.attention(f"{name}.attention", x, bias), x))
        inner = model.gelu(model.linear(f"{name}.intermediate.dense", x))
        x = model.norm(f"{name}.output.LayerNorm", model.add("Add", model.linear(f"{name}.output.dense", inner), x))
    first = model.add("Gather", x, model.constant(0, np.int64), axis=1)
    pooled = model.add(
        "Tanh",
        model.add("Gemm", first, model.weight("pooler.dense.weight"), model.weight("pooler.dense.bias"), transB=1))
    model.write(path, {"last_hidden_state": x, "pooler_output": pooled})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--positions", type=int, default=512)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--forms", default="huggingface,keras,onnx")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    tensors = weights(options.layers, options.positions, options.seed)
    forms = options.forms.split(",")
    if "huggingface" in forms:
        write_hugging_face(f"{options.folder}/huggingface", tensors, options.layers, options.positions)
    if "keras" in forms:
        write_keras(f"{options.folder}/bert.h5", tensors, options.layers)
    if "onnx" in forms:
        write_onnx(f"{options.folder}/bert.onnx", tensors, options.layers)
    if "changed" in forms:
        tensors[f"encoder.layer.{options.layers // 2}.output.dense.weight"][3, 7] += 0.01
        write_onnx(f"{options.folder}/changed.onnx", tensors, options.layers)


if __name__ == "__main__":
    main()
