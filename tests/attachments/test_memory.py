"""What the largest file costs in memory while it is attached and fetched: the process is watched, not a counter."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import IO

import pytest
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from mace.attachments.models import Attachment
from mace.core.seat import acting_as
from tests.factories.cast import Cast
from tests.factories.files import PDF
from tests.factories.referrals import draft_referral

MB = 1024 * 1024
SIZE = 20 * MB
MOST = 100
LINE = "Łukasz 😀 said that nothing was said at all on that day.\n".encode()


def filled(content: bytes) -> bytes:
    return content + bytes(SIZE - len(content))


def peak() -> float:
    """The most memory that this process has held since ``forget``, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def forget() -> float:
    """Count the peak from now on; answers what is held now."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def asked(client: Client, method: str, path: str, body: IO[bytes] | None = None, length: int = 0) -> tuple[int, int]:
    """Status and bytes of an answer, asked past the test's client, which keeps copies of what it sends."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": body or io.BytesIO(),
        "CONTENT_TYPE": "multipart/form-data; boundary=xxxx",
        "CONTENT_LENGTH": str(length),
        "HTTP_COOKIE": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()),
    }
    answer = ClientHandler(enforce_csrf_checks=False)(environ)
    return answer.status_code, len(answer.content)  # type: ignore[attr-defined]  # as it is


@pytest.mark.parametrize("kind", ["pdf", "txt"])
def test_the_largest_file_costs_no_more_than_about_a_hundred_megabytes(
    cast: Cast, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    draft, client = draft_referral(cast), cast.client("practitioner")
    path = reverse("referrals:files", args=[draft.reference])
    body = tmp_path / "body"
    with body.open("wb") as out:
        for name, value in (("kind", "other"), ("title", "Large")):
            out.write(f'--xxxx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        out.write(b'--xxxx\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n')
        out.write(filled(PDF) if kind == "pdf" else LINE * (SIZE // len(LINE)))
        out.write(b"\r\n--xxxx--\r\n")
    asked(client, "GET", path)
    before = forget()
    with body.open("rb") as sent:
        assert asked(client, "POST", path, sent, body.stat().st_size)[0] == 302
    attaching = peak() - before
    with acting_as(cast["practitioner"]):
        file = Attachment.objects.get()
    assert file.type == kind
    before = forget()
    assert asked(client, "GET", reverse("attachments:file", args=[file.reference])) == (200, file.size)
    fetching = peak() - before
    with capsys.disabled():
        sys.stdout.write(f"\n{kind} of 20 MB: {attaching:.0f} MB to attach it, {fetching:.0f} MB to fetch it\n")
    assert attaching < MOST
    assert fetching < MOST
