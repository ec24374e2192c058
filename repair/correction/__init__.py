"""From a damaged word to an edit with its evidence.

`words.py` cuts the text into words, lines rejoined; `candidates.py` proposes what may have been
printed; `decoder.py` weighs the proposals in their context and decides. What is protected from
all change is in `protection.py`.
"""
