"""Make portal/static/fonts from IBM Plex: `python docs/subset_fonts.py FOLDER_OF_PLEX_WOFF2`, with fonttools.

Three changes, and a new family name because the licence (OFL.txt) reserves the old one:
only the characters a French or English page needs, only the OpenType features that are always on,
and a narrow no-break space (U+202F) wide enough to be seen between thousands, on screen and paper alike.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parents[1] / "portal" / "static" / "fonts"
NARROW_SPACE = 0x202F
NARROW_SPACE_WIDTH = 172  # of 1000; Plex has 118, its word space is 236
CHARACTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x218, 0x21C),
    *(0x2009, 0x2010, 0x2011, 0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E),
    *(0x2022, 0x2026, NARROW_SPACE, 0x2030, 0x2039, 0x203A, 0x20AC, 0x2116, 0x2122),
    *(0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x2713),
]
FACES = {
    "IBMPlexSans-Regular": ("Palier Sans", "Regular"),
    "IBMPlexSans-Medium": ("Palier Sans", "Medium"),
    "IBMPlexSans-SemiBold": ("Palier Sans", "SemiBold"),
    "IBMPlexSerif-Regular": ("Palier Serif", "Regular"),
    "IBMPlexSerif-Medium": ("Palier Serif", "Medium"),
}


def rename(font: TTFont, family: str, style: str) -> None:
    """Give the font our family name in every record that shows one."""
    postscript = f"{family.replace(' ', '')}-{style}"
    names = {1: f"{family} {style}", 2: "Regular", 3: postscript, 4: f"{family} {style}", 6: postscript}
    names |= {16: family, 17: style}
    for record in list(font["name"].names):
        if record.nameID in names:
            record.string = names[record.nameID]
        elif record.nameID not in (0, 5, 13, 14):  # copyright, version, licence
            font["name"].removeNames(nameID=record.nameID)
    for name_id, text in names.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)


def make(source: Path, family: str, style: str) -> Path:
    """Write one face."""
    options = subset.Options()
    options.layout_features = ["ccmp", "kern", "liga", "locl", "mark"]
    options.name_IDs = ["*"]
    options.hinting = False
    options.desubroutinize = True
    options.flavor = "woff2"
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    space = font.getBestCmap()[NARROW_SPACE]
    font["hmtx"][space] = (NARROW_SPACE_WIDTH, 0)
    rename(font, family, style)
    target = FONTS / f"{family.replace(' ', '')}-{style}.woff2"
    subset.save_font(font, target, options)
    return target


if __name__ == "__main__":
    for stem, (family, style) in FACES.items():
        target = make(Path(sys.argv[1]) / f"{stem}.woff2", family, style)
        sys.stdout.write(f"{target.name} {target.stat().st_size} bytes\n")
