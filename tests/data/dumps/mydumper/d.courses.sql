/*!40101 SET NAMES binary*/;
/*!40014 SET FOREIGN_KEY_CHECKS=0*/;
/*!40103 SET TIME_ZONE='+00:00' */;
INSERT INTO `courses` VALUES
(1,"Plain",12.50,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL),
(2,"it\'s \"quoted\" `so`",0.00,0,"line one\nline two\r\nC:\\new\\table","{\"a\": [1.50, null], \"b\": \"x\\ny\"}","\0�\'\\\"\n\Z","2024-02-29 23:59:59.125","","it\'s",1.5e300),
(3,"é ß 中文 😀",-99999.99,NULL,"; -- ENGINE=\n),(4,\'x\'","[]","","1000-01-01 00:00:00.000","\0\0","low",-0.1),
(4,"",NULL,1,"","\"text\"","ABC",NULL,NULL,"low",0),
(5,"NULL",1.00,1,"\\N","{}","\n","2024-01-01 00:00:00.000","\0","low",3),
(6,"tab	here",1.10,1,"NUL \0 and \Z","{\"é\": \"😀\"}","\'",NULL,NULL,NULL,0.0000001);
