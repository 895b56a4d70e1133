"""Makes the sample checkpoints with real Keras: `make samples` runs it under Keras 3 and then under Keras 2.

usage: make.py FOLDER

Under Keras 3 it trains each model and writes `.keras`, `.weights.h5`, `model.json`, the legacy `.h5`, `golden.npz` and
`deciding.json`. Under Keras 2 it builds the same models, takes the weights from the `.h5` of Keras 3, and writes the
`.h5` of Keras 2 and what Keras 2 computes with it.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import models
import tasks

IS_KERAS_3 = keras.__version__.startswith("3.")
TEST_SEED, GOLDEN_SEED, GOLDEN_COUNT = 1000, 2000, 8


def passed(inputs):
    """Inputs as Keras wants them: the array itself where there is one."""
    return next(iter(inputs.values())) if len(inputs) == 1 else list(inputs.values())


class Sample:
    """One model with its task."""

    def __init__(self, name, build, task, epochs):
        self.name, self.build, self.task, self.epochs = name, build, task, epochs

    def data(self, count, seed):
        """Inputs by name, classes, and the deciding positions."""
        tokens, classes, deciding = self.task(count, seed)
        inputs = {"tokens": tokens}
        if self.name == "encoder":
            inputs["positions"] = np.tile(np.arange(tasks.LENGTH, dtype=np.int32), (count, 1))
        return inputs, classes, deciding


SAMPLES = [
    Sample("classifier", models.classifier, tasks.sentiment, epochs=7),
    Sample("encoder", models.encoder, tasks.order, epochs=6),
]


def train(sample):
    """Trains the model to more than 95 % of unseen samples right."""
    keras.utils.set_random_seed(7)
    model = sample.build()
    inputs, classes, _ = sample.data(8192, seed=1)
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(passed(inputs), classes, batch_size=64, epochs=sample.epochs, verbose=0)
    inputs, classes, _ = sample.data(2048, TEST_SEED)
    accuracy = model.evaluate(passed(inputs), classes, verbose=0)[1]
    print(f"{sample.name}: {model.count_params()} parameters, {accuracy:.1%} of {len(classes)} unseen samples right")
    assert accuracy > 0.95, "the sample must have learnt its task"
    # Without the optimizer's state: twice the size for nothing that a sample shows.
    plain = sample.build()
    plain.set_weights(model.get_weights())
    return plain, float(accuracy)


def record(model, inputs, path):
    """Writes what Keras computes: inputs, outputs and the output of every layer."""
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    recorder = keras.Model(model.input, [layer.output for layer in layers])
    values = recorder(passed(inputs), training=False)
    entries = {f"in/{name}": value for name, value in inputs.items()}
    entries[f"out/{layers[-1].name}"] = np.asarray(model(passed(inputs), training=False))
    entries.update({f"layer/{layer.name}": np.asarray(value) for layer, value in zip(layers, values)})
    np.savez_compressed(path, **entries)


def make_with_keras_3(sample, folder):
    """Trains, and writes every form that Keras 3 writes."""
    model, accuracy = train(sample)
    model.save(f"{folder}/model.keras")
    model.save(f"{folder}/keras3.h5")
    model.save_weights(f"{folder}/model.weights.h5")
    with open(f"{folder}/model.json", "w") as file:
        file.write(model.to_json(indent=1))
    inputs, classes, deciding = sample.data(GOLDEN_COUNT, GOLDEN_SEED)
    record(model, inputs, f"{folder}/golden.npz")
    facts = {
        "about": "which positions of each sample in golden.npz decide its class, by the generator of the data",
        "accuracy": round(accuracy, 4),
        "classes": classes.tolist(),
        "deciding": deciding,
    }
    with open(f"{folder}/deciding.json", "w") as file:
        json.dump(facts, file, indent=1)


def make_with_keras_2(sample, folder):
    """Builds the same model in Keras 2, with the same weights."""
    model = sample.build()
    model.load_weights(f"{folder}/keras3.h5")
    model.save(f"{folder}/keras2.h5")
    inputs, _, _ = sample.data(GOLDEN_COUNT, GOLDEN_SEED)
    record(model, inputs, f"{folder}/golden-keras2.npz")
    ours, theirs = (np.load(f"{folder}/{name}.npz") for name in ("golden-keras2", "golden"))
    worst = max(float(np.abs(ours[entry] - theirs[entry]).max()) for entry in theirs.files)
    print(f"{sample.name}: over all layers Keras 2 and Keras 3 differ by at most {worst:.1e}")
    assert worst < 1e-5, "both must hold the same model"


def main():
    for sample in SAMPLES:
        folder = os.path.join(sys.argv[1], sample.name)
        os.makedirs(folder, exist_ok=True)
        (make_with_keras_3 if IS_KERAS_3 else make_with_keras_2)(sample, folder)


main()
