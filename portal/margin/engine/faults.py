"""What is wrong in a document, and where: as data, with English words for the command line."""

FAULTS = {
    "above_whole": "must not sum above 1: a line is never credited above its amount",
    "alias": "has an alias or a tag at line {line}: write the value itself",
    "below_one": "must be at least 1",
    "cap_without_line": "goes with rounding LINE only",
    "code_taken": "is the code of another component: {name}",
    "empty": "is empty",
    "empty_text": "must not be empty",
    "key_no_text": "has a key that is no plain text at line {line}",
    "missing": "is missing",
    "negative": "must not be negative",
    "no_component": "must have at least one component",
    "no_offset": "must give the offset of the instant, such as Z or +02:00",
    "no_such_instant": "must be an instant that exists",
    "no_tier": "must have at least one tier",
    "not_above": "must be above {bound}, where the tier before starts",
    "not_among": "must be one of {words}",
    "not_currency": "must be a currency code such as USD",
    "not_day": "must be a day such as 2026-03-10",
    "not_day_or_instant": (
        "must be a day such as 2026-03-10, or an instant such as 2026-03-10T09:30:00+01:00"
    ),
    "not_decimal": "must be a decimal number",
    "not_euro": "must be EUR",
    "not_flag": "must be true or false",
    "not_json": "is not JSON: {error} at {place}",
    "not_list": "must be a list",
    "not_object": "must be an object",
    "not_one": "must sum to exactly 1, not {sum}",
    "not_period": "must be a fiscal period such as FY26, FY26-H2 or FY26-Q3",
    "not_plain": "must be a number in plain decimal notation, such as 0.025",
    "not_quoted": "must be a text in quotes",
    "not_single": "must be a single YAML document",
    "not_text": "must be a text",
    "not_utf8": "is not UTF-8 at byte {byte}",
    "not_whole": "must be a whole number that is not negative",
    "not_yaml": "is not YAML: {error}",
    "not_zero": "must be 0",
    "odd_character": "holds a character that is no text",
    "other_period": "is another plan's",
    "other_plan": "is another plan's, version's or segment's",
    "overlaps": "overlaps {name}, the plan of this segment and period: write its next version",
    "period_unknown": "does not exist",
    "rate_in_euro": "must be absent in EUR",
    "rate_missing": "is missing for {currency}",
    "rate_not_above_zero": "must be above 0",
    "ref_taken": "is the ref of another claim: {name}",
    "repeats": "repeats {name}",
    "roles_missing": "is missing, and so are shares",
    "shares_without_partner": "must name the partner {partner}",
    "too_deep": "is nested too deeply",
    "too_large": "is larger than {most} kB",
    "too_many_components": "must have at most {most} components",
    "too_many_decimals": "must have at most two decimals",
    "too_many_digits": "must have at most sixteen digits before the point",
    "too_many_tiers": "must have at most {most} tiers",
    "unknown_key": "is not a key of {of}",
    "unreadable": "cannot be read: {error}",
    "version_next": "must be {value}",
    "written_twice": "is written twice",
}
MOST_FAULTS = 100  # of one object or list: more tell nobody anything


class FaultAt(ValueError):
    """A document is refused: the path of the fault, its code and figures, and any others found beside it."""

    def __init__(self, path: str, code: str, others: "tuple[FaultAt, ...]" = (), **params: object) -> None:
        self.path = path
        self.code = code
        self.others = others
        self.params = params
        super().__init__(path, code)

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return FAULTS[self.code].format(**self.params)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message

    def at(self, path: str, others: "tuple[FaultAt, ...]" = ()) -> "FaultAt":
        """The same fault at another path."""
        return FaultAt(path, self.code, others, **self.params)

    def under(self, prefix: str) -> "FaultAt":
        """The same fault seen from the document around this one."""
        joint = "" if not self.path or self.path[0] == "[" else "."
        return self.at(prefix + joint + self.path, tuple(other.under(prefix) for other in self.others))

    @property
    def all(self) -> "tuple[FaultAt, ...]":
        """This fault and all found beside it, each alone, in the order of the document."""
        flat = [self.at(self.path)]
        for other in self.others:
            flat.extend(other.all)
        return tuple(flat)


def gather(faults: list[FaultAt]) -> FaultAt:
    """Many faults as one: the first, which carries the others."""
    flat = [fault for found in faults for fault in found.all]
    return flat[0].at(flat[0].path, tuple(flat[1:]))
