-- Tables of every build, and what stands about them in a dump that is no data though it looks so.
CREATE TABLE "odd ""table; -- (" (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- a comment, with (
    [a b] TEXT DEFAULT '),(',
    `c ``d` INT CHECK (`c ``d` <> 99), /* another, */
    'e ''f' REAL,
    "key" BOOLEAN,
    "check" JSON,
    v TEXT GENERATED ALWAYS AS ([a b] || ')') VIRTUAL,
    s INTEGER AS (id * 2) STORED,
    "last)" BLOB,
    CONSTRAINT "x, y" UNIQUE ([a b], "key") ON CONFLICT REPLACE
);
INSERT INTO "odd ""table; -- (" ([a b], `c ``d`, 'e ''f', "key", "check", "last)") VALUES
    ('it''s', 1, 0.5, 1, '{"a": [1.50]}', X'00ff'),
    ('', NULL, NULL, NULL, NULL, X''),
    ('literal \n and \r' || char(10) || ' line' || char(13, 10) || char(9) || 'end', -1, -2.5, 0, '"x"', NULL);

CREATE TABLE no_rowid (b TEXT, id TEXT PRIMARY KEY, c INT) WITHOUT ROWID;
INSERT INTO no_rowid VALUES ('x', '1', 2), (NULL, '2', NULL);
CREATE TABLE strict_one (id INT PRIMARY KEY, a ANY, b REAL, c BLOB, d INTEGER) STRICT;
INSERT INTO strict_one VALUES (1, '007', 1.0, X'00', 5), (2, 7, 1e999, X'', NULL), (3, X'41', -1e999, NULL, -1);
CREATE TABLE untyped (id, a, b);
INSERT INTO untyped VALUES (1, '12', 12), (2, 1.5, '1.5'), ('x', X'3132', NULL);
CREATE TABLE as_selected AS SELECT 1 AS id, 'a' AS "b c", 2.5 AS d;
CREATE TABLE no_rows (id INTEGER, a TEXT);
CREATE TABLE later (id INTEGER PRIMARY KEY);
INSERT INTO later VALUES (1);
ALTER TABLE later ADD COLUMN "new, (one)" TEXT DEFAULT 'd''e';
ALTER TABLE later ADD COLUMN another INT;
CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT);
INSERT INTO log VALUES (1, 'the only row'), (2, 'INSERT INTO log VALUES (98, ''in a text'');' || char(10) || 'COMMIT;');

CREATE TRIGGER changed AFTER UPDATE ON log BEGIN
    INSERT INTO log VALUES (90, 'in a trigger; END;');
    SELECT CASE WHEN NEW.id > 0 THEN 1 END;
END;
CREATE VIEW seen AS SELECT id, what || '; INSERT INTO log VALUES (91, 1);' AS what FROM log;
CREATE INDEX by_what ON log (what) WHERE what <> ';';
CREATE VIRTUAL TABLE words USING fts5(title, body, tokenize = 'porter');
INSERT INTO words VALUES ('it''s', 'a text; with (brackets)');
CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1);
INSERT INTO boxes VALUES (1, 0, 2);
ANALYZE;
