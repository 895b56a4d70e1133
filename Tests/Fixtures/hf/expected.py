#!/usr/bin/env python3
"""What the PyTorch checkpoints here hold, read without Assay and without PyTorch: Python's own pickle with PyTorch's names
replaced. Writes FOLDER/expected.npz.

usage: expected.py FOLDER…   (each folder holds pytorch_model.bin; files are trusted, since pickle runs them)
"""
import collections, io, pickle, sys, zipfile
import numpy as np

TYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8"}


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if name == "OrderedDict": return collections.OrderedDict
        if name == "_rebuild_tensor_v2": return lambda storage, offset, size, stride, *_: (storage, offset, size, stride)
        if name in TYPES: return np.dtype(TYPES[name])
        raise pickle.UnpicklingError(f"{module}.{name}")

    def persistent_load(self, identifier): return identifier[1], identifier[2]


def view(raw, tensor):
    (dtype, _), offset, size, stride = tensor
    array = np.frombuffer(raw, dtype)[offset:]
    return np.lib.stride_tricks.as_strided(array, size, [step * dtype.itemsize for step in stride])


def load(path):
    data = open(path, "rb").read()
    if data[:2] == b"PK":
        archive = zipfile.ZipFile(path)
        prefix = next(name for name in archive.namelist() if name.endswith("/data.pkl"))[: -len("data.pkl")]
        state = Unpickler(io.BytesIO(archive.read(prefix + "data.pkl"))).load()
        return {name: view(archive.read(f"{prefix}data/{tensor[0][1]}"), tensor) for name, tensor in state.items()}
    file = io.BytesIO(data)
    for _ in range(3): Unpickler(file).load()
    state, keys = Unpickler(file).load(), Unpickler(file).load()
    sizes = {tensor[0][1]: tensor[0][0].itemsize for tensor in state.values()}
    raw = {key: file.read(int.from_bytes(file.read(8), "little") * sizes[key]) for key in keys}
    return {name: view(raw[tensor[0][1]], tensor) for name, tensor in state.items()}


for folder in sys.argv[1:]: np.savez_compressed(f"{folder}/expected.npz", **load(f"{folder}/pytorch_model.bin"))
