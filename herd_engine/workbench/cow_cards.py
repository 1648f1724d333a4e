"""Cow cards, for those who ask the Workbench."""

from herd_engine.model.animals import AnimalState
from herd_engine.review.cards.cow_cards import LIMITS, MOST_CARDS, CardDates, CowCard, HerdCards
from herd_engine.review.work_lists import WorkListName

__all__ = ["LIMITS", "MOST_CARDS", "AnimalState", "CardDates", "CowCard", "HerdCards", "WorkListName"]
