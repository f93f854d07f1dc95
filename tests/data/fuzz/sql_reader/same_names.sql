INSERT INTO t (a,b,a) VALUES (1,2,3);
COPY u (x, x) FROM stdin;
1	2
\.
