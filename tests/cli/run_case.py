#!/usr/bin/env python3
"""Runs the case folders of the command line.

    run_case.py --casepipe BINARY [--bless] [--jobs N] [FOLDER...]

Each FOLDER is a case, or holds cases anywhere below; none: all of tests/cli. A case is a folder
COMMAND/NAME with these files:

    cmd    a sh script, run in a fresh temporary folder; casepipe is on its PATH, $CASEPIPE is the
           binary, $FIXTURES the folder of fixtures; standard input is empty
    out    its standard output; absent: nothing
    err    its standard error; absent: nothing
    exit   its exit status; absent: 0

All other files of the folder are copied into the temporary folder first. In out and err, @TMP@
stands for the temporary folder and @FIXTURES@ for that of the fixtures. --bless writes what came
out as what is expected: to be read before it is committed.
"""
import argparse
import concurrent.futures
import difflib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent / "fixtures"
EXPECTED = ("out", "err", "exit")
TIMEOUT_S = 120
# What would change how programs spell things; the rest of the environment stays (sanitizers' options).
DROPPED = ("LANG", "LANGUAGE", "TZ", "CASEPIPE", "FIXTURES", "POSIXLY_CORRECT", "ENV")


def find_cases(folders):
    cases = set()
    for folder in folders:
        if not folder.is_dir():
            raise SystemExit(f"{folder}: no such folder")
        found = {path.parent for path in folder.rglob("cmd")}
        if not found:
            raise SystemExit(f"{folder}: holds no case")
        cases |= found
    return sorted(cases)


def environment(binary, bin_folder):
    env = {key: value for key, value in os.environ.items()
           if key not in DROPPED and not key.startswith("LC_")}
    env.update(LC_ALL="C", CASEPIPE=str(binary), FIXTURES=str(FIXTURES),
               PATH=f"{bin_folder}:{env.get('PATH', '/usr/bin:/bin')}")
    return env


def run(command, folder, env):
    """(out, err, exit status); a script that does not end is ended with all that it started."""
    with subprocess.Popen(["sh", str(command)], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          start_new_session=True) as process:
        try:
            out, err = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            err += f"\nended after {TIMEOUT_S} s\n".encode()
    status = process.returncode
    return out, err, 128 - status if status < 0 else status


def actual(case, binary):
    """What the case comes to: {"out": bytes, "err": bytes, "exit": bytes}."""
    with tempfile.TemporaryDirectory(prefix="casepipe-case-") as top:
        work, bin_folder = pathlib.Path(top, "work").resolve(), pathlib.Path(top, "bin")
        work.mkdir()
        bin_folder.mkdir()
        (bin_folder / "casepipe").symlink_to(binary)
        for path in case.iterdir():
            if path.name not in EXPECTED and path.name != "cmd":
                (shutil.copytree if path.is_dir() else shutil.copy)(path, work / path.name)
        out, err, status = run(case / "cmd", work, environment(binary, bin_folder))
        marks = ((str(work), "@TMP@"), (str(FIXTURES), "@FIXTURES@"))
        for text, mark in marks:
            out = out.replace(text.encode(), mark.encode())
            err = err.replace(text.encode(), mark.encode())
    return {"out": out, "err": err, "exit": b"%d\n" % status}


def expected(case):
    result = {"out": b"", "err": b"", "exit": b"0\n"}
    for name in EXPECTED:
        if (case / name).exists():
            result[name] = (case / name).read_bytes()
    return result


def bless(case, got):
    """Writes what differs from the default, removes the files that would say the default."""
    defaults = {"out": b"", "err": b"", "exit": b"0\n"}
    for name in EXPECTED:
        if got[name] == defaults[name]:
            (case / name).unlink(missing_ok=True)
        else:
            (case / name).write_bytes(got[name])


def show_lines(text):
    return text.decode("utf-8", "backslashreplace").splitlines(keepends=True)


def difference(name, wanted, got):
    lines = []
    for line in difflib.unified_diff(show_lines(wanted), show_lines(got), f"{name} expected",
                                     f"{name} now"):
        lines.append(line if line.endswith("\n") else line + "\n\\ no newline at the end\n")
    return "".join(lines) or f"{name}: differs in bytes that show alike\n"


def judge(case, binary, blessing):
    """None where the case holds, else what to print."""
    name = f"{case.parent.name}/{case.name}"
    got, wanted = actual(case, binary), expected(case)
    wrong = [part for part in EXPECTED if got[part] != wanted[part]]
    if not wrong:
        return None
    if blessing:
        bless(case, got)
        return f"blessed {name}: {', '.join(wrong)}"
    return f"FAILED {name}: {', '.join(wrong)}\n" + "".join(
        difference(part, wanted[part], got[part]) for part in wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--casepipe", required=True, type=pathlib.Path, metavar="BINARY")
    parser.add_argument("--bless", action="store_true", help="rewrite what is expected")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("folders", nargs="*", type=pathlib.Path, default=[HERE])
    options = parser.parse_args()
    binary = options.casepipe.resolve()
    if not os.access(binary, os.X_OK):
        parser.error(f"{binary} is no program")
    cases = find_cases([folder.resolve() for folder in options.folders])
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        verdicts = list(pool.map(lambda case: judge(case, binary, options.bless), cases))
    differing = [verdict for verdict in verdicts if verdict]
    for verdict in differing:
        print(verdict)
    print(f"{len(cases)} cases, {len(differing)} {'blessed' if options.bless else 'failed'}")
    return 1 if differing and not options.bless else 0


if __name__ == "__main__":
    sys.exit(main())
