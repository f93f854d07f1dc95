-- PostgreSQL database dump
\restrict x
SET standard_conforming_strings = off;
CREATE DOMAIN d AS integer[];
CREATE TABLE public.t (id integer NOT NULL, a d, g integer GENERATED ALWAYS AS (id) STORED, j jsonb, b boolean, PRIMARY KEY (id));
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;
CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END;
INSERT INTO public.t VALUES (1, '{1,NULL}', DEFAULT, '{"a": 1}', true), (2, NULL, 3, 'null', 'f');
INSERT INTO public.t (id, b) OVERRIDING SYSTEM VALUE VALUES (3, E'\x74');
ALTER TABLE ONLY public.t ADD COLUMN z bit(3);
COPY public.t (id, j, z) FROM stdin;
1	{"x": "\\n"}	101
2	\N	\N
\.
\unrestrict x
-- PostgreSQL database dump complete
