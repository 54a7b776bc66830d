"""The front-end build: what it fetches is pinned, what it does is done once."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The build program, with an empty folder to build into and no Node."""
    spec = importlib.util.spec_from_file_location("frontend_build", FRONTEND / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("MACE_VAR", str(tmp_path))
    return module


def fake_packages(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands in for npm and sass; the list fills with what was run."""
    ran: list[str] = []

    def run(program: str, *arguments: str, folder: Path) -> None:
        ran.append(program)
        modules = folder / "node_modules"
        if program == "npm":
            for name in module.SCRIPTS:
                (modules / name).parent.mkdir(parents=True, exist_ok=True)
                (modules / name).write_text("export{};\n//# sourceMappingURL=x.js.map\n")
            images = modules / module.MOJ_IMAGES
            images.mkdir(parents=True, exist_ok=True)
            (images / "icon-tick.svg").write_text("<svg/>")
        else:
            Path(arguments[-1]).write_text(
                "a{background:url(./images/icon-tick.svg)}b{background:url(images/govuk-crest.svg)}"
            )

    monkeypatch.setattr(module, "run", run)
    return ran


def test_the_second_run_does_nothing(build: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran = fake_packages(build, monkeypatch)
    assert "fetched packages and built" in build.build()
    assert build.build() == "Front end: up to date."
    assert ran == ["npm", "node"]
    made = tmp_path / "assets" / "app"
    assert sorted(path.name for path in made.iterdir()) == [
        "app.css",
        "govuk-frontend.min.js",
        "images",
        "moj-frontend.min.js",
    ]


def test_lost_output_is_built_again_without_fetching(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran = fake_packages(build, monkeypatch)
    build.build()
    (tmp_path / "assets" / ".app-built").unlink()
    assert build.build().startswith("Front end: built")
    assert ran == ["npm", "node", "node"]


def test_no_source_maps_and_no_crest_are_shipped(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_packages(build, monkeypatch)
    build.build()
    made = tmp_path / "assets" / "app"
    assert "sourceMappingURL" not in (made / "govuk-frontend.min.js").read_text()
    assert (made / "images" / "govuk-crest.svg").read_text() == build.EMPTY_PICTURE


def test_a_failure_is_one_sentence_and_leaves_no_stamp(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*_: str, **__: Path) -> None:
        raise build.BuildError("npm ci failed: no network")

    monkeypatch.setattr(build, "run", run)
    assert build.main() == 1
    assert "npm ci failed" in capsys.readouterr().err
    assert not (tmp_path / "assets" / ".app-built").exists()


def test_certificates_of_pip_are_passed_on(build: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundle = tmp_path / "council.pem"
    bundle.touch()
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    monkeypatch.setenv("PIP_CERT", str(bundle))
    assert build.node_environment()["NODE_EXTRA_CA_CERTS"] == str(bundle)


def test_the_lockfile_pins_by_hash_and_names_no_registry() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all("resolved" not in entry for entry in packages.values())
    assert all("integrity" in entry for entry in packages.values())
    wanted = json.loads((FRONTEND / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
