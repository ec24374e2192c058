"""A document of a release as TEI P5: `header` writes it, `editions` reads it back; docs/tei.md explains."""
