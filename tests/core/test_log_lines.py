"""Every log line says for which seat and in which request or task it was written, by number and nothing else."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from celery.signals import task_prerun
from django.test import Client

from mace.core.logs import SeatFilter, working_on
from mace.core.seat import acting_as
from mace.settings.logs import PlainFormatter, logging_to_standard_error
from tests.factories.cast import Cast

LINE = re.compile(r"^\S+ \S+ seat=(\S+) request=(\S+) \w+ [\w.]+: ")


class Written(logging.Handler):
    """Keeps the lines as they would stand in the log."""

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(SeatFilter())
        self.setFormatter(PlainFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def who_and_which(self) -> list[tuple[str, str]]:
        found = [LINE.match(line) for line in self.lines]
        return [(match[1], match[2]) for match in found if match]


@pytest.fixture
def written() -> Iterator[Written]:
    handler, root = Written(), logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


def test_the_handler_of_the_product_has_the_filter() -> None:
    handler = logging_to_standard_error()["handlers"]["standard_error"]
    assert handler["filters"] == ["seat"]
    assert logging_to_standard_error()["filters"]["seat"]["()"] == "mace.core.logs.SeatFilter"


def test_a_line_carries_the_seat_and_the_request(cast: Cast, written: Written) -> None:
    log = logging.getLogger("mace.test")
    log.warning("outside")
    with working_on("abc123"), acting_as(cast["coordinator"]):
        log.warning("inside")
    log.warning("outside again")
    number = str(cast["coordinator"].membership_id)
    assert written.who_and_which() == [("-", "-"), (number, "abc123"), ("-", "-")]


def test_lines_about_a_refused_request_carry_both_and_no_name(cast: Cast, written: Written) -> None:
    client = cast.client("analyst")
    assert client.get("/cases/", headers={"X-Request-Id": "forged"}).status_code == 403
    assert client.get("/cases/C-0000-0000/").status_code == 403
    found = written.who_and_which()
    assert [seat for seat, _ in found] == [str(cast["analyst"].membership_id)] * 2
    requests = [request for _, request in found]
    assert len(set(requests)) == 2
    assert all(re.fullmatch(r"[0-9a-f]{12}", request) for request in requests)
    for line in written.lines:
        for value in ("forged", "Analyst", "analyst@", "127.0.0.1", "Anytown"):
            assert value not in line


def test_a_page_before_signing_in_has_a_request_and_no_seat(db: None, written: Written) -> None:

    assert Client().get("/no-such-page/").status_code == 404
    [(seat, request)] = written.who_and_which()
    assert (seat, bool(re.fullmatch(r"[0-9a-f]{12}", request))) == ("-", True)


def test_lines_of_the_worker_carry_their_task(written: Written) -> None:
    with working_on("-"):
        task_prerun.send(sender=None, task_id="7d1e-task", task=None, args=(), kwargs={})
        logging.getLogger("celery.app.trace").warning("it ended")
    assert written.who_and_which() == [("-", "7d1e-task")]
