"""The cache in Redis or Valkey, with one client for each pool and process instead of a new one for each value.

Making a client costs some eight hundred Python calls, and the session is read in every request.
"""

from __future__ import annotations

from typing import Any

from django.core.cache.backends import redis


class KeptClient(redis.RedisCacheClient):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """A client holds no connection of its own and may be used by several threads."""
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]  # the stubs lack it
        client = self._kept.get(index)
        if client is None:
            client = self._kept[index] = super().get_client(key, write=write)
        return client


class RedisCache(redis.RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient

    def validate_key(self, key: str) -> None:
        """Any key will do. Django's own warning names the key, which a stranger may have sent."""
