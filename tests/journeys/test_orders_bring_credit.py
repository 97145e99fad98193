"""The programme manager imports the vendor's next file; what waited for its order is credited."""

from portal.demo import deliveries
from portal.demo.calendar import TODAY
from tests.journeys.conftest import Town

WAITING = (
    "select count(*) from claim_matches m join claim_lines l on l.id = m.claim_line_id"
    " where m.partner_id = 42 and l.family = 'WIN_SERVER' and m.credited_amount = 9620.00"
)


def test_an_approved_claim_is_credited_once_its_order_comes(town: Town) -> None:
    name = deliveries.file_name(TODAY)
    content = (town.copy.home / "demo" / name).read_bytes()
    assert town.count(WAITING) == 0

    manager = town.visitor("programme_manager").open("/staff/orders/import")
    manager.send("/staff/orders/import", files={"file": (content, name)})
    assert town.count(WAITING) == 0, "a dry run writes nothing"
    manager.send("/staff/orders/import/confirm").says(f"{name} est importé")

    assert town.count(WAITING) == 1
    town.visitor("partner_admin").open("/").says("149 405,80 €")
    again = manager.open("/staff/orders/import").send("/staff/orders/import", files={"file": (content, name)})
    again.says("déjà")


def test_one_bad_line_keeps_the_whole_file_out(town: Town) -> None:
    content = (town.copy.home / "demo" / deliveries.file_name(TODAY)).read_bytes()
    lines = content.decode("utf-8-sig").split("\r\n")
    lines[3] = lines[3].replace(";EUR;", ";USD;")
    before = town.count("select count(*) from order_lines")
    manager = town.visitor("programme_manager", locale="en").open("/staff/orders/import")
    bad = ("\r\n".join(lines).encode(), "orders.csv")
    manager.send("/staff/orders/import", files={"file": bad}, status=422).says("nothing was imported")
    assert town.count("select count(*) from order_lines") == before
