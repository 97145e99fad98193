"""Files are written once, under their hash, and nothing hostile is ever kept."""

import io
import resource
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import files
from portal.db import transaction
from portal.errors import NotFound, Unavailable
from portal.users.models import Role
from tests import factories
from tests.conftest import Acting
from tests.factories import papers

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.configure(tmp_path.as_uri())
    return tmp_path


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class TestStorage:
    def test_names_a_content_by_its_hash_and_writes_it_once(self, folder: Path) -> None:
        name = files.put(b"content")
        written = kept(folder)[0].stat()
        assert files.put(b"content") == name
        assert [path.name for path in kept(folder)] == [name]
        assert kept(folder)[0].stat().st_ino == written.st_ino, "written over"
        assert files.get(name) == b"content"

    def test_takes_and_gives_large_contents_a_piece_at_a_time(self, folder: Path) -> None:
        content = bytes(range(256)) * 40_000
        name = files.put_large(io.BytesIO(content))
        assert files.put_large(io.BytesIO(content)) == files.put(content) == name
        assert [path.name for path in kept(folder)] == [name]
        with files.get_large(name) as source:
            assert source.read() == content
        kept(folder)[0].write_bytes(content[1:])
        with pytest.raises(Unavailable), files.get_large(name):
            pass

    def test_never_hands_out_what_was_altered(self, folder: Path) -> None:
        name = files.put(b"content")
        kept(folder)[0].write_bytes(b"other")
        with pytest.raises(Unavailable):
            files.get(name)

    def test_says_when_a_content_is_gone(self, folder: Path) -> None:
        with pytest.raises(NotFound):
            files.get("0" * 64)

    def test_says_that_the_place_is_away_when_it_takes_no_more(self, folder: Path) -> None:
        most, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
        try:
            with pytest.raises(Unavailable):
                files.put(b"longer than a full disk takes")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
        assert files.get(files.put(b"longer than a full disk takes"))


class TestStoreFile:
    def test_keeps_the_shown_name_apart_from_the_place(
        self, folder: Path, owner: Session, acting: Acting
    ) -> None:
        firm = factories.make_partner(owner)
        with acting(factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm)), transaction():
            file = files.store_file(source=papers.pdf(), name="../../a.pdf", partner_id=firm.id, at=AT)
            assert (file.name, file.media_type) == ("a.pdf", "application/pdf")
            assert kept(folder)[0].name == file.sha256

    @pytest.mark.parametrize("content", [b"", b"MZ", papers.pixel_bomb(), papers.office("readme.txt")])
    def test_keeps_nothing_of_what_it_refuses(
        self, folder: Path, owner: Session, acting: Acting, content: bytes
    ) -> None:
        firm = factories.make_partner(owner)
        admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm)
        with acting(admin), pytest.raises(files.Unacceptable), transaction():
            files.store_file(source=content, name="a.pdf", partner_id=firm.id, at=AT)
        assert kept(folder) == []
        assert owner.execute(text("select count(*) from files")).scalar() == 0

    def test_is_for_the_firm_itself_alone(self, folder: Path, owner: Session, acting: Acting) -> None:
        firm, other = factories.make_partner(owner), factories.make_partner(owner)
        with acting(factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm)), transaction():
            key = files.store_file(source=papers.pdf(), name="a.pdf", partner_id=firm.id, at=AT).public_id
        with acting(factories.make_user(owner, Role.PARTNER_ADMIN, partner=other)), pytest.raises(NotFound):
            files.open_file(key)
