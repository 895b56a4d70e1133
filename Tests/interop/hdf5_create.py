# h5py reads what the helper assay-hdf5 writes, from a plan made here by the description in PlanFormat.swift.
import os
import struct
import subprocess
import sys

import h5py
import numpy as np

helper, work = sys.argv[1] + "-hdf5", sys.argv[2]
KINDS = {"u": 0, "i": 1, "f": 2, "b": 3, "V": 4, "S": 5}


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack("<I", len(value)) + value


def space(shape):
    return b"\xff" if shape == () else struct.pack(f"<B{len(shape)}Q", len(shape), *shape)


def array_type(array):
    return struct.pack("<BI", KINDS[array.dtype.kind], array.dtype.itemsize)


rng = np.random.default_rng(1)
datasets = {}
for name in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 V2 V1 b1".split():
    for shape in [(), (0, 3), (4, 5), (2, 3, 4)]:
        size = int(np.prod(shape)) * np.dtype(name).itemsize
        raw = rng.integers(0, 2 if name == "b1" else 256, size, "u1").tobytes()
        datasets[f"/{name}/{'x'.join(map(str, shape)) or 'scalar'}"] = np.frombuffer(raw, name).reshape(shape)
datasets["/large"] = rng.standard_normal((1 << 20, 3)).astype("f4")

plan = b"AHP1" + b"".join(b"G" + text("/" + name) for name in sorted({path.split("/")[1] for path in datasets} - {"large"}))
for path, array in datasets.items():
    plan += b"D" + text(path) + array_type(array) + space(array.shape)
names = np.array([b"dense", b"", b"lstm_1"])
plan += b"A" + text("/") + text("names") + array_type(names) + space(names.shape) + text(names.tobytes())
plan += b"A" + text("/f4") + text("config") + struct.pack("<BI", 8, 1) + space(()) + struct.pack("<I", 1) + text("größer" * 20000)
plan += b"A" + text("/f4/4x5") + text("count") + struct.pack("<BI", 1, 8) + space(()) + text(struct.pack("<q", -7))
plan += b"E"

path = os.path.join(work, "created.h5")
answer = subprocess.run([helper, "create", path], input=plan, stdout=subprocess.PIPE, check=True).stdout
assert answer[:4] == b"AHO1" and answer[-1:] == b"E", answer
offsets = struct.unpack(f"<{len(datasets)}Q", answer[4:-1])
with open(path, "r+b") as file:
    for offset, array in zip(offsets, datasets.values()):
        if array.size:
            assert array.nbytes < 512 or offset % 64 == 0
            file.seek(offset)
            file.write(array.tobytes())

with h5py.File(path) as file:
    for path, array in datasets.items():
        found = file[path][()]
        assert np.asarray(found).dtype == array.dtype, (path, np.asarray(found).dtype)
        assert np.asarray(found).shape == array.shape and np.asarray(found).tobytes() == array.tobytes(), path
    assert file.attrs["names"].dtype == "S6" and (file.attrs["names"] == names).all()
    assert file["f4"].attrs["config"] == "größer" * 20000
    assert file["f4/4x5"].attrs["count"] == -7
print(f"h5py {h5py.__version__} reads {len(datasets)} datasets and 3 attributes as they were planned")
