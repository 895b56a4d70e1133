# Sourced by scripts that need real libraries: `environment keras3` prints a Python with Keras 3, `environment keras2` one
# with Keras 2, `environment hf` one with transformers, PyTorch and TensorFlow. Each is a virtual environment of its own in
# the package's root, made when it is missing or its requirements changed.

environment() {
    local root requirements folder
    root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
    requirements="$root/SampleCheckpoints/requirements-$1.txt"
    folder="$root/.venv-$1"
    if ! cmp -s "$requirements" "$folder/installed.txt"; then
        echo "making $folder" >&2
        python3.11 -m venv --clear "$folder"
        "$folder/bin/pip" install --quiet --requirement "$requirements" >&2
        cp "$requirements" "$folder/installed.txt"
    fi
    echo "$folder/bin/python"
}
