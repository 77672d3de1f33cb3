# shellcheck shell=sh disable=SC2034,SC2154 # the lists are read through eval
# What casepipe needs on a Debian or Ubuntu machine, and how to get it. To be sourced:
#
#     . tests/setup.sh
#     casepipe_setup build            compiler, CMake, libraries
#     casepipe_setup build tests      and what the tests run
#     casepipe_setup interop          what the tests against other programs run
#     casepipe_setup checks           what the linters need
#     casepipe_setup_npm ROOT         the npm packages of tests/interop, after casepipe_setup interop
#
# Only what is missing is installed, by apt-get (through sudo where we are not root); a machine that
# has everything needs no network. Each function fails where something is still missing.

# One need a line: how to tell that it is there (a command, or a pkg-config module), its name, the
# package that has it.
casepipe_needs_build='
command gcc gcc
command make make
command cmake cmake
command pkg-config pkg-config
header stdio.h libc6-dev
module libzstd libzstd-dev
module zlib zlib1g-dev
module libisal libisal-dev
module liblzma liblzma-dev
header bzlib.h libbz2-dev
module liblz4 liblz4-dev
module libarchive libarchive-dev
module yaml-0.1 libyaml-dev
module libxxhash libxxhash-dev'
casepipe_needs_tests='
command python3 python3
command zstd zstd
module cmocka libcmocka-dev'
casepipe_needs_interop='
command lz4 lz4
command 7z p7zip-full
command cpio cpio
command node nodejs
command npm npm'
casepipe_needs_checks='
command clang clang
command clang-format clang-format
command clang-tidy clang-tidy
command cppcheck cppcheck'

casepipe_has() { # KIND NAME
    case $1 in
    command) command -v "$2" >/dev/null 2>&1 ;;
    module) pkg-config --exists "$2" 2>/dev/null ;;
    header) printf '#include <%s>\n' "$2" | gcc -E - >/dev/null 2>&1 ;;
    esac
}

casepipe_missing() { # GROUP...: the packages of what is not there
    for casepipe_group in "$@"; do
        eval "casepipe_list=\$casepipe_needs_$casepipe_group"
        printf '%s\n' "$casepipe_list" | while read -r casepipe_kind casepipe_name casepipe_package; do
            [ -z "$casepipe_kind" ] || casepipe_has "$casepipe_kind" "$casepipe_name" ||
                printf '%s ' "$casepipe_package"
        done
    done
}

casepipe_as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        echo "setup: not root, and there is no sudo" >&2
        return 1
    fi
}

casepipe_setup() { # GROUP...
    casepipe_packages=$(casepipe_missing "$@")
    [ -n "$casepipe_packages" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "setup: missing, and no apt-get to install them: $casepipe_packages" >&2
        return 1
    fi
    echo "setup: installing $casepipe_packages" >&2
    # The names are ours and hold no spaces: they are meant to be split.
    # shellcheck disable=SC2086
    casepipe_as_root apt-get update -qq </dev/null >&2 &&
        casepipe_as_root apt-get install -qq -y --no-install-recommends $casepipe_packages \
            </dev/null >&2 || return 1
    casepipe_packages=$(casepipe_missing "$@")
    [ -z "$casepipe_packages" ] || {
        echo "setup: still missing after the installation: $casepipe_packages" >&2
        return 1
    }
}

# npm ci would be stricter, but wants the packages of every platform in the lock file, and a mirror
# need not have them all: npm install takes what this platform needs, at the locked versions and
# checksums, and --no-save leaves the lock file alone. Its copy in node_modules says what is there.
casepipe_setup_npm() { # ROOT of the repository
    casepipe_interop=$1/tests/interop
    cmp -s "$casepipe_interop/package-lock.json" \
        "$casepipe_interop/node_modules/installed-lock.json" && return 0
    echo "setup: installing the npm packages of tests/interop" >&2
    (cd "$casepipe_interop" &&
        npm install --no-save --no-audit --no-fund --loglevel=error </dev/null >&2) &&
        cp "$casepipe_interop/package-lock.json" \
            "$casepipe_interop/node_modules/installed-lock.json"
}
