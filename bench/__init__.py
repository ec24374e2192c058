"""Benchmarks: our repairs and readings beside other programs', measured by one code in one run.

`make bench` (or `python -m bench`) writes `bench/RESULTS.md`; `--only pairs` or `--only reading` one part
of it. `sets.py` is what is measured on, `peers.py` who is measured, `machine.py` what speed and memory
are, `reading.py` how pages are read, `page.py` how it is written down.
"""
