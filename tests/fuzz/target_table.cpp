// By itself, because a program of libFuzzer has one target and not all of them.
#include <array>

#include "fuzz/target.hpp"

namespace cachectl {

std::span<const FuzzTarget> fuzz_targets() {
    static constexpr std::array k_targets = {
        FuzzTarget{"audit_log", fuzz_audit_log},
        FuzzTarget{"command_line", fuzz_command_line},
        FuzzTarget{"config", fuzz_config},
        FuzzTarget{"copy", fuzz_copy},
        FuzzTarget{"csv", fuzz_csv},
        FuzzTarget{"decompress", fuzz_decompress},
        FuzzTarget{"glob", fuzz_glob},
        FuzzTarget{"info", fuzz_info},
        FuzzTarget{"journal", fuzz_journal},
        FuzzTarget{"json", fuzz_json},
        FuzzTarget{"key_names", fuzz_key_names},
        FuzzTarget{"key_template", fuzz_key_template},
        FuzzTarget{"listings", fuzz_listings},
        FuzzTarget{"manifest", fuzz_manifest},
        FuzzTarget{"monitor_line", fuzz_monitor_line},
        FuzzTarget{"option_values", fuzz_option_values},
        FuzzTarget{"output_text", fuzz_output_text},
        FuzzTarget{"pg_array", fuzz_pg_array},
        FuzzTarget{"plan_file", fuzz_plan_file},
        FuzzTarget{"policy", fuzz_policy},
        FuzzTarget{"rdb", fuzz_rdb},
        FuzzTarget{"rdb_values", fuzz_rdb_values},
        FuzzTarget{"recognise", fuzz_recognise},
        FuzzTarget{"reply", fuzz_reply},
        FuzzTarget{"secrets", fuzz_secrets},
        FuzzTarget{"sentinel", fuzz_sentinel},
        FuzzTarget{"slot_map", fuzz_slot_map},
        FuzzTarget{"snapshot", fuzz_snapshot},
        FuzzTarget{"sql_lexer", fuzz_sql_lexer},
        FuzzTarget{"sql_reader", fuzz_sql_reader},
        FuzzTarget{"sql_text", fuzz_sql_text},
        FuzzTarget{"url", fuzz_url},
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
