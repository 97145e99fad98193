"""A browser by its name, as its owner would say it."""

# The sign by which a browser's own words give it away, the telling ones first.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS",
    "Linux": "Linux",
}  # fmt: skip


def browser_name(user_agent: str) -> str:
    """`Firefox · Windows`, or nothing that can be said."""
    found = (
        next((name for sign, name in known.items() if sign in user_agent), None)
        for known in (BROWSERS, SYSTEMS)
    )
    return " · ".join(name for name in found if name)
