"""Public references: random, short enough to read out, and telling nothing about order or number.

Thirty-two letters and digits without I, L, O and U (Crockford's base 32), eight of them: about 10^12 values.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference(prefix: str) -> str:
    """``R-7K4M-2Q9X`` for prefix ``R``."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{prefix}-{letters[:4]}-{letters[4:]}"


def referral_reference() -> str:
    return new_reference("R")


def case_reference() -> str:
    return new_reference("C")


def child_reference() -> str:
    return new_reference("P")


def meeting_reference() -> str:
    return new_reference("M")


def item_reference() -> str:
    return new_reference("I")


def action_reference() -> str:
    return new_reference("A")


def review_reference() -> str:
    return new_reference("W")


def volt_reference() -> str:
    return new_reference("V")


def document_reference() -> str:
    return new_reference("D")


def emergency_reference() -> str:
    return new_reference("E")


def message_reference() -> str:
    return new_reference("N")


def view_reference() -> str:
    return new_reference("L")


def import_reference() -> str:
    return new_reference("F")


def export_reference() -> str:
    return new_reference("Y")


def attachment_reference() -> str:
    return new_reference("T")


def question_reference() -> str:
    return new_reference("Q")


def missing_reference() -> str:
    return new_reference("G")


def moment_reference() -> str:
    return new_reference("K")
