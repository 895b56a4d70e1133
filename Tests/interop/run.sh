#!/bin/bash
# Runs every script of this folder against real Python libraries: keras2_*.py under Keras 2.15, huggingface*.py under
# transformers, the others under Keras 3.
# A script gets the command and an empty folder, prints what it saw, and ends with status 0 when all of it held.
# usage: run.sh ASSAY [SCRIPT…]
set -uo pipefail
assay=$(realpath "$1")
shift
cd "$(dirname "$0")"
source ../../SampleCheckpoints/environment.sh
export TF_CPP_MIN_LOG_LEVEL=3 TF_ENABLE_ONEDNN_OPTS=0 ASSAY_SAMPLES=$(realpath ../../SampleCheckpoints)
failed=0
for script in "${@:-*.py}"; do
    for script in $script; do
        case $script in
            keras2_*) python=$(environment keras2) ;;
            huggingface*) python=$(environment hf) ;;
            *) python=$(environment keras3) ;;
        esac
        work=$(mktemp -d)
        echo "== $script"
        "$python" "$script" "$assay" "$work" || { echo "FAILED $script"; failed=1; }
        rm -rf "$work"
    done
done
exit $failed
