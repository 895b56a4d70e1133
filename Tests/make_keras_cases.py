"""Records what Keras computes in float64 for cases of operators, as independent truth for their reference evaluations.

    python Tests/make_keras_cases.py        writes Tests/Fixtures/operators/keras.json

Run it with Keras 3 on TensorFlow. Every case holds the operator's name and attributes in the JSON form of a graph, so that
no list of operations stands beside it. Inputs are multiples of 1/16, which keeps the file short.
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import tensorflow as tf

keras.config.set_floatx("float64")
random = np.random.default_rng(20240501)
cases = []


def reals(*shape):
    return np.round(random.uniform(-1.5, 1.5, shape) * 16) / 16


def tensor(array):
    array = np.asarray(array)
    kind = {"f": "f64", "b": "bool"}[array.dtype.kind]
    return {"type": kind, "shape": list(array.shape), "values": array.astype(np.float64).ravel().tolist()}


def record(name, operator, attributes, operands, results, relative=1e-9):
    cases.append(
        {
            "name": name,
            "relative": relative,
            "operator": operator,
            "attributes": attributes,
            "operands": [None if o is None else tensor(o) for o in operands],
            "results": [None if r is None else tensor(r) for r in results],
        }
    )


ACTIVATIONS = {
    "tanh": {"tanh": {}},
    "sigmoid": {"sigmoid": {}},
    "relu": {"relu": {"negativeSlope": 0, "threshold": 0}},
    "hard_sigmoid": {"hardSigmoid": {"slope": 1 / 6, "offset": 0.5}},
    "elu": {"elu": {"alpha": 1}},
}


def with_weights(layer, *inputs, **arguments):
    """Builds a layer, gives it short random weights, and calls it."""
    layer(*inputs, **arguments)
    layer.set_weights([reals(*w.shape) / 2 for w in layer.get_weights()])
    return layer(*inputs, **arguments), layer.get_weights()


def recurrent(name, kind, mask=None, states=0, zero_output=False, **options):
    x = reals(3, 5, 3)
    options = {"activation": "tanh", **options}
    layer = getattr(keras.layers, kind)(4, return_sequences=True, return_state=True, **options)
    layer.zero_output_for_mask = zero_output
    initial = [reals(3, 4) for _ in range(states)]
    results, weights = with_weights(layer, x, mask=mask, initial_state=initial or None)
    attributes = {
        "activation": ACTIVATIONS[options["activation"]],
        "goBackwards": options.get("go_backwards", False),
        "zeroOutputForMask": zero_output,
    }
    if kind != "SimpleRNN":
        attributes["recurrentActivation"] = ACTIVATIONS[options.get("recurrent_activation", "sigmoid")]
    biases = [weights[2]] if len(weights) > 2 else [None]
    if kind == "GRU":
        attributes["resetAfter"] = options.get("reset_after", True)
        biases = list(weights[2]) if len(weights) > 2 and attributes["resetAfter"] else biases + [None]
    record(name, kind, attributes, [x, *weights[:2], *biases, mask, *initial], results)


def recurrents():
    mask = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1], [0, 0, 0, 0, 0]], bool)
    recurrent("lstm", "LSTM")
    recurrent("lstm, mask, states", "LSTM", mask, states=2)
    recurrent("lstm, mask, backwards, zero output", "LSTM", mask, go_backwards=True, zero_output=True)
    recurrent("lstm, other activations, no bias", "LSTM", activation="elu", recurrent_activation="hard_sigmoid",
              use_bias=False)
    recurrent("gru", "GRU", mask, states=1)
    recurrent("gru, reset before", "GRU", mask, states=1, reset_after=False, go_backwards=True)
    recurrent("gru, no bias", "GRU", use_bias=False, recurrent_activation="hard_sigmoid")
    recurrent("simple rnn", "SimpleRNN", mask, states=1)
    recurrent("simple rnn, backwards", "SimpleRNN", go_backwards=True, activation="relu")


def attentions():
    def attention(name, q, k, v, scale, causal=False, mask=None, bias=None):
        y = keras.ops.dot_product_attention(q, k, v, bias=bias, mask=mask, scale=scale, is_causal=causal)
        attributes = {"scale": scale, "isCausal": causal, "zeroesHiddenRows": False, "addsMasks": False}
        record(name, "Attention", attributes, [q, k, v, mask, bias], [y, None])

    q, k, v = reals(2, 4, 4, 3), reals(2, 5, 4, 3), reals(2, 5, 4, 3)
    mask = np.array([[[[1, 0, 1, 1, 0]]], [[[1, 1, 1, 0, 0]]]], bool)
    attention("attention", q, k, v, 0.5)
    attention("attention, key mask", q, k, v, 0.5, mask=mask)
    attention("attention, causal", q, k[:, :4], v[:, :4], 0.75, causal=True)
    attention("attention, grouped queries", q, k[:, :, :2], v[:, :, :2], 0.5)
    attention("attention, bias", q, k, v, 0.5, bias=reals(1, 4, 4, 5))


def additive_attentions():
    q, k, v = reals(2, 4, 3), reals(2, 5, 3), reals(2, 5, 2)
    mask = np.array([[1, 0, 1, 1, 0], [1, 1, 1, 0, 0]], bool)
    for name, scaled, causal in [("additive attention", True, False), ("additive attention, causal", False, True)]:
        layer = keras.layers.AdditiveAttention(use_scale=scaled)
        layer.build([q.shape, v.shape, k.shape])
        layer.set_weights([reals(*w.shape) for w in layer.get_weights()])
        y, p = layer([q, v, k], mask=[None, mask], return_attention_scores=True, use_causal_mask=causal)
        scale = layer.get_weights()[0] if scaled else None
        record(name, "AdditiveAttention", {"isCausal": causal}, [q, k, v, scale, mask[:, None]], [y, p])


def padding(name):
    return {name: {}}


def last_to_first(array):
    return np.moveaxis(np.asarray(array), -1, 1)


def convolutions():
    def convolution(name, spatial, kernel, padded, strides, dilations, groups=1):
        rank = len(spatial)
        x = reals(2, *spatial, 2 * groups)
        layer = getattr(keras.layers, f"Conv{rank}D")(
            2 * groups, kernel, strides=strides, padding=padded, dilation_rate=dilations, groups=groups)
        y, weights = with_weights(layer, x)
        attributes = {"strides": strides, "padding": padding(padded), "dilations": dilations, "groups": groups,
                      "channelsFirst": False}
        record(name, "Convolution", attributes, [x, *weights], [y])
        if rank == 2:
            record(f"{name}, channels first", "Convolution", {**attributes, "channelsFirst": True},
                   [last_to_first(x), *weights], [last_to_first(y)])

    convolution("convolution, valid", [7], [3], "valid", [2], [1])
    convolution("convolution, same, even kernel", [7], [4], "same", [2], [1])
    convolution("convolution, causal", [7], [3], "causal", [1], [2])
    convolution("convolution, two axes", [5, 4], [3, 2], "same", [2, 1], [1, 1])
    convolution("convolution, dilations, groups", [6, 5], [2, 3], "valid", [1, 1], [2, 1], groups=2)
    convolution("convolution, three axes", [3, 4, 3], [2, 3, 2], "same", [1, 2, 1], [1, 1, 1])


def depthwise_convolutions():
    for rank, spatial, kernel, padded, strides, dilations in [
        (2, [5, 5], [3, 2], "same", [2, 2], [1, 1]), (2, [5, 6], [2, 2], "valid", [1, 1], [2, 2]),
        (1, [7], [3], "same", [1], [1]),
    ]:
        layer = getattr(keras.layers, f"DepthwiseConv{rank}D")(
            kernel, strides=strides[0], padding=padded, depth_multiplier=2, dilation_rate=dilations)
        x = reals(2, *spatial, 2)
        y, weights = with_weights(layer, x)
        attributes = {"strides": strides, "padding": padding(padded), "dilations": dilations, "channelsFirst": False}
        record(f"depthwise convolution, {rank}, {padded}", "DepthwiseConvolution", attributes, [x, *weights], [y])


def transposed_convolutions():
    # TensorFlow has no dilations here on processors.
    for spatial, kernel, padded, strides, output in [
        ([4], [3], "valid", [2], None), ([4], [2], "valid", [3], None), ([4], [3], "same", [2], None),
        ([4], [4], "same", [3], None), ([4], [3], "same", [2], [1]), ([4], [5], "same", [2], [0]),
        ([3, 4], [3, 2], "valid", [2, 3], [1, 2]), ([3, 4], [3, 2], "same", [2, 2], None),
        ([2, 3, 2], [2, 3, 2], "same", [2, 1, 2], None),
    ]:
        rank = len(spatial)
        options = {} if output is None else {"output_padding": output}
        layer = getattr(keras.layers, f"Conv{rank}DTranspose")(
            2, kernel, strides=strides, padding=padded, **options)
        x = reals(2, *spatial, 2)
        y, weights = with_weights(layer, x)
        attributes = {"strides": strides, "padding": padding(padded), "dilations": [1] * rank, "groups": 1,
                      "channelsFirst": False, **({} if output is None else {"outputPadding": output})}
        name = f"transposed convolution, {spatial} by {kernel}, {padded}, {strides}, {output}"
        record(name, "TransposedConvolution", attributes, [x, *weights], [y])


def poolings():
    for kind, layer in [("max", "MaxPooling"), ("average", "AveragePooling")]:
        for spatial, size, strides, padded in [
            ([7], [3], [2], "valid"), ([6], [4], [3], "same"), ([5, 4], [2, 3], [2, 1], "same"),
        ]:
            rank = len(spatial)
            x = reals(2, *spatial, 2)
            y = getattr(keras.layers, f"{layer}{rank}D")(size, strides=strides, padding=padded)(x)
            attributes = {"kind": kind, "size": size, "strides": strides, "padding": padding(padded),
                          "channelsFirst": False, "countsPadding": False}
            record(f"{kind} pooling, {rank}, {padded}", "Pooling", attributes, [x], [y])


def resizes():
    x = reals(2, 3, 7, 2)
    for method in ["nearest", "bilinear", "bicubic", "area", "gaussian", "lanczos3", "lanczos5", "mitchellcubic"]:
        # TensorFlow interpolates in float32, whatever the type.
        relative = 1e-9 if method == "nearest" else 2e-6
        for size, antialias in [((6, 21), False), ((2, 9), False), ((4, 3), True)]:
            y = tf.image.resize(x, size, method=method, antialias=antialias)
            attributes = {"target": {"extents": {"_0": size}}, "method": method, "antialias": antialias,
                          "channelsFirst": False}
            record(f"resize to {size}, {method}, {antialias}", "Resize", attributes, [x], [y], relative=relative)


for make in [recurrents, attentions, additive_attentions, convolutions, depthwise_convolutions,
             transposed_convolutions, poolings, resizes]:
    make()
path = pathlib.Path(__file__).parent / "Fixtures" / "operators" / "keras.json"
path.parent.mkdir(exist_ok=True)
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
path.write_text('{"keras":"' + keras.__version__ + '","cases":[\n' + lines + "\n]}\n")
print(f"{len(cases)} cases, {path.stat().st_size} bytes")
