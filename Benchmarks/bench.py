"""Measures Assay beside its peers in one run, and writes RESULTS.md.

usage: bench.py ASSAY [--only forward,cold,files,zten,verify,growth] [--rounds 15]

Prints each table as soon as it is there. With --only nothing is written. Ends with status 1 when a demand is missed.
Speed is judged by ratios alone: both sides run in turns, so that whatever else the machine does disturbs both alike.
"""

import argparse
import datetime
import os
import sys

import files
import forward
import growth
import setting

NAMES = ("forward", "cold", "files", "zten", "verify", "growth")


def measure(name, assay, rounds):
    """The sections of one part."""
    if name == "forward":
        yield forward.steady(rounds)
    elif name == "cold":
        yield forward.cold(assay, max(3, rounds // 3))
    elif name == "files":
        yield files.convert(assay, max(3, rounds // 2))
    elif name == "zten":
        yield files.zten(assay, max(3, rounds // 3))
    elif name == "verify":
        yield files.verify(assay, 2)
    elif name == "growth":
        curves = growth.curves(max(3, rounds // 3))
        with open(f"{setting.HERE}/growth.svg", "w") as file:
            file.write(growth.picture(curves))
        for curve in curves:
            yield curve.section()


def head(assay, load):
    """What was measured, when and where."""
    lines = [
        "# Results", "",
        "Written by `make bench`; every table is from one run. Ratios count, milliseconds are the machine's.", "",
        f"- {datetime.date.today().isoformat()}, load {load[0]:.1f} at the start and {os.getloadavg()[0]:.1f} at the end",
        f"- {setting.processor()}",
    ]
    lines += [f"- {version}" for version in setting.versions(assay)]
    lines += [
        "- BERT-base by `make_bert.py`: 12 layers, width 768, random weights; Assay reads the Hugging Face folder, "
        "ONNX Runtime the ONNX file of the same weights",
        "- Results of Assay are the same bit for bit for any number of threads: what OpenBLAS computes is cut alike, and "
        "packed products are the same wherever they are cut (tests hold it)", "",
        "![Assay's time and memory beside ONNX Runtime's](growth.svg)", "", "",
    ]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("assay")
    parser.add_argument("--only", default=",".join(NAMES))
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    os.makedirs(setting.MODELS, exist_ok=True)
    load = os.getloadavg()
    sections = []
    for name in options.only.split(","):
        for section in measure(name, options.assay, options.rounds):
            print(section.markdown(), flush=True)
            sections.append(section)
    if options.only == ",".join(NAMES):
        with open(f"{setting.HERE}/RESULTS.md", "w") as file:
            file.write(head(options.assay, load) + "\n".join(section.markdown() for section in sections))
    sys.exit(0 if all(section.is_good for section in sections) else 1)


if __name__ == "__main__":
    main()
