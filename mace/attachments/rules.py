"""How much may be attached, and under what type a file is given out."""

from __future__ import annotations

from mace.attachments.enums import FileType

MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE
MOST_FILES = 10
"""On one record."""
MOST_TOGETHER = 100 * MEGABYTE
"""Bytes of all files of one record."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
CONTENT_TYPE: dict[str, str] = {
    FileType.PDF: "application/pdf",
    FileType.DOCX: f"{_OFFICE}wordprocessingml.document",
    FileType.XLSX: f"{_OFFICE}spreadsheetml.sheet",
    FileType.PPTX: f"{_OFFICE}presentationml.presentation",
    FileType.RTF: "application/rtf",
    FileType.TXT: "text/plain; charset=utf-8",
    FileType.JPEG: "image/jpeg",
    FileType.PNG: "image/png",
    FileType.HEIC: "image/heic",
}


def size_words(size: int) -> str:
    """`12 KB`, `3.4 MB`; never 0."""
    if size < MEGABYTE:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / MEGABYTE:.1f} MB"


def size_fault(size: int) -> str:
    """What is wrong with the size of one file, and what to do; nothing when it may be kept."""
    if size == 0:
        return "The file is empty. Open it to see whether it was saved, then choose it again"
    if size > LARGEST:
        return (
            "The file is larger than 20 MB. Save it as a PDF with smaller pictures, or in parts, and attach those "
            "instead"
        )
    return ""


def room_fault(count: int, together: int, size: int) -> str:
    """What stands against one more file of that size beside ``count`` others; nothing when there is room."""
    if count >= MOST_FILES:
        return f"{MOST_FILES} files are attached, which is as many as there may be. Remove one, or put several in one"
    if together + size > MOST_TOGETHER:
        return "All files together may have 100 MB. Remove one, or attach a smaller copy of this file"
    return ""
