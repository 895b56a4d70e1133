# Converts every sample and case of one Keras generation into every container; the real Keras of that generation loads each,
# and computes what the framework recorded with the source. Shared by keras2_reads.py and keras3_reads.py.
import glob
import json
import os
import subprocess

import numpy as np

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Fixtures")


def sources(generation):
    """The files of `generation` that hold whole models, each with what was recorded."""
    samples = os.environ["ASSAY_SAMPLES"]
    names = {2: ["keras2.h5"], 3: ["keras3.h5", "model.keras"]}[generation]
    golden = {2: "golden-keras2.npz", 3: "golden.npz"}[generation]
    for folder in sorted(glob.glob(f"{samples}/*/")):
        for name in names:
            yield folder + name, folder + golden, (5e-6, 2e-5)
    for folder in sorted(glob.glob(f"{CASES}/k{generation}-*/")):
        case = json.load(open(folder + "case.json"))
        tolerance = case["tolerance"] or {"abs": 5e-6, "rel": 2e-5}
        for file in case["files"]:
            if file["dialect"] in (f"keras{generation}-h5", f"keras{generation}-keras") and case["golden"]:
                yield folder + file["path"], folder + case["golden"], (tolerance["abs"], tolerance["rel"])


def predict(model, golden):
    """The model's outputs in order, for the recorded inputs."""
    inputs = [golden[f"in/{tensor.name.split(':')[0]}"] for tensor in model.inputs]
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    return [np.asarray(output) for output in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def check(model, golden, tolerance):
    expected = [golden[name] for name in golden.files if name.startswith("out/")]
    outputs = predict(model, golden)
    assert len(outputs) == len(expected), (len(outputs), len(expected))
    for output, truth in zip(outputs, expected):
        bound = tolerance[0] * max(1, np.abs(truth).max()) + tolerance[1] * np.abs(truth)
        assert np.all(np.abs(output - truth) <= bound), np.abs(output - truth).max()


def run(assay, work, generation, load_model):
    """Prints a line a source; gives the number of conversions that failed."""
    passed, failed, skipped = 0, 0, 0
    for source, golden, tolerance in sources(generation):
        golden = np.load(golden)
        try:
            original = load_model(source, compile=False, safe_mode=False)
        except Exception as error:  # what Keras does not load itself, no conversion can mend
            print(f"{source}: Keras does not load the source: {type(error).__name__}")
            skipped += 1
            continue
        for steps in (["a.zten", "b.h5"], ["a.safetensors", "b.keras"], ["a.npz", "b.weights.h5"], ["a.keras", "b.h5"]):
            file = source
            try:
                for step in steps:
                    target = f"{work}/{step}"
                    subprocess.run([assay, "convert", file, target], check=True, capture_output=True, text=True)
                    file = target
                if file.endswith(".weights.h5"):
                    for weight in original.weights:
                        weight.assign(np.zeros(weight.shape, str(np.dtype(weight.numpy().dtype))))
                    original.load_weights(file)
                    model = original
                else:
                    model = load_model(file, safe_mode=False)
                check(model, golden, tolerance)
                passed += 1
            except subprocess.CalledProcessError as error:
                print(f"FAILED {source} by {' '.join(steps)}: {error.stderr.strip()}")
                failed += 1
            except Exception as error:
                print(f"FAILED {source} by {' '.join(steps)}: {type(error).__name__}: {str(error)[:300]}")
                failed += 1
            for path in glob.glob(f"{work}/*"):
                os.remove(path)
    print(f"Keras {generation} reads what Assay writes: {passed} passed, {failed} failed, {skipped} sources skipped")
    return failed
