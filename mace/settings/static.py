"""How static files are stored where the site is served for people."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # the package brings no types
    """Names carry a hash of the content, so that browsers may keep a file for ever."""

    support_js_module_import_aggregation = True
