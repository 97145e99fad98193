"""What is wrong with a PDF file; one that may unpack to more than it holds is opened in a process of its own.

Run as a program, it reads a file and prints its fault: that is how a process of bounded memory does it.
"""

import io
import re
import subprocess
import sys
from typing import Any

import pikepdf

MOST_MEMORY, MOST_SECONDS = 512 * 1024**2, 20
# Only what these mark is unpacked by opening a file; names may also be written with # and two digits.
UNPACKS = re.compile(rb"ObjStm|XRef|/[A-Za-z]*#[0-9A-Fa-f]{2}")
ACTS = {"/JavaScript", "/Launch", "/ImportData", "/RichMediaExecute"}
PROGRAMS = re.compile(
    r"\.(exe|com|scr|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|msi|jar|lnk|docm|xlsm|pptm|html?)$", re.I
)
DEEPEST = 40


def pdf_fault(content: bytes) -> str | None:
    """Code of what is wrong with it; None where it is an honest document."""
    if not UNPACKS.search(content):
        return check(content)
    try:
        done = subprocess.run(
            [sys.executable, "-I", __file__], input=content, capture_output=True, timeout=MOST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return "file_bomb"
    return "file_bomb" if done.returncode else done.stdout.decode() or None


def check(content: bytes) -> str | None:
    """The same, at whatever memory it takes."""
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            if not len(document.pages):
                return "file_damaged"
            acts = any(_acts(thing) for thing in document.objects)
            if any("bad_alloc" in said for said in document.get_warnings()):
                return "file_bomb"  # the reader goes on without what it had no memory for
            return "file_macros" if acts else None
    except pikepdf.PasswordError:
        return "file_locked"
    except (pikepdf.PdfError, ValueError, AttributeError, TypeError, RuntimeError):
        return "file_damaged"


def _acts(thing: Any, depth: int = 0) -> bool:
    """Whether it runs or brings a program: it, or what is written inside it."""
    if depth > DEEPEST:
        return True
    if isinstance(thing, pikepdf.Array):
        return any(_acts(one, depth + 1) for one in thing if _is_inside(one))
    if not isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        return False
    if "/JS" in thing or str(thing.get("/S", "")) in ACTS:
        return True
    named = (thing.get(name) for name in ("/F", "/UF"))
    if any(isinstance(name, pikepdf.String) and PROGRAMS.search(str(name)) for name in named):
        return True
    return any(_acts(one, depth + 1) for _name, one in thing.items() if _is_inside(one))


def _is_inside(thing: Any) -> bool:
    return isinstance(thing, (pikepdf.Array, pikepdf.Dictionary)) and not thing.is_indirect


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    sys.stdout.write(check(sys.stdin.buffer.read()) or "")
