// Keys that a plain list does not bring back as what they are.
#pragma once

#include <cstdint>
#include <string_view>

#include "cli/context.hpp"
#include "cli/key_list.hpp"
#include "output/rows.hpp"

namespace cachectl {

class AmbiguousKeys {
public:
    /// Of rows that are written in that form. None is counted where they are no lines, or where a
    /// person reads them.
    AmbiguousKeys(Context& ctx, const Rows& rows, KeyForm form);

    void add(std::string_view key) {
        if (m_is_list && !reads_back(key, m_form)) {
            ++m_keys;
        }
    }
    /// A warning, if there are any.
    void tell() const;

private:
    Context& m_ctx;
    KeyForm m_form;
    bool m_is_list;
    std::uint64_t m_keys = 0;
};

}  // namespace cachectl
