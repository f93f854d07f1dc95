// The part of warm/key_writer.hpp that writes what is no string: one transaction a key.
#include <algorithm>
#include <utility>

#include "keyspace/temporary_key.hpp"
#include "warm/key_writer.hpp"

namespace cachectl {

// Building a value aside only to throw it away would cost the server, its replicas and its log as
// much as to write it.
void KeyWriter::look_whether_it_exists(FlightId id) {
    m_client.send({"EXISTS", flight(id).key},
                  [this, id](const Reply& reply) { take_existence(id, reply); });
}

void KeyWriter::send_transaction(FlightId id, const Encoded& value) {
    const Flight& flight = this->flight(id);
    if (flight.is_in_slices) {
        return m_in_slices.push_back(id);
    }
    if (replaces() || m_is_alone) {
        return m_held_back.push_back(id);
    }
    ++m_transactions;
    const bool aside = !flight.overwrites();
    const std::string temporary = aside ? temporary_key(flight.key, m_suffix) : std::string();
    const std::string_view built = aside ? std::string_view(temporary) : flight.key;
    send_within(m_client, id, {"MULTI"});
    if (!aside) {
        send_within(m_client, id, {"UNLINK", flight.key});
    }
    send_parts(m_client, id, built, value);
    if (flight.ttl) {
        send_within(m_client, id, {"PEXPIRE", built, ttl_text(flight)});
    }
    if (aside) {
        send_within(m_client, id, {"RENAMENX", built, flight.key});
        send_within(m_client, id, {"UNLINK", built});
    }
    m_client.send({"EXEC"}, [this, id](Reply reply) {
        --m_transactions;
        take_exec_reply(id, std::move(reply));
        if (m_transactions == 0) {
            go_on_replacing();
        }
    });
}

void KeyWriter::send_parts(Client& to, FlightId id, std::string_view key, const Encoded& value) {
    for (std::size_t at = 0; at < value.parts.size(); at += k_max_parts) {
        const auto begin = value.parts.begin() + static_cast<std::ptrdiff_t>(at);
        const std::size_t count = std::min(k_max_parts, value.parts.size() - at);
        m_args.assign({write_verb(value.as), key});
        m_args.insert(m_args.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
        send_value(to, id, m_args,
                   [this, id](Reply reply) { take_part_reply(id, std::move(reply)); });
    }
}

void KeyWriter::send_within(Client& to, FlightId id, std::initializer_list<std::string_view> args) {
    to.send(args, [this, id](Reply reply) { take_part_reply(id, std::move(reply)); });
}

}  // namespace cachectl
