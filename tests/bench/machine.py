"""The machine that the figures are from."""

import os
import platform
import subprocess


def value_of(path, key, separator):
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                name, _, value = line.partition(separator)
                if name.strip() == key:
                    return value.strip().strip('"')
    except OSError:
        pass
    return "unknown"


def output_of(command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip().splitlines()[0]


def memory_gib():
    total = value_of("/proc/meminfo", "MemTotal", ":").split()
    return f"{int(total[0]) / 2**20:.0f} GiB" if total[0].isdigit() else "unknown"


def describe():
    return {
        "cpu": value_of("/proc/cpuinfo", "model name", ":"),
        "cores": len(os.sched_getaffinity(0)),
        "memory": memory_gib(),
        "system": value_of("/etc/os-release", "PRETTY_NAME", "="),
        "kernel": platform.release(),
        "compiler": output_of(["cc", "--version"]),
        "commit": output_of(["git", "describe", "--always", "--dirty"]),
        "load_before": round(os.getloadavg()[0], 2),
    }
