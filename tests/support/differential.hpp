// A table as its database sees it, beside what `warm` made of the table's dump.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"
#include "support/redis_server.hpp"

namespace cachectl::test {

/// The JSON of each row, in the form of same_json(), by the row's id.
using Rows = std::map<std::string, std::string>;

/// From "1|{…}<row_end>2|{…}<row_end>", as a database's client prints a query.
Rows rows_of_query(std::string_view printed, char field_end, char row_end);

/// A dump and how to read it.
struct Dump {
    std::string how;                 // the tool and its options
    std::string bytes;               // what it wrote
    std::vector<std::string> words;  // more words for `warm`
};

/// Warms `table` from the dump, a key for each row, and compares. Returns what differs, each row on
/// a line; "" if nothing does.
std::string difference(const RedisServer& redis, const Dump& dump, const std::string& table,
                       const Rows& expected);

enum class Modes { all, every_third };

/// The same of several dumps, or of every third, beginning with another one each `turn`.
std::string differences(const RedisServer& redis, const std::vector<Dump>& dumps,
                        const std::string& table, const Rows& expected, Modes modes,
                        std::size_t turn = 0);

/// Runs a tool to its end and returns its output; throws std::runtime_error, with what it said,
/// unless it exits with 0.
std::string output_of(std::vector<std::string> argv, ProcessOptions options);

/// The path of a program in PATH or in one of `folders`. Throws std::runtime_error that names
/// Debian's package with it.
std::string find_program(const std::string& name, const std::vector<std::string>& folders,
                         const std::string& package);

}  // namespace cachectl::test
