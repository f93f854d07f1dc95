#include "cli/listing.hpp"

#include <utility>

namespace cachectl {

namespace {
constexpr std::chrono::milliseconds k_held_at_most{200};
}

Listing::Listing(Context& ctx, const std::string& verb, std::function<void()> show_rows)
    : m_ctx(ctx),
      m_show_rows(std::move(show_rows)),
      m_progress(ctx.progress(verb, "looked at")),
      m_shown_at(ctx.now()) {}

void Listing::tell(const Selector& selector, double fraction, std::uint64_t found) {
    const auto now = m_ctx.now();
    if (found > m_shown && now - m_shown_at >= k_held_at_most) {
        make_room();
        m_show_rows();
        m_ctx.out.flush();
        m_shown = found;
        m_shown_at = now;
    }
    m_progress->update(fraction, selector.looked_at(), now, std::nullopt, found);
}

}  // namespace cachectl
