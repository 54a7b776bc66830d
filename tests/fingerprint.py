"""What decides the content of a freshly migrated database, as a digest: for whoever keeps one."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("mace", "referrals", "panels", "volt", "dashboards")
RESTED_ON = {"migrations", "protection.py", "embedded", "management", "settings", "reference", "data"}


def what_a_database_rests_on() -> str:
    """A digest of everything that decides what a freshly migrated database holds."""
    files = [path for name in PACKAGES for path in (ROOT / name).rglob("*")]
    said = hashlib.sha256(sys.version.encode())
    for path in sorted(path for path in files if path.is_file() and RESTED_ON & set(path.parts)):
        if path.suffix in {".py", ".sql", ".csv", ".json", ".txt"}:
            said.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    said.update((ROOT / "requirements" / "dev.txt").read_bytes())
    return said.hexdigest()[:24]
