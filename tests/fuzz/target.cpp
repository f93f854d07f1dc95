#include "fuzz/target.hpp"

#include <fmt/format.h>

#include <array>

namespace cachectl {

void expect(bool kept, std::string_view promise) {
    if (!kept) {
        throw BrokenPromise(std::string(promise));
    }
}

void expect_same(std::string_view a, std::string_view b, std::string_view what) {
    if (a != b) {
        throw BrokenPromise(fmt::format("{}:\n{}\n--- but:\n{}", what, a, b));
    }
}

std::span<const FuzzTarget> fuzz_targets() {
    static constexpr std::array k_targets = {
        FuzzTarget{"copy", fuzz_copy},
        FuzzTarget{"csv", fuzz_csv},
        FuzzTarget{"decompress", fuzz_decompress},
        FuzzTarget{"json", fuzz_json},
        FuzzTarget{"key_template", fuzz_key_template},
        FuzzTarget{"monitor_line", fuzz_monitor_line},
        FuzzTarget{"pg_array", fuzz_pg_array},
        FuzzTarget{"rdb", fuzz_rdb},
        FuzzTarget{"rdb_values", fuzz_rdb_values},
        FuzzTarget{"recognise", fuzz_recognise},
        FuzzTarget{"snapshot", fuzz_snapshot},
        FuzzTarget{"sql_lexer", fuzz_sql_lexer},
        FuzzTarget{"sql_reader", fuzz_sql_reader},
        FuzzTarget{"sql_text", fuzz_sql_text},
        FuzzTarget{"value_json", fuzz_value_json},
        FuzzTarget{"value_msgpack", fuzz_value_msgpack},
        FuzzTarget{"value_php", fuzz_value_php},
        FuzzTarget{"value_pickle", fuzz_value_pickle},
        FuzzTarget{"value_reading", fuzz_value_reading},
        FuzzTarget{"value_unpack", fuzz_value_unpack},
        FuzzTarget{"where", fuzz_where},
    };
    return k_targets;
}

}  // namespace cachectl
