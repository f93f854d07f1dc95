// How a dump becomes keys: open what is to be read, connect, read and write at the same time, and
// say what became of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/format.hpp"
#include "dump/reader.hpp"
#include "dump/source.hpp"
#include "dump/where.hpp"
#include "keyspace/ttl_choice.hpp"
#include "load/key_writer.hpp"
#include "load/reject_file.hpp"
#include "load/row_maker.hpp"
#include "load/warm_summary.hpp"
#include "safety/guard.hpp"
#include "util/error.hpp"

namespace cachectl {

enum class IfUnavailable { skip, fail };

struct WarmOptions {
    std::vector<std::string> files;  // "-" is stdin
    DumpFormat format = DumpFormat::automatic;
    RowOptions rows;
    SqlOptions sql;
    std::optional<Where> where;
    std::optional<std::chrono::milliseconds> ttl;
    double jitter = 0;
    IfExists if_exists = IfExists::skip;
    IfUnavailable if_unavailable = IfUnavailable::fail;
    bool dry_run = false;
    std::uint64_t max_errors = 0;
    std::string reject_file;  // empty: none
    std::vector<std::string> protect;
    std::string policy_file;
    FormatChoice output;
};

class Warm {
public:
    /// Checks the options and that all files can be read. Throws Error, when nothing has been sent.
    Warm(Context& ctx, const WarmOptions& options);

    /// The whole of it. Throws what stopped it, after the summary.
    ExitCode run();

private:
    static constexpr std::uint64_t k_rejects_shown = 10;

    struct Interrupted {};
    struct Input {
        std::string path;
        std::optional<std::uint64_t> bytes;  // if that is known
        std::optional<Source> opened;        // what cannot be opened twice
    };

    void open(const std::string& file);
    bool connect();
    void load();
    void load(Source source);
    void read(Source& source, RecordReader& reader);
    void prepare(RecordShape shape);
    void check_table(const RecordReader& reader);
    void take(const Record& record);
    void reject(const Source& source, std::uint64_t line, const std::string& reason);
    void write(std::string_view key, const Encoded& value, std::uint64_t line);
    void write_gathered();
    void keep_sample(std::string_view key, const Encoded& value,
                     std::optional<std::chrono::milliseconds> ttl);

    void wait_for_input(const Source& source);
    void check_connection();
    void settle();
    void show_progress(const Source& source);
    void stop_if_writer_stopped();
    std::string memory_figures();

    [[nodiscard]] bool writes_json() const;
    void warn(const std::string& message);
    void write_summary();
    void write_summary_to_stderr();
    void tell_what_failed();
    ExitCode finish();
    [[nodiscard]] Error failure(bool began, const std::string& go_on) const;

    Context& m_ctx;
    const WarmOptions& m_options;
    TtlChoice m_ttl;
    Guards m_guards;
    std::vector<Input> m_inputs;
    std::unique_ptr<RejectFile> m_reject_file;
    std::unique_ptr<Client> m_client;
    std::unique_ptr<KeyWriter> m_writer;
    std::unique_ptr<Progress> m_progress;
    std::chrono::steady_clock::time_point m_start;
    std::uint64_t m_bytes_before = 0;            // of the files that have been read
    std::optional<std::uint64_t> m_bytes_total;  // of all files, if that is known

    std::optional<RowMaker> m_maker;
    std::optional<RowGatherer> m_gatherer;
    RecordShape m_shape = RecordShape::row;
    std::string m_key;
    Encoded m_value;
    std::string m_why;

    WarmDataset* m_dataset = nullptr;   // that is being read
    const SqlTable* m_table = nullptr;  // of the dump's first row
    std::uint64_t m_rejected = 0;
    bool m_warned_of_no_ttl = false;
    bool m_interrupted = false;
    WarmSummary m_summary;
    std::optional<Error> m_failure;
};

}  // namespace cachectl
