#!/bin/sh
# Installs what is needed, builds the release preset and runs every test through ctest:
#
#     tests/run.sh            all
#     tests/run.sh --quick    without those against other programs (label interop)
#
# The last lines are ctest's own; so is the exit status.
set -eu
cd "$(dirname "$0")/.."
. tests/setup.sh

quick=no
for argument in "$@"; do
    case $argument in
    --quick) quick=yes ;;
    *)
        echo "usage: tests/run.sh [--quick]" >&2
        exit 64
        ;;
    esac
done

if [ $quick = yes ]; then
    casepipe_setup build tests
else
    casepipe_setup build tests interop
    casepipe_setup_npm "$PWD"
fi
jobs=$(getconf _NPROCESSORS_ONLN)
cmake --preset release
cmake --build --preset release --parallel "$jobs"
if [ $quick = yes ]; then
    exec ctest --preset release --parallel "$jobs" --label-exclude '^interop$'
fi
exec ctest --preset release --parallel "$jobs"
