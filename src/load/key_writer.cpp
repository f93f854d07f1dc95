#include "load/key_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <utility>

#include "load/temporary_key.hpp"
#include "redis/error.hpp"
#include "walk/cost.hpp"

namespace cachectl {

namespace {

// What has been queued leaves in portions of this size while the dump is being read, so that the
// server has work while we parse.
constexpr std::size_t k_turn_bytes = 64 * 1024;
// What a command costs besides its key and value, roughly.
constexpr std::size_t k_command_overhead = 64;
constexpr std::size_t k_longest_kept_name = 4096;

// 64 random bits: no other run, and no application, has keys that end so.
std::string random_suffix() {
    std::random_device random;
    return fmt::format(":cachectl:{:08x}{:08x}", random(), random());
}

std::string_view verb_of(EncodeAs as) {
    switch (as) {
        case EncodeAs::hash:
            return "HSET";
        case EncodeAs::list:
            return "RPUSH";
        case EncodeAs::set:
            return "SADD";
        case EncodeAs::zset:
            return "ZADD";
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return "SET";
}

Verb verb_costed(EncodeAs as) {
    switch (as) {
        case EncodeAs::hash:
            return Verb::hset;
        case EncodeAs::list:
            return Verb::rpush;
        case EncodeAs::set:
            return Verb::sadd;
        case EncodeAs::zset:
            return Verb::zadd;
        case EncodeAs::json:
        case EncodeAs::string:
            break;
    }
    return Verb::set;
}

// What a command in a transaction meets only when it is executed: about the value it was given.
bool is_about_one_value(const Reply& reply) {
    return reply.error_prefix() == "ERR" || reply.error_prefix() == "WRONGTYPE";
}

}  // namespace

std::optional<IfExists> parse_if_exists(std::string_view name) noexcept {
    if (name == "skip") return IfExists::skip;
    if (name == "overwrite") return IfExists::overwrite;
    return std::nullopt;
}

KeyWriter::KeyWriter(Client& client, Paces* paces)
    : m_client(client),
      m_paces(paces),
      m_flights(k_max_keys_in_flight),
      m_suffix(random_suffix()) {}

void KeyWriter::write(const KeyWrite& write) {
    const bool transaction = write.value.as != EncodeAs::json && write.value.as != EncodeAs::string;
    if (transaction && !m_stopped && !m_transactions_work) check_transactions(write);
    if (m_paces != nullptr && !m_stopped) wait_for_turn(write);
    if (m_stopped) {
        settle();  // outcomes are told in order
        count(&WriteCounts::not_attempted, write.counts);
        if (m_on_outcome) m_on_outcome(Outcome::open);
        return;
    }
    const IfExists if_exists = write.is_protected ? IfExists::skip : write.if_exists;
    const std::size_t bytes = take_off(write, write.if_exists).bytes + k_command_overhead;
    m_bytes_since_turn += bytes;
    const std::string_view ttl = ttl_text(write);
    if (transaction) {
        send_transaction(write, if_exists, ttl);
    } else {
        send_set(write, if_exists, ttl);
    }
    make_way();
}

void KeyWriter::pass_over(const KeyWrite& write) {
    take_off(write, write.if_exists);
    m_client.when_answered([this] {
        count(&WriteCounts::not_attempted, m_flights[m_first].counts);
        land(Outcome::open);
    });
    make_way();
}

void KeyWriter::wait_for_turn(const KeyWrite& write) {
    const auto parts = static_cast<double>(write.value.parts.size());
    const double cost = write_cost(write.value.bytes()) + k_key_command_cost / 4 * parts;
    m_paces->for_key(write.key).wait_for(VerbCost{verb_costed(write.value.as), 1, cost}, 1);
    if (m_paces->stopped() && !m_stopped) {
        m_stopped = m_paces->stopped();
        m_stopped_line = write.line;
    }
}

// Where MULTI is refused, what should have been queued behind it would be executed at once.
void KeyWriter::check_transactions(const KeyWrite& write) {
    // In one go: in a cluster a transaction leaves when its EXEC is there.
    Reply multi;
    m_client.send({"MULTI"}, [&multi](Reply reply) { multi = std::move(reply); });
    const Reply exec = m_client.call({"EXEC"});
    const Reply& failed = multi.is_text() ? exec : multi;
    m_transactions_work = multi.is_text() && exec.is_array();
    if (!m_transactions_work) stop(failed, write.line);
}

void KeyWriter::settle() {
    m_client.run_until([this] { return m_in_flight == 0; });
}

void KeyWriter::make_way() {
    if (m_bytes_since_turn >= k_turn_bytes) {
        m_bytes_since_turn = 0;
        m_client.run_until([turned = false]() mutable { return std::exchange(turned, true); });
    }
    if (m_in_flight < k_max_keys_in_flight && m_bytes_in_flight < k_max_bytes_in_flight) return;
    m_client.run_until([this] {
        return m_in_flight <= k_max_keys_in_flight * 3 / 4 &&
               m_bytes_in_flight <= k_max_bytes_in_flight * 3 / 4;
    });
}

// --- sending ------------------------------------------------------------------------------------

std::string_view KeyWriter::ttl_text(const KeyWrite& write) {
    if (!write.ttl) return {};
    if (write.ttl != m_ttl) {
        m_ttl = write.ttl;
        const auto end =
            std::to_chars(m_ttl_digits.data(), m_ttl_digits.data() + 24, write.ttl->count());
        m_ttl_size = static_cast<std::size_t>(end.ptr - m_ttl_digits.data());
    }
    return {m_ttl_digits.data(), m_ttl_size};
}

void KeyWriter::send_set(const KeyWrite& write, IfExists if_exists, std::string_view ttl) {
    std::array<std::string_view, 6> args = {"SET", write.key, write.value.parts.at(0)};
    std::size_t count = 3;
    if (write.ttl) {
        args[count++] = "PX";
        args[count++] = ttl;
    }
    if (if_exists == IfExists::skip) args[count++] = "NX";
    m_client.send(std::span<const std::string_view>(args.data(), count),
                  [this](Reply reply) { take_set_reply(reply); });
}

void KeyWriter::send_transaction(const KeyWrite& write, IfExists if_exists, std::string_view ttl) {
    const bool aside = if_exists == IfExists::skip;
    const std::string temporary = aside ? temporary_key(write.key, m_suffix) : std::string();
    const std::string_view built = aside ? std::string_view(temporary) : write.key;
    send_within({"MULTI"});
    if (!aside) send_within({"UNLINK", write.key});
    send_parts(built, write.value);
    if (write.ttl) send_within({"PEXPIRE", built, ttl});
    if (aside) {
        send_within({"RENAMENX", built, write.key});
        send_within({"UNLINK", built});
    }
    m_client.send({"EXEC"}, [this](Reply reply) { take_exec_reply(std::move(reply)); });
}

void KeyWriter::send_parts(std::string_view key, const Encoded& value) {
    for (std::size_t at = 0; at < value.parts.size(); at += k_max_parts) {
        const auto begin = value.parts.begin() + static_cast<std::ptrdiff_t>(at);
        const std::size_t count = std::min(k_max_parts, value.parts.size() - at);
        m_args.assign({verb_of(value.as), key});
        m_args.insert(m_args.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
        m_client.send(m_args, [this](Reply reply) { take_part_reply(std::move(reply)); });
    }
}

void KeyWriter::send_within(std::initializer_list<std::string_view> args) {
    m_client.send(args, [this](Reply reply) { take_part_reply(std::move(reply)); });
}

// --- replies ------------------------------------------------------------------------------------

KeyWriter::Flight& KeyWriter::take_off(const KeyWrite& write, IfExists if_exists) {
    Flight& flight = m_flights[(m_first + m_in_flight) % m_flights.size()];
    flight.key.assign(write.key);
    flight.line = write.line;
    flight.bytes = write.key.size() + write.value.bytes();
    flight.is_protected = write.is_protected;
    flight.overwrites = if_exists == IfExists::overwrite;
    flight.counts = write.counts;
    ++m_in_flight;
    m_bytes_in_flight += flight.bytes + k_command_overhead;
    return flight;
}

void KeyWriter::land(Outcome outcome) {
    Flight& flight = m_flights[m_first];
    m_bytes_in_flight -= flight.bytes + k_command_overhead;
    if (flight.key.capacity() > k_longest_kept_name) flight.key = {};
    flight.refusal = {};
    m_first = (m_first + 1) % m_flights.size();
    --m_in_flight;
    if (m_on_outcome) m_on_outcome(outcome);
}

void KeyWriter::take_set_reply(const Reply& reply) {
    if (reply.is_text()) return land(count_written());
    if (reply.is_nil()) return land(count_existing());
    land(reply.is_error() ? take_error(reply) : take_no_reply(reply));
}

void KeyWriter::take_part_reply(Reply reply) {
    Flight& flight = m_flights[m_first];
    if (flight.refusal.is_nil() && (reply.is_error() || reply.is_broken())) {
        flight.refusal = std::move(reply);
    }
}

void KeyWriter::take_exec_reply(Reply reply) {
    Flight& flight = m_flights[m_first];
    if (reply.is_array() && !reply.elements.empty()) {
        // What Redis refuses only while it executes: a score that it cannot read.
        const auto failed = std::find_if(reply.elements.begin(), reply.elements.end(),
                                         [](const Reply& part) { return part.is_error(); });
        const bool renames = flight.is_protected || !flight.overwrites;
        if (failed != reply.elements.end()) {
            return land(
                take_error(*failed, is_about_one_value(*failed) ? About::one_key : About::unknown));
        }
        const bool existed = renames && reply.elements.size() >= 2 &&
                             reply.elements[reply.elements.size() - 2].integer == 0;
        return land(existed ? count_existing() : count_written());
    }
    if (reply.is_error()) {
        // "EXECABORT Transaction discarded because of previous errors", or "… because of: OOM …"
        // if it came up at EXEC.
        constexpr std::string_view k_because = "because of: ";
        const auto at = reply.text.find(k_because);
        if (flight.refusal.is_error()) {
            reply = std::move(flight.refusal);
        } else if (reply.error_prefix() == "EXECABORT" && at != std::string::npos) {
            reply.text.erase(0, at + k_because.size());
        }
        return land(take_error(reply));
    }
    land(take_no_reply(reply));
}

void KeyWriter::count(std::uint64_t WriteCounts::*what, WriteCounts* also, std::uint64_t n) {
    m_tally.*what += n;
    if (also != nullptr) also->*what += n;
}

Outcome KeyWriter::count_written() {
    const Flight& flight = m_flights[m_first];
    count(&WriteCounts::written, flight.counts);
    count(&WriteCounts::bytes, flight.counts, flight.bytes);
    return Outcome::written;
}

Outcome KeyWriter::count_existing() {
    const Flight& flight = m_flights[m_first];
    const bool spared = flight.is_protected && flight.overwrites;
    count(spared ? &WriteCounts::protected_keys : &WriteCounts::skipped, flight.counts);
    return Outcome::existed;
}

Outcome KeyWriter::take_error(const Reply& reply, About about) {
    count(&WriteCounts::failed, m_flights[m_first].counts);
    if (about != About::one_key && denied_by(reply) != Denied::key) {
        stop(reply, m_flights[m_first].line);
        return Outcome::open;
    }
    if (m_tally.refusal.empty()) m_tally.refusal = reply.text;
    if (m_tally.refused_keys.size() < k_refused_keys_kept) {
        m_tally.refused_keys.push_back(m_flights[m_first].key);
    }
    return Outcome::refused;
}

Outcome KeyWriter::take_no_reply(const Reply& reply) {
    const bool unsent = reply.type == Reply::Type::unsent;
    count(unsent ? &WriteCounts::not_attempted : &WriteCounts::unknown, m_flights[m_first].counts);
    stop(reply, m_flights[m_first].line);
    return Outcome::open;
}

void KeyWriter::stop(const Reply& reply, std::uint64_t line) {
    if (m_stopped) return;
    m_stopped = refusal(reply, "write keys", m_client.server());
    m_stopped_line = line;
    m_out_of_memory = reply.error_prefix() == "OOM";
}

}  // namespace cachectl
