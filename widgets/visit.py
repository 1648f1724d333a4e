"""Who opened a page, and what its address asks for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs

from herd_engine.i18n.catalogue import ENGLISH, known_language, languages
from herd_engine.model.visitor import LOCAL, Visitor, issuer_alias, stamped

LANGUAGE_COOKIE = "herd-language"
USER_HEADER, GROUPS_HEADER = "X-Forwarded-User", "X-Forwarded-Groups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit to a page.

    Attributes
    ----------
    language : str
    run : str or None
        Id of the run to show.
    runs : tuple of str
        Ids of the runs to compare.
    base : str or None
        Id of the run that the others are compared with.
    dataset : str or None
        Id of the dataset to show.
    plan : str or None
        The plan to show, as an address holds it.
    alert, message : str or None
        Id of the alert, or of the message to others, to show.
    farm : str or None
        Name of the farm; None for the default one.
    owner : str
        Whose history it is.
    is_named : bool
        Whether somebody trusted said who the visitor is; all others share one history.
    groups : tuple of str
        Of the visitor, as the same trusted part says.
    """

    language: str = ENGLISH
    run: str | None = None
    runs: tuple[str, ...] = ()
    base: str | None = None
    dataset: str | None = None
    plan: str | None = None
    alert: str | None = None
    message: str | None = None
    farm: str | None = None
    owner: str = LOCAL
    is_named: bool = False
    groups: tuple[str, ...] = ()

    @property
    def visitor(self) -> Visitor:
        """Who asks: somebody who was named may see what they are a member of, or what is open to all."""
        if not self.is_named:
            return Visitor.at_the_machine(self.owner)
        return Visitor(name=self.owner, groups=self.groups, is_at_home=True)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read what Voila tells a kernel about the request; an unknown language is English.

        Raises
        ------
        ParameterError
            Nobody can be called as the visitor is said to be.
        """
        query = {name: values[-1] for name, values in parse_qs(environment.get("QUERY_STRING", "")).items()}
        wanted = query.get("lang")
        user = environment.get(_variable(USER_HEADER))
        groups = environment.get(_variable(GROUPS_HEADER), "") if user else ""
        # The proxy's people are those of the provider whose tokens the service takes: one name in both.
        alias = issuer_alias(
            environment.get("HERD_API_OIDC_ISSUER", ""), environment.get("HERD_API_OIDC_ALIAS", "")
        )
        return cls(
            language=known_language(wanted),
            run=query.get("run"),
            runs=tuple(filter(None, query.get("runs", "").split(","))),
            base=query.get("base"),
            dataset=query.get("dataset"),
            plan=query.get("plan"),
            alert=query.get("alert"),
            message=query.get("message"),
            farm=query.get("farm"),
            owner=stamped(user, alias) if user else LOCAL,
            is_named=bool(user),
            groups=tuple(_group(name.strip(), alias) for name in groups.split(",") if name.strip()),
        )


def _group(name: str, alias: str) -> str:
    return stamped(name, alias) if alias else name


def _variable(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


def preferred_language(accepted: str) -> str:
    """Return the first of our languages that a browser names; English where it names none.

    Parameters
    ----------
    accepted : str
        The header ``Accept-Language``; browsers write what they prefer first.
    """
    named = (item.strip()[:2].lower() for item in accepted.split(","))
    return next((name for name in named if name in languages()), ENGLISH)


def is_voila(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether Voila shows the page, whose style sheet and plotly.js are there already."""
    return environment.get("SERVER_SOFTWARE", "").startswith("voila")
