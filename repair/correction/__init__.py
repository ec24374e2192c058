"""From a damaged word to an edit with its evidence.

In the order of the work:

- `words.py` cuts the text into words, lines rejoined;
- `candidates.py` says what each may have been (`analysis.py`): `recognition.py` whether it is a word,
  `accents.py` where accents were lost, `spaces.py` where spaces were, `near.py` and `spelling.py` where
  no known damage explains it;
- `doubts.py` says which words are doubted, and `decoder.py` weighs what they may have been, by their
  neighbours (`neighbours.py`) and by what the corpus remembers (`remember.py`);
- `features.py` and `acceptance.py` say how far that can be believed (`train.py` is the recipe);
- `decision.py` decides; `rules.py` names what it does, `passage.py` and `period.py` say when not to.

`correct.py` is the whole for one text.
"""
