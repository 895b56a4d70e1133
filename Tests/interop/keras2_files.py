"""Real Keras 2.15 loads what `assay convert` writes and computes the same. usage: keras2_files.py ASSAY FOLDER"""

import os
import subprocess
import sys

import numpy as np
import keras

assay, work = sys.argv[1:3]
samples = os.environ["ASSAY_SAMPLES"]


def convert(*arguments):
    subprocess.run([assay, "convert", *arguments], check=True, stdout=subprocess.DEVNULL)


def check(name, model, golden):
    inputs = [golden[f"in/{tensor.name}"] for tensor in model.inputs]
    expected = golden[next(entry for entry in golden.files if entry.startswith("out/"))]
    given = np.asarray(model(inputs[0] if len(inputs) == 1 else inputs, training=False))
    difference = np.abs(given - expected).max()
    print(f"{name}: Keras {keras.__version__} loads it, outputs differ by {difference:.1e}")
    assert difference < 1e-6


for sample in ["classifier", "encoder"]:
    folder = f"{samples}/{sample}"
    golden = np.load(f"{folder}/golden-keras2.npz")
    original = keras.models.load_model(f"{folder}/keras2.h5")
    base = f"{work}/{sample}"
    convert(f"{folder}/keras2.h5", f"{base}.zten")
    for suffix in [".h5", ".keras"]:
        convert(f"{base}.zten", base + suffix)
        check(f"{sample}/keras2.h5 → {suffix}", keras.models.load_model(base + suffix), golden)
    for name, options in [(".weights.h5", []), ("-weights.h5", ["--to", "keras-weights-legacy-h5"])]:
        convert(f"{base}.zten", base + name, *options)
        fresh = keras.models.clone_model(original)
        fresh.load_weights(base + name)
        check(f"{sample}/keras2.h5 → {name}", fresh, golden)
