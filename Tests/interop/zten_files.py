# Every sample as ZTEN, by planes and plain: read by the decoder that knows Schemas/zten.md alone, checked by the zstd
# command, and (plain) loaded by the real safetensors library; all against the samples' safetensors form.
import glob
import json
import os
import subprocess
import sys

import numpy as np
from safetensors import safe_open
from zten_decode import read_zten

assay, work = sys.argv[1:3]
samples = os.environ["ASSAY_SAMPLES"]


def convert(source, target, *options):
    subprocess.run([assay, "convert", source, target, *options], check=True, stdout=subprocess.DEVNULL)
    return target


def safetensors(path):
    with safe_open(path, framework="np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}


def same(first, second):
    assert first.keys() == second.keys(), (sorted(first), sorted(second))
    for name in first:
        one, two = first[name], second[name]
        assert one.dtype == two.dtype and one.shape == two.shape and one.tobytes() == two.tobytes(), name


sources = sorted(glob.glob(f"{samples}/*/*.h5") + glob.glob(f"{samples}/*/*.keras"))
assert sources, f"no samples in {samples}"
for source in sources:
    truth = safetensors(convert(source, f"{work}/truth.safetensors"))
    planes = convert(source, f"{work}/planes.zten")
    plain = convert(source, f"{work}/plain.zten", "--plain")
    for path in (planes, plain):
        subprocess.run(["zstd", "-q", "-t", path], check=True)
        arrays, metadata = read_zten(path)
        same(arrays, truth)
        for key in ("zten.graph", "zten.provenance"):
            if key in metadata:
                json.loads(metadata[key])
    with open(f"{work}/plain.safetensors", "wb") as file:
        subprocess.run(["zstd", "-q", "-dc", plain], stdout=file, check=True)
    same(safetensors(f"{work}/plain.safetensors"), truth)
    for path in glob.glob(f"{work}/*"):
        os.remove(path)
    print(f"{os.path.relpath(source, samples)}: {len(truth)} tensors, "
          f"{sum(array.nbytes for array in truth.values()):,} bytes, the same by all readers")
