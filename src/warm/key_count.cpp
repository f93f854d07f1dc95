#include "warm/key_count.hpp"

#include <algorithm>
#include <deque>
#include <filesystem>

#include "warm/rows/dataset.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_rows_between_checks = 256;

class KeyCounter {
public:
    KeyCounter(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
               const UnpackLimits& unpack, const std::function<bool()>& stop)
        : m_plan(plan), m_unpack(unpack), m_stop(stop) {
        for (const DatasetOptions& options : plan.datasets) {
            m_datasets.emplace_back(options, policies);
        }
        m_plan.copy_definitions();
    }

    std::uint64_t run() {
        for (const WarmPlan::Input& input : m_plan.inputs) {
            read(input);
        }
        for (const Dataset& dataset : m_datasets) {
            m_keys += dataset.gathered_keys();
        }
        return m_keys;
    }

private:
    void read(const WarmPlan::Input& input) {
        Source source = Source::open(input.file);
        source.set_unpack_limits(m_unpack);
        const auto reader = open_reader(source, input.reading);
        for (const std::size_t i : input.datasets) {
            m_datasets[i].begin_file(reader->shape());
        }
        for (std::uint64_t rows = 0;; ++rows) {
            if (rows % k_rows_between_checks == 0 && m_stop()) {
                return;
            }
            const auto next = reader->next();
            if (next == Next::end) {
                return;
            }
            for (const std::size_t i : input.datasets) {
                Dataset& dataset = m_datasets[i];
                if (reader->table() != nullptr && !dataset.wants(*reader->table())) {
                    continue;
                }
                if (!next) {
                    dataset.note_bad_row();
                    continue;
                }
                m_keys += dataset.take(reader->record()) == Dataset::Disposition::made ? 1 : 0;
            }
        }
    }

    WarmPlan m_plan;
    UnpackLimits m_unpack;
    const std::function<bool()>& m_stop;
    std::deque<Dataset> m_datasets;
    std::uint64_t m_keys = 0;
};

bool can_be_read_twice(const WarmPlan::Input& input) {
    std::error_code error;
    return input.file != "-" && std::filesystem::is_regular_file(input.file, error);
}

}  // namespace

std::optional<std::uint64_t> count_keys(const WarmPlan& plan,
                                        const std::vector<KeyPolicy>& policies,
                                        const UnpackLimits& unpack,
                                        const std::function<bool()>& stop) {
    if (!std::all_of(plan.inputs.begin(), plan.inputs.end(), can_be_read_twice)) {
        return {};
    }
    const std::uint64_t keys = KeyCounter(plan, policies, unpack, stop).run();
    return stop() ? std::nullopt : std::optional(keys);
}

}  // namespace cachectl
