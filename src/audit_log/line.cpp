#include "audit_log/line.hpp"

#include <algorithm>

#include "output/writer.hpp"
#include "util/sha256.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_head = R"({"previous":)";
constexpr std::string_view k_tail = R"(,"sha256":")";
constexpr std::string_view k_end = R"("})";
constexpr std::size_t k_digest_size = 64;

bool is_digest(std::string_view text) {
    return text.size() == k_digest_size && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

/// What follows "previous" in a line of which that is known to be as it was written.
std::optional<std::string> previous_of(std::string_view line) {
    const std::string_view value = line.substr(k_head.size());
    if (value.starts_with('"') && is_digest(value.substr(1, k_digest_size))) {
        return std::string(value.substr(1, k_digest_size));
    }
    return std::nullopt;
}

}  // namespace

std::string line_digest(std::string_view line) {
    Sha256 hash;
    hash.add(line);
    return hash.hex();
}

std::string make_audit_line(const std::optional<std::string>& previous, const WriteMembers& write) {
    std::string line;
    {
        Writer out(line);
        JsonWriter json(out, JsonLayout::compact);
        json.begin_object();
        json.field("previous", previous ? std::optional<std::string_view>(*previous)
                                        : std::optional<std::string_view>());
        write(json);
        json.end_object();
        out.flush();
    }
    line.resize(line.rfind('}'));
    const std::string digest = line_digest(line);
    line += k_tail;
    line += digest;
    line += k_end;
    line += '\n';
    return line;
}

AuditLine read_audit_line(std::string_view line) {
    const std::size_t tail = k_tail.size() + k_digest_size + k_end.size();
    if (line.size() < k_head.size() + tail || !line.ends_with(k_end)) {
        return {};
    }
    const std::string_view signed_part = line.substr(0, line.size() - tail);
    const std::string_view behind = line.substr(signed_part.size());
    const std::string_view digest = behind.substr(k_tail.size(), k_digest_size);
    if (!behind.starts_with(k_tail) || !is_digest(digest)) {
        return {};
    }
    if (!line.starts_with(k_head) || line_digest(signed_part) != digest) {
        return {AuditLine::State::changed, std::nullopt};
    }
    return {AuditLine::State::whole, previous_of(line)};
}

bool begins_as_audit_log(std::string_view text) {
    const std::size_t common = std::min(text.size(), k_head.size());
    return text.substr(0, common) == k_head.substr(0, common);
}

}  // namespace cachectl
