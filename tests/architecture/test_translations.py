"""Every word a person reads exists in English and in French, well set."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from portal.i18n import TRANSLATIONS, french_typography

ROOT = Path(__file__).parents[2]
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "_l": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
JINJA = {"trimmed": "true", "encoding": "utf-8", "silent": "false"}
PLACEHOLDERS = re.compile(r"%\((\w+)\)[sd]")

Key = tuple[str | None, str]


def sources() -> list[Path]:
    python = [*(ROOT / "portal").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    return sorted(python + [path for path in (ROOT / "templates").rglob("*") if path.is_file()])


def messages_of(path: Path) -> Iterator[tuple[Key, str]]:
    """Each message of a source file, with where it stands."""
    method = "python" if path.suffix == ".py" else "jinja2.ext.babel_extract"
    options = {} if path.suffix == ".py" else JINJA
    for line, message, _comments, context in extract_from_file(method, path, KEYWORDS, (), options):
        single = message[0] if isinstance(message, tuple) else message
        if single:
            yield (context, single), f"{path.relative_to(ROOT)}:{line}"


def translations() -> Iterator[tuple[Path, Message]]:
    for path in sorted((TRANSLATIONS / "fr").glob("*.po")):
        with path.open("rb") as file:
            yield from ((path, message) for message in read_po(file, locale="fr") if message.id)


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def key(message: Message) -> Key:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


@pytest.fixture(scope="module")
def french() -> dict[Key, Message]:
    return {key(message): message for _path, message in translations()}


class TestFrench:
    def test_exists_for_every_message_of_code_and_templates(self, french):
        missing = [
            f"{where}: {message[1]!r}"
            for path in sources()
            for message, where in messages_of(path)
            if message not in french or not all(forms(french[message]))
        ]
        assert not missing, "\n" + "\n".join(missing)

    def test_says_one_thing_for_one_message(self):
        said: dict[Key, dict[tuple[str, ...], str]] = defaultdict(dict)
        for path, message in translations():
            said[key(message)][forms(message)] = path.name
        assert not {words: by for words, by in said.items() if len(by) > 1}

    def test_keeps_the_values_of_the_message(self):
        for path, message in translations():
            originals = [message.id] if isinstance(message.id, str) else list(message.id)
            wanted = set().union(*(PLACEHOLDERS.findall(text) for text in originals))
            for text in forms(message):
                assert set(PLACEHOLDERS.findall(text)) <= wanted, f"{path.name}: {message.id!r}"
            assert wanted == set().union(*(PLACEHOLDERS.findall(text) for text in forms(message))), (
                f"{path.name}: {message.id!r}"
            )

    def test_has_no_fuzzy_entry(self):
        assert not [message.id for _path, message in translations() if message.fuzzy]

    def test_is_well_set(self):
        """Signs have the space French gives them, apostrophes and quotes are French."""
        faults = re.compile(r"""[^\W\d][!?;»]|[^\W\d]:(?=\s|$)|«[^\u00a0]|["']| ,| \.(?=\s|$)""")
        bad = [
            f"{path.name}: {text}"
            for path, message in translations()
            for text in forms(message)
            if faults.search(re.sub(r"<[^>]*>|&\w+;|https?://\S+", "", french_typography(text)))
        ]
        assert not bad, "\n" + "\n".join(bad)
