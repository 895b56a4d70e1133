"""Real Keras 3 loads what `assay convert` writes and computes the same. usage: keras_files.py ASSAY FOLDER

The samples go from each form through ZTEN to each other form; Keras loads the result and must give the golden outputs bit for
bit, or to within 1e-6 where another order of sums is possible.
"""

import os
import subprocess
import sys

import keras
import numpy as np

assay, work = sys.argv[1:3]
samples = os.environ["ASSAY_SAMPLES"]
SOURCES = ["model.keras", "keras3.h5", "model.weights.h5"]


def convert(*arguments):
    subprocess.run([assay, "convert", *arguments], check=True, stdout=subprocess.DEVNULL)


def outputs(model, golden):
    inputs = [golden[f"in/{tensor.name}"] for tensor in model.inputs]
    return np.asarray(model(inputs[0] if len(inputs) == 1 else inputs, training=False))


def check(name, model, golden):
    expected = golden[next(entry for entry in golden.files if entry.startswith("out/"))]
    difference = np.abs(outputs(model, golden) - expected).max()
    print(f"{name}: Keras {keras.__version__} loads it, outputs differ by {difference:.1e}")
    assert difference < 1e-6


for sample in ["classifier", "encoder"]:
    folder = f"{samples}/{sample}"
    golden = np.load(f"{folder}/golden.npz")
    original = keras.models.load_model(f"{folder}/model.keras")
    for source in SOURCES:
        graph = ["--graph-from", f"{folder}/model.json"] if source.endswith(".weights.h5") else []
        base = f"{work}/{sample}-{source.split('.')[0]}"
        convert(f"{folder}/{source}", f"{base}.zten", *graph)
        convert(f"{base}.zten", f"{base}.keras")
        check(f"{sample}/{source} → .keras", keras.models.load_model(f"{base}.keras"), golden)
        convert(f"{base}.zten", f"{base}.weights.h5")
        fresh = keras.models.clone_model(original)
        fresh.load_weights(f"{base}.weights.h5")
        check(f"{sample}/{source} → .weights.h5", fresh, golden)
        convert(f"{base}.zten", f"{base}-legacy.h5", "--to", "keras-weights-legacy-h5")
        fresh = keras.models.clone_model(original)
        fresh.load_weights(f"{base}-legacy.h5")
        check(f"{sample}/{source} → legacy weights", fresh, golden)
        convert(f"{base}.zten", f"{base}.h5")
        if sample == "classifier":
            continue  # Keras 3 cannot load its own legacy files of masked models: "Unknown layer: 'NotEqual'".
        check(f"{sample}/{source} → .h5", keras.models.load_model(f"{base}.h5"), golden)
