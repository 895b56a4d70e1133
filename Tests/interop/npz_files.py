# Every sample as NPZ: NumPy loads it, zipfile finds its checksums right, and its arrays are those of the safetensors form.
import glob
import os
import subprocess
import sys
import zipfile

import numpy as np
from safetensors import safe_open

assay, work = sys.argv[1:3]
samples = os.environ["ASSAY_SAMPLES"]
sources = sorted(glob.glob(f"{samples}/*/*.h5") + glob.glob(f"{samples}/*/*.keras"))
assert sources, f"no samples in {samples}"
for source in sources:
    for target in ("arrays.npz", "truth.safetensors"):
        subprocess.run([assay, "convert", source, f"{work}/{target}"], check=True, stdout=subprocess.DEVNULL)
    assert zipfile.ZipFile(f"{work}/arrays.npz").testzip() is None
    arrays = np.load(f"{work}/arrays.npz", allow_pickle=False)
    with safe_open(f"{work}/truth.safetensors", framework="np") as truth:
        for name in truth.keys():
            one, two = arrays[name], truth.get_tensor(name)
            assert one.dtype == two.dtype and one.shape == two.shape and one.tobytes() == two.tobytes(), name
        print(f"{os.path.relpath(source, samples)}: {len(truth.keys())} arrays, the same by NumPy")
    for path in glob.glob(f"{work}/*"):
        os.remove(path)
