"""How long a runner waits for what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds.

    Attributes
    ----------
    idle : float
        Between two looks at an empty queue.
    beat : float
        Between two signs of life of a run; far below ``lost_after``.
    look_for_lost : float
        Between two looks for runs whose runner was lost.
    lost_after : float
        A run whose runner was not heard of for so long may be lost.
    confirm : float
        It is lost if it stays silent for so long while we look: after an outage of the database every run
        seems to be silent, for a moment.
    retry : float
        Before the second attempt at a run whose cluster was lost; twice as long before each further one.
    connect_again : float
        Between two tries to reach the cluster.
    store_again, store_again_longest : float
        Between two tries to reach database and files: doubled from the first up to the second.
    """

    idle: float = 0.1
    beat: float = 5.0
    look_for_lost: float = 5.0
    lost_after: float = 60.0
    confirm: float = 15.0
    retry: float = 5.0
    connect_again: float = 10.0
    store_again: float = 0.5
    store_again_longest: float = 5.0


DEFAULT = Timing()
