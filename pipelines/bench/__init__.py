"""How fast the engine is, measured here; every figure says what it is."""
