"""Where the tests of referrals that attach files keep them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """An empty place for what is attached."""
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"
