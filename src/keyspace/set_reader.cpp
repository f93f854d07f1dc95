#include "keyspace/set_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "pace/cost.hpp"
#include "redis/error_reply.hpp"
#include "redis/reply_slice.hpp"
#include "redis/retry.hpp"
#include "util/signals.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_first_count = 16;  // until it is seen how long members are
constexpr std::uint64_t k_most_count = 1000;
constexpr std::string_view k_became_other = "became another kind of key";

bool is_page(const Reply& reply) {
    return reply.is_array() && reply.elements.size() == 2 && reply.elements[0].is_text() &&
           reply.elements[1].is_array();
}

}  // namespace

SetReader::SetReader(Client& client, Paces& paces, std::string set)
    : m_client(client), m_paces(paces), m_set(std::move(set)), m_count(k_first_count) {}

SetReader::Kind SetReader::kind() {
    if (m_kind) {
        return *m_kind;
    }
    Kind kind = Kind::set;
    Reply reply = scan(kind, "0", 1).reply;
    if (reply.error_prefix() == "WRONGTYPE") {
        kind = Kind::sorted_set;
        reply = scan(kind, "0", 1).reply;
    }
    if (reply.error_prefix() == "WRONGTYPE") {
        if (m_was) {
            throw gone(k_became_other);
        }
        throw wrong_type();
    }
    reply = checked(std::move(reply));
    // One step of a scan may find nothing: a set without members is at its end then.
    if (reply.elements[1].elements.empty() && reply.elements[0].text == "0") {
        kind = Kind::missing;
    } else if (m_was.value_or(kind) != kind) {
        throw gone(k_became_other);
    } else {
        m_was = kind;
    }
    m_kind = kind;
    return kind;
}

std::optional<std::vector<SetMember>> SetReader::next() {
    if (m_cursor.at_end() || kind() == Kind::missing || stop_signal() != 0) {
        return std::nullopt;
    }
    auto [reply, origin] = scan(*m_kind, m_cursor.text(), m_count);
    if (reply.error_prefix() == "WRONGTYPE") {
        throw gone(k_became_other);
    }
    reply = checked(std::move(reply));
    m_cursor.advance(std::move(reply.elements[0].text), std::move(origin));
    std::vector<SetMember> page;
    std::vector<Reply>& parts = reply.elements[1].elements;
    const std::size_t step = *m_kind == Kind::sorted_set ? 2 : 1;
    for (std::size_t i = 0; i + step <= parts.size(); i += step) {
        page.push_back(
            {std::move(parts[i].text), step == 2 ? std::move(parts[i + 1].text) : std::string()});
    }
    m_ended_with_members = m_cursor.at_end() && !page.empty();
    note_size(page);
    return page;
}

void SetReader::check_that_all_came() {
    if (!m_was || m_ended_with_members) {
        return;
    }
    m_kind.reset();
    if (kind() == Kind::missing) {
        throw gone("was gone");
    }
}

SetReader::Scanned SetReader::scan(Kind as, const std::string& cursor, std::uint64_t count) {
    const Cost cost = VerbCost{Verb::scan, 1, scan_cost(static_cast<unsigned>(count))};
    const std::string count_text = std::to_string(count);
    for (Retry retry;;) {
        m_paces.for_key(m_set).wait_for(cost, 0);
        if (m_paces.stopped()) {
            throw Error(*m_paces.stopped());
        }
        Scanned scanned;
        scanned.reply =
            m_client.call({as == Kind::set ? "SSCAN" : "ZSCAN", m_set, cursor, "COUNT", count_text},
                          scanned.origin);
        if (stop_signal() != 0 || !retry.pays(scanned.reply)) {
            return scanned;
        }
        m_client.sleep(Retry::k_step);
    }
}

Error SetReader::wrong_type() {
    const Reply type = m_client.call({"TYPE", m_set});
    return {ExitCode::bad_input,
            fmt::format("'{}' is {}, not a set or sorted set that could list keys", m_set,
                        type.is_text() ? "of the type " + type.text : "of another type")};
}

SetReader::Gone SetReader::gone(std::string_view how) const {
    return Gone({ExitCode::partial,
                 fmt::format("the set '{}' {} before it had been read to its end: keys that it "
                             "listed may be left, and which these are is not known any more",
                             m_set, how),
                 "a change with --max-keys begins when all keys have been read"});
}

Reply SetReader::checked(Reply reply) {
    const Error error =
        is_page(reply) ? Error(ExitCode::ok, "")
                       : refusal(reply, fmt::format("read the set '{}'", m_set), m_client.server());
    if (reply.is_broken()) {
        throw ConnectionLost(error);
    }
    if (!is_page(reply)) {
        throw Error(error);
    }
    return reply;
}

// A member's length is known when it has come; the next page is as large as these let it be.
void SetReader::note_size(const std::vector<SetMember>& page) {
    std::uint64_t bytes = 0;
    for (const SetMember& member : page) {
        bytes += member.name.size() + 64;
    }
    if (page.empty()) {
        return;
    }
    const std::uint64_t mean = std::max<std::uint64_t>(1, bytes / page.size());
    const std::uint64_t fits =
        std::clamp<std::uint64_t>(reply_slice(m_client.server()) / mean, 1, k_most_count);
    m_count = std::min(fits, m_count * 4);
}

}  // namespace cachectl
