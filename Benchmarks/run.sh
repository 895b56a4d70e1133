#!/bin/bash
# Speed and memory beside h5dump and cp, measured in one run. usage: run.sh ASSAY
set -euo pipefail
assay=$(realpath "$1")
cd "$(dirname "$0")"
command -v h5dump >/dev/null || { echo "h5dump is needed: apt-get install hdf5-tools" >&2; exit 1; }
source ../SampleCheckpoints/environment.sh
exec "$(environment 3)" files.py "$assay"
