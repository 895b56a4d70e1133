"""Whole processes that take turns: wall time, processor time (with the kernel's and without) and peak memory of each."""

import os
import statistics
import subprocess
import tempfile
import time

MEMORY = os.path.join(tempfile.gettempdir(), f"assay-bench-memory-{os.getpid()}")


class Run:
    """One process from start to end. Where it may find a difference, status 1 says that it has. `new` is a file that it makes."""

    def __init__(self, command, may_differ=False, new=None):
        if new and os.path.exists(new):
            os.remove(new)
        # A process that Python starts itself counts Python's memory as its own.
        command = ["/usr/bin/time", "-f", "%M", "-o", MEMORY, *command]
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL if may_differ else None)
        _, status, usage = os.wait4(child.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code == 0 or may_differ and code == 1, f"{command} ended with {code}"
        self.wall = time.perf_counter() - start
        self.own = usage.ru_utime
        self.work = usage.ru_utime + usage.ru_stime
        with open(MEMORY) as file:
            self.memory = int(file.read().split()[-1]) * 1024 / 1e6
        os.remove(MEMORY)


class Comparison:
    """Runs of two commands, in turns; `new` names the file that each of them makes anew."""

    def __init__(self, ours, theirs, rounds, may_differ=False, new=(None, None)):
        def turn():
            return Run(ours, may_differ, new[0]), Run(theirs, may_differ, new[1])

        # The first runs read files into memory.
        turn()
        self.pairs = [turn() for _ in range(rounds)]

    def median(self, side, figure):
        return statistics.median(getattr(pair[side], figure) for pair in self.pairs)

    def most(self, side, figure):
        return max(getattr(pair[side], figure) for pair in self.pairs)

    def ratio(self, figure):
        return statistics.median(getattr(mine, figure) / getattr(other, figure) for mine, other in self.pairs)
