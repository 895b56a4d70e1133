"""Inspecting and converting a 400 MB HDF5 file, beside what the system's tools take for it.

usage: files.py ASSAY

Prints a line for each demand with its ratio, and ends with status 1 when one is missed. The two commands of a pair take
turns and medians are compared, so that a busy machine disturbs both alike.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

LAYERS, UNITS, ROUNDS = 100, 1024, 9


def make_checkpoint(path):
    """A legacy Keras file of Dense layers, 4 MiB of weights each."""
    import h5py
    import numpy as np

    random = np.random.default_rng(0)
    names = [f"dense_{number}" for number in range(LAYERS)]
    common = {"units": UNITS, "activation": "relu", "use_bias": True, "dtype": "float32"}
    layers = [{"class_name": "Dense", "config": {"name": name, **common}} for name in names]
    layers[0]["config"]["batch_input_shape"] = [None, UNITS]
    configuration = {"class_name": "Sequential", "config": {"name": "large", "layers": layers}}
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = "2.15.0", "tensorflow"
        file.attrs["model_config"] = json.dumps(configuration)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode() for name in names]
        for name in names:
            weights = {f"{name}/kernel:0": (UNITS, UNITS), f"{name}/bias:0": (UNITS,)}
            inner = group.create_group(name)
            inner.attrs["weight_names"] = [weight.encode() for weight in weights]
            for weight, shape in weights.items():
                inner.create_dataset(weight, data=random.standard_normal(shape, np.float32))


def measure(command):
    """Wall time in seconds, and peak memory in MB of the largest process of the command."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, f"{command} ended with {status}"
    return time.perf_counter() - start, usage.ru_maxrss / 1000


def compare(title, ours, theirs, limit, memory_limit, beside=0.0):
    """Prints and judges the ratio of two commands; `beside` is the memory of a process that runs beside ours."""
    measure(ours), measure(theirs)
    pairs = [(measure(ours), measure(theirs)) for _ in range(ROUNDS)]
    mine = statistics.median(pair[0][0] for pair in pairs)
    other = statistics.median(pair[1][0] for pair in pairs)
    memory = max(pair[0][1] for pair in pairs) + beside
    is_good = mine <= limit * other and memory <= memory_limit
    print(
        f"{title}: {mine * 1000:.1f} ms to {other * 1000:.1f} ms, ratio {mine / other:.2f} (at most {limit}); "
        f"peak memory {memory:.0f} MB (at most {memory_limit}): {'good' if is_good else 'MISSED'}"
    )
    return is_good


def main():
    assay = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        model, copy, new = (f"{folder}/{name}" for name in ("model.h5", "copy.h5", "model.safetensors"))
        # In a process of its own: what a process has in memory counts for the commands that it starts.
        subprocess.run([sys.executable, __file__, "--make", model], check=True)
        print(f"a legacy Keras file of {os.path.getsize(model) / 1e6:.0f} MB, {2 * LAYERS} tensors")
        helper = measure([assay + "-hdf5", "index", model])[1]
        convert = [assay, "convert", model, new]
        good = [
            compare("inspect to h5dump -H", [assay, "inspect", model], ["h5dump", "-H", model], 1.0, 40, helper),
            compare("convert --no-verify to cp", [*convert, "--no-verify"], ["cp", model, copy], 2.5, 150),
            compare("convert to cp", convert, ["cp", model, copy], 4.0, 150),
        ]
    sys.exit(0 if all(good) else 1)


if sys.argv[1] == "--make":
    make_checkpoint(sys.argv[2])
else:
    main()
