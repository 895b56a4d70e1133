#!/usr/bin/env python3
"""How well `assay verify` tells the same model from another one: equivalent rewrites must pass, single faults must be found.

Each model is converted to NPZ, which holds the weights and the graph as JSON, so that NumPy alone makes the pairs:

- equivalent: the same file in another format, attention heads or neurons in another order, operands of additions and
  products exchanged; two of them at once;
- faults of relative size 1e-4 in one tensor: all of it scaled, one row scaled, or one element changed.

A fault counts as found at the right layer when the first layer that differs uses the tensor. Key biases are left out: they
add the same number to all scores of a query, and softmax takes it out again, so that no value of them is a fault.

usage: detect.py ASSAY [--pairs 200] [--faults 200] [--seed 1] FOLDER…
Models are the files model.h5, model.keras, keras2.h5 and keras3.h5 in these folders and below. Ends with status 0 when no
equivalent pair is called different and at least 99 % of the faults are found at the right layer.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

NAMES = ("model.h5", "model.keras", "keras2.h5", "keras3.h5")
SIZE = 1e-4


class Model:
    """The tensors of an NPZ file, and its graph."""

    def __init__(self, path):
        with np.load(path) as file:
            self.tensors = {name: file[name] for name in file.files if name != "__metadata__"}
            self.metadata = json.loads(bytes(file["__metadata__"]))
        self.graph = json.loads(self.metadata["assay.graph"])

    def save(self, path):
        self.metadata["assay.graph"] = json.dumps(self.graph)
        metadata = np.frombuffer(json.dumps(self.metadata).encode(), np.uint8)
        np.savez(path, **self.tensors, __metadata__=metadata)

    def parameter(self, value):
        """The parameter that a value of the graph is; None for any other value."""
        index = self.graph["values"][value].get("parameter") if value is not None else None
        return None if index is None else self.graph["parameters"][index]

    def stored(self, value, rank):
        """The name of the tensor that a parameter is as it lies; None where it is a view, or shared."""
        parameter = self.parameter(value)
        if parameter is None or len(parameter["sources"]) != 1:
            return None
        name = parameter["sources"][0]
        users = [p for p in self.graph["parameters"] if name in p["sources"]]
        return name if len(users) == 1 and self.tensors[name].ndim == rank else None

    def consumers(self, value):
        return [node for node in self.graph["nodes"] if value in node["operands"]]

    def layers_of(self, name):
        """The paths of the layers that use a stored tensor."""
        graph = self.graph
        used = {i for i, p in enumerate(graph["parameters"]) if name in p["sources"]}
        values = {i for i, v in enumerate(graph["values"]) if v.get("parameter") in used}
        return {graph["layers"][n["layer"]]["path"] for n in graph["nodes"] if values & set(n["operands"])}


# Equivalent rewrites: each changes a model in place and says what it did, or gives None where there is nothing to do.


def permute_neurons(model, rng):
    """Neurons between two Linear nodes, with whatever acts on each of them alone in between."""
    found = []
    outputs = {port["value"] for port in model.graph["outputs"]}
    for node in model.graph["nodes"]:
        if node["operator"] != "Linear" or node["attributes"].get("kernelIsTransposed"):
            continue
        value = node["results"][0]
        while True:
            users = model.consumers(value)
            if value in outputs or len(users) != 1:
                break
            user = users[0]
            if user["operator"] in ("Activation", "Identity"):
                value = user["results"][0]
                continue
            names = [model.stored(o, r) for o, r in zip(node["operands"][1:3] + user["operands"][1:2], (2, 1, 2))]
            # Several calls of one layer see its weights too.
            once = all(sum(k in n["operands"] for n in model.graph["nodes"]) == 1
                       for k in node["operands"][1:] + user["operands"][1:2] if k is not None)
            if user["operator"] == "Linear" and user["operands"][0] == value and None not in names and once:
                found.append(names)
            break
    if not found:
        return None
    kernel, bias, other = found[rng.integers(len(found))]
    tensors = model.tensors
    width = tensors[kernel].shape[1]
    if len(tensors[bias]) != width or len(tensors[other]) != width:
        return None
    order = rng.permutation(width)
    tensors[kernel] = tensors[kernel][:, order]
    tensors[bias] = tensors[bias][order]
    tensors[other] = tensors[other][order]
    return f"neurons of {kernel}"


def permute_heads(model, rng):
    """Heads of a MultiHeadAttention of Keras, in all four projections alike."""
    outputs = {port["value"] for port in model.graph["outputs"]}
    # Who sees the probabilities sees the order of the heads.
    shown = {model.graph["layers"][n["layer"]]["path"] for n in model.graph["nodes"]
             if n["operator"] == "Attention" and (n["results"][1] in outputs or model.consumers(n["results"][1]))}
    by_layer = {}
    for parameter in model.graph["parameters"]:
        if len(parameter["sources"]) == 1 and not any(parameter["path"].startswith(path + "/") for path in shown):
            by_layer.setdefault(parameter["path"].rsplit("/", 2)[0], {})[
                "/".join(parameter["path"].rsplit("/", 2)[1:])] = parameter["sources"][0]
    found = [w for w in by_layer.values() if all(
        model.tensors[w[f"{part}/kernel"]].ndim == 3 for part in ("query", "key", "value") if f"{part}/kernel" in w)
        and {"query/kernel", "key/kernel", "value/kernel"} <= w.keys()
        # A gate belongs to the heads too, and would have to follow.
        and {k.split("/")[0] for k in w} <= {"query", "key", "value", "output", "attention_output"}]
    if not found:
        return None
    weights = found[rng.integers(len(found))]
    tensors = model.tensors
    output = next((weights[k] for k in ("output/kernel", "attention_output/kernel") if k in weights), None)
    heads = tensors[weights["query/kernel"]].shape[1]
    if output is None or tensors[output].ndim != 3 or any(
            tensors[weights[f"{part}/kernel"]].shape[1] != heads for part in ("key", "value")):
        return None
    order = rng.permutation(heads)
    for part in ("query", "key", "value"):
        tensors[weights[f"{part}/kernel"]] = tensors[weights[f"{part}/kernel"]][:, order]
        if f"{part}/bias" in weights:
            tensors[weights[f"{part}/bias"]] = tensors[weights[f"{part}/bias"]][order]
    tensors[output] = tensors[output][order]
    return f"heads of {weights['query/kernel']}"


def exchange_operands(model, rng):
    """Operands of sums and products, which float arithmetic lets stand in either order."""
    nodes = [n for n in model.graph["nodes"]
             if n["operator"] == "Binary" and n["attributes"].get("function") in ("add", "multiply")]
    if not nodes:
        return None
    for node in nodes:
        node["operands"].reverse()
    return f"{len(nodes)} sums and products"


REWRITES = (permute_neurons, permute_heads, exchange_operands)
FORMATS = ("npz", "zten", "safetensors", "keras", "h5")


def make_fault(model, rng):
    """Changes one tensor by a relative 1e-4; gives its name and what was done, or None where nothing changes."""
    roles = {s: p["role"] for p in model.graph["parameters"] for s in p["sources"]}
    names = [n for n, t in model.tensors.items() if t.dtype == np.float32 and t.size
             and n in roles and roles[n] != "key/bias" and model.layers_of(n)]
    if not names:
        return None
    name = names[rng.integers(len(names))]
    tensor = model.tensors[name]
    changed = tensor.copy()
    kind = ("scaled", "row scaled", "element")[rng.integers(3)]
    factor = np.float32(1 + SIZE)
    if kind == "scaled":
        changed *= factor
    elif kind == "row scaled":
        rows = changed.reshape(-1, changed.shape[-1]) if changed.ndim else changed.reshape(1, 1)
        rows[rng.integers(len(rows))] *= factor
    else:
        changed.reshape(-1)[rng.integers(changed.size)] *= factor
    if np.array_equal(changed, tensor):
        return None
    model.tensors[name] = changed
    return name, kind


def verify(assay, a, b):
    run = subprocess.run([assay, "verify", a, b, "--json"], capture_output=True, text=True)
    try:
        return json.loads(run.stdout)
    except json.JSONDecodeError:
        return {"verdict": f"exit {run.returncode}: {run.stderr.strip()[:200]}", "first_layer": None}


def is_inside(first, layers):
    first = (first or "").split(":")[0]
    return any(first == layer or first.startswith(layer + "/") or layer.startswith(first + "/") for layer in layers)


def collect(assay, folders, work):
    """The models in NPZ that can be compared: those that run, and are equal to themselves."""
    models = []
    for folder in folders:
        for root, _, files in sorted(os.walk(folder)):
            for name in sorted(set(files) & set(NAMES)):
                source = os.path.join(root, name)
                target = os.path.join(work, f"{len(models)}.npz")
                run = subprocess.run([assay, "convert", source, target, "--json"], capture_output=True)
                if run.returncode:
                    continue
                with np.load(target) as file:
                    metadata = json.loads(bytes(file["__metadata__"])) if "__metadata__" in file.files else {}
                    # NumPy knows no bfloat16, and would not write it back as what it was.
                    if any(file[name].dtype.kind == "V" for name in file.files):
                        continue
                graph = json.loads(metadata.get("assay.graph", "{}"))
                if any(n["operator"] == "Opaque" for n in graph.get("nodes", [{"operator": "Opaque"}])):
                    continue
                models.append((source, target))
    return models


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    table = {}
    with tempfile.TemporaryDirectory() as work:
        models = collect(options.assay, options.folders, work)
        if not models:
            sys.exit("no models in these folders")
        edited = os.path.join(work, "edited.npz")
        alarms = tried = 0
        while tried < options.pairs:
            source, npz = models[rng.integers(len(models))]
            model = Model(npz)
            done = [d for d in (f(model, rng) for f in rng.permutation(REWRITES)[:2]) if d]
            model.save(edited)
            target = os.path.join(work, "target." + FORMATS[rng.integers(len(FORMATS))])
            run = subprocess.run([options.assay, "convert", edited, target], capture_output=True)
            if run.returncode:
                continue
            tried += 1
            report = verify(options.assay, source, target)
            row = table.setdefault(" + ".join(sorted(d.split(" of ")[0].lstrip("0123456789 ") for d in done)) or "format alone", [0, 0])
            row[0] += 1
            if report["verdict"] in ("equal", "equivalent"):
                row[1] += 1
            else:
                alarms += 1
                print(f"FALSE ALARM {source} {os.path.basename(target)} {done}: {report['verdict']}, {report['first_layer']}")
        found = located = tried = 0
        while tried < options.faults:
            source, npz = models[rng.integers(len(models))]
            model = Model(npz)
            fault = make_fault(model, rng)
            if fault is None:
                continue
            tried += 1
            name, kind = fault
            model.save(edited)
            report = verify(options.assay, source, edited)
            row = table.setdefault(f"fault: {kind}", [0, 0])
            row[0] += 1
            if report["verdict"] != "different":
                print(f"MISSED {source} {name} {kind}: {report['verdict']}")
                continue
            found += 1
            if is_inside(report["first_layer"], model.layers_of(name)):
                located += 1
                row[1] += 1
            else:
                print(f"LAYER {source} {name} {kind}: {report['first_layer']}, expected {sorted(model.layers_of(name))}")
    print(f"{len(models)} models, seed {options.seed}\n\n| what | pairs | right |\n| --- | ---: | ---: |")
    for what, (count, right) in sorted(table.items()):
        print(f"| {what} | {count} | {right} |")
    print(f"\nequivalent pairs: {options.pairs}, false alarms: {alarms}")
    print(f"faults: {options.faults}, found: {found}, at the right layer: {located}")
    sys.exit(0 if alarms == 0 and located >= 0.99 * options.faults else 1)


if __name__ == "__main__":
    main()
