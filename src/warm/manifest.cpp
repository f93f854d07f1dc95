#include "warm/manifest.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "dump/sql/definitions.hpp"
#include "util/error.hpp"
#include "util/json_file.hpp"
#include "util/parse.hpp"
#include "util/signals.hpp"
#include "warm/file_list.hpp"
#include "warm/file_pattern.hpp"
#include "warm/manifest_dataset.hpp"

namespace cachectl {

namespace {

constexpr std::size_t k_most_manifest_bytes = std::size_t{16} << 20;

std::string beside(const std::string& manifest, const std::string& file) {
    return file == "-" ? file : path_in(std::filesystem::path(manifest).parent_path(), file);
}

class ManifestParser {
public:
    ManifestParser(std::string path, TemplateValues values) : m_path(std::move(path)) {
        m_plan.values = std::move(values);
    }

    WarmPlan parse(const JsonValue& root) {
        root.allow_only({"policy", "defaults", "datasets", "set", "sync", "switch"});
        parse_release(root);
        if (const JsonValue* policy = root.find("policy")) {
            m_plan.policy_file = beside(m_path, policy->as_text());
        }
        const JsonValue* defaults = root.find("defaults");
        if (defaults != nullptr) {
            defaults->allow_only({"file", "format", "dialect", "schema", "binary",
                                  "backslash_escapes", "delimiter", "header", "types", "null",
                                  "rows", "as", "ttl", "jitter", "if_exists", "refresh_below"});
        }
        const JsonValue& datasets = root.at("datasets");
        if (datasets.as_array().empty()) {
            datasets.fail("must name at least one dataset");
        }
        for (const JsonValue& dataset : datasets.as_array()) {
            add(dataset, {dataset, defaults});
        }
        return std::move(m_plan);
    }

private:
    void parse_release(const JsonValue& root) {
        if (const JsonValue* set = root.find("set")) {
            for (const JsonMember& member : set->as_object()) {
                const std::string place = fmt::format("{}:{}", m_path, member.value.line());
                parse_text(member.value, [&](const std::string& text) {
                    m_plan.values.add_default(member.name, text, place);
                    return true;
                });
            }
        }
        if (const JsonValue* sync = root.find("sync")) {
            m_plan.sync = parse_names(*sync);
        }
        if (const JsonValue* pointer = root.find("switch")) {
            m_plan.switch_to = pointer->as_text();
        }
    }

    void add(const JsonValue& value, const Members& members) {
        value.allow_only({"file",
                          "format",
                          "dialect",
                          "schema",
                          "binary",
                          "delimiter",
                          "backslash_escapes",
                          "header",
                          "types",
                          "null",
                          "rows",
                          "table",
                          "key",
                          "as",
                          "value",
                          "columns",
                          "where",
                          "collect",
                          "collect_by",
                          "group",
                          "ttl",
                          "jitter",
                          "if_exists",
                          "refresh_below"});
        const JsonValue* file = members.find("file");
        if (file == nullptr) {
            value.fail("has no 'file'");
        }
        const std::vector<std::string> files = find_files(*file);
        DatasetOptions dataset = parse_dataset(value, members, m_path);
        m_plan.values.fill(dataset.rows);
        if (!dataset.tables.empty() && !dataset.rows.key && !dataset.rows.gathers()) {
            value.fail("makes no keys: it needs one of 'key', 'collect' and 'group'");
        }
        check_collected_once(value, dataset);
        const std::size_t index = m_plan.datasets.size();
        m_plan.datasets.push_back(std::move(dataset));
        ReaderOptions reading = parse_reading(members);
        read_schema(members, reading);
        for (const std::string& name : files) {
            // What one of them defines holds for those behind it.
            ReaderOptions of_file = reading;
            if (files.size() > 1 && !of_file.sql.definitions) {
                auto& definitions = m_shared[file->as_text()];
                if (!definitions) {
                    definitions = std::make_shared<SqlDefinitions>();
                }
                of_file.sql.definitions = definitions;
                of_file.sql.more_files = &name != &files.back();
            }
            place(value, {name, std::move(of_file), {index}});
        }
    }

    [[nodiscard]] std::vector<std::string> find_files(const JsonValue& file) {
        const std::string name = m_plan.values.in_text(file.as_text());
        if (name == "-") {
            return {name};
        }
        const bool is_pattern = file.as_text().find_first_of("*?[") != std::string::npos;
        const std::string folder = std::filesystem::path(m_path).parent_path().string();
        std::vector<std::string> files =
            is_pattern ? matching_files(folder, m_plan.values.in_pattern(file.as_text()))
                       : std::vector<std::string>{beside(m_path, name)};
        if (files.empty()) {
            file.fail(fmt::format("matches no file: '{}'", name));
        }
        return files;
    }

    /// Each file is read once, and those that go with it share what it says.
    void read_schema(const Members& members, ReaderOptions& reading) {
        const JsonValue* schema = members.find("schema");
        if (schema == nullptr) {
            return;
        }
        const std::string file = beside(m_path, m_plan.values.in_text(schema->as_text()));
        if (file == "-") {
            schema->fail("cannot be stdin");
        }
        auto& definitions = m_schemas[file];
        if (!definitions) {
            definitions = std::make_shared<SqlDefinitions>(
                parse_text(*schema, file, [&](const std::string& path) {
                    return read_definitions(path, {.format = DumpFormat::sql, .sql = reading.sql});
                }));
        }
        reading.sql.definitions = definitions;
    }

    void check_collected_once(const JsonValue& value, const DatasetOptions& dataset) const {
        for (const DatasetOptions& earlier : m_plan.datasets) {
            if (!dataset.rows.collect || dataset.rows.collect != earlier.rows.collect) {
                continue;
            }
            value.fail(fmt::format("collects into the key '{}', as does {}", *dataset.rows.collect,
                                   earlier.place));
        }
    }

    /// A file is read once, so what is said of it has to be the same wherever it is named.
    void place(const JsonValue& value, WarmPlan::Input input) {
        const auto [found, is_new] = m_files.try_emplace(input.file, m_plan.inputs.size());
        if (is_new) {
            m_plan.inputs.push_back(std::move(input));
            return;
        }
        WarmPlan::Input* const known = &m_plan.inputs[found->second];
        share_definitions(known->reading.sql, input.reading.sql);
        const DatasetOptions& first = m_plan.datasets[known->datasets.front()];
        if (!same_reading(known->reading, input.reading)) {
            value.fail(fmt::format("reads the file otherwise than {} does", first.place),
                       "what says how a file is read ('format', 'dialect', 'delimiter' …) has to "
                       "be the same in all datasets of it; 'defaults' can hold it");
        }
        const DatasetOptions& dataset = m_plan.datasets[input.datasets.front()];
        if (dataset.tables.empty() != first.tables.empty()) {
            const bool lacks = dataset.tables.empty();
            value.fail(fmt::format("names {} of the file, while {} names {}",
                                   lacks ? "no 'table'" : "a 'table'", first.place,
                                   lacks ? "one" : "none"));
        }
        known->datasets.push_back(input.datasets.front());
    }

    /// A file may be named by a pattern and alone, or by two patterns. What `schema` says has to
    /// be the same.
    void share_definitions(SqlOptions& known, SqlOptions& more) const {
        const auto is_said = [this](const SqlOptions& sql) {
            return sql.definitions &&
                   std::none_of(m_shared.begin(), m_shared.end(), [&sql](const auto& shared) {
                       return shared.second == sql.definitions;
                   });
        };
        if (is_said(known) || is_said(more)) {
            return;
        }
        if (!known.definitions) {
            known.definitions = more.definitions;
            known.more_files = more.more_files;
        }
        more.definitions = known.definitions;
    }

    std::string m_path;
    WarmPlan m_plan;
    std::map<std::string, std::shared_ptr<SqlDefinitions>> m_schemas;  // by their files
    std::map<std::string, std::shared_ptr<SqlDefinitions>> m_shared;   // by patterns of files
    std::map<std::string, std::size_t> m_files;                        // places in m_plan.inputs
};

std::string read_stdin() {
    std::string text;
    char some[64 * 1024];
    ssize_t n = 0;
    while ((n = ::read(STDIN_FILENO, some, sizeof some)) != 0) {
        if (n > 0) {
            text.append(some, static_cast<std::size_t>(n));
        }
        if (n < 0 && errno != EINTR) {
            throw Error(ExitCode::local_io, std::string("cannot read the manifest from stdin: ") +
                                                std::strerror(errno));
        }
        if (stop_signal() != 0) {
            throw Error(ExitCode::interrupted, "interrupted; nothing was sent");
        }
        if (text.size() > k_most_manifest_bytes) {
            throw Error(ExitCode::bad_input, "the manifest on stdin is larger than 16 MiB");
        }
    }
    return text;
}

/// A manifest is input, not configuration: its errors have another exit code.
template <typename Action>
WarmPlan as_input(Action action) {
    try {
        WarmPlan plan = action();
        plan.settle_readings();
        return plan;
    } catch (const Error& error) {
        throw Error(ExitCode::bad_input, error.what(), error.hint());
    }
}

}  // namespace

WarmPlan read_manifest(const std::string& path, const TemplateValues& values) {
    if (path == "-") {
        WarmPlan plan = parse_manifest(read_stdin(), "stdin", values);
        for (const WarmPlan::Input& input : plan.inputs) {
            if (input.file != "-") {
                continue;
            }
            throw plan.datasets[input.datasets.front()].located(
                {ExitCode::bad_input, "stdin is the manifest, and cannot be its rows too"});
        }
        return plan;
    }
    return as_input([&] { return ManifestParser(path, values).parse(read_json_file(path)); });
}

WarmPlan parse_manifest(std::string_view text, const std::string& path,
                        const TemplateValues& values) {
    return as_input([&] { return ManifestParser(path, values).parse(parse_json(text, path)); });
}

}  // namespace cachectl
