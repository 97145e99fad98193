"""Two presses, or two people, in the same instant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from portal import claims
from portal.users.models import User
from portal.web.partner import claim_declare
from tests.integration.claims.conftest import World
from tests.web.conftest import ClientFor


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Both have read the draft before either declares it."""
    both, declare = Barrier(2, timeout=60), claim_declare.declare

    def at_once(*given: object) -> None:
        both.wait()
        declare(*given)

    return lambda: monkeypatch.setattr(claim_declare, "declare", at_once)


class TestSubmit:
    def press(self, world: World, client_for: ClientFor, *people: User) -> list[tuple[int, str]]:
        draft = world.draft()
        sent = {"version": str(draft.version), "honour": "y"}
        browsers = [client_for(person) for person in people]
        sendings = [{"csrf_token": browser.form_token(), **sent} for browser in browsers]

        def send(place: int) -> tuple[int, str]:
            answer = browsers[place].post(f"/claims/{draft.public_id}/submit", data=sendings[place])
            return answer.status_code, answer.text

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(send, range(2)))
        assert world.fresh(draft).state is claims.ClaimState.SUBMITTED
        assert world.scalars("select count(*) from mails where kind = 'claim.submitted'") == [1]
        return sorted(answers)

    def test_pressed_twice_at_once_is_pressed_once(
        self, world: World, client_for: ClientFor, together: Callable[[], None]
    ) -> None:
        together()
        assert [status for status, _ in self.press(world, client_for, world.member, world.member)] == [
            303,
            303,
        ]

    def test_by_two_colleagues_tells_the_second_who_was_first(
        self, world: World, client_for: ClientFor, together: Callable[[], None]
    ) -> None:
        together()
        (first, _), (second, page) = self.press(world, client_for, world.member, world.admin)
        assert (first, second) == (303, 409)
        assert world.member.name in page or world.admin.name in page
