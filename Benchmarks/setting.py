"""What is measured with: programs, models, the machine."""

import importlib.metadata
import os
import platform
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FORWARD = os.environ.get("ASSAY_FORWARD", f"{HERE}/.build/release/Forward")
# Models are large and are made once.
MODELS = os.environ.get("ASSAY_MODELS", f"{HERE}/.models")


def bert(layers=12, positions=512, forms="huggingface,keras,onnx"):
    """The folder with a BERT of these many layers, made when it is missing."""
    folder = f"{MODELS}/bert-{layers}-{positions}"
    names = {
        "huggingface": "huggingface/config.json", "keras": "bert.h5", "onnx": "bert.onnx", "changed": "changed.onnx"}
    missing = [form for form in forms.split(",") if not os.path.exists(f"{folder}/{names[form]}")]
    if missing:
        # In a process of its own: what a process has in memory counts for the commands that it starts.
        make = [sys.executable, f"{HERE}/make_bert.py", folder, "--layers", str(layers), "--positions", str(positions)]
        subprocess.run([*make, "--forms", ",".join(missing)], check=True)
    return folder


def inputs(batch, sequence, numbered=True):
    """An NPZ file with inputs of this shape; Hugging Face's BERT numbers the positions itself."""
    import numpy as np

    path = f"{MODELS}/inputs-{batch}x{sequence}{'' if numbered else '-unnumbered'}.npz"
    if not os.path.exists(path):
        from onnx_worker import values

        made = {name: array for name, array in values(batch, sequence).items() if numbered or name != "position_ids"}
        np.savez(path, **{f"in/{name}": array.astype(np.int64) for name, array in made.items()})
    return path


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} processors"


def versions(assay):
    """A line for each program that is measured."""
    found = subprocess.run([assay, "--version"], capture_output=True, text=True).stdout.strip()
    peers = [f"{name} {importlib.metadata.version(name)}" for name in ("onnxruntime", "onnx", "polygraphy", "numpy", "h5py")]
    return [found, *peers, f"Python {platform.python_version()}", f"Linux {platform.release()}"]
