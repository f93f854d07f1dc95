#include "cli/ambiguous_keys.hpp"

#include <fmt/format.h>

#include "util/text.hpp"

namespace cachectl {

AmbiguousKeys::AmbiguousKeys(Context& ctx, const Rows& rows, KeyForm form)
    : m_ctx(ctx), m_form(form), m_is_list(rows.are_lines() && !ctx.out_terminal.attached) {}

void AmbiguousKeys::tell() const {
    if (m_keys != 0) {
        m_ctx.warn(
            fmt::format("{} {} not read back from such a list as what {}: --escaped writes and "
                        "reads any but the empty key, -0 any without NUL",
                        format_counted(m_keys, "key"), m_keys == 1 ? "is" : "are",
                        m_keys == 1 ? "it is" : "they are"));
    }
}

}  // namespace cachectl
