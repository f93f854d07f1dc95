// A value of the server held against the one that was written: a short string is read whole,
// anything else is counted and then read piece by piece, so that no reply is longer than what was
// written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/reply.hpp"
#include "warm/existing_value.hpp"
#include "warm/piecewise.hpp"
#include "warm/stored_value.hpp"

namespace cachectl {

class ReadBack {
public:
    /// The value has to outlive it, unchanged.
    explicit ReadBack(const StoredValue& value);
    ReadBack(const ReadBack&) = delete;
    ReadBack& operator=(const ReadBack&) = delete;

    /// The commands in their order: the first, and then pieces while is_open(). Their words lie in
    /// `key` and in here.
    [[nodiscard]] std::vector<std::string_view> first_command(std::string_view key) const;
    [[nodiscard]] std::vector<std::string_view> next_piece(std::string_view key);
    [[nodiscard]] bool has_pieces() const { return m_pieces.has_value(); }
    /// The piece that is on its way, or comes next, is the only one left.
    [[nodiscard]] bool is_last_piece() const { return m_pieces->is_last(); }

    void take_first(const Reply& reply);
    void take_piece(const Reply& reply);

    [[nodiscard]] bool is_open() const { return m_found == Existing::to_be_read; }
    /// `stays`: it is the value. `replaced`: it is another one. `unknown`: refusal() says why.
    [[nodiscard]] Existing found() const { return m_found; }
    [[nodiscard]] const std::string& difference() const { return m_difference; }
    [[nodiscard]] const Reply& refusal() const { return m_refusal; }

private:
    void take(Existing found, const Reply& reply, std::string difference);

    const StoredValue& m_value;
    PiecewiseRights m_rights{.memory = false, .field_ttls = false};  // bounded by its length
    std::optional<PiecewiseComparison> m_pieces;
    Existing m_found = Existing::to_be_read;
    std::string m_difference;
    Reply m_refusal;
};

}  // namespace cachectl
