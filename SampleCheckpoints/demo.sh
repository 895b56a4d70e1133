#!/bin/bash
# The main job on the samples, each command shown before it runs: inspect, validate, verify, stats, convert and back.
# usage: demo.sh ASSAY
set -euo pipefail
assay=$(realpath "$1")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

show() {
    printf '\n$ assay %s\n' "${*//$work/\/tmp}"
    "$assay" "$@"
}

for model in classifier encoder; do
    show inspect "$model/model.keras"
    show validate "$model/model.keras"
    show verify "$model/keras2.h5" "$model/model.keras"
    show verify "$model/model.keras" --golden "$model/golden.npz"
done
show stats classifier/model.keras --inputs classifier/golden.npz
show convert classifier/keras2.h5 "$work/classifier.zten"
show convert "$work/classifier.zten" "$work/classifier.keras"
show verify classifier/keras2.h5 "$work/classifier.keras"
