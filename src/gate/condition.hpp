// A condition of the deploy gate: what is wanted, and what was seen last.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace cachectl {

struct Condition {
    enum class Unit { none, keys, ratio, milliseconds };
    using Value = std::variant<std::monostate, bool, std::int64_t, double>;

    std::string id;     // stable: "keys", "hit-ratio", "replica-lag", "ready"
    std::string title;  // for people: "keys of course:*"
    Unit unit = Unit::none;
    Value wanted;
    Value value = {};  // nothing: not seen yet
    bool ok = false;
    std::string reason = {};  // why it does not hold, where the value does not say it

    void holds(Value seen);
    void fails(Value seen, std::string why = {});
    /// It cannot be seen at the moment; the last value stays.
    void unseen(std::string why);
};

/// "1,204", "71.2 %", "1s", "yes"; "not known".
std::string value_text(const Condition& condition);
/// "at least 1,000", "at most 1s"
std::string wanted_text(const Condition& condition);
/// "keys of course:* 412, wanted at least 1,000", with the reason. Names are not escaped.
std::string missing_text(const Condition& condition);

std::string_view name_of(Condition::Unit unit);

}  // namespace cachectl
