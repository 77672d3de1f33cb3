#!/bin/sh
# From a fresh checkout to a first report: installs what the build needs (tests/setup.sh says what),
# builds the release preset and prints status counts and per-sensor statistics of 20000 bundled
# records. Works from any folder, as root or through sudo.
#
# examples/data/cases.jsonl.zst was made by: casepipe gen --rows 20000 --seed 1 --sensors 12
set -eu
cd "$(dirname "$0")/.."
. tests/setup.sh

casepipe_setup build
# Messages of the build go to standard error: standard output is the report alone.
cmake --preset release -DCASEPIPE_TESTS=OFF >&2
cmake --build --preset release --target casepipe --parallel "$(getconf _NPROCESSORS_ONLN)" >&2
build/release/casepipe report examples/data/cases.jsonl.zst --schema case
