"""Which browser the end-to-end tests drive, and how."""

from __future__ import annotations

import os
import shutil

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Where the browser is: Debian's, or the one that ``MACE_CHROMIUM`` names."""
    named = os.environ.get("MACE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-headless-shell")
    if not named:
        raise RuntimeError("There is no Chromium: install the package chromium, or set MACE_CHROMIUM to its path")
    return named
