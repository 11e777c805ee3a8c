"""What `explain` answers: sentences, and the lines of the program they are about."""

from dataclasses import dataclass, field
from textwrap import indent

from ..blame import at
from ..origin import Line

SHOWN = 8  # reasons and steps that are printed; the fields have all


@dataclass
class Step:
    """An operation on the way: its name, and the line that called it."""

    operation: str
    line: Line | None

    def __str__(self):
        return f"`{self.operation}` {at(self.line)}"


@dataclass
class Reason:
    """One cause: its `kind` (see docs/explain.md), what happened, in which line, and the way from there to the tensor.

    `details` say what is on the other side of a cut and around it, `besides` what else would stop a gradient on the way,
    `advice` what to do; `others` are lines that the details name.
    """

    kind: str
    what: str
    line: Line | None
    chain: list[Step] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    besides: list[str] = field(default_factory=list)
    advice: str = ""
    others: list[Line] = field(default_factory=list)
    way: str = "From there it went on to:"

    def __str__(self):
        parts = [f"{self.what} {at(self.line)}", *self.details]
        if self.chain:
            parts += [self.way, indent(_steps(self.chain), "  ")]
        parts += [f"Besides, {text}" for text in self.besides]
        if self.advice:
            parts.append(f"What to do: {self.advice}")
        return "\n".join(parts)


def _steps(chain):
    shown = chain if len(chain) <= SHOWN else [*chain[: SHOWN // 2], None, *chain[-SHOWN // 2:]]
    return "\n".join(f"... {len(chain) - SHOWN} more ..." if step is None else str(step) for step in shown)


@dataclass
class Explanation:
    """The answer to `explain(tensor)`; print it to read it.

    `subject`: the question, answered in a sentence. `requires_grad`: the tensor's. `reasons`: why it is so, nearest first.
    `parts`: further explanations, such as that of a missing `.grad`.
    """

    subject: str
    requires_grad: bool | None = None
    reasons: list[Reason] = field(default_factory=list)
    note: str = ""
    parts: list["Explanation"] = field(default_factory=list)

    @property
    def chain(self):
        """The steps from the first reason to the tensor."""
        return self.reasons[0].chain if self.reasons else []

    @property
    def lines(self):
        """All lines that are named, each once."""
        found = {}
        for reason in self.reasons:
            found.update(dict.fromkeys([reason.line, *reason.others, *[step.line for step in reason.chain]]))
        for part in self.parts:
            found.update(dict.fromkeys(part.lines))
        return [line for line in found if line is not None]

    def text(self):
        """All of it, in plain words."""
        parts = [self.subject]
        numbered = len(self.reasons) > 1
        for number, reason in enumerate(self.reasons[:SHOWN], 1):
            parts.append(indent(str(reason), "   ").replace("  ", f"{number}.", 1) if numbered else str(reason))
        if len(self.reasons) > SHOWN:
            parts.append(f"... and {len(self.reasons) - SHOWN} more reasons")
        if self.note:
            parts.append(self.note)
        return "\n".join(parts + [f"\n{part.text()}" for part in self.parts])

    __str__ = __repr__ = text
