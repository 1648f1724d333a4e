"""Currencies that Unicode's common locale data knows: those of ISO 4217."""

from babel.numbers import is_currency

from herd_engine.errors import ParameterError


def require_currency(code: str) -> None:
    """Refuse three letters that are no currency; ParameterError."""
    if not is_currency(code):
        raise ParameterError("currency", code, "be a currency of ISO 4217, such as EUR")
