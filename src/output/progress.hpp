// Says on stderr how far long work has come: on a terminal in one line that is drawn over itself,
// else in a line now and then. It knows no clock: time is given to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "output/display.hpp"
#include "output/writer.hpp"

namespace cachectl {

/// Where progress is shown: drawn on a terminal and as log lines in a CI job, as log lines
/// everywhere, or nowhere.
enum class ProgressWhen { automatic, plain, none };

/// "deleting  ███████▌                  31 %  470,112 keys  310k/s  ETA 4s"
/// "warming  ███████▌                  31 %  470,112 records  310k/s  24.1 MiB/s  ETA 4s"
///
/// Work that is over at once draws nothing; after that, at most 10 times a second. The rate and
/// the ETA are those of the last seconds. If stderr cannot be written to, the work goes on without
/// the line. Before anything else is written to the terminal, clear() it.
///
/// In a log it is a line every 30 seconds, which stays:
/// "cachectl: deleting, 31 %, 470,112 keys, 310k/s, ETA 4s"
class Progress {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    enum class Form { drawn, log };

    /// Shows nothing: the user wants it quiet, or nobody is likely to read it.
    Progress() = default;
    /// `look` has the terminal's width, `verb` says what is done ("deleting") and `noun` with what
    /// ("keys").
    Progress(Writer& err, Form form, Display display, std::string verb, std::string noun,
             TimePoint start);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() { clear(); }

    /// Asks for the terminal's width before each line: it may be changed in mid-work.
    void follow_width(std::function<std::size_t()> columns) { m_columns = std::move(columns); }

    /// `fraction` is 0..1, or nullopt where the end is not known; `count` only grows. So does
    /// `bytes`, nullopt for work that is not measured in them; `found` is what a search has found.
    void update(std::optional<double> fraction, std::uint64_t count, TimePoint now,
                std::optional<std::uint64_t> bytes = std::nullopt,
                std::optional<std::uint64_t> found = std::nullopt);
    /// For work without a count: the verb, and what is known of it, most important first; escaped.
    void tell(const std::vector<std::string>& known, TimePoint now);
    /// Takes the line away; the next update draws it again.
    void clear() noexcept;

private:
    struct Sample {
        TimePoint time;
        double fraction;
        std::uint64_t count;
        std::uint64_t bytes;
        std::optional<std::uint64_t> found = {};
    };

    /// What is known of the work, most important first.
    [[nodiscard]] std::vector<std::string> figures(const Sample& now, bool has_end,
                                                   bool has_bytes) const;
    [[nodiscard]] std::string line(double fraction, bool has_end,
                                   const std::vector<std::string>& figures) const;
    void show(double fraction, bool has_end, const std::vector<std::string>& known);
    void write(const std::string& text) noexcept;

    Writer* m_err = nullptr;
    Form m_form = Form::drawn;
    Display m_display;
    std::function<std::size_t()> m_columns;
    std::string m_verb;
    std::string m_noun;
    TimePoint m_next_draw;
    bool m_drawn = false;
    std::deque<Sample> m_samples;
};

}  // namespace cachectl
