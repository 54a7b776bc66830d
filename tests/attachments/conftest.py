"""Each test has a folder of its own for files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def vault(tmp_path: Path, settings: Any) -> Path:
    """The folder."""
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"
