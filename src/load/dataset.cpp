#include "load/dataset.hpp"

#include <algorithm>
#include <utility>

#include "util/error.hpp"

namespace cachectl {

Dataset::Dataset(DatasetOptions options, std::vector<KeyPolicy> policies)
    : m_options(std::move(options)), m_ttl(m_options.ttl, std::move(policies), m_options.jitter) {
    m_options.rows.check();
    if (m_options.jitter != 0 && !m_ttl.may_expire()) {
        throw Error(ExitCode::usage, "--jitter shortens a time to live, and there is none",
                    "give --ttl or --policy too");
    }
    for (const std::string& name : m_options.tables) {
        m_tables.push_back(SqlTableName::parse(name));
    }
}

void Dataset::begin_file(RecordShape shape) {
    m_table = nullptr;
    if (m_options.rows.gathers()) {
        if (!m_gatherer) m_gatherer.emplace(m_options.rows, shape);
        if (m_gatherer->shape() != shape) {
            throw Error(ExitCode::bad_input,
                        "rows and the members of a JSON object cannot be gathered together");
        }
    } else if (!m_maker || m_shape != shape) {
        m_maker.emplace(m_options.rows, shape);
    }
    m_shape = shape;
}

bool Dataset::wants(const SqlTable& table) {
    if (m_tables.empty()) {
        // The rows of different tables are different things: to take both, both are to be named.
        if (m_table != nullptr && m_table != &table) {
            throw Error(ExitCode::bad_input,
                        "the dump has rows of several tables, " + m_table->full_name() + " and " +
                            table.full_name(),
                        "--table NAME chooses one");
        }
        m_table = &table;
        return true;
    }
    // The rows of a partition are also those of the table that it is a part of.
    for (const SqlTable* part = &table; part != nullptr; part = part->partition_of) {
        const bool meant =
            std::any_of(m_tables.begin(), m_tables.end(),
                        [part](const SqlTableName& name) { return name.matches(part->path); });
        if (meant) return true;
    }
    return false;
}

Dataset::Taken Dataset::take(const Record& record) {
    if (m_options.where && !m_options.where->matches(record)) return Taken::passed_over;
    if (m_gatherer) return m_gatherer->add(record, m_why) ? Taken::gathered : Taken::rejected;
    return m_maker->make(record, m_key, m_value, m_why) ? Taken::made : Taken::rejected;
}

}  // namespace cachectl
