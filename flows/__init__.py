"""Prote's flows: the scheduled run, the state it keeps, and the command line.

`cli.py` is what a user calls, `corpus.py` holds the two Prefect flows; the text itself is
repaired in `repair`, judged in `expectations` and written by `release`.
"""
