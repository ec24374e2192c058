"""Releases: what ``clean/`` holds, written whole or not at all, and checked from its bytes alone.

    from release.publish import publish    # outcomes in, an immutable release out
    from release.verify import verify      # every byte and every edit, against the manifest
    from release.ledger import explain     # why a line stands as it does

In the order of the work:

- `layout`, `rows`, `records`, `columns`: where files stand, and what tables and JSON hold; one description of
  each column serves every format. `origins` is what the owner tells of licences and sources.
- `writing`, `tables`, `files`, `bag`, `card`: the files of a release. `blocks` finds blocks and calls in the
  texts, `likeness` sketches them, `earlier` takes over what did not change.
- `publish` puts a release in its place and switches to it; `shelf` keeps them in order; `store` and `mirror`
  bring them to an object store.
- `verify`, `replay`, `agreement`: nothing changed, missing or added, and every edit made again.
- `ledger`, `trace`: from a line, or a word, back to what was read. `compare`, `differences`, `preview`: from
  one release to another.
- `pages/`: the curators' pages; `tei/`: a document as TEI P5.
"""
