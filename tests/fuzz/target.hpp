// The fuzz targets: each takes any bytes and checks that what it is named after keeps its promises.
// libFuzzer calls them (`./dev fuzz`), and an ordinary test does with all that was found before.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cachectl {

/// A promise that was not kept.
class BrokenPromise : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Throws a BrokenPromise unless `kept`.
void expect(bool kept, std::string_view promise);
/// The same for two texts that are to be equal; the BrokenPromise shows both.
void expect_same(std::string_view a, std::string_view b, std::string_view what);

struct FuzzTarget {
    std::string_view name;  // of tests/fuzz/NAME_target.cpp and of a folder in tests/data/fuzz
    void (*run)(std::string_view input);  // throws BrokenPromise
};
std::span<const FuzzTarget> fuzz_targets();

void fuzz_audit_log(std::string_view input);
void fuzz_command_line(std::string_view input);
void fuzz_config(std::string_view input);
void fuzz_copy(std::string_view input);
void fuzz_csv(std::string_view input);
void fuzz_decompress(std::string_view input);
void fuzz_glob(std::string_view input);
void fuzz_info(std::string_view input);
void fuzz_journal(std::string_view input);
void fuzz_json(std::string_view input);
void fuzz_key_names(std::string_view input);
void fuzz_key_template(std::string_view input);
void fuzz_listings(std::string_view input);
void fuzz_manifest(std::string_view input);
void fuzz_monitor_line(std::string_view input);
void fuzz_option_values(std::string_view input);
void fuzz_output_text(std::string_view input);
void fuzz_pg_array(std::string_view input);
void fuzz_plan_file(std::string_view input);
void fuzz_policy(std::string_view input);
void fuzz_rdb(std::string_view input);
void fuzz_rdb_values(std::string_view input);
void fuzz_recognise(std::string_view input);
void fuzz_reply(std::string_view input);
void fuzz_secrets(std::string_view input);
void fuzz_sentinel(std::string_view input);
void fuzz_slot_map(std::string_view input);
void fuzz_snapshot(std::string_view input);
void fuzz_sql_lexer(std::string_view input);
void fuzz_sql_reader(std::string_view input);
void fuzz_sql_text(std::string_view input);
void fuzz_url(std::string_view input);
void fuzz_value_json(std::string_view input);
void fuzz_value_msgpack(std::string_view input);
void fuzz_value_php(std::string_view input);
void fuzz_value_pickle(std::string_view input);
void fuzz_value_reading(std::string_view input);
void fuzz_value_unpack(std::string_view input);
void fuzz_where(std::string_view input);

}  // namespace cachectl
