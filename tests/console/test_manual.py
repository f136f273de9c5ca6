"""The page of keys is printed from the registry, so it cannot be wrong."""

from app.testing.manual import PAGE, manual_page


def test_the_page_of_keys_is_what_the_registry_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == manual_page(), "run: python -m app.testing.manual"
