#!/bin/bash
# Makes the sample checkpoints anew: trained by Keras 3, written again by Keras 2, converted by Assay.
# usage: make.sh ASSAY
set -euo pipefail
assay=$(realpath "$1")
cd "$(dirname "$0")"
source ./environment.sh
"$(environment keras3)" make.py .
"$(environment keras2)" make.py .
for folder in classifier encoder; do
    for format in zten safetensors; do
        rm -f "$folder/model.$format"
        "$assay" convert "$folder/model.keras" "$folder/model.$format"
    done
done
