-- Tables of every build, and what stands about them in a dump that is no data though it looks so.
CREATE SCHEMA "odd ""schema";
CREATE SCHEMA other;

CREATE TABLE "odd ""schema"."table; -- ""x"" (" (
    id bigint GENERATED ALWAYS AS IDENTITY,
    "select" text DEFAULT '),(' CHECK ("select" <> 'a,b)'),
    "check" integer,
    "primary" boolean,
    "constraint" jsonb,
    "UPPER lower" numeric DEFAULT (1 + 2),
    " , " text[],
    g text GENERATED ALWAYS AS (upper("select") || '(') STORED,
    "last)" bytea,
    CONSTRAINT "a, b" CHECK ("check" > 0)
);
INSERT INTO "odd ""schema"."table; -- ""x"" (" ("select", "check", "primary", "constraint", "last)")
VALUES ('it''s', 1, true, '{"a": [1.50]}', '\x00ff'), ('', NULL, false, NULL, ''), (E'\n\\.\n', 3, NULL, '"x"', NULL);

-- The same name in two schemas.
CREATE TABLE public.twins (id integer, a integer);
CREATE TABLE other.twins (b boolean, id integer);
INSERT INTO public.twins VALUES (1, 1);
INSERT INTO other.twins VALUES (true, 2);

CREATE TABLE dropped (gone integer, id integer, gone2 text, a boolean, gone3 json, b json);
INSERT INTO dropped VALUES (1, 1, 'x', true, '1', '{"k": 1}'), (2, 2, 'y', NULL, '2', NULL);
ALTER TABLE dropped DROP COLUMN gone, DROP COLUMN gone2, DROP COLUMN gone3;
ALTER TABLE dropped ADD COLUMN c numeric DEFAULT 1.50;

CREATE TABLE inherited (a boolean) INHERITS (dropped);
INSERT INTO inherited (id, a, b, c) VALUES (3, false, '[]', 0.1);

CREATE TABLE parted (id integer, kind text, at date, flag boolean) PARTITION BY LIST (kind);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
CREATE TABLE parted_b (flag boolean, at date, gone text, kind text, id integer);
ALTER TABLE parted_b DROP COLUMN gone;
ALTER TABLE parted ATTACH PARTITION parted_b FOR VALUES IN ('b');
CREATE TABLE parted_rest PARTITION OF parted DEFAULT PARTITION BY RANGE (id);
CREATE TABLE parted_low PARTITION OF parted_rest FOR VALUES FROM (MINVALUE) TO (100);
CREATE TABLE parted_high PARTITION OF parted_rest FOR VALUES FROM (100) TO (MAXVALUE);
INSERT INTO parted VALUES (1, 'a', '2024-02-29', true), (2, 'b', '2024-03-01', false), (3, 'c', NULL, NULL), (100, NULL, NULL, true);

CREATE TYPE shape AS (id integer, "two, words" boolean, tags text[], doc jsonb);
CREATE TABLE typed OF shape (PRIMARY KEY (id), tags WITH OPTIONS DEFAULT '{}');
INSERT INTO typed VALUES (1, true, '{a,"b,c"}', '{"x": null}'), (2, NULL, DEFAULT, NULL);

CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
INSERT INTO nothing DEFAULT VALUES;
CREATE TABLE no_rows (id integer, a text);
CREATE UNLOGGED TABLE one_column (id text) WITH (fillfactor = 70);
INSERT INTO one_column VALUES ('1'), ('2');

CREATE TABLE log (id integer, what text);
INSERT INTO log VALUES (1, 'the only row');

-- Bodies that hold statements: of strings, and since version 14 of bare SQL.
CREATE FUNCTION quoted_body() RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO log (id, what) VALUES (90, 'in a function; $$');
    EXECUTE $q$COPY log (id, what) FROM stdin;$q$;
END;
$body$;
CREATE FUNCTION bare_body() RETURNS void LANGUAGE sql BEGIN ATOMIC
    INSERT INTO log (id, what) VALUES (91, 'in a bare body');
    INSERT INTO log (id, what) SELECT CASE WHEN id > 0 THEN 92 END, 'END;' FROM log;
END;
CREATE PROCEDURE bare_procedure() LANGUAGE sql BEGIN ATOMIC
    INSERT INTO log (id, what) VALUES (93, 'in a procedure');
    DELETE FROM log WHERE id = 93;
END;
CREATE RULE noted AS ON DELETE TO twins DO ALSO
    (INSERT INTO log (id, what) VALUES (94, 'in a rule'); INSERT INTO log (id, what) VALUES (95, 'too'));
CREATE FUNCTION on_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (96, ''x''); RETURN NEW; END';
CREATE TRIGGER changed AFTER UPDATE ON log FOR EACH ROW WHEN (NEW.what <> ';') EXECUTE FUNCTION on_change();
CREATE VIEW seen AS SELECT id, what || ';' AS what FROM log;
CREATE MATERIALIZED VIEW stored AS SELECT id, what FROM log;
CREATE SEQUENCE counter START 7;
CREATE INDEX ON log (what) WHERE what <> E'\n\\.\n;';
COMMENT ON TABLE log IS E'\nCOPY public.log (id, what) FROM stdin;\n97\tin a comment\n\\.\n';
COMMENT ON COLUMN log.what IS 'it''s $$ -- /* ; INSERT INTO log VALUES (98, ''in a comment'');';
ALTER TABLE log ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON log USING (what <> 'x;y');
SELECT lo_from_bytea(0, '\x0a5c2e0a');
CREATE STATISTICS counts ON id, a FROM twins;
CREATE PUBLICATION published FOR TABLE log;
