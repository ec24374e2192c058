"""The rules as Great Expectations suites, and a checkpoint that runs them on a batch's tables.

`validate` gives, for each rule, the rows that failed it. The expectations are the library's own
classes on computed columns, with our identifier, sentence and severity: nothing has to be
registered before a stored suite can be loaded (a suite whose classes are not imported loads empty,
and passes everything). The number of expectations that ran is checked all the same.

A Great Expectations context is global to its process and not made for threads: one batch is
validated at a time (`_LOCK`), in a context that lives in memory and sends nothing anywhere. Kept
results are written by the library's own store, one folder a run, so that Data Docs can be made of
them; runs of several processes never meet in one file.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Read when the library is imported: no usage statistics.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
os.environ.setdefault("DO_NOT_TRACK", "1")

import great_expectations as gx
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from expectations.rule import Rule, Severity, rules_of
from expectations.tables import INDEX_COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext

_LOCK = threading.Lock()
_SEVERITY = {Severity.REVIEW: "warning", Severity.QUARANTINE: "critical"}


class CheckError(RuntimeError):
    """The expectations could not be checked: what they were to check is not known to be good."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that failed a rule.

    Attributes:
        rule: the rule.
        document: place of the document in the batch.
        row: place of the row among the document's.
    """

    rule: Rule
    document: int
    row: int


def build_suite(rules: Sequence[Rule], name: str) -> gx.ExpectationSuite:
    """Return the rules as a suite; each expectation carries its rule's code in its `meta`."""
    suite = gx.ExpectationSuite(name=name)
    for rule in rules:
        expectation = getattr(gx.expectations, rule.expect)
        suite.add_expectation(
            expectation(
                **rule.given,
                severity=_SEVERITY[rule.severity],
                description=f"{rule.code}: {rule.en}",
                meta={"code": rule.code, "fr": rule.fr},
            )
        )
    return suite


def validate(
    tables: Mapping[str, pd.DataFrame], rules: Sequence[Rule], results: Path | None = None
) -> list[Failure]:
    """Check each table against its suite.

    Args:
        tables: by name, as `expectations.tables` makes them.
        rules: those of all these tables.
        results: folder that keeps the validation results, as JSON; None keeps none.

    Raises:
        CheckError: if an expectation did not run, whatever the reason.
    """
    with context(results) as opened:
        run = RunIdentifier(run_name=uuid.uuid4().hex)
        failures: list[Failure] = []
        for name, table in tables.items():
            failures += _validate(opened, name, table, rules_of(name, rules), run)
        return failures


@contextmanager
def context(results: Path | None) -> Iterator[AbstractDataContext]:
    """Open a context of the library, alone in the process, that keeps results in a folder, or none."""
    with _LOCK:
        yield _context(results)


def _context(results: Path | None) -> AbstractDataContext:
    stores = InMemoryStoreBackendDefaults()
    if results is not None:
        stores.stores[stores.validation_results_store_name]["store_backend"] = {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(results.absolute()),
            "filepath_suffix": ".json",
            "suppress_store_backend_id": True,  # a file that runs in parallel would fight for
        }
    config = DataContextConfig(
        store_backend_defaults=stores,
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _validate(
    context: AbstractDataContext,
    name: str,
    table: pd.DataFrame,
    rules: Sequence[Rule],
    run: RunIdentifier,
) -> list[Failure]:
    if table.isna().any(axis=None):
        raise CheckError(f"a cell of the table {name} has no value; it would pass unseen")
    asset = context.data_sources.add_pandas(f"prote-{name}").add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe("batch")
    suite = context.suites.add(build_suite(rules, name))
    if len(suite.expectations) != len(rules):
        raise CheckError(f"suite {name} holds {len(suite.expectations)} expectations of {len(rules)}")
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=name, data=batch, suite=suite)
    )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name=name,
            validation_definitions=[definition],
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": list(INDEX_COLUMNS),
                "return_unexpected_index_query": False,
                "partial_unexpected_count": 0,
            },
        )
    )
    outcome = checkpoint.run(batch_parameters={"dataframe": table}, run_id=run)
    (validation,) = outcome.run_results.values()
    by_code = {rule.code: rule for rule in rules}
    ran = [(_code(result), result) for result in validation.results]
    if sorted(code for code, _ in ran) != sorted(by_code):
        raise CheckError(f"of the suite {name} only {', '.join(code for code, _ in ran) or 'nothing'} ran")
    failures: list[Failure] = []
    for code, result in ran:
        failures += _failures(by_code[code], result)
    return failures


def _code(result: ExpectationValidationResult) -> str:
    config = result.expectation_config
    return str(config.meta["code"]) if config and config.meta else ""


def _failures(rule: Rule, result: ExpectationValidationResult) -> list[Failure]:
    outcome: dict[str, Any] = result.result
    # An expectation that raised says so under a key of its own making; it has no counts.
    if "unexpected_count" not in outcome:
        raise CheckError(f"{rule.code} could not be checked: {_raised(result.exception_info)}")
    rows = outcome.get("unexpected_index_list") or []
    if len(rows) != outcome["unexpected_count"] or bool(rows) == result.success:
        raise CheckError(f"{rule.code} failed on {outcome['unexpected_count']} rows and named {len(rows)}")
    return [Failure(rule, int(row["document"]), int(row["row"])) for row in rows]


def _raised(info: Mapping[str, Any]) -> str:
    messages = [entry.get("exception_message") for entry in info.values() if isinstance(entry, dict)]
    return "; ".join(filter(None, [info.get("exception_message"), *messages])) or "it gave no result"
