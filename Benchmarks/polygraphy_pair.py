"""What Polygraphy does to compare two ONNX files output by output: usage: polygraphy_pair.py A.onnx B.onnx INPUTS.npz

Every value of both graphs is marked as an output, and compared with Polygraphy's usual tolerances.
"""

import sys

import numpy as np
from polygraphy import constants
from polygraphy.backend.onnx import BytesFromOnnx, ModifyOutputs, OnnxFromPath
from polygraphy.backend.onnxrt import OnnxrtRunner, SessionFromOnnx
from polygraphy.comparator import Comparator, CompareFunc

first, second, inputs = sys.argv[1:]
given = np.load(inputs)
feeds = [{name.removeprefix("in/"): given[name] for name in given.files}]
runners = [
    OnnxrtRunner(SessionFromOnnx(BytesFromOnnx(ModifyOutputs(OnnxFromPath(path), outputs=constants.MARK_ALL))))
    for path in (first, second)
]
results = Comparator.run(runners, data_loader=feeds)
print("equal" if Comparator.compare_accuracy(results, compare_func=CompareFunc.simple()) else "different")
