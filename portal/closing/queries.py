"""Where the close of a period stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import select

from portal.db import db
from portal.errors import NotFound
from portal.periods.models import Period


@dataclass(frozen=True)
class IssueChunk:
    """Some results of an approved run: what one work item issues."""

    run_id: int
    result_ids: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.run_id}/{','.join(map(str, self.result_ids))}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The chunk that a work item's subject names."""
        run_id, ids = text.split("/")
        return cls(int(run_id), tuple(map(int, ids.split(","))))

    def apart(self, result_ids: Sequence[int]) -> list[Self]:
        """Each of these results alone, so that one's failure is its own."""
        return [type(self)(self.run_id, (result_id,)) for result_id in result_ids]


def close_batch(run_id: int) -> str:
    """The batch of the work items that issue the statements of a run."""
    return f"close:{run_id}"


def get_period(code: str, *, for_update: bool = False) -> Period:
    """A period by its code; NotFound where there is none."""
    query = select(Period).where(Period.code == code)
    query = query.with_for_update() if for_update else query
    found = db.session.execute(
        query, execution_options={"populate_existing": for_update}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found
