import time

import pytest

from portal.margin.documents import read_document, read_json, read_lines, read_yaml
from portal.margin.engine import FaultAt, parse_plan
from tests.unit.engine.tables import plan

YAML_PLAN = """
code: P            # a comment
version: 1
segment: SSII
period: FY26-H2
currency: EUR
components:
  - {code: C1, scheme: FLAT, rate: 0.02}
"""
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n" + "components: *c\n"


def refusal(read, *given) -> str:
    with pytest.raises(FaultAt) as caught:
        read(*given)
    assert isinstance(caught.value.path, str)
    return str(caught.value)


class TestReadJson:
    def test_keeps_numbers_as_they_are_written(self):
        tree = read_json(
            '{"a": 0.10, "b": 12345678901234567890.000000000000000001, "c": -0, "d": 1e2, "e": NaN}'
        )
        assert tree == {
            "a": "0.10",
            "b": "12345678901234567890.000000000000000001",
            "c": "-0",
            "d": "1e2",
            "e": "NaN",
        }

    def test_tells_numbers_from_texts(self):
        assert refusal(parse_plan, read_json('{"code": 5}')).startswith("code: must be a text in quotes")

    @pytest.mark.parametrize("number", ["1e2", "1E-2", "NaN", "Infinity", "-Infinity"])
    def test_numbers_that_are_not_plain_are_refused_where_they_stand(self, number):
        document = '{"code": "P", "version": 1, "vat_rate": %s}' % number  # noqa: UP031
        with pytest.raises(FaultAt) as caught:
            parse_plan(read_json(document))
        assert "vat_rate: must be a number in plain decimal notation, such as 0.025" in map(
            str, caught.value.all
        )

    @pytest.mark.parametrize(
        ("written", "words"),
        [
            ("", "is not JSON: Expecting value at column 1"),
            ('{"a": 1}\n{"a": 2}', "is not JSON: Extra data at line 2, column 1"),
            ('{"a": .5}', "is not JSON"),
            ("{'a': 1}", "is not JSON"),
            ("[" * 100_000, "is nested too deeply"),
            ('{"a":' * 100_000, "is nested too deeply"),
        ],
    )
    def test_refuses_what_is_no_json(self, written, words):
        assert refusal(read_json, written).startswith(words)

    @pytest.mark.parametrize(
        ("written", "words"),
        [
            ('{"code": "A", "code": "A"}', "code: is written twice"),
            ('{"measure": {"weights": {"A": 1, "A": 1}}}', "measure.weights.A: is written twice"),
            (
                '{"components": [{"scheme": "FLAT", "cap": 1, "cap": 2}]}',
                "components[0].cap: is written twice",
            ),
            ('{"gates": [{"type": "MIN_CSAT", "score": 1, "type": 2}]}', "gates[0].type: is written twice"),
        ],
    )
    def test_repeated_keys_are_refused_where_they_stand(self, written, words):
        with pytest.raises(FaultAt) as caught:
            parse_plan(read_json(written))
        assert words in map(str, caught.value.all)


class TestReadYaml:
    def test_reads_a_plan_as_json_does(self):
        document = plan()
        assert parse_plan(read_yaml(YAML_PLAN)) == parse_plan(document)

    def test_knows_no_dates_octals_sexagesimals_or_words_of_old(self):
        tree = read_yaml("a: 2026-03-10\nb: yes\nc: off\nd: 0x1F\ne: 1:30\nf: 1_000\ng: .inf\nh: 010\n")
        assert tree == {
            "a": "2026-03-10",
            "b": "yes",
            "c": "off",
            "d": "0x1F",
            "e": "1:30",
            "f": "1_000",
            "g": ".inf",
            "h": "010",
        }

    def test_knows_null_true_and_false_unless_quoted(self):
        assert read_yaml("[null, ~, true, False, \"true\", 'null', ]") == [
            None,
            None,
            True,
            False,
            "true",
            "null",
        ]
        assert read_yaml("a:\n") == {"a": None}

    @pytest.mark.parametrize(
        "number", ["010", "1e2", "0x1F", "1_000", ".5", "5.", "+5", ".nan", "-.inf", "0o7"]
    )
    def test_numbers_that_are_not_plain_are_refused(self, number):
        document = read_yaml(f"{YAML_PLAN}vat_rate: {number}\n")
        assert refusal(parse_plan, document).startswith("vat_rate: must be a number in plain")

    @pytest.mark.parametrize(
        ("written", "words"),
        [
            (BOMB, "has an alias or a tag at line 2"),
            ("a: !!python/object:os.system x", "has an alias or a tag at line 1"),
            ("!!map {a: 1}", "has an alias or a tag at line 1"),
            ("? [a]\n: 1", "has a key that is no plain text at line 1"),
            ("a: 1\n--- \nb: 2", "must be a single YAML document"),
            ("", "is empty"),
            ("# nothing", "is empty"),
            ("a: [1", "is not YAML"),
            ("a: \x07", "is not YAML"),
            ("[" * 500, "is nested too deeply"),
            ("[" * 100_000, "is nested too deeply"),
        ],
    )
    def test_refuses_what_it_cannot_trust_at_once(self, written, words):
        started = time.process_time()
        assert refusal(read_yaml, written).startswith(words)
        assert time.process_time() - started < 1

    @pytest.mark.parametrize(("before", "after"), [("[", "]"), ("{a: ", "}")])
    def test_reads_thirty_two_levels_and_no_more(self, before, after):
        tree = read_yaml(before * 32 + "x" + after * 32)
        for _ in range(32):
            tree = tree["a"] if before == "{a: " else tree[0]
        assert tree == "x"
        assert refusal(read_yaml, before * 33 + "x" + after * 33) == "is nested too deeply"

    def test_counts_levels_and_not_neighbours(self):
        assert read_yaml("- [1]\n" * 40) == [["1"]] * 40
        assert read_yaml("- {a: 1}\n" * 40) == [{"a": "1"}] * 40

    def test_a_number_is_no_text_unless_it_is_quoted(self):
        named = [read_yaml(YAML_PLAN.replace("code: P ", f"code: {code} ")) for code in ("5", "'5'")]
        assert refusal(parse_plan, named[0]) == "code: must be a text in quotes"
        assert parse_plan(named[1]).code == "5"

    def test_says_on_one_line_what_is_no_yaml_and_where(self):
        words = refusal(read_yaml, "a: [1,\n  {b}}")
        assert words.startswith("is not YAML: while parsing a flow sequence in ")
        assert words.endswith(" line 2, column 6")

    def test_repeated_keys_are_refused_where_they_stand(self):
        assert refusal(parse_plan, read_yaml(YAML_PLAN + "code: Q\n")) == "code: is written twice"


class TestReadDocument:
    def test_tells_yaml_from_json_by_name_or_first_character(self, tmp_path):
        for name, written in {
            "a.yaml": "a: 1",
            "b.yml": "a: 1",
            "c": " a: 1",
            "d": ' {"a": 1}',
            "e.json": '{"a": 1}',
        }.items():
            path = tmp_path / name
            path.write_text(written)
            assert read_document(path) == {"a": "1"}

    @pytest.mark.parametrize(
        ("name", "written", "kind"),
        [
            ("a.json", "a: 1", "JSON"), ("b", '  {"a"', "JSON"), ("c.txt", '["a"', "JSON"),
            ("d.yaml", '{"a"', "YAML"), ("e.yml", '["a"', "YAML"), ("f", '"a', "YAML"),
        ],
    )  # fmt: skip
    def test_says_what_it_took_a_broken_one_for(self, tmp_path, name, written, kind):
        (tmp_path / name).write_text(written)
        assert refusal(read_document, tmp_path / name).startswith(f"is not {kind}: ")

    def test_takes_a_byte_order_mark_and_refuses_what_is_not_utf_8(self, tmp_path):
        (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": "\xc3\xa9"}')
        assert read_document(tmp_path / "a.json") == {"a": "é"}
        (tmp_path / "b.json").write_bytes(b'{"a": "\xe9"}')
        assert refusal(read_document, tmp_path / "b.json") == "is not UTF-8 at byte 8"


class TestReadLines:
    def test_numbers_lines_and_passes_over_blank_ones(self, tmp_path):
        (tmp_path / "a.jsonl").write_text('{"a": 1}\n\n{"a": 2}\n')
        assert list(read_lines(tmp_path / "a.jsonl")) == [(1, {"a": "1"}), (3, {"a": "2"})]

    def test_stops_at_the_line_that_is_no_json(self, tmp_path):
        (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"a": \n')
        lines = read_lines(tmp_path / "a.jsonl")
        assert next(lines) == (1, {"a": "1"})
        assert refusal(next, lines).startswith("line 2: is not JSON")
