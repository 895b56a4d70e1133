"""BERT-base: steady forward, cold command and memory, beside ONNX Runtime."""

import os
import sys
import tempfile

import pairs
import setting
from report import Row, Section
from whole import Comparison


def steady(rounds):
    """Forwards that take turns in two processes that stay."""
    folder, rows = setting.bert(), []
    for threads in (1, 2):
        ours = pairs.assay(f"{folder}/huggingface", threads)
        theirs = pairs.onnx_runtime(f"{folder}/bert.onnx", threads)
        for sequence in (128, 512):
            pair = pairs.compare(ours, theirs, 1, sequence, rounds)
            median, least = pair.median(), pair.least()
            rows.append(
                Row(
                    f"1 × {sequence}, {threads} thread{'s' * (threads > 1)} (ratio of processor time {pair.ratio(1):.2f})",
                    f"{median[0]:.0f} ms (least {least[0]:.0f})", f"{median[1]:.0f} ms (least {least[1]:.0f})",
                    pair.ratio(), 1.0))
        ours.end(), theirs.end()
    note = (
        f"Two processes that have the model loaded run forward by forward in turns, {rounds} each; the figure is the "
        "median of the ratios turn by turn, Assay's time over ONNX Runtime's. `pairs.py` measures one pair alone.")
    return Section("Steady forward of BERT-base", note, rows)


def cold(assay, rounds):
    """Whole commands: start, read, run once, write, end."""
    folder, inputs = setting.bert(), setting.inputs(1, 128)
    weights = os.path.getsize(f"{folder}/huggingface/model.safetensors") / 1e6
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for threads in (1, 2):
            theirs = [
                sys.executable, f"{setting.HERE}/onnx_once.py", f"{folder}/bert.onnx", inputs, f"{scratch}/theirs.npz",
                str(threads)]
            for form in ("huggingface", "bert.h5", "bert.onnx"):
                given = setting.inputs(1, 128, numbered=form != "huggingface")
                ours = [assay, "run", f"{folder}/{form}", "--inputs", given, "--output", f"{scratch}/ours.npz"]
                found = Comparison([*ours, "--threads", str(threads)], theirs, rounds)
                name = f"{form}, {threads} thread{'s' * (threads > 1)}"
                rows.append(Row(f"{name}: wall", *seconds(found, "wall"), found.ratio("wall"), 0.5))
                if threads == 1:
                    rows.append(Row(f"{name}: processor", *seconds(found, "work"), found.ratio("work"), 0.5))
                    rows.append(
                        Row(
                            f"{form}: peak memory", f"{found.most(0, 'memory'):.0f} MB",
                            f"{found.most(1, 'memory'):.0f} MB", found.most(0, "memory"), weights + 80))
    note = (
        f"`assay run MODEL --inputs IN --output OUT` beside `python onnx_once.py`, whole processes in turns, {rounds} "
        f"each, input 1 × 128; weights {weights:.0f} MB. Figures are ratios of time, and MB for memory.")
    return Section("Cold command", note, rows)


def seconds(found, figure):
    return tuple(f"{found.median(side, figure):.2f} s" for side in (0, 1))
