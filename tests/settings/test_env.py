"""The environment is read strictly, and refused in one sentence that never repeats a value."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mace.settings import env

SECRET = "hunter2hunter2"


def sentence_of(read: Callable[[], object]) -> str:
    with pytest.raises(env.Refused) as refused:
        read()
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert SECRET not in sentence
    return sentence


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("DATABASE_URL", lambda: env.database("web")),
        ("DATABASE_WORKER_URL", lambda: env.database("worker")),
        ("DATABASE_OWNER_URL", lambda: env.database("owner")),
        ("REDIS_URL", env.redis),
        ("MACE_SECRET_KEY", env.secret_key),
        ("MACE_SEAT_KEY", env.seat_key),
        ("MACE_ALLOWED_HOSTS", env.hosts),
        ("MACE_BASE_URL", env.base_url),
        ("MACE_MAIL_DIR", env.mail),
    ],
)
def test_a_missing_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, read: Callable[[], object]) -> None:
    for variable in (name, "MACE_MAIL_DIR", "MACE_MAIL_URL"):
        monkeypatch.delenv(variable, raising=False)
    assert name in sentence_of(read)
    monkeypatch.setenv(name, "   ")
    assert name in sentence_of(read)


@pytest.mark.parametrize(
    "value",
    [
        f"mysql://mace:{SECRET}@host/mace",
        f"postgresql://mace:{SECRET}@host",
        f"postgresql://mace:{SECRET}@/mace",
        f"postgresql://:{SECRET}@host/mace",
        f"postgresql://mace:{SECRET}@host:port/mace",
        f"postgresql://mace:{SECRET}@host:99999/mace",
        f"postgresql://mace:{SECRET}@host/mace/more",
        f"postgresql://mace:{SECRET}@host/mace?sslmod=require",
        f"postgresql://mace:{SECRET}@[host/mace",
        f"{SECRET}",
    ],
)
def test_a_malformed_database_address_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    assert sentence_of(lambda: env.database("web")).startswith("DATABASE_URL must be a PostgreSQL address like ")


def test_a_database_address_over_the_network_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://mace_web:p%40ss%2Fword@db.example.org:5433/mace")
    expected = env.Database(name="mace", user="mace_web", password="p@ss/word", host="db.example.org", port="5433")
    assert env.database("web") == expected


@pytest.mark.parametrize("host", ["/run/my%20postgres", "/run/my postgres", "%2Frun%2Fmy%20postgres"])
def test_a_database_address_of_a_socket_is_taken_apart(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", f"postgresql://mace_owner@/mace?host={host}")
    expected = env.Database(name="mace", user="mace_owner", password="", host="/run/my postgres", port="")
    assert env.database("owner") == expected


def test_tls_to_the_database_may_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://w:p@h/mace?sslmode=verify-full&sslrootcert=/etc/ca.pem")
    assert env.database("web").options == {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}


@pytest.mark.parametrize(
    "value",
    [
        f"http://:{SECRET}@host",
        f"redis://:{SECRET}@",
        f"redis://:{SECRET}@host/one",
        f"redis://:{SECRET}@host:port/1",
        f"redis://:{SECRET}@host/0?db=1",
        f"unix://:{SECRET}@/run/valkey.sock",
        "unix://relative.sock",
        "unix:///run/valkey.sock?db=one",
        "unix:///run/valkey.sock?index=1",
    ],
)
def test_a_malformed_redis_address_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("REDIS_URL", value)
    assert sentence_of(env.redis).startswith("REDIS_URL must be a Redis address like ")


@pytest.mark.parametrize(
    ("value", "cache", "broker"),
    [
        ("unix:///v/valkey.sock?db=2", "unix:///v/valkey.sock?db=3", "redis+socket:///v/valkey.sock?virtual_host=2"),
        ("unix:///v/valkey.sock", "unix:///v/valkey.sock?db=1", "redis+socket:///v/valkey.sock?virtual_host=0"),
        ("redis://:pw@host:6380/4", "redis://:pw@host:6380/5", "redis://:pw@host:6380/4"),
        ("redis://host", "redis://host/1", "redis://host/0"),
        ("rediss://host/0", "rediss://host/1", "rediss://host/0?ssl_cert_reqs=required"),
    ],
)
def test_broker_and_cache_have_databases_of_their_own(
    monkeypatch: pytest.MonkeyPatch, value: str, cache: str, broker: str
) -> None:
    monkeypatch.setenv("REDIS_URL", value)
    assert env.redis() == env.Redis(cache=cache, broker=broker)


@pytest.mark.parametrize("value", [SECRET, "a" * 60, "abc" * 30])
def test_a_weak_secret_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MACE_SECRET_KEY", value)
    with pytest.raises(env.Refused) as refused:
        env.secret_key()
    assert str(refused.value) == "MACE_SECRET_KEY must be a random text of at least 50 characters."


@pytest.mark.parametrize("value", [SECRET, "00" * 32, bytes(range(31)).hex(), bytes(range(32)).hex() + "0", "zz" * 32])
def test_a_weak_seat_key_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MACE_SEAT_KEY", value)
    with pytest.raises(env.Refused) as refused:
        env.seat_key()
    assert value not in str(refused.value)
    assert str(refused.value).startswith("MACE_SEAT_KEY must be at least 32 random bytes in hexadecimal")


def test_a_good_seat_key_is_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACE_SEAT_KEY", bytes(range(40)).hex())
    assert env.seat_key() == bytes(range(40))


@pytest.mark.parametrize("value", [SECRET, "00" * 32, bytes(range(31)).hex(), bytes(range(33)).hex(), "zz" * 32])
def test_a_weak_audit_key_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MACE_AUDIT_KEY", value)
    with pytest.raises(env.Refused) as refused:
        env.audit_key("worker")
    assert str(refused.value) == "MACE_AUDIT_KEY must be 32 random bytes in hexadecimal, that is 64 digits."


def test_the_web_never_has_the_audit_key_and_the_owner_need_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACE_AUDIT_KEY", bytes(range(32)).hex())
    assert [env.audit_key(role) for role in ("web", "worker", "owner")] == [b"", bytes(range(32)), bytes(range(32))]
    monkeypatch.delenv("MACE_AUDIT_KEY")
    assert [env.audit_key(role) for role in ("web", "owner")] == [b"", b""]
    with pytest.raises(env.Refused, match="MACE_AUDIT_KEY is not set"):
        env.audit_key("worker")


@pytest.mark.parametrize("value", ["*", "mace.example.org,*", ",", "https://mace.example.org", "two words"])
def test_malformed_hosts_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MACE_ALLOWED_HOSTS", value)
    assert sentence_of(env.hosts).startswith("MACE_ALLOWED_HOSTS must be ")


@pytest.mark.parametrize(
    "value",
    [
        "mace.example.org",
        "ftp://mace.example.org",
        "https://",
        "https://h/path",
        f"https://u:{SECRET}@h",
        "https://h:x",
    ],
)
def test_a_malformed_base_url_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MACE_BASE_URL", value)
    assert sentence_of(env.base_url).startswith("MACE_BASE_URL must be the address of the site")


def test_a_base_url_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACE_BASE_URL", "https://mace.example.org:8443/")
    assert env.base_url() == "https://mace.example.org:8443"


def test_mail_goes_to_a_folder_or_a_server_and_not_to_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACE_MAIL_DIR", "/var/mail")
    monkeypatch.delenv("MACE_MAIL_URL", raising=False)
    assert env.mail() == env.Mail(folder="/var/mail")
    monkeypatch.setenv("MACE_MAIL_URL", f"smtp://u:{SECRET}@host")
    assert "MACE_MAIL_DIR" in sentence_of(env.mail)
    monkeypatch.delenv("MACE_MAIL_DIR")
    assert env.mail() == env.Mail(host="host", port=587, user="u", password=SECRET, starttls=True)
    monkeypatch.setenv("MACE_MAIL_URL", f"imap://u:{SECRET}@host")
    assert sentence_of(env.mail).startswith("MACE_MAIL_URL must be ")


def test_flags_and_choices_know_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACE_BEHIND_PROXY", "Yes")
    assert env.flag("MACE_BEHIND_PROXY") is True
    monkeypatch.setenv("MACE_BEHIND_PROXY", "perhaps")
    assert sentence_of(lambda: env.flag("MACE_BEHIND_PROXY")) == "MACE_BEHIND_PROXY must be yes or no."
    monkeypatch.setenv("MACE_DB_ROLE", "root")
    read = lambda: env.choice("MACE_DB_ROLE", ("web", "worker"), "web")  # noqa: E731
    assert sentence_of(read) == "MACE_DB_ROLE must be web or worker."
    monkeypatch.setenv("MACE_VAR", "var")
    assert sentence_of(lambda: env.folder("MACE_VAR")) == "MACE_VAR must be the absolute path of a folder."


KEYS = "MACE_FILES_KEY must be 32 random bytes in hexadecimal, that is 64 digits, or several such keys"


@pytest.mark.parametrize(
    "value",
    ["x" * 64, "ab" * 32, bytes(range(31)).hex(), f"{bytes(range(32)).hex()},", ",".join([bytes(range(32)).hex()] * 2)],
)
def test_keys_of_files_are_refused_unless_they_are_keys(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MACE_FILES_KEY", value)
    with pytest.raises(env.Refused) as refused:
        env.files_keys("web")
    assert str(refused.value).startswith(KEYS)
    assert value not in str(refused.value)


def test_keys_of_files_are_read_newest_first_and_only_the_owner_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    new, old = bytes(range(32)), bytes(range(1, 33))
    monkeypatch.setenv("MACE_FILES_KEY", f"{new.hex()},{old.hex()}")
    assert env.files_keys("worker") == env.files_keys("owner") == (new, old)
    monkeypatch.delenv("MACE_FILES_KEY")
    assert env.files_keys("owner") == ()
    for role in ("web", "worker"):
        with pytest.raises(env.Refused, match="MACE_FILES_KEY is not set"):
            env.files_keys(role)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", None),
        ("/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
        ("clamav:3310", ("clamav", 3310)),
        ("[::1]:3310", ("::1", 3310)),
    ],
)
def test_where_the_virus_scanner_is(monkeypatch: pytest.MonkeyPatch, value: str, address: object) -> None:
    monkeypatch.setenv("MACE_CLAMD", value)
    assert env.clamd() == address


@pytest.mark.parametrize(
    "value", ["clamav", "clamav:", ":3310", "clamav:0", "clamav:70000", "clamav:x", "tcp://clamav:3310"]
)
def test_no_other_words_for_it(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MACE_CLAMD", value)
    with pytest.raises(env.Refused, match="MACE_CLAMD must be the absolute path of ClamAV's socket"):
        env.clamd()
