"""Who may see and change what: the table of roles, farms with and without members, others' runs."""

from dataclasses import replace

import pytest

from herd_engine.errors import ConflictError, FarmNotFoundError, ForbiddenError, NotFoundError, ParameterError
from herd_engine.model.visitor import EVERY_SCOPE, Role, Visitor, implied, stamped
from herd_engine.runs.access import FRESH_SECONDS, Access
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.datasets import DatasetRow
from tests.herd_engine.runs.conftest import PAYLOAD

READ, RUN, WRITE, ADMIN = "herd:read", "herd:run", "herd:write", "herd:admin"
TABLE = {
    Role.VIEWER: {READ},
    Role.ADVISER: {READ, RUN},
    Role.MANAGER: {READ, RUN, WRITE, "diagnostics:read", "diagnostics:operate"},
    Role.ADMIN: {
        READ, RUN, WRITE, ADMIN,
        "diagnostics:read", "diagnostics:operate", "diagnostics:admin", "metrics:read",
    },
}  # fmt: skip
"""As the specification has it."""


def person(name: str, **more: object) -> Visitor:
    return replace(Visitor(name=name, is_at_home=True), **more)  # type: ignore[arg-type]


def of(kept: KeptRuns, visitor: Visitor, farm: str | None = None) -> KeptRuns:
    return KeptRuns(kept.store, visitor, farm)


@pytest.fixture
def north(kept: KeptRuns) -> KeptRuns:
    """A farm with one member of each role."""
    kept.catalog.farms.add("North")
    for role in Role:
        kept.catalog.farms.grant("North", f"{role} of north", role)
    return KeptRuns(kept.store, "tester", "North")


def test_roles_allow_what_the_table_says() -> None:
    assert {role: set(role.scopes) - {"herd:add"} for role in Role} == TABLE
    assert implied({ADMIN}) >= {READ, RUN, WRITE}
    assert "diagnostics:read" in implied({"diagnostics:operate"})


def test_a_farm_without_members_is_everybodys_and_one_with_members_is_theirs(kept: KeptRuns) -> None:
    anna, boris = person("anna"), person("boris")
    assert of(kept, anna).catalog.farm == kept.catalog.farm

    kept.catalog.farms.add("North")
    kept.catalog.farms.grant("North", "anna", Role.VIEWER)

    assert [farm.name for farm in of(kept, boris).catalog.farms.list()] == [kept.catalog.farm.name]
    assert "North" in [farm.name for farm in of(kept, anna).catalog.farms.list()]
    assert of(kept, anna, "North").scope.farm_id == of(kept, Visitor.at_the_machine(), "North").scope.farm_id
    for nobody in (boris, replace(anna, is_at_home=False, name="carla")):
        with pytest.raises(FarmNotFoundError) as foreign:
            of(kept, nobody, "North")
        with pytest.raises(FarmNotFoundError) as missing:
            of(kept, nobody, "Nowhere")
        assert str(foreign.value) == str(missing.value).replace("Nowhere", "North")


def test_a_token_opens_no_farm_by_itself(kept: KeptRuns) -> None:
    with pytest.raises(FarmNotFoundError, match="No farm is open"):
        of(kept, Visitor(name="idp:anna"))
    kept.catalog.farms.grant(None, "group:vets", Role.ADVISER)

    assert of(kept, Visitor(name="idp:anna", groups=("vets",))).access.scopes == {READ, RUN}
    small = Visitor(name="idp:anna", groups=("vets",), scopes=frozenset({READ, WRITE}))
    assert of(kept, small).access.scopes == {READ}


@pytest.mark.parametrize("role", Role)
def test_each_role_does_what_it_may_and_nothing_else(north: KeptRuns, farm_file: bytes, role: Role) -> None:
    dataset = north.add_dataset(farm_file, "farm.csv")
    other = north.submit(dataset.id, PAYLOAD).run
    mine = of(north, Visitor(name=f"{role} of north"), "North")
    attempts = {
        READ: lambda: mine.get(other.id),
        RUN: lambda: mine.submit(dataset.id, {**PAYLOAD, "seed": 6}),
        WRITE: lambda: (
            mine.catalog.datasets.rename(dataset.id, "other.csv"),
            mine.pin(other.id),
            mine.catalog.scenarios.save("wide", {}),
            mine.cancel(other.id, for_everybody=True),
        ),
        ADMIN: lambda: mine.catalog.farms.grant("North", "dora", Role.VIEWER),
    }

    for scope, attempt in attempts.items():
        if scope in TABLE[role]:
            attempt()
        else:
            with pytest.raises(ForbiddenError, match=r"another right: herd:\w+\."):
                attempt()


def test_what_others_asked_for_stays_where_no_role_says_otherwise(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    """The farm is open: both may do all, but not to each other's runs."""
    anna, boris = (of(kept, person(name)) for name in ("anna", "boris"))
    run = anna.submit(dataset.id, PAYLOAD).run

    for attempt in (boris.cancel, boris.pin, boris.star, lambda each: boris.rename(each, "Mine")):
        with pytest.raises(ForbiddenError):
            attempt(run.id)
    with pytest.raises(ForbiddenError):
        boris.delete([run.id], for_everybody=True)
    assert anna.get(run.id) == run
    assert anna.cancel(run.id).status == "canceled"
    assert [each.reason for each in boris.delete([run.id]).skipped] == ["wanted_by_others"]
    assert anna.delete([run.id]).deleted_ids == (run.id,)


def test_who_is_above_others_may_end_what_they_asked_for(north: KeptRuns, farm_file: bytes) -> None:
    dataset = north.add_dataset(farm_file, "farm.csv")
    adviser, manager = (
        of(north, Visitor(name=f"{role} of north"), "North") for role in (Role.ADVISER, Role.MANAGER)
    )
    run = adviser.submit(dataset.id, PAYLOAD).run

    assert manager.cancel(run.id, for_everybody=True).status == "canceled"
    assert manager.delete([run.id], for_everybody=True).deleted_ids == (run.id,)


def test_a_farm_is_not_taken_by_who_came_in_by_the_open_door(kept: KeptRuns) -> None:
    with pytest.raises(ForbiddenError):
        of(kept, person("anna")).catalog.farms.grant(None, "anna", Role.ADMIN)


def test_a_farm_that_a_bound_admin_adds_is_theirs(north: KeptRuns) -> None:
    admin = of(north, Visitor(name="admin of north"), "North").catalog.farms

    admin.add("South")

    assert [(each.principal, each.role) for each in admin.members("South")] == [
        ("admin of north", Role.ADMIN)
    ]
    with pytest.raises(ForbiddenError):
        of(north, Visitor(name="manager of north"), "North").catalog.farms.add("West")


def test_the_last_member_stays_unless_the_farm_is_to_be_open(kept: KeptRuns) -> None:
    farms = kept.catalog.farms
    farms.grant(None, "anna", Role.VIEWER)
    farms.grant(None, "anna", Role.MANAGER)

    assert [(each.principal, each.role) for each in farms.members()] == [("anna", Role.MANAGER)]
    with pytest.raises(ConflictError, match="last member"):
        farms.revoke(None, "anna")
    with pytest.raises(NotFoundError):
        farms.revoke(None, "boris")
    farms.revoke(None, "anna", open_to_all=True)
    assert farms.members() == ()


def test_an_open_page_learns_that_a_role_was_taken_away(kept: KeptRuns) -> None:
    moment = 100.0
    kept.catalog.farms.grant(None, "anna", Role.VIEWER)
    kept.catalog.farms.grant(None, "boris", Role.VIEWER)
    access = Access(kept.store.memberships, person("anna"), lambda: moment)
    assert access.may_see(kept.catalog.farm)

    kept.catalog.farms.revoke(None, "anna")
    moment += FRESH_SECONDS

    assert not access.may_see(kept.catalog.farm)


def test_a_key_sees_no_more_farms_than_it_was_made_for(north: KeptRuns, kept: KeptRuns) -> None:
    limited = Visitor(name="key:1", is_owner=True, farms=frozenset({north.catalog.farm.id}))

    assert [farm.name for farm in of(kept, limited, "North").catalog.farms.list()] == ["North"]
    with pytest.raises(FarmNotFoundError):
        of(kept, limited, kept.catalog.farm.name)


def test_whose_file_it_may_be_names_no_farm_that_is_not_to_be_seen(north: KeptRuns, farm_file: bytes) -> None:
    herd_file = north.store.datasets.load(north.add_dataset(farm_file, "farm.csv"))

    assert of(north, person("boris")).catalog.datasets.doubt(herd_file) is None
    assert of(north, Visitor.at_the_machine()).catalog.datasets.doubt(herd_file) is not None


@pytest.mark.parametrize(
    "name", ["local", "anonymous", "key:12345678", "plan:weekly", "group:vets", "user:x"]
)
def test_nobody_is_taken_for_another_by_choosing_a_name(name: str) -> None:
    assert stamped(name) == f"user:{name}"
    assert stamped(name, "idp") == f"idp:{name}"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "x" * 256])
def test_what_nobody_can_be_called_is_refused(name: str) -> None:
    with pytest.raises(ParameterError):
        stamped(name)


def test_names_are_equal_that_look_equal() -> None:
    assert stamped("Ju\u0308rgen") == stamped("J\u00fcrgen")
    assert Role.ADMIN.scopes == EVERY_SCOPE
