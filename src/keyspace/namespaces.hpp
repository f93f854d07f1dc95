// Namespaces: what stands in a key before the first delimiter. Counting keys by them, in bounded
// memory, and taking them as arguments of `flush`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "keyspace/sum.hpp"

namespace cachectl {

/// The key's namespace; absent if the delimiter is not in it. ":x" is in the namespace "".
/// `delimiter` must not be empty.
std::optional<std::string_view> namespace_of(std::string_view key, std::string_view delimiter);

/// The pattern for all keys of a namespace: "course" and "course:" are both "course:*", with
/// what is special in the delimiter escaped. Throws Error(guard) if the namespace is empty, as
/// an unset shell variable makes it, and Error(usage) if it has glob characters.
std::string namespace_pattern(std::string_view argument, std::string_view delimiter);

/// Error(usage) unless keys can be divided by it.
void check_delimiter(std::string_view delimiter);

struct NamespaceCount {
    enum class Kind {
        named,
        none,   // "(none)": keys without the delimiter, together, as each is a name of its own
        other,  // "(other)": keys of namespaces beyond those that are counted by name
    };
    Kind kind = Kind::named;
    std::string name;  // a namespace that is called "(none)" or "(other)" is "\\x28none)" here
    std::uint64_t keys = 0;
};

/// What a row of that kind is called; `name` is of Kind::named alone.
std::string namespace_row_name(NamespaceCount::Kind kind, std::string_view name);

/// Counts keys by namespace. Only the first `max_names` distinct names have rows of their own; in
/// SCAN's random order the large ones are among them. Names longer than 256 bytes never have.
class NamespaceCounter final : public Sum {
public:
    static constexpr std::size_t k_max_names = 1000;

    explicit NamespaceCounter(std::string delimiter, std::size_t max_names = k_max_names);

    void add(const KeyFacts& key) override { add(key.key); }
    void reset() override;
    void add(std::string_view key, std::uint64_t n = 1);

    [[nodiscard]] std::uint64_t total() const { return m_total; }

    /// Most keys first, then by name; "(other)" always last. Rows without keys are left out.
    [[nodiscard]] std::vector<NamespaceCount> rows() const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    std::string m_delimiter;
    std::size_t m_max_names;
    std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> m_named;
    std::uint64_t m_none = 0;
    std::uint64_t m_other = 0;
    std::uint64_t m_total = 0;
};

}  // namespace cachectl
