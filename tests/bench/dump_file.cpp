// The dumps that `./dev bench dumps` reads, the same in every run: a table of courses as mysqldump
// writes it with --net-buffer-length=16M, an INSERT a line, or as pg_dump does, with COPY.
//
//   dump_file mysql|postgres MIB
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr std::size_t k_mib = 1024 * 1024;
constexpr std::size_t k_insert_bytes = 16 * k_mib;

class Output {
public:
    ~Output() { flush(); }
    void add(const std::string& text) {
        m_text += text;
        m_bytes += text.size();
        if (m_text.size() > k_mib) {
            flush();
        }
    }
    [[nodiscard]] std::size_t bytes() const { return m_bytes; }

private:
    void flush() {
        if (std::fwrite(m_text.data(), 1, m_text.size(), stdout) != m_text.size()) {
            std::perror("dump_file");
            std::exit(1);
        }
        m_text.clear();
    }
    std::string m_text;
    std::size_t m_bytes = 0;
};

void write_mysql(std::size_t bytes) {
    Output out;
    out.add(
        "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n"
        "/*!40101 SET NAMES utf8mb4 */;\n"
        "CREATE TABLE `courses` (\n"
        "  `id` int NOT NULL AUTO_INCREMENT,\n"
        "  `tenant_id` int NOT NULL,\n"
        "  `title` varchar(200) NOT NULL,\n"
        "  `summary` text,\n"
        "  `active` tinyint(1) NOT NULL,\n"
        "  `price` decimal(8,2) DEFAULT NULL,\n"
        "  `tags` json DEFAULT NULL,\n"
        "  `updated_at` datetime DEFAULT NULL,\n"
        "  `note` varchar(80) DEFAULT NULL,\n"
        "  PRIMARY KEY (`id`)\n"
        ") ENGINE=InnoDB;\n"
        "LOCK TABLES `courses` WRITE;\n");
    for (std::size_t id = 1, line_end = 0; out.bytes() < bytes; ++id) {
        const bool first = out.bytes() >= line_end;
        if (first) {
            out.add(id == 1 ? "INSERT INTO `courses` VALUES " : ";\nINSERT INTO `courses` VALUES ");
            line_end = out.bytes() + k_insert_bytes;
        }
        out.add(fmt::format(
            "{}({},{},'Introduction to topic number {}','What the teacher\\'s notes say of it; "
            "it\\nhas {} parts.',{},{}.50,'[\\\"a\\\", \\\"b\\\"]','2026-01-15 10:30:00',NULL)",
            first ? "" : ",", id, id % 500, id, id % 90, id % 7 == 0 ? 0 : 1, id % 1000));
    }
    out.add(";\nUNLOCK TABLES;\n-- Dump completed on 2026-01-15 10:30:00\n");
}

void write_postgres(std::size_t bytes) {
    Output out;
    out.add(
        "--\n-- PostgreSQL database dump\n--\n\n"
        "SET client_encoding = 'UTF8';\n"
        "SET standard_conforming_strings = on;\n"
        "CREATE TABLE public.courses (\n"
        "    id integer NOT NULL,\n"
        "    tenant_id integer NOT NULL,\n"
        "    title character varying(200) NOT NULL,\n"
        "    summary text,\n"
        "    active boolean NOT NULL,\n"
        "    price numeric(8,2),\n"
        "    tags text[],\n"
        "    updated_at timestamp without time zone,\n"
        "    note character varying(80)\n"
        ");\n"
        "COPY public.courses (id, tenant_id, title, summary, active, price, tags, updated_at, "
        "note) FROM stdin;\n");
    for (std::size_t id = 1; out.bytes() < bytes; ++id) {
        out.add(
            fmt::format("{}\t{}\tIntroduction to topic number {}\tWhat the teacher's notes say "
                        "of it; it\\nhas {} parts.\t{}\t{}.50\t{{a,b}}\t2026-01-15 "
                        "10:30:00\t\\N\n",
                        id, id % 500, id, id % 90, id % 7 == 0 ? 'f' : 't', id % 1000));
    }
    out.add("\\.\n\n\n--\n-- PostgreSQL database dump complete\n--\n\n");
}

}  // namespace

int main(int argc, char** argv) {
    const std::string tool = argc == 3 ? argv[1] : "";
    const std::size_t bytes = argc == 3 ? std::strtoull(argv[2], nullptr, 10) * k_mib : 0;
    if (tool == "mysql") {
        write_mysql(bytes);
    } else if (tool == "postgres") {
        write_postgres(bytes);
    } else {
        std::fprintf(stderr, "usage: dump_file mysql|postgres MIB\n");
        return 2;
    }
    return 0;
}
