-- The state as the first program made it: one table.
CREATE TABLE IF NOT EXISTS documents (
    path TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    key TEXT NOT NULL,
    status TEXT NOT NULL,
    reasons BLOB NOT NULL,
    failed BLOB NOT NULL,
    damage_before REAL,
    damage_after REAL,
    applied INTEGER NOT NULL,
    review INTEGER NOT NULL,
    document BLOB
) STRICT;
PRAGMA user_version = 1;
INSERT INTO documents VALUES
    ('a.txt', 'a', sha('a'), size('a'), 'key-a', 'published', CAST('[]' AS BLOB), CAST('[]' AS BLOB), 0.125, 0.0, 3, 1, document('a')),
    ('b.bin', 'b', '00', 0, 'key-b', 'quarantine', CAST('[{"code":"empty","fr":"Ce fichier est vide.","en":"This file is empty."}]' AS BLOB), CAST('["empty"]' AS BLOB), NULL, NULL, 0, 0, NULL),
    ('c.txt', 'c', sha('c'), size('c'), 'key-c', 'published', CAST('[]' AS BLOB), CAST('[]' AS BLOB), 0.125, 0.0, 3, 1, document('c'));
