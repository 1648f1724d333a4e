"""Texts of the pages by language; numbers and dates as the charts write them."""

from herd_engine.i18n.wording import Wording, wording


class Texts:
    """The texts of one language; ``words`` writes numbers and dates."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.words: Wording = wording(language)
        self.t = self.words.text
        self.get = self.words.get
        self.count = self.words.count
        self.part = self.words.part
