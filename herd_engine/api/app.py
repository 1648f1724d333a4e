"""The service as an ASGI application."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from herd_engine import __version__
from herd_engine.api.asking import RememberedBenches, scope_of
from herd_engine.api.conditional import Unchanged
from herd_engine.api.contract import FIRST_CONTRACT, completed
from herd_engine.api.counting import known_requests
from herd_engine.api.gate import Gate, rate_class
from herd_engine.api.identity import Identity
from herd_engine.api.legacy import datasets as legacy_datasets
from herd_engine.api.legacy import jobs as legacy_jobs
from herd_engine.api.legacy import personal, socket
from herd_engine.api.places import HeavyPlaces
from herd_engine.api.problems import answer_problems
from herd_engine.api.rates import RateCounts, Rates
from herd_engine.api.routes import (
    alerts,
    backtests,
    contracts,
    cow_cards,
    datasets,
    deciding,
    docs,
    farms,
    groups,
    health,
    history,
    later,
    me,
    members,
    notifications,
    outputs,
    preflights,
    prices,
    problem_pages,
    run_files,
    runs,
    scenarios,
    switches,
)
from herd_engine.api.runners import Runners
from herd_engine.api.settings import ApiSettings
from herd_engine.api.switches import RememberedSwitches
from herd_engine.api.tickets import Tickets
from herd_engine.model.service_limits import CLASSES
from herd_engine.workbench import Workbench
from herd_engine.workbench.service_metrics import ServiceMetrics

API_VERSION = "1.0.0"
"""Of the contract, not of the package."""
# What is asked for most is looked for first; what is compared stands before what is named
# (`/datasets/compare` is no id); what later parts fill takes the names that nobody else has.
MODULES = (
    *(
        runs,
        run_files,
        problem_pages,
        health,
        docs,
        me,
        members,
        switches,
        farms,
        history,
        backtests,
        cow_cards,
        deciding,
        datasets,
        contracts,
        prices,
    ),
    *(groups, scenarios, outputs, alerts, notifications, preflights, later),
)


class Service(FastAPI):
    """The application; its contract says how to show who one is, and where nobody needs to."""

    def openapi(self) -> dict[str, Any]:
        """Return the contract, made once."""
        is_made = self.openapi_schema is not None
        contract = super().openapi()
        if not is_made:
            completed(contract)
        return contract


def new_app(
    settings: ApiSettings, workbench: Workbench, status: Callable[[], dict[str, Any]] | None = None
) -> FastAPI:
    """Return the application without its gate.

    Parameters
    ----------
    settings : ApiSettings
    workbench : Workbench
        Shared by all requests; each asks it for the farm of its caller.
    status : callable, optional
        How everything is, as ``herd status --json``.
    """
    app = Service(
        title="Herd Workbench",
        version=API_VERSION,
        description="Forecast dairy herds. Enumerations may grow: accept values that you do not know.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings, app.state.workbench = settings, workbench
    app.state.tickets = Tickets()
    app.state.package = __version__
    app.state.pumps, app.state.draining = {}, asyncio.Event()
    app.state.watching = Counter()
    app.state.benches = RememberedBenches()
    app.state.places = HeavyPlaces(settings.heavy_at_once)
    app.state.switches = RememberedSwitches(workbench)
    counts = RateCounts(settings.counted_at)
    app.state.rates = Rates(settings.limits, counts, is_told_twice=settings.xratelimit)
    app.state.runners = Runners(workbench, wanted=settings.start_runner)
    app.state.status = status or (lambda: {"schema": "herd-status/1", "version": __version__})
    answer_problems(app)
    routers = [each.router for each in MODULES]
    of_first = [each.router for each in (legacy_datasets, legacy_jobs, personal, socket)]
    if settings.legacy:
        routers += of_first
    app.state.routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                told = {"x-scope": scope_of(route), "x-rate-class": rate_class_of(route)}
                own = {FIRST_CONTRACT: True} if router in of_first else {}
                route.openapi_extra = {**(route.openapi_extra or {}), **told, **own}
        app.include_router(router)
    app.state.unchanged = Unchanged(app, app.state.routes)
    app.state.metrics = ServiceMetrics(workbench, known_requests(app.state.routes), CLASSES, settings.auth)
    return app


def rate_class_of(route: APIRoute) -> str:
    """Return what requests of a route count as; ``none`` where nobody counts."""
    if scope_of(route) == "none":
        return "none"
    return rate_class(next(iter(route.methods or ())), route.path)


def gated(app: FastAPI, key: str) -> ASGIApp:
    """Return the application behind its gate; ``key`` is that of the home."""
    identity = Identity(app.state.settings, key, app.state.workbench, app.state.tickets)
    keys = identity.provider_keys
    if keys is not None:
        keys.told = app.state.metrics.keys_fetched
    app.state.metrics.watch(app.state.watching.total, keys and keys.age_seconds)
    return Gate(app, app.state.settings, identity)
