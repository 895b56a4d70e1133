"""Reading and converting files, beside the system's tools; and verify of HDF5 against ONNX."""

import os
import subprocess
import sys
import tempfile

import setting
from report import Row, Section
from whole import Comparison, Run

# The parameters that Assay compresses byte planes with, for zstd's own command.
PARAMETERS = "--zstd=strategy=1,minMatch=7,hashLog=6"


def convert(assay, rounds):
    """inspect beside h5dump, HDF5 to safetensors beside cp."""
    model = f"{setting.bert(forms='keras')}/bert.h5"
    helper = Run([assay + "-hdf5", "index", model]).memory
    with tempfile.TemporaryDirectory(dir=setting.MODELS) as scratch:
        inspect = Comparison([assay, "inspect", model], ["h5dump", "-H", model], rounds)
        new, copy = f"{scratch}/model.safetensors", f"{scratch}/copy.h5"
        plain = Comparison([assay, "convert", model, new, "--no-verify"], ["cp", model, copy], rounds)
        checked = Comparison([assay, "convert", model, new], ["cp", model, copy], rounds)
    rows = [
        pair("`inspect` to `h5dump -H`", inspect, 1.0),
        memory("`inspect`: memory in MB, its helper's counted", inspect, 40, helper),
        pair("HDF5 → safetensors (`--no-verify`) to `cp`", plain, 1.5),
        pair("HDF5 → safetensors, read back and compared, to `cp`", checked, 4.0),
        memory("`convert`: memory in MB", checked, 150, 0),
    ]
    note = f"A Keras file of BERT-base, {os.path.getsize(model) / 1e6:.0f} MB; whole processes in turns, {rounds} each."
    return Section("HDF5", note, rows)


def pair(title, found, limit):
    times = [f"{found.median(side, 'wall') * 1000:.0f} ms" for side in (0, 1)]
    return Row(title, *times, found.ratio("wall"), limit)


def memory(title, found, limit, beside):
    most = found.most(0, "memory") + beside
    return Row(title, f"{most:.0f} MB", f"{found.most(1, 'memory'):.0f} MB", most, limit)


def zten(assay, rounds):
    """safetensors to ZTEN and back on one thread, beside zstd itself with the same parameters on the same bytes."""
    model = f"{setting.bert(forms='huggingface')}/huggingface/model.safetensors"
    size = os.path.getsize(model) / 1e9
    # In memory, so that the disk has no say.
    with tempfile.TemporaryDirectory(dir="/dev/shm") as scratch:
        names = ("model.safetensors", "model.zten", "planes", "planes.zst", "back.safetensors", "planes.back")
        source, packed, planes, plain, back, unpacked = (f"{scratch}/{name}" for name in names)
        subprocess.run(["cp", model, source], check=True)
        one = ["--no-verify", "--threads", "1"]
        subprocess.run([assay, "convert", source, packed, *one], check=True, stdout=subprocess.DEVNULL)
        with open(planes, "wb") as file:
            subprocess.run(["zstd", "-dc", packed], check=True, stdout=file)
        zstd = ["zstd", "-q", "-f", "--single-thread"]
        pack = Comparison(
            [assay, "convert", source, packed, *one], [*zstd, "-1", PARAMETERS, planes, "-o", plain], rounds)
        unpack = Comparison([assay, "convert", packed, back, *one], [*zstd, "-d", plain, "-o", unpacked], rounds)
        same = subprocess.run(["cmp", source, back]).returncode == 0
        share = os.path.getsize(packed) / os.path.getsize(source)
    rows = [
        speed("safetensors → ZTEN, GB/s", pack, size, 0.55), speed("ZTEN → safetensors, GB/s of decoded bytes", unpack, size, 1.5),
    ]
    note = (
        f"One thread, {size * 1000:.0f} MB in memory (`/dev/shm`), whole processes in turns, {rounds} each, beside "
        f"`zstd -1 {PARAMETERS}` on the same byte planes. The ZTEN file takes {share:.1%} of the safetensors file and "
        f"comes back {'the same' if same else '**CHANGED**'}.")
    return Section("ZTEN", note, rows, heads=("", "Assay", "zstd alone", "GB/s", "demanded", "met"))


def speed(title, found, size, limit):
    ours, theirs = (found.median(side, "wall") for side in (0, 1))
    return Row(f"{title} ({theirs / ours:.2f} of zstd's)", f"{ours:.2f} s", f"{theirs:.2f} s", size / ours, limit, True)


def verify(assay, rounds):
    """A Keras file against the ONNX file of the same weights, beside running the ONNX file once."""
    folder, inputs = setting.bert(), setting.inputs(1, 128)
    with tempfile.TemporaryDirectory() as scratch:
        theirs = [sys.executable, f"{setting.HERE}/onnx_once.py", f"{folder}/bert.onnx", inputs, f"{scratch}/o.npz", "2"]
        ours = [assay, "verify", f"{folder}/bert.h5", f"{folder}/bert.onnx"]
        found = Comparison(ours, theirs, rounds)
        result = subprocess.run(ours, capture_output=True, text=True).stdout.strip().splitlines()
    rows = [
        [f"wall", f"{found.median(0, 'wall'):.2f} s", f"{found.median(1, 'wall'):.2f} s", f"{found.ratio('wall'):.2f}"],
        ["processor", f"{found.median(0, 'work'):.2f} s", f"{found.median(1, 'work'):.2f} s", f"{found.ratio('work'):.2f}"],
        ["memory", f"{found.most(0, 'memory'):.0f} MB", f"{found.most(1, 'memory'):.0f} MB", ""],
    ]
    note = (
        "`assay verify bert.h5 bert.onnx`: both models in Double with every layer compared, weights compared first, beside "
        f"python + ONNX Runtime that runs the ONNX file once. Its verdict: {result[0] if result else 'none'}")
    return Section("verify: HDF5 against ONNX", note, rows, heads=("", "Assay", "one ONNX Runtime run", "ratio"))
