-- The state with the engines that read a scan, and the readings of its pages.
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
    document BLOB,
    witnesses BLOB NOT NULL DEFAULT '[]'
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
    document BLOB,
    witnesses BLOB NOT NULL DEFAULT '[]'
, asked BLOB NOT NULL, answers TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS voices (
    path TEXT PRIMARY KEY,
    asked BLOB NOT NULL,
    digest TEXT NOT NULL,
    phrases BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS scans (
    path TEXT PRIMARY KEY,
    engines TEXT NOT NULL,
    readings BLOB NOT NULL
) STRICT;
CREATE VIEW IF NOT EXISTS latest AS
    SELECT path, name, sha256, size, key, status, reasons, failed, damage_before, damage_after, applied, review, document, witnesses FROM documents WHERE path NOT IN (SELECT path FROM recalled)
    UNION ALL
    SELECT path, name, sha256, size, key, status, reasons, failed, damage_before, damage_after, applied, review, document, witnesses FROM recalled;
PRAGMA user_version = 4;
INSERT INTO documents (path, name, sha256, size, key, status, reasons, failed, damage_before, damage_after, applied, review, document, witnesses) VALUES
    ('a.txt', 'a', sha('a'), size('a'), 'key-a', 'published', CAST('[]' AS BLOB), CAST('[]' AS BLOB), 0.125, 0.0, 3, 1, document('a'), CAST('[]' AS BLOB)),
    ('b.bin', 'b', '00', 0, 'key-b', 'quarantine', CAST('[{"code":"empty","fr":"Ce fichier est vide.","en":"This file is empty."}]' AS BLOB), CAST('["empty"]' AS BLOB), NULL, NULL, 0, 0, NULL, CAST('[]' AS BLOB)),
    ('c.txt', 'c', sha('c'), size('c'), 'key-c', 'published', CAST('[]' AS BLOB), CAST('[]' AS BLOB), 0.125, 0.0, 3, 1, document('c'), CAST('[]' AS BLOB)),
    ('d.txt', 'd', sha('d'), size('d'), 'key-d', 'published', CAST('[]' AS BLOB), CAST('[]' AS BLOB), 0.125, 0.0, 3, 1, document('d'), CAST('[{"name":"d","path":"d.md","sha256":"11","size":3}]' AS BLOB));
INSERT INTO recalled (path, name, sha256, size, key, status, reasons, failed, damage_before, damage_after, applied, review, document, witnesses, asked, answers) VALUES
    ('a.txt', 'a', sha('a'), size('a'), 'key-a', 'published', CAST('[]' AS BLOB), CAST('[]' AS BLOB), 0.125, 0.0, 3, 1, document('a'), CAST('[]' AS BLOB), X'0102030405060708', 'answers-of-a');
INSERT INTO voices VALUES
    ('a.txt', X'0102030405060708', '', X''),
    ('c.txt', X'', 'digest-of-c', X'010203040506070801000000'),
    ('b.bin', X'', '', X'');
INSERT INTO voices VALUES ('d.txt', X'', '', X'');
INSERT INTO scans VALUES ('d.txt', 'tesseract 5.3.0 fra f8c66314', CAST('["reading-of-d"]' AS BLOB));
