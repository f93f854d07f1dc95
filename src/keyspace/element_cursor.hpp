// Where an SSCAN, HSCAN or ZSCAN goes on: a place in the table of one process, which means nothing
// to another one. Behind a Client the process may change from one page to the next: a slot moves,
// a replica takes over, the server is restarted.
#pragma once

#include <string>
#include <utility>

#include "redis/server.hpp"

namespace cachectl {

class ElementCursor {
public:
    /// To be sent with the next page's command.
    [[nodiscard]] const std::string& text() const { return m_text; }
    /// No page is left.
    [[nodiscard]] bool at_end() const { return m_at_end; }

    /// Takes the cursor of a page that has come. If another process has answered it than the page
    /// before, its elements are some of the collection, but which others were passed over is not
    /// known: what follows begins anew, and elements come again.
    void advance(std::string next, ReplyOrigin from) {
        const bool means_nothing = m_text != k_begin && !from.is_same_process_as(m_from);
        m_text = means_nothing ? k_begin : std::move(next);
        m_at_end = !means_nothing && m_text == k_begin;
        m_from = std::move(from);
    }

private:
    static constexpr const char* k_begin = "0";

    std::string m_text = k_begin;
    bool m_at_end = false;
    ReplyOrigin m_from;
};

}  // namespace cachectl
