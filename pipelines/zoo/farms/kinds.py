"""The kinds of farms in the zoo: what each does that others do not, as numbers of a day-by-day life."""

from dataclasses import dataclass

YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmKind:
    """How farms of a kind live; every number is an assumption of this zoo, of the size that farms show.

    Days count from the report date: -365 is a year before.

    Attributes
    ----------
    name, about : str
    cows : int
        Milking and dry, around the report date.
    is_stationary : bool
        Whether the farm goes on as its file shows it; others change, and forecasts cannot know all of it.
    is_kept_back : bool
        Whether it is left out unless asked for, so that nothing is tuned on it.
    waiting_days : int
        From calving to the first insemination.
    is_timed : bool
        Inseminations on chosen days, the first of all cows, instead of on heats.
    heat : float
        Share of conceptions that the hottest month, July, costs.
    growth : float
        Of the herd, a year.
    eased_since, eased_to : int, float
        From that day on cows are sold at so much of the rate before; day 1 and later never show in a file.
    batch_day : int
        Day of the month on which all sold cows leave; 0: on any day.
    springer_lots : float
        Pregnant heifers sold each year, per cow, four lots a year.
    young_sales : float
        Yearly rate at which heifers of two to twelve months are sold.
    sexed : float
        Share of heifers' inseminations with sexed semen, from ``sexed_since`` on; of cows a third of it.
    sexed_since : int
    beef : float
        Share of cows' inseminations with beef semen: their calves leave.
    is_full : bool
        No more cows in milk, and no more females, than there are places, at the start of each month.
    year_sd : float
        Of the logarithm of the level of exits, year by year.
    sick_from, sick_to, sick_times : int, int, float
        Days between which calves and heifers die at so many times the rate.
    moved : float
        Heifers moved to another site each year, per cow, in four groups; their rows stay, without a date.
    """

    name: str
    about: str
    cows: int = 400
    is_stationary: bool = False
    is_kept_back: bool = False
    waiting_days: int = 60
    is_timed: bool = False
    heat: float = 0.0
    growth: float = 0.0
    eased_since: int = 10**6
    eased_to: float = 1.0
    batch_day: int = 0
    springer_lots: float = 0.0
    young_sales: float = 0.0
    sexed: float = 0.0
    sexed_since: int = -(10**6)
    beef: float = 0.0
    is_full: bool = False
    year_sd: float = 0.0
    sick_from: int = 0
    sick_to: int = 0
    sick_times: float = 1.0
    moved: float = 0.0


_ALL = (
    FarmKind(name="stationary", about="goes on as it is", is_stationary=True),
    FarmKind(
        name="wait_60_timed", about="timed inseminations, first at 60 days",
        is_timed=True, is_stationary=True,
    ),
    FarmKind(
        name="wait_90_timed", about="timed inseminations, first at 90 days",
        waiting_days=90, is_timed=True, is_stationary=True,
    ),
    FarmKind(name="young_sales", about="sells a tenth of its young", young_sales=0.12, is_stationary=True),
    FarmKind(
        name="sexed_steady", about="sexed semen in most heifers, for years",
        sexed=0.9, young_sales=0.1, is_stationary=True,
    ),
    FarmKind(
        name="batch_culls", about="cows sold on one day a month, springers in lots",
        batch_day=20, springer_lots=0.06, is_stationary=True,
    ),
    FarmKind(name="heat", about="hot summers", heat=0.5),
    FarmKind(name="growing", about="grows 8 % a year", growth=0.08, sexed=0.5),
    FarmKind(name="eased", about="sells a quarter fewer cows since a year", eased_since=-YEAR, eased_to=0.75),
    FarmKind(
        name="sexed_new", about="sexed semen in most heifers since a year", sexed=0.9, sexed_since=-YEAR
    ),
    FarmKind(name="beef", about="beef semen in a third of cows", beef=0.33, sexed=0.8, is_stationary=True),
    FarmKind(name="full", about="a barn that is full", is_full=True, sexed=0.5),
    FarmKind(name="year_to_year", about="exits that differ from year to year", year_sd=0.15),
    FarmKind(name="cows_60", about="60 cows", cows=60),
    FarmKind(name="cows_8000", about="8,000 cows", cows=8000),
    FarmKind(
        name="disease_year", about="a year in which four times as many young died",
        sick_from=-2 * YEAR, sick_to=-YEAR, sick_times=4.0, is_kept_back=True,
    ),
    FarmKind(
        name="moved_groups", about="groups of heifers moved to another site", moved=0.08, is_kept_back=True
    ),
    FarmKind(
        name="heat_and_full", about="hot summers and a full barn",
        heat=0.4, is_full=True, sexed=0.5, is_kept_back=True,
    ),
)  # fmt: skip
KINDS = {kind.name: kind for kind in _ALL}
"""By name, in the order of tables."""
