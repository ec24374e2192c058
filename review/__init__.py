"""The curators' desk: it reads releases and queues, and writes rulings into the journal."""
