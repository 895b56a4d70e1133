#!/bin/bash
# Makes the environment of the programs that Assay is measured beside, when it is missing or its requirements changed.
set -euo pipefail
cd "$(dirname "$0")"
for tool in h5dump zstd /usr/bin/time; do
    command -v $tool >/dev/null || { echo "$tool is needed: apt-get install hdf5-tools zstd time" >&2; exit 1; }
done
if ! cmp -s requirements.txt .venv/installed.txt; then
    python3.11 -m venv --clear .venv
    .venv/bin/pip install --quiet --requirement requirements.txt
    cp requirements.txt .venv/installed.txt
fi
