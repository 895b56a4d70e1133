"""ONNX Runtime behind the protocol of Sources/Forward: usage: onnx_worker.py MODEL.onnx THREADS"""

import resource
import sys
import time

import numpy as np


def values(batch, sequence):
    """Inputs of one shape by name; Sources/Forward makes the same."""
    items, positions = np.indices((batch, sequence))
    return {
        "input_ids": (items * 7919 + positions * 104729) % 30000 + 100,
        "position_ids": positions,
        "attention_mask": np.ones_like(positions),
        "token_type_ids": np.zeros_like(positions),
    }


def inputs(session, batch, sequence):
    made = values(batch, sequence)
    return {input.name: made[input.name].astype(np.int64) for input in session.get_inputs()}


def main():
    import onnxruntime

    path, threads = sys.argv[1], int(sys.argv[2])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feeds = {}
    for line in sys.stdin:
        words = line.split()
        if words[0] == "shape":
            feeds = inputs(session, int(words[1]), int(words[2]))
            print("ok", flush=True)
        elif words[0] == "run":
            start, work = time.perf_counter_ns(), time.process_time_ns()
            session.run(None, feeds)
            print(time.perf_counter_ns() - start, time.process_time_ns() - work, flush=True)
        else:
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)


if __name__ == "__main__":
    main()
