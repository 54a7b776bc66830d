"""Reads the environment strictly.

Each function reads one variable and either returns a value that is fit for use or raises `Refused`, which ends the
program with one sentence. The sentence names the variable and what it should look like and never repeats a value,
because the value may be a secret.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit, urlunsplit

POSTGRESQL_FORM: Final = (
    "postgresql://role:password@host:5432/database or postgresql://role@/database?host=/socket/folder"
)
REDIS_FORM: Final = "redis://host:6379/0 or unix:///path/to/valkey.sock?db=0"
VARIABLE_OF_ROLE: Final = {"web": "DATABASE_URL", "worker": "DATABASE_WORKER_URL", "owner": "DATABASE_OWNER_URL"}
TLS_OPTIONS: Final = ("sslmode", "sslrootcert", "sslcert", "sslkey")
TRUE: Final = frozenset({"1", "yes", "true", "on"})
FALSE: Final = frozenset({"0", "no", "false", "off", ""})


class Refused(SystemExit):
    """The program cannot start. Its message is one sentence for the person who starts it; the exit status is 1."""


def refuse(sentence: str) -> NoReturn:
    """End the program with `sentence`."""
    raise Refused(sentence)


def text(name: str, form: str, default: str | None = None) -> str:
    """The value of `name`, or `default`; `form` says in the refusal what is wanted."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is not None:
        return default
    refuse(f"{name} is not set: it must be {form}.")


def choice(name: str, allowed: Sequence[str], default: str) -> str:
    """One of the words in `allowed`."""
    words = " or ".join(allowed)
    value = text(name, words, default)
    if value not in allowed:
        refuse(f"{name} must be {words}.")
    return value


def flag(name: str) -> bool:
    """Yes or no; no when it is not set."""
    value = os.environ.get(name, "").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    refuse(f"{name} must be yes or no.")


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    form = f"a whole number from {least} to {most}"
    value = text(name, form, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        refuse(f"{name} must be {form}.")
    return int(value)


def folder(name: str, default: Path | None = None) -> Path:
    """An absolute path. The folder need not exist yet."""
    form = "the absolute path of a folder"
    path = Path(text(name, form, None if default is None else str(default)))
    if not path.is_absolute():
        refuse(f"{name} must be {form}.")
    return path


@dataclass(frozen=True, kw_only=True)
class Database:
    """Where PostgreSQL is and as whom to connect. A host that begins with a slash is the folder of a socket.

    `options` are those about TLS that libpq knows.
    """

    name: str
    user: str
    password: str
    host: str
    port: str
    options: Mapping[str, str] = field(default_factory=dict)


def database(role: str) -> Database:
    """The connection of `role`, from the variable that belongs to it."""
    name = VARIABLE_OF_ROLE[role]
    form = f"a PostgreSQL address like {POSTGRESQL_FORM}"
    url = _split(name, form)
    options = parse_qs(url.query)
    host = unquote(url.hostname or "") or options.get("host", [""])[0]
    found = Database(
        name=unquote(url.path.lstrip("/")),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        host=host,
        port=_port(name, form, url) or options.get("port", [""])[0],
        options={option: options[option][0] for option in TLS_OPTIONS if option in options},
    )
    unknown = set(options) - {"host", "port", *TLS_OPTIONS}
    if (
        url.scheme not in {"postgresql", "postgres"}
        or not (found.name and found.user and found.host)
        or "/" in found.name
        or unknown
    ):
        refuse(f"{name} must be {form}.")
    return found


@dataclass(frozen=True, kw_only=True)
class Redis:
    """Where Redis or Valkey is: the broker's database, the cache's, and the broker's address in Celery's spelling."""

    cache: str
    broker: str


def redis() -> Redis:
    """The two addresses that `REDIS_URL` stands for.

    The address names the broker's database; the cache has the one after it, because emptying the cache empties its
    database and must not lose queued work.
    """
    form = f"a Redis address like {REDIS_FORM}"
    url = _split("REDIS_URL", form)
    port = _port("REDIS_URL", form, url)
    if url.scheme == "unix":
        options = parse_qs(url.query)
        index = options.pop("db", ["0"])[0]
        if options or not url.path.startswith("/") or url.netloc or not index.isdigit():
            refuse(f"REDIS_URL must be {form}.")
        return Redis(
            cache=f"unix://{url.path}?db={int(index) + 1}",
            broker=f"redis+socket://{url.path}?virtual_host={int(index)}",
        )
    index = url.path.lstrip("/") or "0"
    if (
        url.scheme not in {"redis", "rediss"}
        or not url.hostname
        or not index.isdigit()
        or (port and not port.isdigit())
        or url.query
    ):
        refuse(f"REDIS_URL must be {form}.")
    broker_query = "ssl_cert_reqs=required" if url.scheme == "rediss" else ""
    return Redis(
        cache=urlunsplit((url.scheme, url.netloc, f"/{int(index) + 1}", "", "")),
        broker=urlunsplit((url.scheme, url.netloc, f"/{int(index)}", broker_query, "")),
    )


def secret_key() -> str:
    """Django's secret: at least 50 characters, of which at least 10 different."""
    form = "a random text of at least 50 characters"
    value = text("MACE_SECRET_KEY", form)
    if len(value) < 50 or len(set(value)) < 10:
        refuse(f"MACE_SECRET_KEY must be {form}.")
    return value


def seat_key() -> bytes:
    """The key that signs seats: at least 32 bytes, written in hexadecimal."""
    form = "at least 32 random bytes in hexadecimal, that is 64 digits or more"
    value = text("MACE_SEAT_KEY", form)
    try:
        key = bytes.fromhex(value)
    except ValueError:
        refuse(f"MACE_SEAT_KEY must be {form}.")
    if len(key) < 32 or len(set(key)) < 8:
        refuse(f"MACE_SEAT_KEY must be {form}.")
    return key


def audit_key(role: str) -> bytes:
    """The key that the worker signs the audit chain with: 32 bytes, written in hexadecimal.

    The web never has it, so that it is read for `worker`, and for `owner` where it is set.
    """
    if role == "web" or (role == "owner" and not os.environ.get("MACE_AUDIT_KEY")):
        return b""
    form = "32 random bytes in hexadecimal, that is 64 digits"
    value = text("MACE_AUDIT_KEY", form)
    try:
        key = bytes.fromhex(value)
    except ValueError:
        refuse(f"MACE_AUDIT_KEY must be {form}.")
    if len(key) != 32 or len(set(key)) < 8:
        refuse(f"MACE_AUDIT_KEY must be {form}.")
    return key


def files_keys(role: str) -> tuple[bytes, ...]:
    """The keys that files are encrypted with, 32 bytes each: the first writes, all of them read.

    Web and worker need them; the owner, who only makes tables, need not have them.
    """
    if role == "owner" and not os.environ.get("MACE_FILES_KEY"):
        return ()
    form = (
        "32 random bytes in hexadecimal, that is 64 digits, or several such keys separated by commas, the newest first"
    )
    try:
        keys = tuple(bytes.fromhex(one) for one in text("MACE_FILES_KEY", form).split(","))
    except ValueError:
        refuse(f"MACE_FILES_KEY must be {form}.")
    if any(len(key) != 32 or len(set(key)) < 8 for key in keys) or len(set(keys)) != len(keys):
        refuse(f"MACE_FILES_KEY must be {form}.")
    return keys


def clamd() -> str | tuple[str, int] | None:
    """Where ClamAV's daemon listens: the path of its Unix socket, or host and port. None when there is none."""
    form = "the absolute path of ClamAV's socket, or its host and port like clamav:3310"
    value = text("MACE_CLAMD", form, "")
    if not value:
        return None
    if value.startswith("/"):
        return value
    host, colon, port = value.rpartition(":")
    if not colon or not host or "/" in host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        refuse(f"MACE_CLAMD must be {form}.")
    return host.strip("[]"), int(port)


def hosts() -> list[str]:
    """The host names that the site answers to; a star for all of them is refused."""
    form = "the host names of the site, separated by commas"
    names = [name.strip() for name in text("MACE_ALLOWED_HOSTS", form).split(",") if name.strip()]
    if not names or any(character in name for name in names for character in "*/ "):
        refuse(f"MACE_ALLOWED_HOSTS must be {form}.")
    return names


def base_url() -> str:
    """The address people see, without a slash at its end."""
    form = "the address of the site like https://mace.example.org, with no path"
    url = _split("MACE_BASE_URL", form)
    _port("MACE_BASE_URL", form, url)
    if (
        url.scheme not in {"http", "https"}
        or not url.hostname
        or url.path not in {"", "/"}
        or url.query
        or url.fragment
        or "@" in url.netloc
    ):
        refuse(f"MACE_BASE_URL must be {form}.")
    return f"{url.scheme}://{url.netloc}"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """How mail leaves: into a folder when `folder` is set, otherwise by SMTP."""

    folder: str = ""
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


def mail() -> Mail:
    """Either `MACE_MAIL_DIR` or `MACE_MAIL_URL`; both or neither is refused."""
    form = "smtp://user:password@host:587 with STARTTLS, smtps://user:password@host:465, or smtp+plain://host:25"
    to_folder, to_server = os.environ.get("MACE_MAIL_DIR", "").strip(), os.environ.get("MACE_MAIL_URL", "").strip()
    if bool(to_folder) == bool(to_server):
        refuse(f"Set one of MACE_MAIL_DIR, the absolute path of a folder, and MACE_MAIL_URL, like {form}.")
    if to_folder:
        return Mail(folder=str(folder("MACE_MAIL_DIR")))
    url = _split("MACE_MAIL_URL", form)
    usual = {"smtp": "587", "smtps": "465", "smtp+plain": "25"}
    if url.scheme not in usual or not url.hostname or url.path not in {"", "/"} or url.query:
        refuse(f"MACE_MAIL_URL must be {form}.")
    return Mail(
        host=url.hostname,
        port=int(_port("MACE_MAIL_URL", form, url) or usual[url.scheme]),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        starttls=url.scheme == "smtp",
        tls=url.scheme == "smtps",
    )


def _split(name: str, form: str) -> SplitResult:
    value = text(name, form)
    try:
        return urlsplit(value)
    except ValueError:
        refuse(f"{name} must be {form}.")


def _port(name: str, form: str, url: SplitResult) -> str:
    try:
        return "" if url.port is None else str(url.port)
    except ValueError:
        refuse(f"{name} must be {form}.")
