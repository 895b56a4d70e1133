# Every sample and every Keras file of Tests/Fixtures as safetensors: the real library loads it, and finds what h5py finds
# in the source, name by name and bit by bit.
import glob
import io
import os
import subprocess
import sys
import zipfile

import h5py
from safetensors import safe_open

assay, work = sys.argv[1:3]
FOLDERS = {"samples": os.environ["ASSAY_SAMPLES"] + "/*", "fixtures": "../Fixtures/k*"}


def stored(path):
    """The arrays of a Keras file, by the paths of their datasets."""
    if path.endswith(".keras"):
        path = io.BytesIO(zipfile.ZipFile(path).read("model.weights.h5"))
    arrays = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "fiub":
            arrays[name] = item[()]

    with h5py.File(path) as file:
        file.visititems(visit)
    return arrays


for title, folder in FOLDERS.items():
    sources = sorted(glob.glob(f"{folder}/*.h5") + glob.glob(f"{folder}/*.keras"))
    assert sources, f"no Keras files in {folder}"
    count = 0
    for source in sources:
        target = f"{work}/model.safetensors"
        subprocess.run([assay, "convert", source, target], check=True, stdout=subprocess.DEVNULL)
        truth = stored(source)
        with safe_open(target, framework="np") as file:
            assert set(file.keys()) == set(truth), (source, set(file.keys()) ^ set(truth))
            for name, array in truth.items():
                found = file.get_tensor(name)
                assert found.dtype == array.dtype and found.shape == array.shape, (source, name)
                assert found.tobytes() == array.tobytes(), (source, name)
        count += len(truth)
    print(f"{title}: {len(sources)} files, {count} tensors, the same by safetensors and h5py")
