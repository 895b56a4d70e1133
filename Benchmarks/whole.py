"""Whole processes that take turns: wall time, processor time and peak memory of each."""

import os
import statistics
import subprocess
import time


class Run:
    """One process from start to end."""

    def __init__(self, command):
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        assert status == 0, f"{command} ended with {status}"
        self.wall = time.perf_counter() - start
        self.work = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss * 1024 / 1e6


class Comparison:
    """Runs of two commands, in turns."""

    def __init__(self, ours, theirs, rounds):
        # The first runs read files into memory.
        Run(ours), Run(theirs)
        self.pairs = [(Run(ours), Run(theirs)) for _ in range(rounds)]

    def median(self, side, figure):
        return statistics.median(getattr(pair[side], figure) for pair in self.pairs)

    def most(self, side, figure):
        return max(getattr(pair[side], figure) for pair in self.pairs)

    def ratio(self, figure):
        return statistics.median(getattr(mine, figure) / getattr(other, figure) for mine, other in self.pairs)
