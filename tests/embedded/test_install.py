"""Setting up installs what is pinned, once, and says in one sentence what is missing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mace.embedded import install

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "requirements").mkdir()
    for name in ("demo", "dev", "uv"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name}==1\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    return tmp_path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    ran: list[str] = []
    monkeypatch.setattr(install, "run", lambda command, *_: ran.append(" ".join(str(word) for word in command)))
    monkeypatch.setattr(install, "_works", lambda *_: True)
    return ran


def test_packages_are_installed_once(project: Path, commands: list[str]) -> None:
    install.make_environment("demo", {})
    assert [command.split()[-1] for command in commands] == [
        str(project / "requirements" / "uv.txt"),
        str(project / "requirements" / "demo.txt"),
    ]
    assert all("--require-hashes" in command for command in commands)
    install.make_environment("demo", {})
    assert len(commands) == 2


def test_changed_pins_are_installed_again(project: Path, commands: list[str]) -> None:
    install.make_environment("demo", {})
    (project / "requirements" / "demo.txt").write_text("demo==2\n")
    install.make_environment("demo", {})
    assert len(commands) == 4


def test_a_developers_environment_serves_the_demo_and_stays(project: Path, commands: list[str]) -> None:
    install.make_environment("dev", {})
    install.make_environment("demo", {})
    assert len(commands) == 2
    (project / "requirements" / "dev.txt").write_text("dev==2\n")
    install.make_environment("demo", {})
    assert commands[-1].endswith("dev.txt")


def test_the_demo_runs_without_system_packages_and_says_what_is_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "missing_libraries", lambda: ["libpango-1.0-0"])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    install.system_packages("demo", {})
    assert capsys.readouterr().out == (
        "The minutes cannot be made into PDFs without these system packages: "
        "install them with apt-get install libpango-1.0-0.\n"
    )
    with pytest.raises(install.InstallFailed, match=r"^The tests need these system packages: .* libpango-1\.0-0\.$"):
        install.system_packages("dev", {})


def test_certificates_reach_every_tool() -> None:
    environment = install.child_environment({"PIP_CERT": "/ca.pem", "PIP_INDEX_URL": "INDEX", "PYTHONPATH": "/x"})
    assert environment["SSL_CERT_FILE"] == environment["NODE_EXTRA_CA_CERTS"] == "/ca.pem"
    assert environment["UV_DEFAULT_INDEX"] == "INDEX"
    assert "PYTHONPATH" not in environment


def test_it_runs_before_anything_is_installed() -> None:
    command = [sys.executable, "-I", "-S", str(ROOT / "mace" / "embedded" / "install.py"), "nothing"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "Say what to set up for: demo or dev.\n")


@pytest.mark.parametrize("name", ["base", "demo", "dev", "uv"])
def test_every_pin_has_a_hash_and_none_an_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in text
    pins = re.split(r"\n(?=\S)", text.strip())
    for pin in pins:
        assert re.match(r"[a-z0-9.-]+==\S+", pin), pin
        assert "--hash=sha256:" in pin


def test_the_pins_of_the_demo_are_those_the_tests_ran_with() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))

    assert pins("base") <= pins("demo") <= pins("dev")
