"""Reading and converting files, beside the system's tools; and verify of HDF5 against ONNX."""

import os
import subprocess
import sys
import tempfile

import setting
from report import Row, Section
from whole import Comparison, Run

# The parameters that Assay compresses byte planes with, for zstd's own command.
PARAMETERS = ["--zstd=strategy=1,minMatch=7,hashLog=6,targetLength=16", "--compress-literals"]


def convert(assay, rounds):
    """inspect beside h5dump, HDF5 to safetensors beside cp."""
    model = f"{setting.bert(forms='keras')}/bert.h5"
    helper = Run([assay + "-hdf5", "index", model]).memory
    with tempfile.TemporaryDirectory(dir=setting.MODELS) as scratch:
        inspect = Comparison([assay, "inspect", model], ["h5dump", "-H", model], rounds)
        new, copy = f"{scratch}/model.safetensors", f"{scratch}/copy.h5"
        copied, made = ["cp", model, copy], (new, copy)
        plain = Comparison([assay, "convert", model, new, "--no-verify"], copied, rounds, new=made)
        checked = Comparison([assay, "convert", model, new], copied, rounds, new=made)
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
    with tempfile.TemporaryDirectory(dir=setting.MODELS) as scratch:
        names = ("model.safetensors", "model.zten", "planes", "planes.zst", "back.safetensors", "planes.back")
        source, packed, planes, plain, back, unpacked = (f"{scratch}/{name}" for name in names)
        subprocess.run(["cp", model, source], check=True)
        one = ["--no-verify", "--threads", "1"]
        subprocess.run([assay, "convert", source, packed, *one], check=True, stdout=subprocess.DEVNULL)
        with open(planes, "wb") as file:
            subprocess.run(["zstd", "-dc", packed], check=True, stdout=file)
        # Without these it compresses, reads and writes on threads of their own.
        zstd = ["zstd", "-q", "-f", "--single-thread", "--no-asyncio"]
        pack = Comparison(
            [assay, "convert", source, packed, *one], [*zstd, "-1", *PARAMETERS, planes, "-o", plain], rounds,
            new=(packed, plain))
        unpack = Comparison([assay, "convert", packed, back, *one], [*zstd, "-d", plain, "-o", unpacked], rounds,
            new=(back, unpacked))
        same = subprocess.run(["cmp", source, back]).returncode == 0
        share = os.path.getsize(packed) / os.path.getsize(source)
    rows = [
        speed("safetensors → ZTEN, GB/s", pack, "wall", size, 0.55),
        speed("the same, without the kernel's time", pack, "own", size, 0.55),
        speed("ZTEN → safetensors, GB/s of decoded bytes", unpack, "wall", size, 1.5),
        speed("the same, without the kernel's time", unpack, "own", size, 1.5),
    ]
    note = (
        f"One thread, {size * 1000:.0f} MB, new files each time, whole processes in turns, {rounds} each, beside "
        f"`zstd --single-thread --no-asyncio -1 {' '.join(PARAMETERS)}` on the same byte planes. Assay's ZTEN file has reached the device when the command ends, "
        f"zstd's has not. The ZTEN file takes {share:.1%} of the safetensors file and "
        f"comes back {'the same' if same else '**CHANGED**'}.")
    return Section("ZTEN", note, rows, heads=("", "Assay", "zstd alone", "GB/s", "demanded", "met"))


def speed(title, found, figure, size, limit):
    ours, theirs = (found.median(side, figure) for side in (0, 1))
    return Row(f"{title} ({theirs / ours:.2f} of zstd's)", f"{ours:.2f} s", f"{theirs:.2f} s", size / ours, limit, True)


def verify(assay, rounds):
    """A Keras file against the ONNX file of the same weights, and two ONNX files, beside Polygraphy with every output marked."""
    folder, inputs = setting.bert(forms="keras,onnx,changed"), setting.inputs(1, 128)
    files = [f"{folder}/{name}" for name in ("bert.h5", "bert.onnx", "changed.onnx")]
    theirs = [sys.executable, f"{setting.HERE}/polygraphy_pair.py", files[1], files[2], inputs]
    rows, words = [], []
    for title, pair in (("HDF5 against ONNX", files[:2]), ("two ONNX files, one element changed", files[1:])):
        ours = [assay, "verify", *pair, "--inputs", inputs]
        found = Comparison(ours, theirs, rounds, may_differ=True)
        words.append(subprocess.run(ours, capture_output=True, text=True).stdout.splitlines()[0])
        times = [f"{found.median(side, 'work'):.1f} s" for side in (0, 1)]
        most = [found.most(side, "memory") for side in (0, 1)]
        rows.append(Row(f"{title}: processor time", *times, found.ratio("work"), 1 / 6))
        rows.append(Row(f"{title}: memory", *(f"{size:.0f} MB" for size in most), most[0] / most[1], 1 / 3))
    note = (
        "BERT-base, 1 × 128: `assay verify A B --inputs IN` with both models in Double, weights and every layer compared, beside "
        "`polygraphy_pair.py`, which runs two ONNX files in Float and compares every value. Assay's verdicts: "
        + "; ".join(f"*{word}*" for word in words) + ".")
    return Section("verify", note, rows)
