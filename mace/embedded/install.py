"""Sets up this copy of the project: virtual environment, packages, system libraries, front-end assets.

python3 -I mace/embedded/install.py demo|dev

Runs before anything is installed, hence the standard library alone and no import from the project. Each step leaves a
mark and costs nothing when nothing has changed. `demo` is what it takes to run; `dev` adds what it takes to test, and
serves the demo as well.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
VENV: Final = ROOT / ".venv"
OLDEST_PYTHON: Final = (3, 11)
PANGO: Final = {
    "libpango-1.0-0": ("pango-1.0", "libpango-1.0.so.0"),
    "libpangoft2-1.0-0": ("pangoft2-1.0", "libpangoft2-1.0.so.0"),
    "libharfbuzz-subset0": ("harfbuzz-subset", "libharfbuzz-subset.so.0"),
}
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")


class InstallFailed(Exception):
    """The set-up cannot go on. The message is one sentence that says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Set up for `demo` or `dev` and return the status."""
    if len(arguments) != 1 or arguments[0] not in {"demo", "dev"}:
        say("Say what to set up for: demo or dev.")
        return 2
    wanted = arguments[0]
    try:
        environment = child_environment(os.environ)
        if sys.version_info < OLDEST_PYTHON:
            raise InstallFailed("MACE needs Python 3.11 or newer: name one with make PYTHON=/path/to/python3.")
        make_environment(wanted, environment)
        system_packages(wanted, environment)
        build_assets(environment)
    except InstallFailed as failure:
        say(str(failure))
        return 1
    return 0


def say(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def child_environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment for pip, uv and npm: the certificates and the index that pip was told of hold for all."""
    environment = {**given, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_NO_PROGRESS": "1"}
    certificates = given.get("SSL_CERT_FILE") or given.get("PIP_CERT")
    if certificates:
        for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
            environment.setdefault(name, certificates)
    if index := given.get("PIP_INDEX_URL"):
        environment.setdefault("UV_DEFAULT_INDEX", index)
    # A virtual environment or a Python path of the caller's must not leak into ours.
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"):
        environment.pop(name, None)
    return environment


def lock_of(wanted: str) -> Path:
    """The file that pins what `demo` or `dev` needs."""
    return ROOT / "requirements" / f"{wanted}.txt"


def stamp_of(wanted: str) -> Path:
    """The mark that says which packages the environment holds."""
    return VENV / f"installed-{wanted}"


def mark_of(wanted: str) -> str:
    """What the mark must say: the pins and the Python they were installed for."""
    pins = hashlib.sha256(lock_of(wanted).read_bytes()).hexdigest()
    return f"{pins} {sys.version_info.major}.{sys.version_info.minor}\n"


def is_installed(wanted: str) -> bool:
    """Whether the environment holds what `wanted` needs; the environment for `dev` also serves `demo`."""
    enough = ("dev",) if wanted == "dev" else ("demo", "dev")
    python = VENV / "bin" / "python"
    return python.exists() and any(
        stamp_of(each).is_file() and stamp_of(each).read_text() == mark_of(each) for each in enough
    )


def make_environment(wanted: str, environment: Mapping[str, str]) -> None:
    """Make `.venv` with exactly the pinned packages. One that was once for `dev` stays for `dev`."""
    if is_installed(wanted):
        return
    if stamp_of("dev").exists():
        wanted = "dev"
    begun = time.monotonic()
    python = VENV / "bin" / "python"
    if not python.exists() or not _works([python, "-m", "pip", "--version"], environment):
        say("Virtual environment: making .venv ...")
        shutil.rmtree(VENV, ignore_errors=True)
        run(
            [sys.executable, "-m", "venv", VENV],
            environment,
            "python3 -m venv failed: install Python's venv module (on Debian, python3-venv).",
        )
    for each in ("demo", "dev"):
        stamp_of(each).unlink(missing_ok=True)
    say(f"Packages: installing requirements/{wanted}.txt ...")
    advice = "The packages could not be installed: look above for the reason, which is often the network."
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--no-deps",
        "-r",
        ROOT / "requirements" / "uv.txt",
    ]
    run(pip, environment, advice)
    run(
        [VENV / "bin" / "uv", "pip", "sync", "--quiet", "--python", python, "--require-hashes", lock_of(wanted)],
        environment,
        advice,
    )
    stamp_of(wanted).write_text(mark_of(wanted))
    say(f"Packages: done in {time.monotonic() - begun:.0f} s.")


def missing_libraries() -> list[str]:
    """The system packages whose library cannot be loaded. WeasyPrint draws text with them."""
    return [package for package, names in PANGO.items() if not any(_loads(name) for name in names)]


def missing_browser() -> list[str]:
    """The system package with Chromium, when there is no such browser. `MACE_CHROMIUM` may name one."""
    names = (os.environ.get("MACE_CHROMIUM") or "", *CHROMIUM)
    return [] if any(name and shutil.which(name) for name in names) else ["chromium"]


def system_packages(wanted: str, environment: Mapping[str, str]) -> None:
    """Install what no wheel brings, when we may; otherwise name it. The demo runs without, tests do not."""
    missing = missing_libraries() + (missing_browser() if wanted == "dev" else [])
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"System packages: installing {names} ...")
        begun = time.monotonic()
        quiet = {**environment, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "--yes", "--quiet=2", "--no-install-recommends", *missing]
        if _works(["apt-get", "update", "--quiet=2"], quiet) and _works(install, quiet):
            say(f"System packages: done in {time.monotonic() - begun:.0f} s.")
            return
    if wanted == "dev":
        raise InstallFailed(f"The tests need these system packages: install them with apt-get install {names}.")
    say(
        "The minutes cannot be made into PDFs without these system packages: install them with apt-get install "
        f"{names}."
    )


def build_assets(environment: Mapping[str, str]) -> None:
    """Build the style sheet and the scripts; quick when nothing has changed."""
    run(
        [VENV / "bin" / "python", ROOT / "frontend" / "build.py"],
        environment,
        "The front-end assets could not be built: look above for the reason.",
    )


def run(command: Sequence[str | Path], environment: Mapping[str, str], advice: str) -> None:
    """Run a command, whose output is shown. Raises `InstallFailed` with `advice` when it fails."""
    try:
        status = subprocess.run(command, env=dict(environment), check=False, cwd=ROOT).returncode
    except OSError:
        status = -1
    if status:
        raise InstallFailed(advice)


def _works(command: Sequence[str | Path], environment: Mapping[str, str]) -> bool:
    try:
        return subprocess.run(command, env=dict(environment), check=False, stdout=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def _loads(name: str) -> bool:
    """Whether the dynamic linker finds the library, by its file's name or by its short name."""
    found = name if ".so" in name else ctypes.util.find_library(name)
    try:
        return found is not None and ctypes.CDLL(found) is not None
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
