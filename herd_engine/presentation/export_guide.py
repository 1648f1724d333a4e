"""What an export must hold, in words: made of the contract, so that it says what is read."""

from collections.abc import Iterable
from dataclasses import dataclass

from herd_engine.charts.table import Table
from herd_engine.datasets.contract.loading import BASE, shipped_contract
from herd_engine.datasets.contract.model import Contract, ContractColumn
from herd_engine.i18n.wording import Wording, wording

SHOWN_HEADINGS, SHOWN_WORDS, SHOWN_MARKERS = 6, 8, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportGuide:
    """The guide: sentences, a table of the columns, a table of the words for statuses."""

    title: str
    lead: str
    columns: Table
    statuses_title: str
    statuses: Table
    notes: tuple[str, ...]

    def markdown(self) -> str:
        """Return the guide as Markdown."""
        parts = [f"# {self.title}", self.lead, _markdown(self.columns), f"## {self.statuses_title}"]
        return "\n\n".join([*parts, _markdown(self.statuses), *self.notes]) + "\n"


def export_guide(language: str, contract: Contract | None = None) -> ExportGuide:
    """Return what a contract, the program's own by default, wants of an export."""
    read, words = contract or shipped_contract(BASE), wording(language)
    t = words.text
    columns = ((t(f"question.columns.{c.name}"), _needed(c, words), _some(_headings(c), SHOWN_HEADINGS))
               for c in read.columns)  # fmt: skip
    statuses = (
        (t(f"question.statuses.{status.name}"), _some(dict.fromkeys(map(_plain, status.words)), SHOWN_WORDS))
        for status in read.statuses
    )
    missing = _some(read.missing.everywhere, SHOWN_MARKERS)
    limits = {"rows": words.number(read.limits.rows), "mb": words.number(read.limits.file_mb)}
    return ExportGuide(
        title=t("guide.title"),
        lead=t("guide.lead"),
        columns=Table(
            columns=(t("guide.column"), t("guide.needed"), t("guide.headings")), rows=tuple(columns)
        ),
        statuses_title=t("guide.statuses"),
        statuses=Table(columns=(t("guide.meaning"), t("guide.words")), rows=tuple(statuses)),
        notes=(t("guide.other"), t("guide.limits", missing=missing, **limits)),
    )


def _needed(column: ContractColumn, words: Wording) -> str:
    return words.text("guide.must" if column.required else "guide.should" if column.expected else "guide.may")


def _headings(column: ContractColumn) -> list[str]:
    return [text for text in (column.heading, *column.aliases, column.name) if text]


def _plain(word: str) -> str:
    return word.rstrip("*")


def _some(texts: Iterable[str], most: int) -> str:
    listed = [*texts]
    return ", ".join(listed[:most]) + (" …" if len(listed) > most else "")


def _markdown(table: Table) -> str:
    lines = [table.columns, tuple("---" for _ in table.columns), *table.rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
