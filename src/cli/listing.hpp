// Rows and the progress line, on one terminal: what has been found is shown soon, and between the
// rows stands how far the walk has come.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "cli/context.hpp"
#include "keyspace/key_selector.hpp"

namespace cachectl {

class Listing {
public:
    /// `show_rows` writes what rows are still held; the Writer behind them is flushed here.
    Listing(Context& ctx, const std::string& verb, std::function<void()> show_rows);

    /// Before rows are written.
    void make_room() { m_progress->clear(); }
    /// Once a page.
    void tell(const Selector& selector, double fraction, std::uint64_t found);
    /// Takes the line away.
    void finish() { m_progress->clear(); }
    [[nodiscard]] Progress& progress() { return *m_progress; }

private:
    Context& m_ctx;
    std::function<void()> m_show_rows;
    std::unique_ptr<Progress> m_progress;
    std::chrono::steady_clock::time_point m_shown_at;
    std::uint64_t m_shown = 0;  // rows
};

}  // namespace cachectl
