-- phpMyAdmin SQL Dump
-- version 5.2.1deb1
-- https://www.phpmyadmin.net/
--
-- Host: localhost:3306
-- Generation Time: Feb 29, 2024 at 11:59 PM
-- Server version: 10.11.6-MariaDB-0+deb12u1
-- PHP Version: 8.2.7

SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";


/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;

--
-- Database: `d`
--

DELIMITER $$
--
-- Procedures
--
CREATE DEFINER=`root`@`localhost` PROCEDURE `add_course` ()   BEGIN
    INSERT INTO courses (id, title) VALUES (99, 'in a procedure; $');
END$$

DELIMITER ;

-- --------------------------------------------------------

--
-- Table structure for table `codes`
--

CREATE TABLE `codes` (
  `id` int(11) NOT NULL,
  `code` varchar(10) NOT NULL,
  `label` varchar(40) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

--
-- Dumping data for table `codes`
--

INSERT INTO `codes` (`id`, `code`, `label`) VALUES
(1, 'a', 'first'),
(2, 'b', NULL),
(3, 'ü', 'drei');

--
-- Triggers `codes`
--
DELIMITER $$
CREATE TRIGGER `changed` BEFORE UPDATE ON `codes` FOR EACH ROW BEGIN
    INSERT INTO codes (id, code) VALUES (9, 'in a trigger');
END
$$
DELIMITER ;

-- --------------------------------------------------------

--
-- Stand-in structure for view `cheap`
-- (See below for the actual view)
--
CREATE TABLE `cheap` (
`id` int(11)
,`title` varchar(80)
);

-- --------------------------------------------------------

--
-- Table structure for table `courses`
--

CREATE TABLE `courses` (
  `id` int(11) NOT NULL,
  `title` varchar(80) NOT NULL COMMENT 'what it''s called; (short)',
  `price` decimal(8,2) DEFAULT NULL,
  `active` tinyint(1) DEFAULT 1,
  `note` text DEFAULT NULL,
  `extra` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`extra`)),
  `photo` blob DEFAULT NULL,
  `begins` datetime(3) DEFAULT NULL,
  `flags` bit(10) DEFAULT NULL,
  `level` enum('low','it''s') DEFAULT NULL,
  `ratio` double DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

--
-- Dumping data for table `courses`
--

INSERT INTO `courses` (`id`, `title`, `price`, `active`, `note`, `extra`, `photo`, `begins`, `flags`, `level`, `ratio`) VALUES
(1, 'Plain', '12.50', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(2, 'it\'s \"quoted\" `so`', '0.00', 0, 'line one\nline two\r\nC:\\new\\table', '{\"a\": [1.50, null], \"b\": \"x\\ny\"}', 0x00ff275c220a1a, '2024-02-29 23:59:59.125', b'1000000001', 'it\'s', 1.5e300),
(3, 'é ß 中文 😀', '-99999.99', NULL, '; -- ENGINE=\n),(4,\'x\'', '[]', '', '1000-01-01 00:00:00.000', b'0000000000', 'low', -0.1);
INSERT INTO `courses` (`id`, `title`, `price`, `active`, `note`, `extra`, `photo`, `begins`, `flags`, `level`, `ratio`) VALUES
(4, '', NULL, 1, '', '\"text\"', 0x414243, NULL, NULL, 'low', 0),
(5, 'NULL', '1.00', 1, '\\N', '{}', 0x0a, '2024-01-01 00:00:00.000', b'0000000001', 'low', 3),
(6, 'tab	here', '1.10', 1, '-- Dumping data for table `codes`', '{\"é\": \"😀\"}', 0x27, NULL, NULL, NULL, 0.0000001);

-- --------------------------------------------------------

--
-- Structure for view `cheap`
--
DROP TABLE IF EXISTS `cheap`;

CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `cheap`  AS SELECT `courses`.`id` AS `id`, `courses`.`title` AS `title` FROM `courses` WHERE `courses`.`price` < 5 ;

--
-- Indexes for dumped tables
--

--
-- Indexes for table `codes`
--
ALTER TABLE `codes`
  ADD PRIMARY KEY (`id`);

--
-- Indexes for table `courses`
--
ALTER TABLE `courses`
  ADD PRIMARY KEY (`id`),
  ADD KEY `title` (`title`);

--
-- AUTO_INCREMENT for dumped tables
--

--
-- AUTO_INCREMENT for table `courses`
--
ALTER TABLE `courses`
  MODIFY `id` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=7;
COMMIT;

/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
