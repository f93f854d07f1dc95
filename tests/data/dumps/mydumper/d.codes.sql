/*!40101 SET NAMES binary*/;
/*!40014 SET FOREIGN_KEY_CHECKS=0*/;
/*!40103 SET TIME_ZONE='+00:00' */;
INSERT INTO `codes` VALUES
(1,"a","first"),
(2,"b",NULL),
(3,"ü","drei");
