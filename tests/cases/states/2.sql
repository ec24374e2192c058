-- The state with the memory of the corpus: what a document is with it has a second row.
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
CREATE TABLE IF NOT EXISTS recalled (
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
, asked BLOB NOT NULL, answers TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS voices (
    path TEXT PRIMARY KEY,
    asked BLOB NOT NULL,
    digest TEXT NOT NULL,
    phrases BLOB NOT NULL
) STRICT;
CREATE VIEW IF NOT EXISTS latest AS
    SELECT * FROM documents WHERE path NOT IN (SELECT path FROM recalled)
    UNION ALL
    SELECT path, name, sha256, size, key, status, reasons, failed, damage_before, damage_after, applied, review, document FROM recalled;
PRAGMA user_version = 2;
INSERT INTO documents VALUES
    ('a.txt', 'a', sha('a'), size('a'), 'key-a', 'published', CAST('[]' AS BLOB), CAST('[]' AS BLOB), 0.125, 0.0, 3, 1, document('a')),
    ('b.bin', 'b', '00', 0, 'key-b', 'quarantine', CAST('[{"code":"empty","fr":"Ce fichier est vide.","en":"This file is empty."}]' AS BLOB), CAST('["empty"]' AS BLOB), NULL, NULL, 0, 0, NULL),
    ('c.txt', 'c', sha('c'), size('c'), 'key-c', 'published', CAST('[]' AS BLOB), CAST('[]' AS BLOB), 0.125, 0.0, 3, 1, document('c'));
INSERT INTO recalled VALUES
    ('a.txt', 'a', sha('a'), size('a'), 'key-a', 'published', CAST('[]' AS BLOB), CAST('[]' AS BLOB), 0.125, 0.0, 3, 1, document('a'), X'0102030405060708', 'answers-of-a');
INSERT INTO voices VALUES
    ('a.txt', X'0102030405060708', '', X''),
    ('c.txt', X'', 'digest-of-c', X'010203040506070801000000'),
    ('b.bin', X'', '', X'');
