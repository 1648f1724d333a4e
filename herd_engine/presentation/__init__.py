"""Pictures and words put together once, for apps, reports and the command line."""
