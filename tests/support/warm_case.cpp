// Random cases for warm_model.hpp.
#include <fmt/format.h>

#include <algorithm>

#include "support/random_table.hpp"
#include "support/warm_model.hpp"

namespace cachectl::test {

namespace {

constexpr std::uint64_t k_no_limit_of_errors = 100'000;
constexpr std::int64_t k_any_ttl_s = 100'000'000;

ModelTemplate random_key(RandomData& random, const std::string& prefix) {
    switch (random.below(8)) {
        case 0:
            return {{{prefix, Column::name}}};
        case 1:
            return {{{"", Column::name}}};
        case 2:
            return {{{prefix, Column::group}, {":", Column::id}}};
        case 3:
            return {{{prefix + "{", Column::number}, {"}", std::nullopt}}};
        case 4:
            return {{{prefix, Column::boolean}, {" ", Column::id}}};
        default:
            return {{{prefix, Column::id}}};
    }
}

std::vector<std::size_t> random_columns(RandomData& random, std::size_t count) {
    std::vector<std::size_t> columns;
    for (std::size_t left = 1 + random.below(3); left > 0; --left) {
        const std::size_t column = random.below(count);
        if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
            columns.push_back(column);
        }
    }
    return columns;
}

std::vector<std::size_t> two_columns(RandomData& random, bool scored) {
    const std::vector<std::size_t> first = {Column::name, Column::group, Column::nested};
    const std::vector<std::size_t> second = {Column::number, Column::id, Column::boolean};
    return {first[random.below(scored ? 2 : 3)], second[random.below(scored ? 2 : 3)]};
}

void choose_value(RandomData& random, ModelDataset& dataset, std::size_t columns) {
    if (dataset.as == "zset" || (dataset.group && dataset.as == "hash")) {
        dataset.columns = two_columns(random, dataset.as == "zset");
    } else if (dataset.as == "string" && random.one_in(2)) {
        dataset.columns = {random.below(columns)};
    } else if (dataset.as == "string") {
        dataset.value = {{{"{", Column::name}, {"} ", Column::number}}};
        if (random.one_in(2)) {
            dataset.value = {{{"", Column::nested}, {"!", std::nullopt}}};
        }
    } else if (random.one_in(3)) {
        dataset.columns = random_columns(random, columns);
    }
}

std::vector<ModelCondition> random_where(RandomData& random) {
    using Kind = ModelCondition::Kind;
    const std::vector<ModelCondition> all = {
        {Column::name, Kind::equal, "x"},     {Column::name, Kind::unequal, "it's"},
        {Column::group, Kind::equal, "a"},    {Column::group, Kind::at_least, "2"},
        {Column::boolean, Kind::is_true, ""}, {Column::name, Kind::not_null, ""},
        {Column::number, Kind::null, ""},     {Column::number, Kind::not_null, ""},
        {Column::group, Kind::unequal, "a"},
    };
    std::vector<ModelCondition> where = {all[random.below(all.size())]};
    if (random.one_in(4)) {
        where.push_back(all[random.below(all.size())]);
    }
    return where;
}

/// A list or a set of a group needs to know which of a row's values are its elements.
void choose_elements(RandomData& random, ModelDataset& dataset, std::size_t columns) {
    if (dataset.group && dataset.columns.empty() && (dataset.as == "list" || dataset.as == "set")) {
        dataset.columns = random_columns(random, columns);
    }
}

ModelDataset random_dataset(RandomData& random, const WarmFormat& format, std::size_t index) {
    ModelDataset dataset;
    // Mostly keys of its own, but datasets may share some.
    const std::string before = index == 0 || random.one_in(3) ? "" : fmt::format("{}:", index);
    if (format.has_entries()) {
        if (!random.one_in(3)) {
            dataset.as = random.any_of({"json", "string", "hash", "list", "set", "zset"});
        }
        if (format.says_format && random.one_in(2)) {
            dataset.key = {{{before + "k:", 0}}};
        }
    } else if (random.one_in(4)) {
        dataset.collect = (index == 0 ? "" : fmt::format("{}:", index)) + "c:all";
        if (random.one_in(2)) {
            dataset.collect_by = random.one_in(2) ? Column::id : Column::name;
        }
        if (random.one_in(3)) {
            dataset.as = "json";
        }
        if (random.one_in(3)) {
            dataset.columns = random_columns(random, format.columns.size());
        }
    } else if (random.one_in(3)) {
        dataset.group = {{{before + "g:", random.one_in(2) ? Column::group : Column::boolean}}};
        if (random.one_in(4)) {
            dataset.group = random_key(random, before + "g:");
        }
        if (!random.one_in(3)) {
            dataset.as = random.any_of({"json", "hash", "list", "set", "zset"});
        }
        choose_value(random, dataset, format.columns.size());
        choose_elements(random, dataset, format.columns.size());
    } else {
        dataset.key = random_key(random, before + "k:");
        if (!random.one_in(3)) {
            dataset.as = random.any_of({"json", "string", "hash", "list", "set", "zset"});
        }
        choose_value(random, dataset, format.columns.size());
    }
    if (!format.has_entries() && random.one_in(3)) {
        dataset.where = random_where(random);
    }
    if (!random.one_in(5)) {
        dataset.ttl_s = random.one_in(2) ? 5'000 : 400'000;
    }
    if (dataset.ttl_s && random.one_in(2)) {
        dataset.jitter_percent = random.one_in(2) ? 10 : 50;
    }
    using IfExists = ModelDataset::IfExists;
    const IfExists all[] = {IfExists::skip, IfExists::overwrite, IfExists::refresh,
                            IfExists::update};
    dataset.if_exists = all[random.below(4)];
    if (dataset.if_exists == IfExists::refresh && dataset.jitter_percent > 10) {
        dataset.jitter_percent = 10;  // or it would be refreshed at once
    }
    return dataset;
}

std::vector<ModelRule> random_policy(RandomData& random, bool may_refuse) {
    std::vector<ModelRule> rules;
    for (std::size_t left = 1 + random.below(3); left > 0; --left) {
        ModelRule rule{random.any_of({"k:", "k:1", "g:", "c:", "1:", ""}), {}, {}, {}, false};
        const auto same = [&](const ModelRule& other) { return other.prefix == rule.prefix; };
        if (std::any_of(rules.begin(), rules.end(), same)) {
            continue;
        }
        if (random.one_in(2)) {
            rule.ttl_s = random.one_in(2) ? 50'000 : 5'000;
        }
        if (may_refuse && random.one_in(4)) {
            rule.max_ttl_s = !rule.ttl_s && random.one_in(2) ? 1 : k_any_ttl_s;
        }
        if (may_refuse && random.one_in(4)) {
            rule.max_size = random.one_in(3) ? 1 : 1'000'000;
        }
        rule.is_protected = random.one_in(4);
        rules.push_back(rule);
    }
    return rules;
}

std::size_t random_count(RandomData& random, const WarmFormat& format) {
    const bool is_separated = !format.is_json() && !format.is_sql();
    const bool may_be_empty =
        format.format != RowFormat::ndjson && (!is_separated || format.has_header);
    return may_be_empty && random.one_in(20) ? 0 : 1 + random.below(random.one_in(8) ? 200 : 25);
}

void choose_guards(RandomData& random, WarmCase& warm) {
    if (random.one_in(10)) {
        warm.max_keys = random.below(25);
    }
    if (random.one_in(10)) {
        warm.expect = {random.below(4), 4 + random.below(30)};
    }
    warm.fails_if_none = random.one_in(4);
    warm.max_errors = random.one_in(2) ? k_no_limit_of_errors : random.below(4);
}

bool all_overwrite(const WarmCase& warm) {
    return std::all_of(warm.datasets.begin(), warm.datasets.end(),
                       [](const ModelDataset& dataset) { return dataset.overwrites(); });
}

/// --sync and --switch. Of CSV that was cut, and of statements that nobody follows, they say that
/// rows may be missing: JSON shows both.
void choose_release(RandomData& random, WarmCase& warm) {
    if (warm.format.is_json() && random.one_in(4)) {
        warm.sync = random.any_of({"k:", "k:", "g:", "c:", "1:"});
    }
    // What a policy says of the pointer is another test's.
    if (random.one_in(4) && all_overwrite(warm) && warm.policy.empty()) {
        warm.switch_to = "pointer";
    }
}

/// The interrupted try has had more rows, whose keys may be those of others.
void choose_input_before(RandomData& random, WarmCase& warm) {
    const bool may_protect = !warm.protects.empty() || !warm.policy.empty();
    if (!random.one_in(2) || !all_overwrite(warm) || may_protect || warm.uses_manifest ||
        !warm.sync.empty() || warm.files.size() != 1) {
        return;
    }
    std::vector<ModelRow> rows = warm.files.front().rows;
    for (ModelRow& row : warm.format.rows(random, 1 + random.below(40))) {
        rows.push_back(std::move(row));
    }
    warm.keeps_rejected = false;  // it would have those of both inputs
    warm.files_before.push_back(warm.format.write(random, std::move(rows)));
}

}  // namespace

WarmCase random_warm_case(RandomData& random) {
    WarmCase warm;
    warm.format = random_format(random);
    warm.uses_manifest = random.one_in(4);
    const std::size_t datasets = warm.uses_manifest ? 1 + random.below(3) : 1;
    for (std::size_t i = 0; i < datasets; ++i) {
        warm.datasets.push_back(random_dataset(random, warm.format, i));
    }
    const std::size_t files = !warm.uses_manifest && random.one_in(5) ? 2 + random.below(2) : 1;
    for (std::size_t i = 0; i < files; ++i) {
        const std::size_t count = random_count(random, warm.format);
        warm.files.push_back(warm.format.write(random, warm.format.rows(random, count)));
    }
    warm.is_packed = random.one_in(8);
    warm.keeps_rejected = random.one_in(2);
    warm.verifies = random.one_in(4);
    if (random.one_in(3)) {
        warm.protects = {random.any_of({"k:1", "k:", "g:a", "1:", "x"})};
    }
    if (random.one_in(5)) {
        warm.interruption = random.one_in(2) ? Interruption::signal : Interruption::cut;
        warm.max_errors = k_no_limit_of_errors;
    } else {
        choose_guards(random, warm);
    }
    const bool is_simple = files == 1 && !warm.max_keys && !warm.expect;
    warm.uses_stdin = is_simple && random.one_in(6);
    if (random.one_in(4)) {
        const bool may_refuse = warm.interruption == Interruption::none;
        warm.policy = random_policy(random, may_refuse);
        warm.unknown_keys = may_refuse ? random.any_of({"fail", "warn", "ignore"}) : "ignore";
    }
    choose_release(random, warm);
    if (warm.interruption != Interruption::none) {
        choose_input_before(random, warm);
        warm.restarts = random.one_in(3);
    }
    return warm;
}

}  // namespace cachectl::test
