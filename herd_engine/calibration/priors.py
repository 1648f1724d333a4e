"""What is known of dairy herds before a farm's file is read: each number with its source.

A farm's own events outweigh a prior as soon as there are some: it counts as much as the stated amount of
experience.
"""

import numpy as np

COW_EXITS_PER_YEAR = np.array([0.20, 0.28, 0.37, 0.50, 0.60])
"""By lactation 1, 2, 3, 4, 5 and more: Cabrera-family Markov models; odds ratios of Iranian Holsteins."""
COW_BANDS = np.array([0, 30, 60, 150, 305, 400])
"""Days in milk at which the hazard of leaving may change."""
EXITS_BY_BAND = np.array([3.5, 1.5, 0.8, 0.8, 0.9, 2.5])
"""Against the cow's yearly rate: many leave soon after calving, few in mid-lactation (Beaudeau 1995)."""
COW_DEATH_SHARE = 0.13

HEIFER_BANDS = np.array([0, 60, 180, 365, 430, 500, 600, 730])
"""Days of age at which the hazard of leaving may change."""
CALF_LOSS_60_DAYS = 0.05
"""Share of heifer calves that die before weaning (Urie et al. 2018, 2,545 heifers of 104 farms)."""
HEIFER_EXITS_PER_YEAR = 0.05
"""After weaning: about 2 % deaths; the rest is what farms sell."""
CALF_DEATH_SHARE, HEIFER_DEATH_SHARE = 0.9, 0.4
"""Of the exits before, after 60 days of age; the others are sold."""
LAST_DAYS = (760, 430)
"""On which the last bands of heifers, of cows usually end."""

YEARS_PER_CELL = 10.0
"""Animal-years, at the usual rate, that a prior weighs in each group × band × (open | pregnant)."""
EXITS_OF_A_SEASON = 44.0
"""Weight of "no season" in each calendar month: a standard deviation of 15 %."""

MONTH_SD = 0.3
"""Of a month's common factor: half of all kinds of exits vary less (an assumption)."""
PACE_SD = 0.15
"""The same of conceptions: heat, semen, a technician on leave (an assumption)."""
YEAR_VARIANCE, YEAR_FREEDOM = 0.01, 3.0
"""Of the level of exits from year to year: a standard deviation of 10 % (an assumption), and for how many
differences of years it counts."""

CONCEPTIONS_PER_CYCLE = np.array([0.31, 0.24, 0.22, 0.20])
"""Of heifers, and cows in lactation 1, 2, 3 and more, in 21 days: service rate × conception rate."""
CONCEPTION_RATE = np.array([0.57, 0.39])
"""Of one insemination, heifers and cows (Norman et al. 2010; DRMS averages)."""
WEEKS_PER_CELL = 30.0
"""Animal-weeks that a prior weighs in each bin of a group's conception hazard."""
SERVICES_OF_A_RATE = 30.0
PREGNANCIES_OF_A_PRIOR = 7.0
"""By how many conceptions the level of a class is known where the file has none: a standard deviation of
38 %, as 21-day pregnancy rates of herds differ (Wisconsin 2017: mean 18.1 %, 80th percentile 25 %)."""
CONCEPTIONS_OF_A_CYCLE = 2.0
"""The fewest by which the hazard of a cycle is known: a standard deviation of 70 % (an assumption)."""
FLAGGED_EXITS_PER_YEAR, FLAGGED_YEARS = 3.0, 5.0
"""Of cull-flagged animals: they stay four months (an assumption), and the animal-years that it counts for."""
WAITING_PERIOD_DAYS = 60
FIRST_SERVICE_AGE_DAYS = 380

GESTATION_RANGE_DAYS = (255, 300)
"""Holstein field data; the spread is what 24,000 gestations showed, not a planning constant."""

FEMALE_FRACTION = 0.47
STILLBIRTH = np.array([0.09, 0.045])
TWINNING = np.array([0.012, 0.055])
"""First calving, later ones (Silva del Río et al. 2007)."""
HEIFERS_OF_TWINS = 2 * 0.263 + 0.436 * 0.08
"""Replacement heifers of a pair: both female; of a mixed pair the 8 % that are no freemartins."""
CALVINGS_OF_A_CALF_RATE = 50.0
CALF_WINDOW_DAYS = 330
"""No cow calves twice in so many days: the file shows every calving."""
UNREGISTERED_DAYS = 10
"""Calves of the last days may not be registered yet."""
MOST_HEIFER_CALVES = 0.9
"""Per calving: what sexed semen gives. Where a file has more, calvings are missing or calves were bought."""

PREGNANCY_LOSS = np.array([0.04, 0.10])
"""Of heifers' and cows' pregnancies of 35 days, until term (Albuja 2019; JDS Commun 2023)."""
LOSS_DAYS = (35, 60, 90, 260)
LOSS_SHARES = (0.6, 0.2, 0.2)
"""Of the losses, those between these days."""
LOSSES_TO_COME = 0.17
"""Of the losses, those still to come among pregnancies on file, 45 to 265 days old, by the shares above:
(15 x 0.7 + 30 x 0.3 + 170 x 0.1) / 220."""

USUAL_DAYS_OPEN = 125
"""Mean of completed service periods."""
