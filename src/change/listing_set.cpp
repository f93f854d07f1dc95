#include "change/listing_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "change/key_changer.hpp"
#include "keyspace/set_reader.hpp"
#include "pace/cost.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"
#include "util/text.hpp"

namespace cachectl {

namespace {

constexpr std::int64_t k_no_key = -2;  // as PTTL answers

class SetEmptier {
public:
    SetEmptier(Client& client, Paces& paces, const std::string& set)
        : m_client(client), m_paces(paces), m_reader(client, paces, set) {}

    /// How many members' keys exist.
    std::uint64_t run() {
        const std::uint64_t left = take_out_dead();
        return left == 0 ? 0 : std::min(left, size());
    }

    [[nodiscard]] bool was_missing() const { return m_kind == SetReader::Kind::missing; }

    [[nodiscard]] bool exists() {
        return ask("look at the set", {"EXISTS", m_reader.name()}).integer != 0;
    }

private:
    /// As large as can be where the user may not ask for it.
    [[nodiscard]] std::uint64_t size() {
        const bool sorted = m_kind == SetReader::Kind::sorted_set;
        const Reply reply = m_client.call({sorted ? "ZCARD" : "SCARD", m_reader.name()});
        return reply.is_integer() ? static_cast<std::uint64_t>(reply.integer) : UINT64_MAX;
    }

    /// How many it has left in, those counted twice that came twice.
    std::uint64_t take_out_dead() {
        std::uint64_t left = 0;
        m_kind = m_reader.kind();
        while (auto page = m_reader.next()) {
            std::vector<SetMember> dead;
            left += page->size();
            keep_where(*page, false, dead);
            left -= dead.size();
            if (dead.empty()) {
                continue;
            }
            if (!note_end()) {
                return 0;
            }
            take_out(dead);
            std::vector<SetMember> back;
            keep_where(dead, true, back);
            if (!back.empty()) {
                put_back(back);
                left += back.size();
            }
        }
        return left;
    }

    /// Those of `members` whose keys exist, or do not.
    void keep_where(const std::vector<SetMember>& members, bool exist,
                    std::vector<SetMember>& kept) {
        const VerbCost cost{Verb::exists, static_cast<unsigned>(members.size()),
                            k_key_command_cost * static_cast<double>(members.size())};
        wait_for(cost, 0);
        const auto replies = std::make_shared<std::vector<Reply>>(members.size());
        for (std::size_t i = 0; i < members.size(); ++i) {
            m_client.send({"EXISTS", members[i].name},
                          [replies, i](Reply reply) { (*replies)[i] = std::move(reply); });
        }
        m_client.drain();
        for (std::size_t i = 0; i < members.size(); ++i) {
            const Reply& reply = (*replies)[i];
            if (denied_by(reply) == Denied::key) {
                continue;  // it cannot be known, and so it stays
            }
            if (!reply.is_integer()) {
                throw Error(refusal(reply, "look at the keys of the set", m_client.server()));
            }
            if ((reply.integer != 0) == exist) {
                kept.push_back(members[i]);
            }
        }
    }

    void take_out(const std::vector<SetMember>& members) {
        std::vector<std::string_view> args = {
            m_kind == SetReader::Kind::sorted_set ? "ZREM" : "SREM", m_reader.name()};
        for (const SetMember& member : members) {
            args.emplace_back(member.name);
        }
        wait_for(change_cost(members.size()), members.size());
        ask("take members out of the set", args);
    }

    /// What the set's time to live is: with its last member the set goes, and its end with it.
    /// False if the set is gone.
    bool note_end() {
        m_noted_at = m_client.now();
        const Reply ttl = ask("ask for the time to live of the set", {"PTTL", m_reader.name()});
        m_ttl = std::chrono::milliseconds(ttl.integer);
        return ttl.integer != k_no_key;
    }

    /// A set that was made anew ends when the one before would have, or a moment before that.
    void put_back(const std::vector<SetMember>& members) {
        const std::vector<std::string_view> add = adding(members);
        // No waiting: until it is done the key is there and not listed.
        if (m_ttl.count() < 0) {
            ask("put members back into the set", add);
            return;
        }
        const auto passed =
            std::chrono::ceil<std::chrono::milliseconds>(m_client.now() - m_noted_at);
        const std::string left =
            std::to_string(std::max<std::int64_t>(1, (m_ttl - passed).count()));
        std::vector<std::string_view> expire = {"PEXPIRE", m_reader.name(), left};
        if (expiry_conditions(m_client.server()) == Conditions::known) {
            expire.emplace_back("NX");  // whoever else has made it anew may have given it another
        } else if (exists()) {
            ask("put members back into the set", add);
            return;
        }
        if (!transact(add, expire)) {
            ask("put members back into the set", add);
            ask("give its time to live back to the set", expire);
        }
    }

    /// False if it is not known to have been done, which may be repeated.
    bool transact(const std::vector<std::string_view>& first,
                  const std::vector<std::string_view>& second) {
        const auto queued = [](const Reply&) {};
        m_client.send({"MULTI"}, queued);
        m_client.send(first, queued);
        m_client.send(second, queued);
        const Reply exec = m_client.call({"EXEC"});
        return exec.is_array() && exec.elements.size() == 2 && exec.elements[0].is_integer() &&
               exec.elements[1].is_integer();
    }

    [[nodiscard]] std::vector<std::string_view> adding(
        const std::vector<SetMember>& members) const {
        const bool sorted = m_kind == SetReader::Kind::sorted_set;
        std::vector<std::string_view> args = {sorted ? "ZADD" : "SADD", m_reader.name()};
        if (sorted) {
            args.emplace_back("NX");
        }
        for (const SetMember& member : members) {
            if (sorted) {
                args.emplace_back(member.score);
            }
            args.emplace_back(member.name);
        }
        return args;
    }

    [[nodiscard]] Cost change_cost(std::size_t members) const {
        return VerbCost{m_kind == SetReader::Kind::sorted_set ? Verb::zadd : Verb::sadd, 1,
                        k_command_cost + k_key_command_cost * static_cast<double>(members)};
    }

    void wait_for(const Cost& cost, std::uint64_t changes) {
        m_paces.for_key(m_reader.name()).wait_for(cost, changes);
        if (m_paces.stopped()) {
            throw Error(*m_paces.stopped());
        }
    }

    Reply ask(std::string_view attempted, const std::vector<std::string_view>& args) {
        Reply reply = m_client.call(args);
        if (!reply.is_integer()) {
            throw Error(refusal(reply, fmt::format("{} '{}'", attempted, m_reader.name()),
                                m_client.server()));
        }
        return reply;
    }

    Client& m_client;
    Paces& m_paces;
    SetReader m_reader;
    SetReader::Kind m_kind = SetReader::Kind::missing;
    std::chrono::milliseconds m_ttl{-1};  // of the set, before members were taken out; < 0: none
    SteadyTime m_noted_at;                // before that was asked
};

}  // namespace

EmptiedSet empty_listing_set(Client& client, Paces& paces, const std::string& set) {
    EmptiedSet result;
    result.set.name = set;
    try {
        SetEmptier emptier(client, paces, set);
        result.set.members_left = emptier.run();
        result.set.gone = stop_signal() == 0 && !emptier.exists();
        result.set.was_missing = emptier.was_missing();
    } catch (const Error& error) {
        result.failure = Error(
            ExitCode::partial,
            fmt::format("the keys are gone, but not the set that listed them: {}", error.what()),
            (error.hint().empty() ? std::string() : error.hint() + "; ") +
                "run the same command again to go on");
        result.set.why = "it could not be emptied";
    }
    return result;
}

std::string describe(const ListingSet& set) {
    if (set.is_planned) {
        return fmt::format("the set '{}' would go too, if all of its keys do", set.name);
    }
    if (set.gone) {
        return set.was_missing ? fmt::format("there is no set '{}'", set.name)
                               : fmt::format("the set '{}' is gone too", set.name);
    }
    if (!set.why.empty()) {
        return fmt::format("the set '{}' stays: {}", set.name, set.why);
    }
    return fmt::format("the set '{}' stays, with {} that {}", set.name,
                       set.members_left == 1
                           ? std::string("1 key")
                           : fmt::format("{} keys", format_count(set.members_left)),
                       set.members_left == 1 ? "exists" : "exist");
}

}  // namespace cachectl
