"""The key of a next page tells no number, is the same for the same row, and cannot be made up."""

from __future__ import annotations

import pytest

from mace.core.pages import page_key, page_numbers


def test_a_key_gives_its_numbers_back_and_does_not_show_them() -> None:
    key = page_key(1_795_322_443_127_896, 731_900_165)
    assert page_numbers(key, count=2) == (1_795_322_443_127_896, 731_900_165)
    assert page_key(1_795_322_443_127_896, 731_900_165) == key
    assert page_key(1_795_322_443_127_896, 731_900_166)[:8] != key[:8]
    assert "731900165" not in key
    assert page_numbers(page_key(0, 2**63 - 1), count=2) == (0, 2**63 - 1)


@pytest.mark.parametrize(
    "key", ["", "x", "nonsense", "1_2", "-1", "\N{PILE OF POO}", "A" * 40, "AAAA" * 11, "=" * 8, "\x00"]
)
def test_a_key_that_was_never_given_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not the key of a page"):
        page_numbers(key, count=2)


def test_a_key_that_was_altered_or_is_of_another_list_is_refused(settings: pytest.FixtureRequest) -> None:
    key = page_key(1, 2)
    for other in (key[:-1], key + "A", ("B" if key[0] == "A" else "A") + key[1:]):
        with pytest.raises(ValueError, match="not the key of a page"):
            page_numbers(other, count=2)
    with pytest.raises(ValueError, match="not the key of a page"):
        page_numbers(key, count=1)
    settings.SECRET_KEY = "another-installation-" * 3  # type: ignore[attr-defined]  # pytest-django's
    with pytest.raises(ValueError, match="not the key of a page"):
        page_numbers(key, count=2)
