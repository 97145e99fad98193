import pytest

from docs import draw_schemes


@pytest.mark.parametrize("scheme", draw_schemes.SCHEMES)
class TestThePictureOfAScheme:
    def test_is_what_the_engine_pays(self, scheme: str) -> None:
        kept = (draw_schemes.PICTURES / draw_schemes.name_of(scheme)).read_text()
        assert kept == draw_schemes.picture(scheme), "run python3 docs/draw_schemes.py"

    def test_stands_in_the_document(self, scheme: str) -> None:
        told = (draw_schemes.ROOT / "docs/margin.md").read_text()
        assert f"pictures/{draw_schemes.name_of(scheme)}" in told
        assert f"### {scheme}" in told
