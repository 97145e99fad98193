"""Every page reads well to a machine: valid HTML, things named once, fields labelled, headings in order."""

from itertools import pairwise

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import update
from sqlalchemy.orm import Session
from tinyhtml5.parser import HTMLParser

from portal.users.models import Role, User
from tests.web.conftest import ClientFor
from tests.web.lived_in import People, inhabitants, pages
from tests.workers.conftest import context, drain

__all__ = ["context", "drain", "inhabitants"]

FIELDS = "//input[not(@type='hidden' or @type='submit' or @hidden)] | //select | //textarea"
INTERACTIVE = "self::a or self::button or self::select or self::textarea or self::label or self::summary"
REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls", "for", "form", "list", "headers")
LARGEST_PAGE = 150_000


def faults(text: str) -> list[str]:
    """What a strict reader holds against this page."""
    page = html.fromstring(text)
    ids = page.xpath("//@id")
    found = [f"two things are #{name}" for name in sorted({name for name in ids if ids.count(name) > 1})]
    found += syntax(text) + headings(page) + fields(page)
    for name in REFERENCES:
        found += [
            f"{name} speaks of nothing: {target}"
            for value in page.xpath(f"//@{name}")
            for target in value.split()
            if target not in ids
        ]
    found += [f"link within the page to nothing: {href}" for href in page.xpath("//a/@href")
              if href.startswith("#") and href[1:] not in ids]  # fmt: skip
    nested = page.xpath(f"//a//*[{INTERACTIVE} or self::input] | //button//*[{INTERACTIVE} or self::input]")
    found += [f"one control within another: {element.tag}" for element in nested]
    found += ["a style attribute, which the page's own policy refuses"] * bool(page.xpath("//@style"))
    found += ["no language"] * (not page.xpath("/html/@lang"))
    found += ["no title"] * (not page.findtext(".//title", "").strip())
    found += [f"{len(text.encode())} bytes"] * (len(text.encode()) > LARGEST_PAGE)
    return found


def syntax(text: str) -> list[str]:
    """Errors of the parser that the standard describes."""
    parser = HTMLParser()
    parser.parse(text)
    return [f"{place}: {code} {details}" for place, code, details in parser.errors]


def headings(page: html.HtmlElement) -> list[str]:
    """One first heading, and no level left out."""
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    found = [f"{levels.count(1)} first headings"] * (levels.count(1) != 1)
    return found + [f"h{lower} follows h{upper}" for upper, lower in pairwise(levels) if lower > upper + 1]


def fields(page: html.HtmlElement) -> list[str]:
    """Fields without a name for those who do not see."""
    labelled = set(page.xpath("//label/@for"))
    return [
        f"a field without a label: {field.get('name')}"
        for field in page.xpath(FIELDS)
        if field.get("id") not in labelled
        and not (field.get("aria-label") or field.get("aria-labelledby") or field.xpath("ancestor::label"))
    ]


class TestFaults:
    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ("<h1>a</h1><p id=x></p><p id=x></p>", "two things are #x"),
            ("<h1>a</h1><h3>b</h3>", "h3 follows h1"),
            ("<h1>a</h1><input name=n>", "a field without a label: n"),
            ("<h1>a</h1><label for=n>N</label>", "for speaks of nothing: n"),
            ("<h1>a</h1><a href='/'><button>b</button></a>", "one control within another: button"),
            ("<h1>a</h1><ul><li>b</ul></div>", "end-tag-too-early"),
        ],
    )
    def test_are_seen(self, body: str, said: str) -> None:
        text = f"<!doctype html><html lang=fr><head><title>t</title></head><body>{body}</body></html>"
        assert any(said in fault for fault in faults(text)), faults(text)


class TestEveryPage:
    def test_is_sound_for_every_role(
        self, app: Flask, client_for: ClientFor, inhabitants: People, owner: Session
    ) -> None:
        # Both languages are read, not both by everybody.
        owner.execute(
            update(User).where(User.role.in_([Role.PAM, Role.FINANCE, Role.AUDITOR])).values(locale="en")
        )
        owner.commit()
        found, seen = [], set()
        for role, browser in [
            (None, client_for(None)),
            *((r, client_for(p)) for r, p in inhabitants.items()),
        ]:
            first = ("/account/sign-in", "/account/reset", "/verify/", "/nowhere", "/search?q=arvelia")
            for path, text in pages(app, browser, *first):
                seen.add(path)
                found += [(str(role), path, fault) for fault in faults(text)]
        assert not found, "\n".join(map(str, found))
        assert len(seen) > 40
