# What the benchmark needs beyond the build, and how to get it. To be sourced after tests/setup.sh:
#
#     . tests/setup.sh
#     . tests/bench/setup.sh
#     casepipe_setup build bench          what no run can do without
#     casepipe_setup_bench ROOT REASONS   the peers
#
# A peer that cannot be had is no failure: REASONS/NAME then says why, and the driver prints it in that
# peer's row. The functions and the shape of the lists are those of tests/setup.sh.

# casepipe_missing of tests/setup.sh finds the lists by their names.
# shellcheck disable=SC2034

# What the driver cannot do without.
casepipe_needs_bench='
command python3 python3
command zstd zstd
command gzip gzip'
# One group for each peer.
casepipe_bench_peers='igzip jq miller numpy simdjson node'
casepipe_needs_bench_igzip='command igzip isal'
casepipe_needs_bench_jq='command jq jq'
casepipe_needs_bench_miller='command mlr miller'
# NumPy brings a command of its own, which tells more cheaply than an import that it is there.
casepipe_needs_bench_numpy='command /usr/bin/f2py3 python3-numpy'
casepipe_needs_bench_simdjson='
command g++ g++
module simdjson libsimdjson-dev'
casepipe_needs_bench_node='
command node nodejs
command npm npm'

# All in one go; where that fails, one by one, so that one missing package costs one peer.
casepipe_setup_bench_packages() { # REASONS
    casepipe_groups=
    for casepipe_peer in $casepipe_bench_peers; do
        casepipe_groups="$casepipe_groups bench_$casepipe_peer"
    done
    # The groups hold no spaces: they are meant to be split.
    # shellcheck disable=SC2086
    casepipe_setup $casepipe_groups && return 0
    for casepipe_peer in $casepipe_bench_peers; do
        casepipe_setup "bench_$casepipe_peer" 2>"$1/log" ||
            tail -n 1 "$1/log" >"$1/$casepipe_peer"
    done
    rm -f "$1/log"
}

# One package at a time would rewrite what the lock file pins: the two come together or not at all.
casepipe_setup_bench_npm() { # ROOT REASONS
    casepipe_bench=$1/tests/bench
    cmp -s "$casepipe_bench/package-lock.json" \
        "$casepipe_bench/node_modules/installed-lock.json" && return 0
    echo "setup: installing the npm packages of tests/bench (about 600 MB)" >&2
    if (cd "$casepipe_bench" &&
        npm install --no-save --no-audit --no-fund --loglevel=error </dev/null) >"$2/log" 2>&1; then
        cp "$casepipe_bench/package-lock.json" "$casepipe_bench/node_modules/installed-lock.json"
    else
        cat "$2/log" >&2
        grep -m 1 . "$2/log" >"$2/npm" || echo "npm failed" >"$2/npm"
    fi
    rm -f "$2/log"
}

casepipe_setup_bench() { # ROOT REASONS
    rm -rf "$2"
    mkdir -p "$2" || return 1
    casepipe_setup_bench_packages "$2"
    casepipe_setup_bench_npm "$1" "$2"
}
