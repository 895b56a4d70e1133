"""Two programs that take turns, forward by forward, so that whatever else runs on the machine disturbs both alike.

usage: pairs.py MODEL MODEL.onnx [--threads 1] [--shapes 1x128,1x512] [--rounds 20]

Needs the program Forward in ASSAY_FORWARD or .build/release/Forward, and runs beside onnx_worker.py under this Python.
"""

import argparse
import statistics
import subprocess
import sys
import time

from setting import FORWARD, HERE

# Seconds between two turns.
PAUSE = 0.1


class Worker:
    """A process that runs a model when told to."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        answer = self.process.stdout.readline().strip()
        assert answer, f"{self.process.args} ended"
        return answer

    def shape(self, batch, sequence):
        self.ask(f"shape {batch} {sequence}")

    def run(self):
        """Milliseconds of one forward, and milliseconds of all processors."""
        return tuple(int(number) / 1e6 for number in self.ask("run").split())

    def memory(self):
        """Peak memory so far in MB."""
        return int(self.ask("memory")) * 1024 / 1e6

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def assay(model, threads):
    return Worker([FORWARD, model, str(threads)])


def onnx_runtime(model, threads):
    return Worker([sys.executable, f"{HERE}/onnx_worker.py", model, str(threads)])


class Pair:
    """Times of both for one shape, turn by turn: (wall, processors) in milliseconds."""

    def __init__(self):
        self.ours, self.theirs = [], []

    def least(self):
        """The shortest forward of each: what a quiet machine would give."""
        return min(wall for wall, _ in self.ours), min(wall for wall, _ in self.theirs)

    def ratio(self, clock=0):
        """The median of the ratios turn by turn."""
        return statistics.median(mine[clock] / other[clock] for mine, other in zip(self.ours, self.theirs))

    def median(self):
        return tuple(statistics.median(wall for wall, _ in times) for times in (self.ours, self.theirs))

    def __str__(self):
        return (
            f"{self.median()[0]:.1f} to {self.median()[1]:.1f} ms (least {self.least()[0]:.1f} to "
            f"{self.least()[1]:.1f}), ratio {self.ratio():.3f}, of processor time {self.ratio(1):.3f}")


def compare(ours, theirs, batch, sequence, rounds, warm=2):
    """Runs both in turns; either goes first as often as the other."""
    for worker in (ours, theirs):
        worker.shape(batch, sequence)
    for _ in range(warm):
        ours.run(), theirs.run()
    pair = Pair()
    for turn in range(rounds):
        for worker, times in [(ours, pair.ours), (theirs, pair.theirs)][:: 1 if turn % 2 else -1]:
            # The threads of whoever ran before look out for more work for a while, on processors that the next one needs.
            time.sleep(PAUSE)
            times.append(worker.run())
    return pair


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("onnx")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--shapes", default="1x128,1x512")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    ours, theirs = assay(options.model, options.threads), onnx_runtime(options.onnx, options.threads)
    for shape in options.shapes.split(","):
        batch, sequence = (int(number) for number in shape.split("x"))
        print(f"{shape:>8}, {options.threads} thread(s): {compare(ours, theirs, batch, sequence, options.rounds)}")
    print(f"peak memory {ours.memory():.0f} MB to {theirs.memory():.0f} MB")
    ours.end(), theirs.end()


if __name__ == "__main__":
    main()
