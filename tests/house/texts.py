"""The texts that people read, where they were found, and what is wrong with how they stand there."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Text:
    """One text: its wording for one and, where it counts, for many; the context of a code."""

    one: str
    many: str | None = None
    context: str | None = None


@dataclass
class Found:
    """Texts by the file that they stand in, and complaints."""

    texts: dict[Text, set[str]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def add(self, text: Text, file: str) -> None:
        """Note a text."""
        self.texts.setdefault(text, set()).add(file)

    def complain(self, file: str, line: int, what: str) -> None:
        """Note what is wrong, and where."""
        self.complaints.append(f"{file}:{line}: {what}")
