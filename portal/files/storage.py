"""Where contents are kept: a folder or a bucket, each content written once under its hash."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from portal.errors import NotFound, Unavailable

PIECE, MOST_IN_MEMORY = 1 << 20, 4 << 20

_place: dict[str, ObjectStore] = {}


def configure(url: str) -> None:
    """Keep files at this URL (`file:///…` or `s3://…`); told once by the application and by each worker."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        _place["store"] = LocalStore(unquote(parts.path), mkdir=True)
    else:
        _place["store"] = from_url(url)


def put(content: bytes) -> str:
    """Write a content once, durably, and return its SHA-256, which is its name."""
    name = hashlib.sha256(content).hexdigest()
    try:
        obstore.put(_store(), _path(name), content, mode="create")
    except AlreadyExistsError:
        return name
    except (BaseError, OSError) as error:  # a full disk is no OSError here
        raise Unavailable("files_away") from error
    _settle(name)
    return name


def put_large(source: IO[bytes]) -> str:
    """As `put`, for a content read a piece at a time."""
    name = hash_of(source)
    source.seek(0)
    try:
        # In pieces a store takes no "create"; the same name is the same content.
        if not _is_kept(name):
            obstore.put(_store(), _path(name), source, use_multipart=True, max_concurrency=1)
            _settle(name)
    except (BaseError, OSError) as error:
        raise Unavailable("files_away") from error
    return name


def hash_of(source: IO[bytes]) -> str:
    """The name that a content is kept under."""
    seen = hashlib.sha256()
    source.seek(0)
    while piece := source.read(PIECE):
        seen.update(piece)
    return seen.hexdigest()


def _is_kept(name: str) -> bool:
    try:
        obstore.head(_store(), _path(name))
    except FileNotFoundError:
        return False
    return True


def get(sha256: str) -> bytes:
    """The content of this hash, checked against it."""
    with get_large(sha256) as content:
        return content.read()


@contextmanager
def get_large(sha256: str) -> Iterator[IO[bytes]]:
    """As `get`, a file to read a piece at a time."""
    with tempfile.SpooledTemporaryFile(MOST_IN_MEMORY) as content:
        _fetch(sha256, content)
        content.seek(0)
        yield content


def _fetch(sha256: str, content: IO[bytes]) -> None:
    seen = hashlib.sha256()
    try:
        for piece in obstore.get(_store(), _path(sha256)).stream(min_chunk_size=PIECE):
            seen.update(piece)
            content.write(piece)
    except FileNotFoundError as error:
        raise NotFound("file_missing", sha256=sha256) from error
    except (BaseError, OSError) as error:
        raise Unavailable("files_away") from error
    if seen.hexdigest() != sha256:
        raise Unavailable("file_altered", sha256=sha256)


def _settle(name: str) -> None:
    """A local file is on the disk itself before the row that names it is committed."""
    store = _store()
    if not isinstance(store, LocalStore) or store.prefix is None:
        return
    path = Path(str(store.prefix)) / _path(name)
    for place in (path, path.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _store() -> ObjectStore:
    try:
        return _place["store"]
    except KeyError:
        raise Unavailable("files_away") from None
