#include "warm/input_sample.hpp"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <optional>

#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_rows_between_stops = 256;

/// Gathered rows become keys at the end of all files that they are in.
struct Gathering {
    double size = 0;  // of these files, in bytes
    double read = 0;  // bytes of them that were read
};

class InputSampler {
public:
    InputSampler(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
                 const MemoryModel& model, const SampleLimits& limits,
                 const std::function<bool()>& stop)
        : m_plan(plan),
          m_model(model),
          m_limits(limits),
          m_stop(stop),
          m_gatherings(plan.datasets.size()) {
        for (const DatasetOptions& options : plan.datasets) {
            m_datasets.emplace_back(options, policies);
        }
        m_plan.copy_definitions();
        m_result.estimate = MemoryEstimate(model);
    }

    InputSample run() {
        for (const WarmPlan::Input& input : m_plan.inputs) {
            take(input);
        }
        for (std::size_t i = 0; i < m_datasets.size(); ++i) {
            take_gathered(i);
        }
        if (m_size_not_read > 0 && m_size_read > 0) {
            MemoryEstimate all(m_model);
            const double factor = 1 + m_size_not_read / m_size_read;
            all.add(m_result.estimate, factor, m_gathers ? factor : 1);
            m_result.estimate = all;
        }
        return std::move(m_result);
    }

private:
    void take(const WarmPlan::Input& input) {
        std::error_code error;
        if (input.file == "-" || !std::filesystem::is_regular_file(input.file, error)) {
            m_result.has_unknown = true;
            return;
        }
        const auto size = static_cast<double>(std::filesystem::file_size(input.file, error));
        if (m_bytes_read >= m_limits.bytes_in_all || m_done) {
            m_size_not_read += size;
            m_result.is_whole = false;
            return;
        }
        m_of_file = MemoryEstimate(m_model);
        const double share = read(input);
        if (share <= 0) {
            return;
        }
        m_size_read += size;
        m_result.estimate.add(m_of_file, 1 / share);
        for (const std::size_t i : input.datasets) {
            m_gatherings[i].size += size;
            m_gatherings[i].read += size * share;
        }
    }

    /// Returns how much of the file was read, 0..1.
    double read(const WarmPlan::Input& input) {
        double share = 0;
        try {
            Source source = Source::open(input.file);
            source.set_unpack_limits(m_limits.unpack);
            const auto reader = open_reader(source, input.reading);
            for (const std::size_t i : input.datasets) {
                m_datasets[i].begin_file(reader->shape());
            }
            const bool to_the_end = read_rows(source, *reader, input.datasets);
            share = to_the_end ? 1 : share_of_rows(source);
            m_result.is_whole = m_result.is_whole && to_the_end;
            m_bytes_read += source.offset();
        } catch (const Error&) {
            m_result.is_whole = false;
        }
        return share;
    }

    /// What a set, a hash or a zset takes for each of its parts depends on how many they are, which
    /// only all of the rows tell.
    [[nodiscard]] bool grows_denser(std::size_t index) const {
        const RowOptions& rows = m_plan.datasets[index].rows;
        return rows.group && rows.as.value_or(EncodeAs::json) != EncodeAs::json;
    }

    /// As if what follows were all like what was read since the first key: in front of it may
    /// stand what is not wanted, as other tables of a dump.
    [[nodiscard]] double share_of_rows(const Source& source) const {
        const double begin = m_first_key.value_or(0);
        return (source.share_consumed() - begin) / (1 - begin);
    }

    /// False if it stopped before the end.
    bool read_rows(const Source& source, RecordReader& reader,
                   const std::vector<std::size_t>& datasets) {
        const bool has_to_end = std::any_of(datasets.begin(), datasets.end(),
                                            [this](std::size_t i) { return grows_denser(i); });
        std::uint64_t keys = 0;
        std::uint64_t first_byte = 0;  // of the rows that count
        m_first_key.reset();
        for (std::uint64_t rows = 1;; ++rows) {
            const auto next = reader.next();
            if (next == Next::end) {
                return true;
            }
            if (!next) {
                continue;
            }
            for (const std::size_t i : datasets) {
                Dataset& dataset = m_datasets[i];
                if (reader.table() != nullptr && !dataset.wants(*reader.table())) {
                    continue;
                }
                const auto disposition = dataset.take(reader.record());
                if (disposition == Dataset::Disposition::made) {
                    add_key(dataset, m_of_file);
                }
                if (!disposition || *disposition == Dataset::Disposition::passed_over) {
                    continue;
                }
                if (keys++ != 0) {
                    continue;
                }
                m_first_key = source.share_consumed();
                first_byte = source.offset();
            }
            if (rows % k_rows_between_stops == 0 && is_done(source)) {
                return false;
            }
            const std::uint64_t bytes = source.offset();
            const bool suffices =
                keys >= m_limits.least_keys && bytes - first_byte >= m_limits.least_bytes;
            if (!has_to_end && (suffices || bytes >= m_limits.most_bytes)) {
                return false;
            }
        }
    }

    bool is_done(const Source& source) {
        const auto known = m_result.estimate.bytes() + m_of_file.bytes();
        const bool suffices = m_bytes_read + source.offset() >= m_limits.bytes_in_any_case;
        m_done = m_done || m_stop() || (suffices && known > m_limits.enough);
        return m_done;
    }

    void add_key(Dataset& dataset, MemoryEstimate& estimate) {
        estimate.add(dataset.key(), dataset.value(), dataset.ttl(dataset.key()).has_value());
        if (m_result.names.size() < InputSample::k_names_kept) {
            m_result.names.push_back(dataset.key());
        }
    }

    void take_gathered(std::size_t index) {
        Dataset& dataset = m_datasets[index];
        MemoryEstimate estimate(m_model);
        for (std::size_t i = 0; i < dataset.gathered_keys(); ++i) {
            dataset.make_gathered(i);
            add_key(dataset, estimate);
        }
        const Gathering& gathering = m_gatherings[index];
        if (gathering.read <= 0) {
            return;
        }
        const double factor = gathering.size / gathering.read;
        m_result.estimate.add(estimate, factor, factor);
        m_gathers = m_gathers || dataset.gathered_keys() != 0;
    }

    WarmPlan m_plan;
    MemoryModel m_model;
    SampleLimits m_limits;
    const std::function<bool()>& m_stop;
    std::deque<Dataset> m_datasets;
    std::vector<Gathering> m_gatherings;
    MemoryEstimate m_of_file;           // of the rows of the file at hand
    std::optional<double> m_first_key;  // the share of that file that stands before them, 0..1
    std::uint64_t m_bytes_read = 0;
    double m_size_read = 0;  // of the files of which something was read
    double m_size_not_read = 0;
    bool m_done = false;
    bool m_gathers = false;  // values become larger with each file
    InputSample m_result;
};

}  // namespace

InputSample sample_inputs(const WarmPlan& plan, const std::vector<KeyPolicy>& policies,
                          const MemoryModel& model, const SampleLimits& limits,
                          const std::function<bool()>& stop) {
    return InputSampler(plan, policies, model, limits, stop).run();
}

}  // namespace cachectl
