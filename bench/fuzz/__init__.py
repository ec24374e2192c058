"""Coverage-guided fuzzing (atheris) of what reads and repairs: `make fuzz`.

`targets` says what must hold for any bytes, and needs no atheris: the tests call it too. `seeds` has what the
search begins from, made of the samples of ``raw/``; `one` searches with one target, in a process of its own,
and `python -m bench.fuzz` has all of them searched, one after the other.
"""
