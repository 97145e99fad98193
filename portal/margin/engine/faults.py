"""What is wrong in a document, and where."""


class FaultAt(ValueError):
    """A document is refused: the path of the fault, what it is, and any others found beside it."""

    def __init__(self, path: str, message: str, others: "tuple[FaultAt, ...]" = ()) -> None:
        self.path = path
        self.message = message
        self.others = others
        super().__init__(path, message)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message

    def under(self, prefix: str) -> "FaultAt":
        """The same fault seen from the document around this one."""
        joint = "" if not self.path or self.path[0] == "[" else "."
        return FaultAt(
            prefix + joint + self.path, self.message, tuple(other.under(prefix) for other in self.others)
        )

    @property
    def all(self) -> "tuple[FaultAt, ...]":
        """This fault and all found beside it, each alone, in the order of the document."""
        flat = [FaultAt(self.path, self.message)]
        for other in self.others:
            flat.extend(other.all)
        return tuple(flat)


def gather(faults: list[FaultAt]) -> FaultAt:
    """Many faults as one: the first, which carries the others."""
    flat = [fault for found in faults for fault in found.all]
    return FaultAt(flat[0].path, flat[0].message, tuple(flat[1:]))
