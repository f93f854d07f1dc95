// The part of warm/load for rejected rows: they are counted, kept in the reject file, shown, and
// limited in number.
#include <fmt/format.h>

#include "warm/warm.hpp"

namespace cachectl {

std::uint64_t Warm::rejected_in_all() const {
    return m_rejected + (m_journal ? m_journal->rejected_before() : 0);
}

// The row that exceeds --max-errors stops the run and is not counted as done: a resumed run meets
// it again.
void Warm::add(Rejection rejection) {
    const bool is_known = m_journal && m_journal->catches_up();
    if (!is_known && rejected_in_all() + rejection.rejected_by.size() > m_options.max_errors) {
        return reject(rejection, Before::no);
    }
    m_events.add(std::move(rejection));
}

/// A row that is bad for several datasets is shown once. What an earlier run has shown is not shown
/// again, but counts towards the limit.
void Warm::reject(const Rejection& rejection, Before before) {
    ++m_bad_rows;
    const RejectedRow row{rejection.file,    rejection.line, rejection.reason,
                          rejection.dataset, rejection.row,  rejection.text};
    if (before == Before::yes) {
        if (m_reject_file) {
            m_reject_file->pass(row);
        }
        return m_journal->pass_rejection(rejection.rejected_by.size());
    }
    for (WarmDataset* counts : rejection.rejected_by) {
        ++counts->records;
        ++counts->rejected;
    }
    m_rejected += rejection.rejected_by.size();
    ++m_reported;
    if (m_reject_file) {
        m_reject_file->add(row);
    }
    const std::string message = fmt::format(
        "{}:{}: {}{}", rejection.file, rejection.line, rejection.reason,
        rejection.dataset.empty() ? "" : " (for the dataset at " + rejection.dataset + ")");
    if (rejected_in_all() > m_options.max_errors) {
        throw Error(ExitCode::bad_input, message,
                    m_options.max_errors == 0
                        ? "--max-errors N goes on past N such rows, --reject-file keeps them"
                        : fmt::format("that is more than --max-errors {}", m_options.max_errors));
    }
    if (m_reported > k_rejects_shown) {
        return;
    }
    warn("rejected: " + message);
}

}  // namespace cachectl
