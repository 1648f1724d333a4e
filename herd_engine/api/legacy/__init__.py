"""The first contract that programs were written for, on its own paths under `/api`, over the same use cases.

Kept as it is where it was right; what was faulty is right instead. `HERD_API_LEGACY=0` leaves it out.
"""
