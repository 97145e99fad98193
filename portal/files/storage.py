"""Where contents are kept: a folder or a bucket, each content written once under its hash."""

import hashlib
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from portal.errors import NotFound, Unavailable

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


def get(sha256: str) -> bytes:
    """The content of this hash, checked against it."""
    try:
        content = bytes(obstore.get(_store(), _path(sha256)).bytes())
    except FileNotFoundError as error:
        raise NotFound("file_missing", sha256=sha256) from error
    except (BaseError, OSError) as error:
        raise Unavailable("files_away") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Unavailable("file_altered", sha256=sha256)
    return content


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
