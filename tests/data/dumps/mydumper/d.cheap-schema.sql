/*!40101 SET NAMES binary*/;
CREATE TABLE `cheap`(
`id` int,
`title` int,
`price` int,
`active` int,
`note` int,
`extra` int,
`photo` int,
`begins` int,
`flags` int,
`level` int,
`ratio` int
)ENGINE=MyISAM;
