"""Measuring a repairer on pairs of a reading and its correct text.

:func:`evaluate` takes any callable that repairs a text, so that every program is measured by the
same code: ours by default. What is an error, a damaged word, a right edit: see `text.py`,
`words.py`, `judging.py`.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from repair.edits import Decision
from repair.evaluation import measures
from repair.evaluation.judging import Judged, Verdict, judge, overlaps
from repair.evaluation.measures import Bin, Estimate
from repair.evaluation.pairs import Pair
from repair.evaluation.text import errors, fold_hipe, fold_text, matches, words
from repair.evaluation.words import DamageClass, Fates, follow
from repair.pipeline import Repaired, repair_text

Repairer = Callable[[str], Repaired]
"""What is measured: a text in, the repaired text and its edits out."""

WARM_UP = "L'assemhlée a décidé, en 2017, de poursuivre l'examen de la question."
"""Repaired before the clock starts, so that opening dictionaries is not counted as repairing."""

_MEASURES: dict[str, measures.Measure] = {
    "cer_before": measures.ratio("characters_before", "gold_characters"),
    "cer": measures.ratio("characters_after", "gold_characters"),
    "cer_cut": measures.cut("characters", "gold_characters"),
    "wer_before": measures.ratio("words_before", "gold_words"),
    "wer": measures.ratio("words_after", "gold_words"),
    "wer_cut": measures.cut("words", "gold_words"),
    "cmer_before": measures.ratio("hipe_errors_before", "hipe_total_before"),
    "cmer": measures.ratio("hipe_errors_after", "hipe_total_after"),
    "cmer_cut": measures.cut("hipe_errors", "hipe_total"),
    "fixed": measures.ratio("fixed", "damaged"),
    "harmed_per_thousand": measures.harm,
    "worse": measures.ratio("worse", "documents"),
    "precision": measures.precision,
    "calibration_error": measures.calibration_error,
}


@dataclass(frozen=True, slots=True)
class Score:
    """How good the applied edits of a rule, or of a class of damage, are.

    Attributes:
        name: of the rule or the class.
        applied: edits applied.
        right: those that bring their place nearer to the gold.
        wrong: those that do not.
        harmful: those of the wrong that take it farther away.
        unjudged: those of which nothing can be said.
        damaged: damaged words: for a rule all of them, for a class those of the class.
        fixed: those of them that were fixed; for a rule, where one of its edits touches them.
    """

    name: str
    applied: int
    right: int
    wrong: int
    harmful: int
    unjudged: int
    damaged: int
    fixed: int

    @property
    def precision(self) -> float | None:
        """Share of right edits among those judged; None where there are none."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Share of the damaged words that was fixed; the recalls of rules that never meet add up."""
        return self.fixed / self.damaged if self.damaged else None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a repairer does to the pairs of a file. Rates are shares from 0 to 1, with intervals.

    Attributes:
        documents: pairs of the file.
        words: words of the readings.
        words_per_second: read by the repairer, opening its dictionaries not counted; what it
            remembers of one document may speed up the next.
        cer_before: character error rate of the readings, pooled over the file.
        cer: of the repaired texts.
        cer_cut: by what share it fell.
        wer_before: word error rate of the readings, punctuation included.
        wer: of the repaired texts.
        wer_cut: by what share it fell.
        cmer_before: character match error rate of HIPE-OCRepair 2026, pooled over the file.
        cmer: of the repaired texts.
        cmer_cut: by what share it fell.
        damaged: words of the gold that are damaged in the readings.
        fixed: share of them that was fixed.
        harmed: sound words that were harmed.
        harmed_per_thousand: the same per 1,000 sound words.
        worse: share of the documents whose character errors rose.
        documents_worse: how many.
        documents_better: how many have fewer character errors than before.
        applied: edits applied.
        to_review: edits that a curator is asked about.
        precision: share of right edits among those applied and judged.
        calibration_error: expected calibration error of the probabilities.
        calibration: the reliability table.
        rules: edits by the rule that proposed them, most first.
        classes: edits by the class of damage that they suppose, damaged words by the class of
            theirs, most damaged first.
    """

    documents: int
    words: int
    words_per_second: float
    cer_before: Estimate
    cer: Estimate
    cer_cut: Estimate
    wer_before: Estimate
    wer: Estimate
    wer_cut: Estimate
    cmer_before: Estimate
    cmer: Estimate
    cmer_cut: Estimate
    damaged: int
    fixed: Estimate
    harmed: int
    harmed_per_thousand: Estimate
    worse: Estimate
    documents_worse: int
    documents_better: int
    applied: int
    to_review: int
    precision: Estimate
    calibration_error: Estimate
    calibration: tuple[Bin, ...]
    rules: tuple[Score, ...]
    classes: tuple[Score, ...]


def evaluate(
    pairs: Iterable[Pair],
    repair: Repairer = repair_text,
    watch: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Repair the reading of each pair and compare the result with its gold.

    Args:
        pairs: at least one.
        repair: what is measured. Edits that it gives are judged; one that gives none is
            measured by its text alone.
        watch: called after each pair.

    Raises:
        ValueError: if there are no pairs.
    """
    rows: list[dict[str, float]] = []
    scores = _Scores()
    seconds, read, to_review = 0.0, 0, 0
    repair(WARM_UP)
    for pair in pairs:
        begin = time.perf_counter()
        repaired = repair(pair.ocr)
        seconds += time.perf_counter() - begin
        judged = list(judge(pair.ocr, pair.gold, repaired.edits))
        ocr, gold, after = (fold_text(text).text for text in (pair.ocr, pair.gold, repaired.text))
        fates = follow(gold, ocr, after)
        rows.append(_row(pair, repaired, gold, ocr, after, fates, judged))
        scores.add(fates, judged)
        read += len(words(ocr))
        to_review += sum(edit.decision is Decision.REVIEW for edit in repaired.edits)
        watch()
    if not rows:
        raise ValueError("there are no pairs to evaluate")
    counts = measures.table(rows)
    totals = dict(zip(measures.COUNTS, counts.sum(axis=0).astype(int).tolist(), strict=True))
    return Evaluation(
        documents=len(rows),
        words=read,
        words_per_second=round(read / seconds, 1) if seconds else 0.0,
        damaged=totals["damaged"],
        harmed=totals["harmed"],
        documents_worse=totals["worse"],
        documents_better=totals["better"],
        applied=scores.applied,
        to_review=to_review,
        calibration=measures.reliability(counts),
        rules=scores.by_rule(),
        classes=scores.by_class(),
        **measures.estimates(counts, _MEASURES),
    )


def _row(
    pair: Pair,
    repaired: Repaired,
    gold: str,
    ocr: str,
    after: str,
    fates: Fates,
    judged: Sequence[Judged],
) -> dict[str, float]:
    """Return the counts of a pair, by their names in :data:`measures.COUNTS`."""
    before, now = errors(gold, ocr), errors(gold, after)
    hipe_gold = fold_hipe(pair.gold)
    hipe_before = matches(hipe_gold, fold_hipe(pair.ocr))
    hipe_after = matches(hipe_gold, fold_hipe(repaired.text))
    row = {
        "documents": 1,
        "worse": now.characters > before.characters,
        "better": now.characters < before.characters,
        "gold_characters": len(gold),
        "gold_words": len(gold.split()),
        "characters_before": before.characters,
        "characters_after": now.characters,
        "words_before": before.words,
        "words_after": now.words,
        "hipe_errors_before": hipe_before.errors,
        "hipe_total_before": hipe_before.total,
        "hipe_errors_after": hipe_after.errors,
        "hipe_total_after": hipe_after.total,
        "printed_words": fates.words,
        "damaged": len(fates.damaged),
        "fixed": sum(fate.fixed for fate in fates.damaged),
        "harmed": len(fates.harmed),
    }
    counted: defaultdict[str, float] = defaultdict(float, row)
    for one in judged:
        if one.verdict is Verdict.UNJUDGED:
            continue
        right = one.verdict is Verdict.RIGHT
        if one.edit.decision is Decision.APPLIED:
            counted["applied_right" if right else "applied_wrong"] += 1
        place = measures.bin_of(one.edit.probability)
        if place is not None:
            counted[f"bin_{place}"] += 1
            counted[f"bin_{place}_right"] += right
            counted[f"bin_{place}_probability"] += one.edit.probability
    return counted


class _Scores:
    """Counts edits and damaged words by rule and by class while the pairs go by."""

    def __init__(self) -> None:
        self.applied = self._damaged = 0
        self._verdicts: dict[str, Counter[tuple[str, Verdict]]] = {"rule": Counter(), "class": Counter()}
        self._damaged_class: Counter[str] = Counter()
        self._fixed: dict[str, Counter[str]] = {"rule": Counter(), "class": Counter()}

    def add(self, fates: Fates, judged: Sequence[Judged]) -> None:
        """Count those of a pair."""
        made = [one for one in judged if one.edit.decision is Decision.APPLIED]
        self.applied += len(made)
        self._damaged += len(fates.damaged)
        for one in made:
            self._verdicts["rule"][one.edit.rule, one.verdict] += 1
            self._verdicts["class"][one.damage, one.verdict] += 1
        for fate in fates.damaged:
            name = str(fate.damage)
            self._damaged_class[name] += 1
            if fate.fixed:
                self._fixed["class"][name] += 1
                rules = {one.edit.rule for one in made if overlaps(one, fate.start, fate.end)}
                self._fixed["rule"].update(rules)

    def by_rule(self) -> tuple[Score, ...]:
        """Return the scores of the rules, most edits first."""
        names = {rule for rule, _ in self._verdicts["rule"]}
        found = [self._score("rule", name, self._damaged) for name in names]
        return tuple(sorted(found, key=lambda score: (-score.applied, score.name)))

    def by_class(self) -> tuple[Score, ...]:
        """Return the scores of the classes of damage, most damaged words first."""
        found = [self._score("class", name, self._damaged_class[name]) for name in DamageClass]
        found = [score for score in found if score.damaged or score.applied]
        return tuple(sorted(found, key=lambda score: (-score.damaged, score.name)))

    def _score(self, kind: str, name: str, damaged: int) -> Score:
        verdicts = self._verdicts[kind]
        right, plain, harmful, unjudged = (
            verdicts[name, verdict]
            for verdict in (Verdict.RIGHT, Verdict.WRONG, Verdict.HARMFUL, Verdict.UNJUDGED)
        )
        return Score(
            name=str(name),
            applied=right + plain + harmful + unjudged,
            right=right,
            wrong=plain + harmful,
            harmful=harmful,
            unjudged=unjudged,
            damaged=damaged,
            fixed=self._fixed[kind][name],
        )
