"""What is expected of a processed document before other tools may trust it.

In the order of the work:

- `rules`: the expectations, as a table: identifier, bound, severity, the sentence for a curator.
  All thresholds stand there, each with its reason. `structure_rules` are those on structure, `rule`
  says what a rule is.
- `numbering`, `notes`, `pairing`, `sentences`, `furniture`, `dates`, `symbols`, `characters`: the measures
  that need some knowledge of French documents.
- `tables`: documents, paragraphs, notes and edits as tables, one row for each thing measured.
- `suites`: the rules as Great Expectations suites, run on the tables by a checkpoint.
- `gate`: `judge` takes documents and gives each its status and reasons.

Great Expectations and pandas take seconds to import; only `tables` and `suites` import them, and
`gate` imports these when it is called.
"""
