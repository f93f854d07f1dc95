#include "warm/table_check.hpp"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "dump/recognise.hpp"
#include "dump/sql/reader.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

struct Enough {};

class TableCheck {
public:
    TableCheck(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
               const UnpackLimits& unpack, const std::function<bool()>& stop)
        : m_plan(plan), m_unpack(unpack), m_stop(stop) {
        for (const DatasetOptions& options : plan.datasets) {
            m_datasets.emplace_back(options, policies);
        }
        m_plan.copy_definitions();
    }

    void run() {
        try {
            for (const WarmPlan::Input& input : m_plan.inputs) {
                std::error_code error;
                if (input.file != "-" && std::filesystem::is_regular_file(input.file, error)) {
                    check(input);
                }
            }
        } catch (const Enough&) {
        }
    }

private:
    void check(const WarmPlan::Input& input) {
        std::optional<Source> source;
        std::optional<SqlReader> reader;
        try {
            source.emplace(Source::open(input.file));
            source->set_unpack_limits(m_unpack);
            refuse_unreadable(*source);
            if (recognise(*source, input.reading) != DumpKind::sql) {
                return;
            }
            const std::uint64_t before = m_bytes;
            source->on_fill([&] {
                m_bytes = before + source->offset();
                if (m_bytes > k_table_check_bytes || m_stop()) {
                    throw Enough{};
                }
            });
            reader.emplace(*source, input.reading, SqlReader::Purpose::count);
            while (reader->next() != Next::end) {
            }
        } catch (const SqlTableError& error) {
            if (error.code() == ExitCode::usage) {
                throw located(error, options_of(input));
            }
        } catch (const Error&) {  // those tables that came before count
        } catch (const Enough&) {
            check_rows(input, reader);
            throw;
        }
        check_rows(input, reader);
    }

    /// The tables that have rows, as far as the file was read.
    void check_rows(const WarmPlan::Input& input, const std::optional<SqlReader>& reader) {
        if (!reader || !input.reading.sql.tables.empty()) {
            return;
        }
        for (const std::size_t i : input.datasets) {
            m_datasets[i].begin_file(RecordShape::row);
            for (const SqlTable& table : reader->tables()) {
                if (table.rows != 0 && !table.internal && !table.dropped) {
                    static_cast<void>(m_datasets[i].wants(table));
                }
            }
        }
    }

    [[nodiscard]] std::vector<const DatasetOptions*> options_of(
        const WarmPlan::Input& input) const {
        std::vector<const DatasetOptions*> options;
        for (const std::size_t i : input.datasets) {
            options.push_back(&m_datasets[i].options());
        }
        return options;
    }

    WarmPlan m_plan;
    UnpackLimits m_unpack;
    const std::function<bool()>& m_stop;
    std::deque<Dataset> m_datasets;
    std::uint64_t m_bytes = 0;
};

}  // namespace

void check_tables(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
                  const UnpackLimits& unpack, const std::function<bool()>& stop) {
    TableCheck(plan, policies, unpack, stop).run();
}

Error located(const SqlTableError& error, const std::vector<const DatasetOptions*>& datasets) {
    for (const DatasetOptions* options : datasets) {
        const auto& tables = options->tables;
        if (std::find(tables.begin(), tables.end(), error.table()) != tables.end()) {
            return options->located(error);
        }
    }
    return error;
}

}  // namespace cachectl
