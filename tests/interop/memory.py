"""Peak resident memory of a run."""
import ctypes
import os
import subprocess

from support import binary

LIMIT_KIB = 64 * 1024
IN_FLIGHT_KIB = 8 * 1024  # two threads: four morsels of 2 MiB
PR_SET_CHILD_SUBREAPER = 36


def has_sanitizer():
    """Their shadow memory says nothing about ours."""
    with open(binary(), "rb") as program:
        content = program.read()
    return b"__asan_init" in content or b"__tsan_init" in content or b"__msan_init" in content


def adopt_grandchildren():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def peak_of(arguments, stdin=subprocess.DEVNULL):
    """Exit status and peak of a run, in KiB.

    A program's peak as wait4 tells it begins with that of the process that became it: this one's
    is larger than casepipe's. So a shell starts casepipe and ends, and we inherit its child, which
    waits for that at the gate.
    """
    gate, lock = os.pipe()
    own = 4 if gate == 3 else 3
    script = (f'exec {own}<&0; {{ read -r go; exec "$@" <&{own} {own}<&-; }} <&{gate} >/dev/null & '
              'echo $!')
    shell = subprocess.run(["sh", "-c", script, "sh", *arguments], stdin=stdin,
                           stdout=subprocess.PIPE, pass_fds=[gate], check=True)
    os.close(gate)
    os.close(lock)
    _, status, usage = os.wait4(int(shell.stdout), 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss
