"""A zoo of farms: lives simulated day by day by code that shares nothing with the engine, then judged."""
