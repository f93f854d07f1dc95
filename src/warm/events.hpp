// What a warm run makes of its input, in its order: keys and rejected rows. Where it may be what a
// run before this one has done, it is held until the journal knows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "warm/resume.hpp"
#include "warm/rows/dataset.hpp"
#include "warm/stored_value.hpp"
#include "warm/summary.hpp"

namespace cachectl {

struct MadeKey {
    Dataset& dataset;
    WarmDataset& counts;
    std::string_view key;
    const Encoded& value;
    std::uint64_t line = 0;  // 0 where it is made of many rows
    bool is_row = false;     // counts as a record if it was not done before
};

struct Rejection {
    std::string file;
    std::uint64_t line = 0;
    std::string reason;
    std::string dataset{};                    // where a manifest says it; empty: nowhere
    std::string row{};                        // JSON; empty where it could not be read
    std::string text{};                       // instead: as the file has it, where that is known
    std::vector<WarmDataset*> rejected_by{};  // datasets that would have taken it
};

/// Whether a run before this one has had the same.
enum class Before { no, yes };

class WarmEvents {
public:
    struct Actions {
        std::function<void(const MadeKey&, Before)> write;
        std::function<void(const Rejection&, Before)> reject;
    };

    explicit WarmEvents(Actions actions) : m_actions(std::move(actions)) {}

    /// Without one nothing is held.
    void keep_journal(WarmJournal& journal) { m_journal = &journal; }

    void add(const MadeKey& key);
    void add(Rejection rejection);
    /// All has been read: nothing stays held.
    void end_of_input();

private:
    struct Held {
        Dataset* dataset;  // nullptr for a rejected row
        WarmDataset* counts;
        std::string key;
        StoredValue value;
        std::uint64_t line;
        bool is_row;
        Rejection rejection;
    };

    void release(Before before);

    Actions m_actions;
    WarmJournal* m_journal = nullptr;
    std::vector<Held> m_held;
};

}  // namespace cachectl
