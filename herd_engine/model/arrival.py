"""What a new herd file of a farm led to, without being asked."""

from dataclasses import dataclass

from herd_engine.errors import HerdError


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What a new herd file of a farm led to.

    Attributes
    ----------
    verdicts : int
        Numbers of earlier forecasts that it judged.
    run_id : str or None
        The forecast of the farm's plan that was asked for.
    troubles : tuple of HerdError
        Why something of it could not be done; the file is kept all the same.
    """

    verdicts: int = 0
    run_id: str | None = None
    troubles: tuple[HerdError, ...] = ()


NOTHING_CAME_OF_IT = Arrival()
