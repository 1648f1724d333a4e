"""Who opened a page, and what its address asks for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs

from herd_engine.figures.wording import Language

LANGUAGE_COOKIE = "herd-language"
USER_HEADER = "X-Forwarded-User"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit to a page.

    Attributes
    ----------
    language : Language
    run : str or None
        Id of the run to show.
    runs : tuple of str
        Ids of the runs to compare.
    base : str or None
        Id of the run that the others are compared with.
    dataset : str or None
        Id of the dataset to show.
    farm : str or None
        Name of the farm; None for the default one.
    owner : str
        Whose history it is.
    is_named : bool
        Whether somebody trusted said who the visitor is; all others share one history.
    """

    language: Language = Language.ENGLISH
    run: str | None = None
    runs: tuple[str, ...] = ()
    base: str | None = None
    dataset: str | None = None
    farm: str | None = None
    owner: str = "local"
    is_named: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read what Voila tells a kernel about the request; an unknown language is English."""
        query = {name: values[-1] for name, values in parse_qs(environment.get("QUERY_STRING", "")).items()}
        wanted = query.get("lang")
        user = environment.get(f"HTTP_{USER_HEADER.upper().replace('-', '_')}")
        return cls(
            language=Language(wanted) if wanted in tuple(Language) else Language.ENGLISH,
            run=query.get("run"),
            runs=tuple(filter(None, query.get("runs", "").split(","))),
            base=query.get("base"),
            dataset=query.get("dataset"),
            farm=query.get("farm"),
            owner=user or "local",
            is_named=bool(user),
        )


def preferred_language(accepted: str) -> Language:
    """Return the first of our languages that a browser names; English where it names none.

    Parameters
    ----------
    accepted : str
        The header ``Accept-Language``; browsers write what they prefer first.
    """
    named = (item.strip()[:2].lower() for item in accepted.split(","))
    return next((Language(name) for name in named if name in tuple(Language)), Language.ENGLISH)


def is_voila(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether Voila shows the page, whose style sheet and plotly.js are there already."""
    return environment.get("SERVER_SOFTWARE", "").startswith("voila")
