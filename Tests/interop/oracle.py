# The reference path against NumPy in float64: Keras builds and saves models of one layer each with random weights, and
# what `assay run --reference` computes from the file must be within 1e-9 of the layer's formula as it is written here,
# without a line of Keras's or Assay's code. Keras's own Float output is held against the formula as well, so that the
# formula is the framework's and not somebody's idea of it.
import subprocess
import sys

import keras
import numpy as np

ORACLE_LIMIT = 1e-9  # of the largest magnitude of the output, Assay in Double
KERAS_LIMIT = 5e-6  # the same, Keras in Float: that it is the same function
BATCH, STEPS, SOURCE, WIDTH = 3, 7, 5, 6
EPSILON = 1e-3  # Keras's default in LayerNormalization
layers = keras.layers


# The formulas. Weights are float32 in the file; both sides widen them.


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def layer_normalization(x, gamma, beta, axes):
    mean = x.mean(axis=axes, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(variance + EPSILON) * gamma + beta


def recurrent(step, states, x, mask):
    """All outputs of a recurrent layer; a masked step changes nothing, and its output is the one before."""
    outputs, output = [], np.zeros_like(states[0])
    for time in range(x.shape[1]):
        new = step(x[:, time], *states)
        keep = mask[:, time, None]
        states = [np.where(keep, after, before) for after, before in zip(new, states)]
        output = np.where(keep, new[0], output)
        outputs.append(output)
    return np.stack(outputs, axis=1)


def lstm(x, mask, kernel, recurrent_kernel, bias):
    def step(x, h, c):
        i, f, g, o = np.split(x @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c

    zeros = np.zeros((len(x), len(recurrent_kernel)))
    return recurrent(step, [zeros, zeros], x, mask)


def gru(x, mask, kernel, recurrent_kernel, bias, reset_after):
    units = len(recurrent_kernel)
    input_bias, recurrent_bias = bias if reset_after else (bias, np.zeros_like(bias))

    def step(x, h):
        xz, xr, xh = np.split(x @ kernel + input_bias, 3, axis=-1)
        rz, rr, rh = np.split(h @ recurrent_kernel + recurrent_bias, 3, axis=-1)
        z, r = sigmoid(xz + rz), sigmoid(xr + rr)
        if not reset_after:
            rh = (r * h) @ recurrent_kernel[:, 2 * units :]
        return (z * h + (1 - z) * np.tanh(xh + (r * rh if reset_after else rh)),)

    return recurrent(step, [np.zeros((len(x), units))], x, mask)


def attention(query, key, value, mask, weights):
    """Multi-head attention; a query that may attend to nothing attends to all keys alike."""
    wq, bq, wk, bk, wv, bv, wo, bo = weights
    q = np.einsum("btd,dhk->bhtk", query, wq) + bq[:, None]
    k = np.einsum("bsd,dhk->bhsk", key, wk) + bk[:, None]
    v = np.einsum("bsd,dhk->bhsk", value, wv) + bv[:, None]
    scores = np.einsum("bhtk,bhsk->bhts", q, k) / np.sqrt(wq.shape[-1])
    hidden = ~np.broadcast_to(mask[:, None], scores.shape)
    scores[hidden] = -np.inf
    scores[hidden.all(axis=-1)] = 0
    return np.einsum("bhts,bhsk,hkd->btd", softmax(scores), v, wo) + bo


# The models.

random = np.random.default_rng(7)


def values(*shape):
    return random.standard_normal(shape).astype("float32")


def padded(x, lengths):
    """Zeroes the steps behind each length, which Masking then hides; and says which are left."""
    mask = np.arange(x.shape[1]) < np.array(lengths)[:, None]
    x[~mask] = 0
    return x, mask


class Case:
    """A model of one layer (and Masking), its inputs by name, and the formula that takes the layer's weights."""

    def __init__(self, title, layer, inputs, call, formula):
        self.title, self.inputs, self.formula = title, inputs, formula
        tensors = {
            name: keras.Input(array.shape[1:], name=name, dtype=array.dtype.name) for name, array in inputs.items()
        }
        self.model = keras.Model(list(tensors.values()), call(layer, **tensors))
        layer.set_weights([0.5 * values(*weight.shape) for weight in layer.get_weights()])
        self.weights = [weight.astype("float64") for weight in layer.get_weights()]

    def truth(self):
        wide = {name: x.astype("float64") if x.dtype == "float32" else x for name, x in self.inputs.items()}
        return self.formula(*self.weights, **wide)

    def framework(self):
        return np.asarray(self.model(list(self.inputs.values()), training=False))

    def assay(self, command, work, suffix):
        model, inputs, output = f"{work}/model{suffix}", f"{work}/in.npz", f"{work}/out.npz"
        self.model.save(model)
        np.savez(inputs, **{"in/" + name: array for name, array in self.inputs.items()})
        run = [command, "run", model, "--inputs", inputs, "--reference", "--layers", "--output", output]
        subprocess.run(run, check=True)
        with np.load(output) as arrays:
            (result,) = [arrays[name] for name in arrays if name.startswith("out/")]
        assert result.dtype == "float64", f"{self.title}: --reference gives {result.dtype}"
        return result


def one(layer, x):
    return layer(x)


def masked(layer, x):
    return layer(layers.Masking()(x))


def simple_cases():
    x = values(BATCH, STEPS, WIDTH)
    for name, function in {"linear": lambda x: x, "tanh": np.tanh, "softmax": softmax}.items():
        yield Case(
            f"Dense, {name}", layers.Dense(9, activation=name), {"x": x}, one,
            lambda kernel, bias, x, function=function: function(x @ kernel + bias))
    for axes in [(-1,), (1, 2)]:
        layer = layers.LayerNormalization(axis=axes if len(axes) > 1 else axes[0])
        yield Case(
            f"LayerNormalization, axes {axes}", layer, {"x": x}, one,
            lambda gamma, beta, x, axes=axes: layer_normalization(x, gamma, beta, axes))


def recurrent_cases():
    everything = np.ones((BATCH, STEPS), bool)
    for how, call, (x, mask) in [
        ("", one, (values(BATCH, STEPS, WIDTH), everything)),
        (", masked", masked, padded(values(BATCH, STEPS, WIDTH), [4, 7, 1])),
    ]:
        yield Case(
            f"LSTM{how}", layers.LSTM(5, return_sequences=True), {"x": x}, call,
            lambda *weights, x, mask=mask: lstm(x, mask, *weights))
        for reset_after in (True, False):
            yield Case(
                f"GRU, reset_after={reset_after}{how}",
                layers.GRU(5, return_sequences=True, reset_after=reset_after), {"x": x}, call,
                lambda *weights, x, mask=mask, reset_after=reset_after: gru(x, mask, *weights, reset_after))


def attention_cases():
    def heads(**options):
        return layers.MultiHeadAttention(num_heads=2, key_dim=4, **options)

    x, memory, other = values(BATCH, STEPS, WIDTH), values(BATCH, SOURCE, WIDTH), values(BATCH, SOURCE, 4)
    everything = np.ones((1, STEPS, STEPS), bool)
    causal = np.tril(everything)
    mask = random.random((BATCH, STEPS, STEPS)) < 0.6
    mask[1, 2] = False

    def self_formula(mask):
        return lambda *weights, x: attention(x, x, x, mask, weights)

    yield Case("MultiHeadAttention, self", heads(), {"x": x}, lambda layer, x: layer(x, x), self_formula(everything))
    yield Case(
        "MultiHeadAttention, value_dim, output_shape", heads(value_dim=3, output_shape=8), {"x": x},
        lambda layer, x: layer(x, x), self_formula(everything))
    yield Case(
        "MultiHeadAttention, causal", heads(), {"x": x}, lambda layer, x: layer(x, x, use_causal_mask=True),
        self_formula(causal))
    yield Case(
        "MultiHeadAttention, cross, key and value apart", heads(), {"x": x, "value": memory, "key": other},
        lambda layer, x, value, key: layer(x, value, key),
        lambda *weights, x, value, key: attention(x, key, value, np.ones((1, STEPS, SOURCE), bool), weights))
    yield Case(
        "MultiHeadAttention, mask with a hidden row", heads(), {"x": x, "mask": mask},
        lambda layer, x, mask: layer(x, x, attention_mask=mask),
        lambda *weights, x, mask: attention(x, x, x, mask, weights))
    x, carried = padded(values(BATCH, STEPS, WIDTH), [4, 7, 2])
    carried = carried[:, :, None] & carried[:, None, :]
    yield Case(
        "MultiHeadAttention, causal, mask carried by x", heads(), {"x": x},
        lambda layer, x: (lambda x: layer(x, x, use_causal_mask=True))(layers.Masking()(x)),
        self_formula(carried & causal))


def distance(first, second):
    """The largest difference, as a share of the largest magnitude."""
    assert first.shape == second.shape, (first.shape, second.shape)
    return np.abs(first - second).max() / np.abs(second).max()


def main(suffix):
    command, work = sys.argv[1:3]
    print(f"Keras {keras.__version__}, model{suffix}; differences from NumPy in float64, relative to the layer's scale")
    print(f"{'layer':50}{'assay --reference':>18}{'Keras in Float':>18}")
    is_good = True
    for cases in (simple_cases, recurrent_cases, attention_cases):
        for case in cases():
            truth = case.truth()
            mine = distance(case.assay(command, work, suffix), truth)
            theirs = distance(case.framework(), truth)
            good = mine <= ORACLE_LIMIT and theirs <= KERAS_LIMIT
            is_good &= bool(good)
            print(f"{case.title:50}{mine:18.1e}{theirs:18.1e}{'' if good else '  TOO FAR'}")
    assert is_good, f"more than {ORACLE_LIMIT} (Keras: {KERAS_LIMIT}) away"


if __name__ == "__main__":
    main(".keras")
