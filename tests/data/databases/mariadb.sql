-- Tables of every build, and what stands about them in a dump that is no data though it looks so.
CREATE TABLE `odd ``table; -- "x" (` (
    `id` int AUTO_INCREMENT PRIMARY KEY COMMENT 'it''s a key, (really); \\',
    `select` varchar(50) NOT NULL DEFAULT '),(\'' COMMENT '`',
    `key` int CHECK (`key` > 0),
    `a\b` tinyint(1) DEFAULT (1 + 2),
    `check` json,
    `v` varchar(60) AS (concat(`select`, ')')) VIRTUAL,
    `s` int GENERATED ALWAYS AS (`key` * 2) STORED,
    `hidden` int INVISIBLE DEFAULT 7,
    `last)` blob,
    KEY `a, (b` (`select`(10), `key`),
    UNIQUE KEY `u` (`id`, `key`),
    FULLTEXT KEY `words` (`select`),
    CONSTRAINT `c, d` CHECK (`key` < 100 or `select` <> 'a,b)')
) COMMENT = 'INSERT INTO `t` VALUES (1); -- ''';
INSERT INTO `odd ``table; -- "x" (` (`select`, `key`, `a\b`, `check`, `last)`)
VALUES ('it''s', 1, 1, '{"a": [1.50]}', X'00ff'), ('', NULL, NULL, NULL, ''), ('\n\\\'\"\0\Z\t%\_', 3, 0, '"x"', NULL);

CREATE TABLE parted (id int, kind varchar(5), PRIMARY KEY (id, kind))
    PARTITION BY LIST COLUMNS (kind) (PARTITION `p, (` VALUES IN ('a', 'b)'), PARTITION rest DEFAULT);
INSERT INTO parted VALUES (1, 'a'), (2, 'b)'), (3, 'c');

CREATE TABLE versioned (id int, a text) WITH SYSTEM VERSIONING;
INSERT INTO versioned VALUES (1, 'x'), (2, 'y');
UPDATE versioned SET a = 'z' WHERE id = 2;
CREATE TABLE timed (id int, a date, b date, PERIOD FOR span (a, b));
INSERT INTO timed VALUES (1, '2024-01-01', '2024-02-29');

CREATE TABLE latin (id int, a varchar(20)) CHARACTER SET latin1;
INSERT INTO latin VALUES (1, 'é ß ÿ'), (2, '\\');
CREATE TABLE aria (id int, a text) ENGINE = Aria TRANSACTIONAL = 1;
INSERT INTO aria VALUES (1, 'a');
CREATE TABLE no_rows (id int, a text);
CREATE TABLE log (id int, what text);
INSERT INTO log VALUES (1, 'the only row');
CREATE SEQUENCE counter START 7;

DELIMITER ;;
CREATE TRIGGER changed BEFORE UPDATE ON log FOR EACH ROW BEGIN
    INSERT INTO log (id, what) VALUES (90, 'in a trigger; /*!50000 and a comment */');
    SET NEW.what = ');;';
END;;
CREATE PROCEDURE work() BEGIN
    -- DELIMITER //
    INSERT INTO `log` VALUES (91, 'in a procedure');
    REPLACE INTO log (id, what) VALUES (92, 'too');
END;;
CREATE FUNCTION answer() RETURNS int DETERMINISTIC RETURN 42;;
CREATE EVENT daily ON SCHEDULE EVERY 1 DAY DO BEGIN
    INSERT INTO log VALUES (93, 'in an event');
END;;
DELIMITER ;
CREATE VIEW seen AS SELECT id, concat(what, ';') AS what FROM log;
CREATE VIEW `seen, too` AS SELECT 'INSERT INTO `log` VALUES (94,''in a view'');' AS id;
