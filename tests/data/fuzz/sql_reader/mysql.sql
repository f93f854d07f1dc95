/*M!999999\- enable the sandbox mode */
-- MariaDB dump 10
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='ANSI_QUOTES,NO_BACKSLASH_ESCAPES' */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
USE `db`;
CREATE TABLE `t` (`id` int(11) NOT NULL AUTO_INCREMENT, `b` bit(1), `bb` bit(9), `x` blob, `d` decimal(5,2) GENERATED ALWAYS AS (1) VIRTUAL, KEY `k` (`id`)) ENGINE=InnoDB;
DELIMITER ;;
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; END ;;
DELIMITER ;
INSERT IGNORE INTO `t` VALUES (1,b'1',0x0102,_binary 'a\0\'b',1.50),(2,'\0',NULL,x'ff',DEFAULT);
REPLACE INTO t (id, x) VALUES (-3, CONCAT('a','b')),(4,NOW()),ROW(5,"s");
INSERT INTO t SET id = 1;
-- Dump completed
