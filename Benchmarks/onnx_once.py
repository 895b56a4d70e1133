"""What a user writes to run an ONNX file once: usage: onnx_once.py MODEL.onnx INPUTS.npz OUTPUTS.npz THREADS"""

import sys

import numpy as np
import onnxruntime

model, inputs, outputs, threads = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(threads)
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
given = np.load(inputs)
feeds = {input.name: given[f"in/{input.name}"] for input in session.get_inputs()}
results = session.run(None, feeds)
np.savez(outputs, **{f"out/{output.name}": result for output, result in zip(session.get_outputs(), results)})
