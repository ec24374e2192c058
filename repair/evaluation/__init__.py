"""How good the repairs are: measured on pairs of a reading and its correct text.

Start with `evaluate.py`: :func:`evaluate` takes the pairs of a file (`pairs.py`) and any callable
that repairs a text, so that other programs are measured by the same code. `text.py` says what
counts as an error, `words.py` what a damaged word is, `judging.py` what a right edit is,
`measures.py` how counts become rates with their confidence intervals. `clean.py` measures what
is done to text without damage, `report.py` puts the figures into rows.
"""

from repair.evaluation.clean import CleanEvaluation, evaluate_clean
from repair.evaluation.evaluate import Evaluation, evaluate
from repair.evaluation.pairs import BadPairs, Pair, read_pairs

__all__ = [
    "BadPairs",
    "CleanEvaluation",
    "Evaluation",
    "Pair",
    "evaluate",
    "evaluate_clean",
    "read_pairs",
]
