import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.cli import main
from tests.unit.engine.tables import answered, claim, component, facts, plan, tiers

ROOT = Path(__file__).parents[3]
HALF_YEAR = ROOT / "portal/demo/plans/ssii-fy26-h2.json"
ARVELIA = Path(__file__).parent / "examples/p_00042.json"
KEYS = (
    "plan plan_version partner period claims credited target attainment_display gates components gross "
    "earnings adjustments carry_in balance payable carry_out documents net_to_pay trace"
)


def suffix_of(document):
    if isinstance(document, str) and document.startswith("a:"):
        return "yaml"
    return "jsonl" if isinstance(document, list) else "json"


@pytest.fixture
def run(tmp_path, capsys):
    """Run `plan …` on documents; gives exit code, output and error output."""

    def run_plan(command, *documents, options=()):
        paths = []
        for position, document in enumerate(documents):
            if not isinstance(document, Path):
                path = tmp_path / f"{position}.{suffix_of(document)}"
                lines = document if isinstance(document, list) else [document]
                path.write_text(
                    "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
                )
                document = path
            paths.append(str(document))
        code = main(["plan", command, *paths[:1], *options, *paths[1:]])
        return code, *capsys.readouterr()

    return run_plan


class TestPlanEvaluate:
    def test_prints_example_10_key_by_key(self, run):
        code, out, err = run("evaluate", HALF_YEAR, ARVELIA)
        answer = json.loads(out)
        assert (code, err) == (0, "")
        assert list(answer) == KEYS.split()
        assert answer["net_to_pay"] == "9210.88"
        assert answer["plan_version"] == 2

    def test_answers_many_partners_one_line_each_in_order(self, run):
        many = [facts("100.00") | {"partner": f"P-{number}"} for number in range(50)]
        code, out, err = run("evaluate", plan(), many)
        assert (code, err) == (0, "")
        assert [json.loads(line) for line in out.splitlines()] == [answered(plan(), one) for one in many]

    def test_stops_at_the_first_fault_and_keeps_the_answers_before_it(self, run):
        bad = facts(claim("1.00"), claim("1.00", "2"), claim("1.00", "3", currency="USD"))
        code, out, err = run("evaluate", plan(), [facts("1.00"), "", bad, facts("1.00")])
        assert code == 2
        assert len(out.splitlines()) == 1
        assert err == "line 3: claims[2].fx_rate: is missing for USD\n"

    def test_says_which_line_is_no_json(self, run):
        code, out, err = run("evaluate", plan(), [facts(), "{"])
        assert (code, len(out.splitlines())) == (2, 1)
        assert err.startswith("line 2: is not JSON")

    @pytest.mark.parametrize(
        ("plan_document", "facts_document", "words"),
        [
            (
                plan(component("MARGINAL", tiers=tiers(("1", "0")))),
                facts(),
                "components[0].tiers[0].from: must be 0\n",
            ),
            (plan(), facts("1.005"), "claims[0].approved: must have at most two decimals\n"),
        ],
    )
    def test_prints_nothing_for_a_bad_document(self, run, plan_document, facts_document, words):
        assert run("evaluate", plan_document, facts_document) == (2, "", words)

    def test_says_which_file_cannot_be_read(self, run, tmp_path):
        code, out, err = run("evaluate", plan(), tmp_path / "none.json")
        assert (code, out) == (2, "")
        assert err.startswith(f"{tmp_path / 'none.json'}: cannot be read")

    def test_starts_without_database_or_web(self):
        script = (
            "import sys; from portal.cli import main; code = main(sys.argv[1:]); "
            "heavy = {'sqlalchemy', 'flask', 'psycopg', 'redis', 'rq'} & set(sys.modules); "
            "print(*sorted(heavy), file=sys.stderr); sys.exit(code)"
        )
        command = [sys.executable, "-c", script, "plan", "evaluate", str(HALF_YEAR), str(ARVELIA)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=30)
        assert (done.returncode, done.stderr.strip()) == (0, "")

    def test_ends_quietly_when_nobody_reads_on(self, tmp_path):
        lines = tmp_path / "many.jsonl"
        lines.write_text(f"{json.dumps(facts('1.00'))}\n" * 200)
        command = [sys.executable, "-m", "portal.cli", "plan", "evaluate", str(HALF_YEAR), str(lines)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == b""


class TestPlanCheck:
    def test_says_nothing_of_a_sound_plan(self, run):
        assert run("check", HALF_YEAR) == (0, "", "")

    def test_names_every_fault(self, run):
        code, out, err = run("check", plan(version=0, vat_rate="-1"))
        assert (code, out) == (2, "")
        assert err.splitlines() == ["version: must be at least 1", "vat_rate: must not be negative"]

    def test_warns_of_what_is_odd_and_lets_it_pass(self, run):
        steep = component("RETROACTIVE", tiers=tiers(("0", "0.02"), ("150000.00", "0.05")))
        code, out, err = run("check", plan(steep))
        assert (code, err) == (0, "")
        assert out == "components[0].tiers[1]: cliff of 4500.00 EUR at 150000.00\n"

    def test_warns_of_a_gate_that_nobody_of_a_facts_file_passes(self, run):
        gates = [{"type": "MIN_PROJECTS", "count": 1}, {"type": "MIN_CSAT", "score": "7"}]
        known = [facts("100.00"), facts("100.00", csat="6.9")]
        code, out, err = run("check", plan(gates=gates), known, options=["--period", "FY26-H2", "--facts"])
        assert (code, out, err) == (0, "gates[1]: is passed by none of 2 partners\n", "")

    def test_takes_the_facts_for_those_of_the_period_named(self, run):
        gates = [{"type": "MIN_PROJECTS", "count": 1}]
        code, out, _ = run(
            "check", plan(gates=gates), [facts("1.00")], options=["--period", "FY26-H1", "--facts"]
        )
        assert (code, out) == (0, "gates[0]: is passed by none of 1 partners\n")

    def test_tells_faults_and_warnings_as_json_too(self, run):
        code, out, err = run("check", plan(version=0), options=["--json"])
        assert (code, err) == (2, "")
        assert json.loads(out)["faults"] == [
            {"path": "version", "code": "below_one", "message": "must be at least 1"}
        ]
        code, out, _ = run("check", plan(component("FLAT", rate="0", families=[])), options=["--json"])
        assert code == 0
        assert [one["code"] for one in json.loads(out)["warnings"]] == ["no_family"]


def bad_plans():
    """Documents that are wrong or hostile; with the start of what is said of each."""
    thousand = [component("FLAT", rate="0.01") | {"code": f"C{number}"} for number in range(1000)]
    stairs = component("MARGINAL", tiers=tiers(*((str(start), "0.01") for start in range(50_000))))
    twice = component("MARGINAL", tiers=tiers(("0", "0.01"), ("5.00", "0.02"), ("5.00", "0.03")))
    return [
        (plan(*thousand), "components: must have at most 100 components"),
        (plan(stairs), "components[0].tiers: must have at most 100 tiers"),
        (plan(twice), "components[0].tiers[2].from: must be above 5.00"),
        (json.dumps(plan(min_payout="@")).replace('"@"', "NaN"), "min_payout: must be a number in plain"),
        (json.dumps(plan(min_payout="@")).replace('"@"', "1e3"), "min_payout: must be a number in plain"),
        (
            json.dumps(plan(min_payout="@")).replace('"@"', "9" * 100_000),
            "min_payout: must have at most sixteen",
        ),
        (plan(period="FY26-H3"), "period: must be a fiscal period"),
        (dict.fromkeys(map(str, range(50_000)), 1), "0: is not a key of a plan"),
        ("[" * 100_000, "0.json: is nested too deeply"),
        ("a: &a [x, x]\nb: &b [*a, *a]\ncode: [*b, *b]", "0.yaml: has an alias or a tag at line 2"),
    ]


class TestHostileDocuments:
    @pytest.mark.parametrize(("document", "words"), bad_plans(), ids=range(len(bad_plans())))
    def test_are_refused_in_under_a_second_of_work(self, run, document, words):
        begun = time.process_time()
        code, out, err = run("evaluate", document, facts())
        assert (code, out) == (2, "")
        assert err.rpartition("/")[2].startswith(words) or err.startswith(words)
        assert time.process_time() - begun < 1

    @pytest.mark.parametrize(
        ("document", "fault"),
        [
            (facts(claim("1.00"), claim("2.00", "2"), claim("3.00")), "claims[2].ref: is the ref of another claim: 1"),
            (facts(claim("1", shares={"P-00042": "0.50", "-": "0.49"})), "claims[0].shares: must sum to exactly 1, not 0.99"),
            (facts(adjustments=[{"period": "FY26-Q5", "amount": "1"}]), "adjustments[0].period: must be a fiscal period such as FY26, FY26-H2 or FY26-Q3"),
            ('{"partner": "P", "claims": [], "csat": Infinity}', "csat: must be a number in plain decimal notation, such as 0.025"),
            ('{"partner": "P", "claims": [], "carry_in": 1e2}', "carry_in: must be a number in plain decimal notation, such as 0.025"),
            ('{"partner": "P", "claims": [], "target": 100.005}', "target: must have at most two decimals"),
            ('{"partner": "P", "partner": "Q", "claims": []}', "partner: is written twice"),
        ],
    )  # fmt: skip
    def test_of_one_partner_are_refused_with_their_path(self, run, document, fault):
        assert run("evaluate", plan(), document) == (2, "", f"{fault}\n")

    def test_are_refused_as_facts_too(self, run):
        many = [claim("x", str(number)) for number in range(50_000)]
        begun = time.process_time()
        code, out, err = run("evaluate", plan(), facts(*many))
        assert (code, out) == (2, "")
        assert err.startswith("claims[0].approved: ")
        assert time.process_time() - begun < 1


class TestManyPartners:
    def test_are_answered_in_flat_memory(self, tmp_path):
        """Ten times as many lines take no more memory."""
        script = (
            "import resource, sys; from portal.cli import main; code = main(sys.argv[1:]); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); sys.exit(code)"
        )
        line, peaks = json.dumps(json.loads(ARVELIA.read_text())), []
        for count in (50, 500):
            many = tmp_path / f"{count}.jsonl"
            many.write_text(f"{line}\n" * count)
            command = [sys.executable, "-c", script, "plan", "evaluate", str(HALF_YEAR), str(many)]
            done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
            assert len(done.stdout.splitlines()) == count
            peaks.append(int(done.stderr))
        assert peaks[1] < peaks[0] + 2048
