# The node tests of the onnx package for every operator that Assay claims: inputs and outputs as ONNX itself defines them.
#
# A case counts when its model is one node of a claimed operator and its types are Assay's (numbers and booleans; not
# text, sequences, optional values, complex numbers, and numbers of eight bits or fewer that are no integers), and it is
# not about training. Inputs that say shapes, axes and the like are stored in the model, as exporters do.
import os
import re
import subprocess
import sys
import warnings

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

warnings.simplefilter("ignore")
from onnx.backend.test.case.node import collect_testcases  # noqa: E402

assay, work = sys.argv[1], sys.argv[2]
only = sys.argv[3:]
registry = os.path.join(os.path.dirname(__file__), "../../Sources/AssayONNX/Operators/Registry.swift")
claimed = set(re.findall(r'ONNXOperator\(\s*"(\w+)"(?!, domain)', open(registry).read()))
TYPES = {
    TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.BOOL,
    TensorProto.INT64, TensorProto.INT32, TensorProto.INT16, TensorProto.INT8,
    TensorProto.UINT64, TensorProto.UINT32, TensorProto.UINT16, TensorProto.UINT8,
}
# Inputs that must be known when the model is read, by the names that ONNX's schemas give them.
STORED = {
    "shape", "axes", "axis", "starts", "ends", "steps", "pads", "repeats", "k", "K", "depth", "split", "values", "min", "max",
    "constant_value", "M", "cond", "training_mode", "ratio", "start", "limit", "delta",
}
STORED_OF = {"ConstantOfShape": {"input"}, "Split": {"split"}, "Pad": {"constant_value", "pads", "axes"}}
# Where halves are concerned: a model runs in one precision, which is a wider one.
RELATIVE = {"float16": 2e-3, "bfloat16": 1e-2, "object": 1e-2}


def types(model):
    nodes = [model.graph] + [a.g for n in model.graph.node for a in n.attribute if a.type == onnx.AttributeProto.GRAPH]
    for graph in nodes:
        for value in list(graph.input) + list(graph.output):
            yield value.type.tensor_type.elem_type if value.type.HasField("tensor_type") else None
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.type == onnx.AttributeProto.TENSOR:
                    yield attribute.t.data_type


def stored(node, version):
    schema = onnx.defs.get_schema(node.op_type, version, "")
    names = STORED_OF.get(node.op_type, STORED)
    for index, name in enumerate(node.input):
        formal = schema.inputs[min(index, len(schema.inputs) - 1)]
        if name and formal.name in names:
            yield name


def plain(array):
    array = numpy_helper.to_array(array) if isinstance(array, TensorProto) else np.asarray(array)
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def run(case, inputs, outputs):
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    node = model.graph.node[0]
    values = {value.name: array for value, array in zip(model.graph.input, inputs)}
    for name in set(stored(node, model.opset_import[0].version)) & set(values):
        model.graph.initializer.append(numpy_helper.from_array(plain(values.pop(name)), name))
    kept = [value for value in model.graph.input if value.name in values]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    path = os.path.join(work, "model.onnx")
    onnx.save(model, path)
    np.savez(os.path.join(work, "in.npz"), **{"in/" + name: plain(array) for name, array in values.items()})
    found = os.path.join(work, "out.npz")
    command = [assay, "run", path, "--inputs", os.path.join(work, "in.npz"), "--output", found, "--threads", "1"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if result.returncode:
        return result.stderr.strip().replace(path + ": ", "")[:160]
    archive = np.load(found)
    for value, expected in zip(model.graph.output, outputs):
        got = archive["out/" + value.name]
        fault = differ(case, got, plain(expected), np.asarray(expected).dtype.name)
        if fault:
            return f"{value.name}: {fault}"
    return None


def differ(case, got, expected, type):
    if got.shape != expected.shape:
        return f"shape {got.shape}, expected {expected.shape}"
    if expected.dtype.kind in "biu":
        return None if np.array_equal(got.astype(expected.dtype), expected) else "integers differ"
    relative = max(case.rtol, RELATIVE.get(type, 0))
    near = np.isclose(got.astype(np.float64), expected.astype(np.float64), relative, max(case.atol, 1e-6), equal_nan=True)
    return None if near.all() else f"{np.count_nonzero(~near)} of {near.size} elements differ"


def is_training(case):
    """Whether it is about training, which Assay does not do: statistics of the batch, elements dropped at random."""
    return "training" in case.name


passed, count, failed, seen = 0, 0, {}, set()
for case in collect_testcases():
    nodes = case.model.graph.node
    if len(nodes) != 1 or nodes[0].domain or nodes[0].op_type not in claimed or not case.data_sets:
        continue
    if only and not any(name in case.name for name in only):
        continue
    if not TYPES.issuperset(types(case.model)) or is_training(case):
        continue
    count += 1
    seen.add(nodes[0].op_type)
    faults = [fault for inputs, outputs in case.data_sets if (fault := run(case, inputs, outputs))]
    passed += not faults
    if faults:
        failed[case.name] = faults[0]
for name, fault in sorted(failed.items()):
    print(f"  {name}: {fault}")
print(f"ONNX node tests: passed {passed} / {count}, of {len(seen)} operators claimed")
sys.exit(0 if passed == count and len(seen) >= 60 or only and passed == count else 1)
