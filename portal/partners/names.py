"""How names are searched and sorted: small plain letters, one space between words."""

import unicodedata


def search_key(text: str) -> str:
    """The text without case, accents and signs."""
    plain = unicodedata.normalize("NFKD", text.replace("’", " ")).encode("ascii", "ignore").decode().lower()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain).split())
